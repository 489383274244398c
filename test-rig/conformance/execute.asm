; SPDX-License-Identifier: Apache-2.0
;
; A boot program that runs its command line as a line of script (FILE_CMDLINE, FILE_EXEC), and says so if it is there to do so afterwards.

bits 16
org 0x7c00

        cld
        mov     bp, sp
        les     bx, [bp + 4]            ; !PXE
        mov     eax, [es:bx + 16]
        mov     [cs:entry], eax
        xor     ax, ax
        mov     ds, ax
        push    ds
        push    word line_block
        push    word 0xe8
        call    far [entry]
        push    word 0
        push    word execute_block
        push    word 0xe5
        call    far [entry]
        add     sp, 12
        mov     si, text
        call    put
        xor     ax, ax
        retf

%include "text.inc"

line_block:     dw 0, 256, line, 0
execute_block:  dw 0, line, 0
text:           db 13, 10, "EXECUTED-AND-BACK", 13, 10, 0
entry:          dd 0
line:           times 256 db 0
