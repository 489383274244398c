; SPDX-License-Identifier: Apache-2.0
;
; A COM32 program that uses the API of SYSLINUX as its documentation says, and prints a fact a line. By the first letter of its command line:
;
;   a   asks for everything, then runs the kernel `vmlinuz` with `initrd.cpio`
;   s   ends with status 3
;   c   crashes
;   h   puts 16-bit code and zeros where it likes (shuffle and boot), and goes there; that calls the PXE API, which stays
;
; The server must have `probe.txt` beside it: 2000 octets, of which the first are 0123456789abcdef.
bits 32
org 0x101000

        db      0xb8, 0xff, 0x4c, 0xcd, 0x21
start:
        mov     ebp, [esp + 8]          ; command line
        cmp     dword [esp + 4], 8
        jb      near bad_arguments
        mov     esi, esp
        mov     edi, arguments
        mov     ecx, 10
        rep movsd
        cmp     byte [ebp], 's'
        je      near leave_3
        cmp     byte [ebp], 'c'
        je      near crash
        cmp     byte [ebp], 'h'
        je      near shuffle

%macro say 1+                           ; prints by INT 22h
        mov     esi, %%text
        call    put
        jmp     %%over
%%text: db      %1, 13, 10, 0
%%over:
%endmacro
%macro fact 1                           ; "COM32 ... yes" if the zero flag is set, else no
        mov     esi, %%text
        call    put_fact
        jmp     %%over
%%text: db      %1, 0
%%over:
%endmacro
%macro service 1                        ; INT 22h, function in AX; registers in `registers`, results there too
        mov     word [registers.eax], %1
        mov     byte [number], 0x22
        call    interrupt
%endmacro

        ; The command line and the name.
        mov     esi, ebp
        mov     edi, expected_line
        mov     ecx, expected_line_bytes
        repe    cmpsb
        fact    "command line"
        mov     esi, [arguments.name]
        mov     edi, expected_name
        mov     ecx, expected_name_bytes
        repe    cmpsb
        fact    "own name"
        cmp     dword [arguments.bounce_bytes], 0x10000
        fact    "bounce buffer of 64 KiB"
        mov     eax, esp
        cmp     eax, 8 << 20
        seta    al
        cmp     al, 1
        fact    "memory up to its stack"

        ; The timer's interrupt comes while we are in flat mode.
        mov     eax, [0x46c]
        mov     ecx, 0x40000000
.tick:
        cmp     eax, [0x46c]
        loope   .tick
        setne   al
        cmp     al, 1
        fact    "time passes in flat mode"

        mov     byte [number], 0x21
        mov     dword [registers.eax], 0x3000
        call    interrupt
        cmp     dword [registers.eax], 0x59530000
        fact    "INT 21h says SYSLINUX"
        service 0x0001
        cmp     byte [registers.edx], 0x32
        fact    "INT 22h says PXELINUX"
        mov     byte [number], 0x12
        call    interrupt
        movzx   eax, word [registers.eax]
        cmp     ax, [0x413]
        fact    "INT 12h of the BIOS"

        ; Files.
        mov     esi, missing
        call    to_bounce
        service 0x0006
        test    byte [registers.flags], 1
        setnz   al
        cmp     al, 1
        fact    "no file that is not there"
        mov     esi, probe
        call    to_bounce
        service 0x0006
        mov     ax, [registers.esi]
        mov     [handle], ax
        movzx   eax, word [registers.ecx]
        mov     [block_bytes], eax
        cmp     dword [registers.eax], 2000
        fact    "file opened, 2000 octets"
        mov     word [registers.ecx], 1
        call    read
        mov     esi, [arguments.bounce]
        cmp     dword [esi + 12], 'cdef'
        jne     .first
        mov     eax, [block_bytes]
        cmp     [registers.ecx], eax
.first:
        fact    "one block read"
        mov     word [registers.ecx], 60
        call    read
        mov     eax, 2000
        sub     eax, [block_bytes]
        cmp     eax, [registers.ecx]
        jne     .rest
        cmp     word [registers.esi], 0
.rest:
        fact    "the rest read, and closed at its end"

        ; A disk that is hooked, from flat mode: the program may be read from one itself.
        mov     byte [number], 0x13
        mov     dword [registers.eax], 0x0201
        mov     dword [registers.ecx], 0x0001
        mov     dword [registers.edx], 0x0080
        mov     word [registers.ebx], 0
        call    bounce_to_es
        call    interrupt
        mov     esi, [arguments.bounce]
        cmp     dword [esi], 'HOOK'
        fact    "sector read from drive 80h"

        ; The PXE API, by INT 22h and by the address that !PXE names.
        mov     edi, [arguments.bounce]
        mov     ecx, 64
        xor     eax, eax
        rep stosd
        mov     word [registers.ebx], 0x0c
        mov     dword [registers.edi], 0
        call    bounce_to_es
        service 0x0009
        mov     esi, [arguments.bounce]
        cmp     word [registers.eax], 0
        jne     .info
        cmp     word [esi + 6], 1500
.info:
        fact    "UNDI_GET_INFORMATION by INT 22h"
        service 0x000a
        movzx   esi, word [registers.es]
        shl     esi, 4
        movzx   eax, word [registers.ebx]
        add     esi, eax
        mov     eax, [esi + 16]
        mov     [pxe_entry], eax
        cmp     dword [esi], '!PXE'
        fact    "!PXE"
        mov     eax, [pxe_entry]
        mov     edi, [arguments.bounce]
        mov     word [edi + 6], 0
        mov     ecx, edi
        shr     ecx, 4
        shl     ecx, 16                 ; the block at the bounce buffer
        push    ecx
        push    word 0x0c
        mov     ecx, esp
        push    dword 6
        push    ecx
        push    eax
        call    [arguments.cfarcall]
        add     esp, 18
        mov     edi, [arguments.bounce]
        test    ax, ax
        jne     .far
        cmp     word [edi + 6], 1500
.far:
        fact    "UNDI_GET_INFORMATION by a far call"

        ; Names and addresses.
        mov     esi, host
        call    to_bounce
        mov     ax, [registers.esi]
        mov     [registers.ebx], ax
        service 0x0010
        cmp     dword [registers.eax], 0x01004d0a       ; 10.77.0.1
        fact    "a name resolved"
        service 0x000f
        movzx   esi, word [registers.es]
        shl     esi, 4
        movzx   eax, word [registers.ebx]
        movzx   eax, word [esi + eax + 2]
        add     esi, eax
        cmp     dword [esi], 'BOOT'
        fact    "IPAPPEND strings"
        mov     word [registers.edx], 0
        service 0x0023
        test    byte [registers.flags], 1
        fact    "shuffler"
        service 0x0777
        test    byte [registers.flags], 1
        setnz   al
        cmp     al, 1
        fact    "no function that is not there"

        ; The kernel.
        mov     esi, no_kernel
        call    run_kernel
        say     "COM32 is still there"
        mov     esi, kernel
        call    run_kernel
        say     "COM32 could not run the kernel"
        jmp     $

run_kernel:
        mov     edi, [arguments.bounce]
        mov     ecx, 256
        rep movsb
        call    bounce_to_es
        mov     ax, [registers.es]
        mov     [registers.ds], ax
        mov     word [registers.esi], 0
        mov     word [registers.ebx], kernel_line - kernel
        mov     dword [registers.ecx], 3
        mov     dword [registers.edx], 0
        service 0x0016
        ret

bad_arguments:
        jmp     $
leave_3:
        mov     byte [number], 0x21
        mov     dword [registers.eax], 0x4c03
        call    interrupt
crash:
        ud2

; 16-bit code goes to 7C00h, a copy of its beginning below 1000h, and a character of its text is cleared.
shuffle:
        mov     edi, 0x180000
        mov     esi, list
        mov     ecx, list_bytes
        mov     [registers.ecx], ecx
        mov     dword [registers.esi], list
        mov     dword [registers.edi], edi
        mov     dword [registers.edx], 3 ; the PXE API and UNDI stay
        service 0x0024
        jmp     $

list:   dd      0x7c00, real_code, real_bytes
        dd      0x7c00 + real_cleared, -1, 1
        dd      0x600, real_code, 16
        dd      0x7c00, 0, 0
list_bytes equ $ - list

; ESI: text. By INT 22h AX=0002h.
put:
        push    ebp
        call    to_bounce
        mov     word [registers.ebx], 0
        service 0x0002
        pop     ebp
        ret
put_fact:
        push    dword no
        jne     .known
        mov     dword [esp], yes
.known:
        push    esi
        mov     esi, heading
        call    put
        pop     esi
        call    put
        pop     esi
        call    put
        ret

to_bounce:
        mov     edi, [arguments.bounce]
.next:
        lodsb
        stosb
        test    al, al
        jnz     .next
        mov     word [registers.esi], 0
bounce_to_es:
        mov     eax, [arguments.bounce]
        shr     eax, 4
        mov     [registers.es], ax
        ret

read:
        mov     ax, [handle]
        mov     [registers.esi], ax
        mov     word [registers.ebx], 0
        call    bounce_to_es
        service 0x0007
        ret

interrupt:
        push    dword registers
        push    dword registers
        movzx   eax, byte [number]
        push    eax
        call    [arguments.intcall]
        add     esp, 12
        ret

expected_line:  db "all of it", 0
expected_line_bytes equ $ - expected_line
expected_name:  db "test.c32", 0
expected_name_bytes equ $ - expected_name
missing:        db "missing.txt", 0
probe:          db "probe.txt", 0
host:           db "server.boot.test", 0
heading:        db "COM32 ", 0
yes:            db ": yes", 13, 10, 0
no:             db ": no", 13, 10, 0
kernel:         db "vmlinuz", 0
kernel_line:    db "console=ttyS0 initrd=initrd.cpio", 0
                times 256 db 0
no_kernel:      db "vmlinux", 0
                db "console=ttyS0", 0
                times 256 db 0

bits 16
real_code:
.code:
        lgdt    [cs:gdt_at - real_code]
        mov     cr0, eax
        jmp     0x07c0:.real - real_code
.real:
        mov     ax, cs
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     sp, 0xfff0
        xor     ax, ax
        mov     fs, ax
        mov     eax, [fs:0x600]
        cmp     eax, [0]                ; what went below 1000h
        jne     .hang
        mov     si, real_text - real_code
        call    .print
        mov     ax, 0x5650              ; PXENV+ is at ES:BX
        int     0x1a
        mov     eax, [es:bx + 10]
        mov     [.entry - real_code], eax
        push    ds
        pop     es
        mov     di, restart_block - real_code
        mov     bx, 0x73                ; RESTART_TFTP: there is nobody to start what it would load
        call    far [.entry - real_code]
        cmp     ax, 1
        jne     .hang
        cmp     word [di], 3            ; unsupported
        jne     .hang
        mov     si, refused_text - real_code
        call    .print
        mov     [execute_block.line - real_code + 2], ds
        mov     di, execute_block - real_code
        mov     bx, 0xe5                ; FILE_EXEC
        call    far [.entry - real_code]
        mov     si, back_text - real_code
        call    .print
.hang:
        sti
        hlt
        jmp     .hang
.print:
        lodsb
        test    al, al
        jz      .printed
        mov     ah, 0x0e
        mov     bx, 7
        int     0x10
        jmp     .print
.printed:
        ret
.entry:         dd 0
real_text:      db "SHUFFLED-AND-CLEARE"
real_end:       db "?", 0
refused_text:   db 13, 10, "RESTART-REFUSED", 13, 10, 0
back_text:      db "CAME-BACK", 13, 10, 0
restart_block:  times 158 db 0
execute_block:  dw 0
.line:          dw execute_line - real_code, 0
                dw 0
execute_line:   db "localboot bios", 0
gdt_at:         dw 0
                dd 0
real_bytes equ $ - real_code
real_cleared equ real_end - real_code

section .bss
alignb 4
number:         resb 1
alignb 4
registers:
.gs:            resw 1
.fs:            resw 1
.es:            resw 1
.ds:            resw 1
.edi:           resd 1
.esi:           resd 1
.ebp:           resd 1
                resd 1
.ebx:           resd 1
.edx:           resd 1
.ecx:           resd 1
.eax:           resd 1
.flags:         resd 1
block_bytes:    resd 1
pxe_entry:      resd 1
handle:         resd 1
arguments:
                resd 2
                resd 1
.intcall:       resd 1
.bounce:        resd 1
.bounce_bytes:  resd 1
.farcall:       resd 1
.cfarcall:      resd 1
.memory:        resd 1
.name:          resd 1
