; SPDX-License-Identifier: Apache-2.0
;
; A boot program that calls every function of the PXE API as documented, and as it should not be called, and prints a line for each:
;
;   PXE|name|exit status|what came back
;
; It runs under any PXE stack: under Undine, and under the boot ROM alone. Nothing that it prints depends on addresses or on time. The server that
; DHCP names must have the file `probe.txt` for TFTP: 2000 octets, of which the first 16 are 0123456789abcdef. It returns at the end, status 0.

bits 16
org 0x7c00

file_bytes equ 2000
high_buffer equ 0x00300000              ; where READ_FILE puts a file above 1 MiB
ticks equ 0x046c

start:
        cld
        mov     [cs:entry.eax], eax
        mov     [cs:entry.edx], edx
        mov     [cs:entry.bx], bx
        mov     [cs:entry.es], es
        pushf
        pop     word [cs:entry.flags]
        mov     bp, sp
        mov     eax, [bp + 4]
        mov     [cs:entry.pxe], eax
        xor     ax, ax
        mov     ds, ax
        call    check_entry
        mov     si, text.memory
        call    put
        int     0x12
        call    put_decimal
        call    new_line
        call    find_server
        mov     si, rows
.next:
        lodsw
        test    ax, ax
        jz      .done
        push    si
        mov     si, ax
        call    put_start
        pop     si
        lodsw                           ; opcode
        mov     bx, ax
        lodsw                           ; block
        mov     di, ax
        lodsw                           ; what to show of it
        push    si
        push    ax
        call    api
        call    put_result
        pop     ax
        test    ax, ax
        jz      .shown
        call    ax
.shown:
        call    new_line
        pop     si
        jmp     .next
.done:
        mov     si, text.end
        call    put
        xor     ax, ax
        retf

; BX function, DI block in segment 0. AX: exit code; DI is kept.
api:
        push    si
        push    di
        xor     ax, ax
        mov     es, ax
        mov     word [status_before], 0xeeee
        push    ds
        push    di
        push    bx
        call    far [pxe_entry]
        add     sp, 6
        cld
        xor     bx, bx
        mov     ds, bx
        mov     es, bx
        pop     di
        pop     si
        ret

; ---- At entry ------------------------------------------------------------------------------------------------------------------------------

%macro fact 1                           ; prints "PXE|%1|yes|" or no, by the zero flag
        push    word %%name
        call    put_fact
        section .data
%%name: db      %1, 0
        section .text
%endmacro

section .data align=16
section .text

check_entry:
        cmp     word [entry.eax], 0
        fact    "entry: AX is 0"
        mov     ax, [entry.flags]
        and     ax, 0x200
        cmp     ax, 0x200
        fact    "entry: interrupts are on"
        les     bx, [entry.bx]
        cmp     dword [es:bx], 'PXEN'
        fact    "entry: ES:BX points to PXENV+"
        movzx   eax, word [entry.es]
        shl     eax, 4
        movzx   ecx, word [entry.bx]
        add     eax, ecx
        cmp     eax, [entry.edx]
        fact    "entry: EDX is its physical address"
        test    al, 31
        fact    "PXENV+ lies on 32 bytes"
        cmp     word [es:bx + 6], 0x0201
        fact    "PXENV+ has version 2.1"
        cmp     byte [es:bx + 8], 0x2c
        fact    "PXENV+ is 2Ch long"
        mov     cx, 0x2c
        call    sum
        fact    "PXENV+ adds up to 0"
        mov     eax, [entry.pxe]
        cmp     eax, [es:bx + 0x28]
        fact    "PXENV+ points to the !PXE of the stack"
        les     bx, [entry.pxe]
        cmp     dword [es:bx], '!PXE'
        fact    "entry: [SS:SP+4] points to !PXE"
        mov     cx, 0x58
        call    sum
        fact    "!PXE adds up to 0"
        movzx   eax, word [entry.pxe + 2]
        shl     eax, 4
        movzx   ecx, word [entry.pxe]
        add     eax, ecx
        test    al, 31
        fact    "!PXE lies on 32 bytes"
        cmp     eax, 0x8d000
        setae   al
        cmp     al, 1
        fact    "!PXE lies at or above 8D000h"
        cmp     byte [es:bx + 0x1d], 7
        fact    "!PXE has 7 descriptors"
        mov     eax, [es:bx + 0x10]
        mov     [pxe_entry], eax
        mov     ax, 0x5650
        push    es
        int     0x1a
        pop     es
        cmp     ax, 0x564e
        fact    "INT 1Ah AX=5650h answers 564Eh"
        mov     ax, 0x5650
        int     0x1a
        setc    al
        cmp     al, 0
        fact    "INT 1Ah clears carry"
        mov     ax, 0x5650
        int     0x1a
        cmp     dword [es:bx], 'PXEN'
        fact    "INT 1Ah gives PXENV+"
        ret

; CX octets at ES:BX; zero flag if they add up to 0.
sum:
        push    bx
        xor     al, al
.next:
        add     al, [es:bx]
        inc     bx
        loop    .next
        test    al, al
        pop     bx
        ret

put_fact:                               ; one word on the stack: the name
        mov     word [fact_result], text.yes
        jz      .yes
        mov     word [fact_result], text.no
.yes:
        pusha
        push    es
        mov     bp, sp
        mov     si, [bp + 20]
        call    put_start
        mov     si, [fact_result]
        call    put
        mov     si, text.bar
        call    put
        call    new_line
        pop     es
        popa
        ret     2

; The server's address from the cached reply, into every block that needs it.
find_server:
        mov     bx, 0x71
        mov     di, cached3_first
        call    api
        les     bx, [cached3_first + 6]
        mov     eax, [es:bx + 20]       ; siaddr
        mov     edx, [es:bx + 16]       ; yiaddr
        push    ds
        pop     es
        mov     [tftp_open_block + 2], eax
        mov     [tftp_missing_block + 2], eax
        mov     [size_block + 2], eax
        mov     [read_file_block + 138], eax
        mov     [read_small_block + 138], eax
        mov     [read_wild_block + 138], eax
        mov     [read_multicast_block + 138], eax
        mov     [read_silent_block + 138], eax
        mov     [udp_write_block + 2], eax
        mov     [arp.target], eax
        mov     [arp.sender], edx
        mov     [server], eax
        ret

%include "pxe_shown.inc"

; ---- Calls from odd places ---------------------------------------------------------------------------------------------------------------------

; With 512 octets of stack: the marks below must be left alone.
show_small_stack:
        push    ds
        pop     es
        mov     di, small_stack
        mov     cx, 1024
        mov     al, 0x5a
        rep     stosb
        mov     [kept_sp], sp
        mov     [kept_ss], ss
        xor     ax, ax
        mov     ss, ax
        mov     sp, small_stack + 1024
        mov     bx, 0x0c
        mov     di, information_block
        call    api
        lss     sp, [kept_sp]
        call    put_decimal
        mov     di, small_stack
        mov     cx, 512
        mov     al, 0x5a
        push    ds
        pop     es
        repe    scasb
        mov     si, text.fits
        je      .fits
        mov     si, text.deeper
.fits:
        jmp     put

; From 16-bit protected mode, with descriptors of ours for its segment: an answer, not a crash.
show_protected:
        cli
        push    ds
        mov     [kept_sp], sp
        movzx   eax, word [pxe_entry + 2]
        shl     eax, 4
        mov     [gdt.entry_code + 2], ax
        shr     eax, 16
        mov     [gdt.entry_code + 4], al
        mov     ax, [pxe_entry]
        mov     [protected_entry], ax
        sidt    [kept_idt]
        lgdt    [gdt_pointer]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     0x08:.protected
.protected:
        mov     ax, 0x10
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        push    word 0x10
        push    word information_block
        push    word 0x0c
        call    far [protected_entry]
        add     sp, 6
        mov     [protected_result], ax
        mov     eax, cr0
        and     al, ~1
        mov     cr0, eax
        jmp     0:.real
.real:
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        lidt    [kept_idt]
        pop     ds
        sti
        mov     ax, [protected_result]
        jmp     put_decimal

; The same call once more in virtual-8086 mode, under a monitor that ends it at the first privileged instruction.
show_virtual:
        cli
        mov     [kept_sp], sp
        mov     word [virtual_result], 0xffff
        mov     word [cached_virtual], 0xeeee
        mov     word [cached_virtual + 4], 0
        mov     byte [gdt.task + 5], 0x89
        mov     di, task
        mov     cx, 104 / 2
        xor     ax, ax
        rep     stosw
        mov     word [task + 4], monitor_stack
        mov     word [task + 8], 0x10
        mov     word [task + 102], 104  ; no I/O is allowed
        sidt    [kept_idt]
        lgdt    [gdt_pointer]
        lidt    [monitor_idt_pointer]
        mov     eax, cr0
        or      al, 1
        mov     cr0, eax
        jmp     0x08:.protected
.protected:
        mov     ax, 0x10
        mov     ss, ax
        mov     ax, 0x20
        ltr     ax
        xor     eax, eax
        mov     cx, 5                   ; GS, FS, DS, ES, SS
.segments:
        push    eax
        loop    .segments
        mov     ax, [cs:kept_sp]
        sub     ax, 64
        push    eax
        push    dword 0x00023002        ; virtual-8086 mode, I/O privilege 3, interrupts off
        push    dword 0
        push    dword .virtual
        iretd
.virtual:
        push    ds
        push    word cached_virtual
        push    word 0x71
        call    far [pxe_entry]
        add     sp, 6
        mov     [virtual_result], ax
        hlt
.monitor:
        mov     eax, cr0
        and     al, ~1
        mov     cr0, eax
        jmp     0:.real
.real:
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     fs, ax
        mov     gs, ax
        mov     ss, ax
        mov     sp, [kept_sp]
        lidt    [kept_idt]
        sti
        mov     ax, [virtual_result]
        call    put_decimal
        mov     ax, [cached_virtual]
        call    put_decimal
        mov     ax, [cached_virtual + 4]
        jmp     put_decimal

; The address that the card has now.
show_address:
        mov     si, information_block + 12
        mov     cx, 3
.next:
        lodsw
        xchg    al, ah
        call    put_hex
        loop    .next
        ret

; Upper halves and segments must come back as they were.
show_registers:
        mov     ebx, 0x1234000c
        mov     ecx, 0x2345ffff
        mov     edx, 0x3456eeee
        mov     esi, 0x4567dddd
        mov     edi, 0x56780000 + information_block
        mov     ebp, 0x6789bbbb
        mov     ax, 0x7000
        mov     fs, ax
        push    ds
        push    di
        push    bx
        call    far [pxe_entry]
        add     sp, 6
        mov     ax, fs
        cmp     ax, 0x7000
        jne     .changed
        cmp     ebx, 0x1234000c
        jne     .changed
        cmp     ecx, 0x2345ffff
        jne     .changed
        cmp     edx, 0x3456eeee
        jne     .changed
        cmp     esi, 0x4567dddd
        jne     .changed
        cmp     edi, 0x56780000 + information_block
        jne     .changed
        cmp     ebp, 0x6789bbbb
        jne     .changed
        mov     si, text.kept
        jmp     put
.changed:
        xor     ax, ax
        mov     ds, ax
        mov     es, ax
        mov     si, text.lost
        jmp     put

; The older entry: function in BX, block at ES:DI.
show_pxenv:
        les     bx, [entry.bx]
        mov     eax, [es:bx + 0x0a]
        mov     [pxenv_entry], eax
        xor     ax, ax
        mov     es, ax
        mov     bx, 0x0c
        mov     di, information_block
        call    far [pxenv_entry]
        jmp     put_decimal

; ---- Text --------------------------------------------------------------------------------------------------------------------------------------

put_start:                              ; SI: name
        push    si
        mov     si, text.prefix
        call    put
        pop     si
        call    put
        mov     si, text.bar
        jmp     put
put_result:                             ; AX: exit code, DI: block
        call    put_hex_plain
        mov     al, ' '
        call    put_character
        mov     ax, [di]
        call    put_hex_plain
        mov     si, text.bar
%include "text.inc"

new_line:
        mov     si, text.line
        jmp     put

section .data
text:
.prefix: db     "PXE|", 0
.bar:   db      "|", 0
.line:  db      13, 10, 0
.yes:   db      "yes", 0
.no:    db      "no", 0
.end:   db      "PXE-END", 13, 10, 0
.memory: db     "PXE-MEMORY|", 0
.reply: db      " reply", 0
.cookie: db     " options", 0
.address: db    " address", 0
.right: db      " right", 0
.wrong: db      " wrong", 0
.nothing: db    " nothing came", 0
.arp:   db      " ARP", 0
.whole: db      " whole", 0
.split: db      " split", 0
.fits:  db      " fits", 0
.deeper: db     " goes deeper", 0
.kept:  db      " kept", 0
.lost:  db      " changed", 0

%macro row 3-4 0                        ; name, function, block, what to show
        section .names
%%name: db      %1, 0
        section .rows
        dw      %%name, %2, %3, %4
%endmacro

%include "pxe_rows.inc"

section .bss follows=.rows align=16 nobits
buffer:         resb 2048
                resb 128
monitor_stack:
task:           resb 104
small_stack:    resb 1024
