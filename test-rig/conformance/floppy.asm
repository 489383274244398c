; SPDX-License-Identifier: Apache-2.0
;
; The boot sector of a floppy that memdisk starts: finds the PXE stack that was left behind it by INT 1Ah, reads `probe.txt` from the server of the
; cached packet to 3 MiB, and prints FLOPPY|size|status.

bits 16
org 0x7c00

high_buffer equ 0x00300000

        cld
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, 0x7c00
        sti
        mov     ax, 0x5650
        int     0x1a
        jc      none
        cmp     ax, 0x564e
        jne     none
        les     di, [es:bx + 0x28]      ; PXENV+ to !PXE
        mov     eax, [es:di + 0x10]
        mov     [entry], eax
        xor     ax, ax
        mov     es, ax
        mov     bx, 0x71
        mov     di, cached
        call    api
        les     di, [cached + 6]
        mov     eax, [es:di + 20]       ; siaddr
        mov     [file.server], eax
        mov     bx, 0x23
        mov     di, file
        call    api
        mov     si, text
        call    put
        mov     ax, [file.size]
        call    put_decimal_plain
        mov     al, '|'
        call    put_character
        mov     ax, [file]
        call    put_decimal_plain
        jmp     stop
none:
        mov     si, text_none
        call    put
stop:
        mov     si, line
        call    put
        hlt
        jmp     $ - 1

api:
        push    ds
        push    di
        push    bx
        call    far [entry]
        add     sp, 6
        ret

%include "text.inc"

text:   db      13, 10, "FLOPPY|", 0
text_none: db   13, 10, "FLOPPY|no PXE stack", 0
line:   db      13, 10, 0
entry:  dd      0
cached: dw      0, 2, 0, 0, 0, 0
file:   dw      0
        db      "probe.txt", 0
        times   128 - 10 db 0
.size:  dd      65536
        dd      high_buffer
.server: dd     0
        times   8 db 0
        dw      0, 0x4500, 2, 1

        times   510 - ($ - $$) db 0
        dw      0xaa55
        times   1474560 - 512 db 0
