; SPDX-License-Identifier: Apache-2.0
;
; An ELF program of 32 or of 64 bits without a Multiboot header (elf.ld links it): looks at how it was entered, which is the same for both, and says so on the serial port.
bits 32
%include "console.inc"

%define physical(address) (address - 0xc0000000)

section .text
global start
start:
        mov     esi, physical(bad)
        mov     eax, cr0                ; no paging, protected mode
        and     eax, 0x80000001
        cmp     eax, 1
        jne     .put
        pushf
        test    word [esp], 0x200
        jne     .put
        call    .here                   ; where the linker said, and the segments begin at 0
.here:
        pop     eax
        cmp     eax, physical(.here)
        jne     .put
        mov     eax, cs
        lar     ebx, ax                 ; 32 bits, 4 GiB
        lsl     ecx, ax
        and     ebx, 0x400000
        je      .put
        inc     ecx
        jne     .put
        mov     ecx, 4096
        mov     edi, physical(zeros)
        xor     eax, eax
        repe    scasb
        jne     .put
        mov     esi, physical(good)
.put:
        put_serial
.done:
        hlt
        jmp     .done

section .data
%ifidn __?OUTPUT_FORMAT?__, elf64
good:   db      "ELF-64-GOOD", 13, 10, 0
%else
good:   db      "ELF-32-GOOD", 13, 10, 0
%endif
bad:    db      "ELF-BAD", 13, 10, 0

section .bss
zeros:  resb    4096
