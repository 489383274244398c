; SPDX-License-Identifier: Apache-2.0
;
; A boot program that says that it runs, and waits; the bench then reads how much base memory it was given.

bits 16
org 0x7c00
    push cs
    pop ds
    cld
    mov si, text
.next:
    lodsb
    test al, al
    jz .stop
    mov ah, 0x0e
    mov bx, 7
    int 0x10
    jmp .next
.stop:
    hlt
    jmp .stop
text: db "UNDINE-PROBE", 13, 10, 0
