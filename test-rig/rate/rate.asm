; SPDX-License-Identifier: Apache-2.0
;
; A boot sector that reads its disk by INT 13h: 8 MiB in a row, 127 sectors at a time, then 4 KiB from 256 places among the first 32 MiB. It prints a line
; before and behind each, by which test-rig/bench takes the time, and gives up by INT 18h.

bits 16
org 0x7c00

run_requests equ 129
run_sectors equ 127
places equ 256
place_sectors equ 8

start:
        xor     ax, ax
        mov     ds, ax
        mov     ss, ax
        mov     sp, 0x7c00
        sti
        cld
        mov     [drive], dl

        mov     si, text.begin_row
        call    put
        mov     cx, run_requests
        mov     word [packet.count], run_sectors
.row:
        call    read
        add     word [packet.first], run_sectors
        loop    .row
        mov     si, text.got_row
        call    put

        mov     si, text.begin_places
        call    put
        mov     cx, places
        mov     word [packet.count], place_sectors
.place:
        mov     ax, [place]             ; a linear congruential generator: the same places in every run
        imul    ax, 25173
        add     ax, 13849
        mov     [place], ax
        and     al, ~(place_sectors - 1)
        mov     [packet.first], ax
        call    read
        loop    .place
        mov     si, text.got_places
        call    put
        int     0x18

read:
        pusha
        mov     ah, 0x42
        mov     dl, [drive]
        mov     si, packet
        int     0x13
        popa
        jc      .failed
        ret
.failed:
        mov     si, text.failed
        call    put
        int     0x18

%include "../conformance/text.inc"

text:
.begin_row: db  13, 10, "BEGIN-row", 13, 10, 0
.got_row: db    "GOT-row", 13, 10, 0
.begin_places: db "BEGIN-places", 13, 10, 0
.got_places: db "GOT-places", 13, 10, 0
.failed: db     "FAILED", 13, 10, 0
drive:          db 0
place:          dw 1
        align   4
packet:
                dw 0x10
.count:         dw 0
                dw 0, 0x2000
.first:         dq 0

        times   510 - ($ - $$) db 0
        dw      0xaa55
