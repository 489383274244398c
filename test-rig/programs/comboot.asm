; SPDX-License-Identifier: Apache-2.0
;
; A COMBOOT program: prints its command line and what DOS' calls say, waits for a key, reads a file, and runs what its command line says in its place.
bits 16
org 0x100

%macro say 1+
        mov     dx, %%text
        mov     ah, 9
        int     0x21
        jmp     %%over
%%text: db      %1, "$"
%%over:
%endmacro

        cmp     word [0], 0x20cd
        jne     near bad
        cmp     word [2], 0x8000        ; memory ends above 512 KiB
        jb      near bad
        pop     ax
        test    ax, ax
        jne     near bad
        push    ax
        say     13, 10, "COMBOOT line"
        movzx   si, byte [0x80]
        mov     byte [si + 0x81], "$"
        mov     dx, 0x81
        mov     ah, 9
        int     0x21
        mov     byte [si + 0x81], 0
        mov     ah, 0x30
        int     0x21
        shr     edx, 16
        cmp     dx, 'UX'
        jne     near bad
        say     13, 10, "COMBOOT wants a key", 13, 10
        mov     ah, 1
        int     0x21
        cmp     al, "k"
        jne     near bad
        mov     dl, "!"
        mov     ah, 2
        int     0x21

        mov     si, name
        mov     ax, 6
        int     0x22
        jc      near bad
        cmp     eax, 2000
        jne     near bad
        mov     cx, 2
        mov     bx, buffer
        mov     ax, 7
        int     0x22
        jc      near bad
        cmp     ecx, 2000
        jne     near bad
        test    si, si
        jne     near bad
        cmp     dword [buffer + 1996], 'cdef'
        jne     bad
        say     13, 10, "COMBOOT read it", 13, 10
        mov     bx, 0x81
        mov     ax, 3
        int     0x22
bad:
        say     13, 10, "COMBOOT BAD", 13, 10
        ret

name:   db      "probe.txt", 0
align 512
buffer:
