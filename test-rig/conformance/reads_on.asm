; SPDX-License-Identifier: Apache-2.0
;
; A boot sector that reads the first 16 MiB of its disk again and again, in pieces of 127 sectors, until a read fails. Then it prints the status, and gives
; up by INT 18h.

bits 16
org 0x7c00

        xor     ax, ax
        mov     ds, ax
        mov     [drive], dl
        mov     si, reading
        call    put
.next:
        mov     word [packet.count], 127        ; a read that fails changes it
        mov     ah, 0x42
        mov     dl, [drive]
        mov     si, packet
        int     0x13
        jc      .failed
        add     word [packet.first], 127
        and     word [packet.first], 0x7fff
        jmp     .next
.failed:
        mov     al, ah
        mov     si, status
        call    put
        call    put_hex_octet_plain
        mov     si, line
        call    put
        int     0x18

%include "text.inc"

reading: db     "READING-ON", 13, 10, 0
status: db      "STATUS-", 0
line:   db      13, 10, 0
drive:  db      0
        align   4
packet: dw      0x10
.count: dw      0
        dw      0, 0x2000
.first: dq      0

        times   510 - ($ - $$) db 0
        dw      0xaa55
