; SPDX-License-Identifier: Apache-2.0
;
; A boot sector that prints the number of its drive and gives up by INT 18h, as one does that finds no system. One of a partition, to which a master boot
; record has handed its entry, prints "@" and the four lower digits of where the partition begins, too.

bits 16
org 0x7c00

        mov     al, dl
        call    put_octet
        cmp     si, 0x7be
        jne     .done
        mov     al, '@'
        call    put
        mov     al, [si + 9]
        call    put_octet
        mov     al, [si + 8]
        call    put_octet
.done:
        int     0x18
put_octet:
        aam     16                      ; the two digits, which are no letters
        add     ax, '00'
        xchg    al, ah
        call    put
        xchg    al, ah
put:
        push    ax
        mov     ah, 0x0e
        mov     bx, 7
        int     0x10
        pop     ax
        ret

        times   510 - ($ - $$) db 0
        dw      0xaa55
