; SPDX-License-Identifier: Apache-2.0
;
; A boot sector that prints the number of its drive and gives up by INT 18h, as one does that finds no system.

bits 16
org 0x7c00

        mov     al, dl
        aam     16                      ; the two digits, which are no letters
        add     ax, '00'
        xchg    al, ah
        call    put
        xchg    al, ah
        call    put
        int     0x18
put:
        push    ax
        mov     ah, 0x0e
        mov     bx, 7
        int     0x10
        pop     ax
        ret

        times   510 - ($ - $$) db 0
        dw      0xaa55
