; SPDX-License-Identifier: Apache-2.0
;
; A boot sector that prints the number of its drive and gives up by INT 18h, as one does that finds no system. One of a partition, to which a master boot
; record has handed its entry, prints "@" and the four lower digits of where the partition begins, too.

bits 16
org 0x7c00

        mov     al, dl
        call    put_hex_octet_plain
        cmp     si, 0x7be
        jne     .done
        mov     al, '@'
        call    put_character
        mov     al, [si + 9]
        call    put_hex_octet_plain
        mov     al, [si + 8]
        call    put_hex_octet_plain
.done:
        int     0x18

%include "text.inc"

        times   510 - ($ - $$) db 0
        dw      0xaa55
