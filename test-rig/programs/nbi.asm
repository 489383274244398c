; SPDX-License-Identifier: Apache-2.0
;
; Tagged images (NBI) that print what they were given. -D says which:
;
;   RETURNS    in real mode; goes back to its loader with status 0
;   ENDS       the same, but ends the loader's services before
;   FLAT       in 32-bit mode; prints on the serial port and goes back
;   (neither)  in real mode at 90000h, where loaders like to be; stays

%include "console.inc"

%ifdef RETURNS
%define flags   0x100
%elifdef ENDS
%define flags   0x100
%elifdef FLAT
%define flags   0x80000100
%else
%define flags   0
%endif
%ifdef FLAT
org 0x20000
%define header_segment 0x2000
%elif flags != 0
org 0
%define header_segment 0x2000
%else
org 0
%define header_segment 0x9000
%endif

header:
        dd      0x1b031336
        dd      4 | 2 << 4 | flags
        dw      0, header_segment
%ifdef FLAT
        dd      code
%else
        dw      code, header_segment
%endif
        db      "VENDOR", 0, 0
        db      4, 0, 0, 1 | 4                  ; behind the header, the last
        dd      0
        dd      code_bytes, code_bytes + 512
        times   512 - ($ - $$) db 0

code:
%ifdef FLAT
bits 32
        mov     esi, text.ok
        mov     eax, [esp + 8]                  ; the header
        cmp     eax, header
        jne     .bad
        cmp     dword [eax + 16], 'VEND'
        jne     .bad
        mov     eax, [esp + 12]                 ; the packet
        cmp     dword [eax + 236], 0x63538263
        jne     .bad
        mov     eax, [esp + 4]                  ; the loader
        cmp     byte [eax], 5
        je      .put
.bad:
        mov     esi, text.bad
.put:
        put_serial
        xor     eax, eax
        ret

text.ok:        db "NBI-FLAT-GOOD", 13, 10, 0
text.bad:       db "NBI-FLAT-BAD", 13, 10, 0
%else
bits 16
        cld
        mov     bp, sp
        les     bx, [bp + 4]
        cmp     dword [es:bx + 16], 'VEND'
        jne     .bad
        les     bx, [bp + 8]
        cmp     dword [es:bx + 236], 0x63538263
        jne     .bad
        cmp     word [cs:zeros], 0
        jne     .bad
%if flags != 0
        xor     ax, ax                  ; INT 78h is there, and no packet driver
        mov     bx, -1
        int     0x78
        cmp     ax, 0x474b
        jne     .bad
        test    bx, bx
        jne     .bad
        les     bx, [bp + 8]
%endif
        mov     eax, [es:bx + 16]
        print   13, 10, "NBI-REAL-GOOD "
        call    put_hex
        print   13, 10
        jmp     .done
.bad:
        print   13, 10, "NBI-REAL-BAD", 13, 10
.done:
%ifdef ENDS
        mov     ah, 1
        int     0x78
        xor     ax, ax
        mov     es, ax
        cmp     word [es:4 * 0x78 + 2], 0xf000  ; the BIOS's again
        jne     .bad
        print   "NBI-ALONE", 13, 10
%endif
%if flags != 0
        xor     ax, ax
        retf
%else
        print   "NBI-STAYS", 13, 10
        sti
        hlt
        jmp     $ - 1
%endif
console_routines
%endif
code_bytes equ $ - code
zeros:
