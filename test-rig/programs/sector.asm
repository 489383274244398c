; SPDX-License-Identifier: Apache-2.0
;
; A boot sector, or with -D SDI an image of which that is the boot code: prints CS, EDX and whether the whole image is where EDX says.
bits 16
%include "console.inc"

%ifdef SDI
org 0
        db      "$SDI0001"
        dq      0
        dq      4096, code_bytes
        times   4096 - ($ - $$) db 0
section code vstart=0
%else
org 0x7c00
%endif
start:
        cld
        mov     ebp, edx
        print   13, 10, "SECTOR "
        mov     eax, ebp
        call    put_hex
%ifdef SDI
        and     ebp, ~4095              ; the image lies above 1 MiB: the BIOS reads it
        mov     [table.source], bp
        shr     ebp, 16
        mov     ax, bp
        mov     [table.source + 2], al
        mov     [table.source + 5], ah
        push    ds
        pop     es
        mov     si, table
        mov     cx, 2                   ; words
        mov     ah, 0x87
        int     0x15
        cmp     dword [copy], '$SDI'
        jne     .bad
        print   " IMAGE-GOOD"
.bad:
%else
        cmp     word [0x7dfe], 0xaa55
        jne     .bad
        print   " WHOLE"
.bad:
%endif
        print   13, 10
        sti
        hlt
        jmp     $ - 1

console_routines

%ifdef SDI
align 8
; INT 15h AH=87h: descriptors of source and target. The target is `copy`.
table:
        times   16 db 0
        dw      0xffff
.source:
        dw      0
        db      0, 0x93, 0, 0
        dw      0xffff, 0x7c00 + copy - start
        db      0, 0x93, 0, 0
        times   16 db 0
copy:   dd      0
code_bytes equ $ - start
%else
        times   510 - ($ - $$) db 0
        dw      0xaa55
%endif
