; SPDX-License-Identifier: Apache-2.0
; The first instructions: the boot ROM loaded this file to 0:7C00 and calls it as a far procedure (PXE 2.1 section 4.4.5).
;
; 16-bit: remember how we were entered, see that the processor will do, open the A20 gate, fetch the BIOS memory map.
; 32-bit: unpack the program to the top of memory (unpack.cc), switch on paging, jump to it.
; Nothing below 7C00h is touched: some BIOSes keep data there. Stack and scratch lie behind the image.

bits 16

stack_bytes     equ 0x2000
e820_entry      equ 24
e820_max        equ 128
cr0_protected   equ 1
cr4_large_pages equ 0x10
cr0_paging      equ 0x80010000          ; PG, and WP so that read-only pages hold for us too
program_entry   equ 0xff800000

extern prefix_main                      ; uint32_t prefix_main(Handoff*, PackHeader*): CR3, or 0 and Handoff.error

section .entry progbits alloc exec write align=16

global _start
_start:
        jmp     0:start                 ; some ROMs enter at 07C0:0000

        align   16
global pack_header
pack_header:                            ; struct PackHeader of ../pack_header.h, filled in by the packer
        db      "UNDINEPK"
payload_offset: dd 0
payload_length: dd 0
        dd      0, 0, 0
block_length:   dd 0
        dd      0

        align   4
handoff:                                ; struct Handoff of handoff.h
.stack_offset:  dw 0
.stack_segment: dw 0
.pxenv_offset:  dw 0
.pxenv_segment: dw 0
.e820_count:    dd 0
.e820:          dd 0
.e801_low:      dw 0
.e801_high:     dw 0
.extended:      dd 0
.region:        times 4 dd 0
.error:         dd 0

scratch_linear: dd 0                    ; behind the image: stack, then the memory map
scratch_segment: dw 0

start:
        cli
        cld
        mov     [cs:handoff.stack_segment], ss
        mov     [cs:handoff.stack_offset], sp
        mov     [cs:handoff.pxenv_segment], es
        mov     [cs:handoff.pxenv_offset], bx

        xor     ax, ax
        mov     ds, ax
        mov     eax, [payload_offset]
        add     eax, [payload_length]
        add     eax, [block_length]
        add     eax, 0x7c00 + 15
        and     al, 0xf0
        mov     [scratch_linear], eax
        shr     eax, 4
        mov     [scratch_segment], ax
        mov     ss, ax
        mov     esp, stack_bytes

; CPUID with large pages: a Pentium or better. Flag ID can be changed only where CPUID exists.
        pushfd
        pop     eax
        mov     ecx, eax
        xor     eax, 1 << 21
        push    eax
        popfd
        pushfd
        pop     eax
        xor     eax, ecx
        test    eax, 1 << 21
        jz      .processor_too_old
        mov     eax, 1
        cpuid
        test    dl, 1 << 3
        jnz     .processor_will_do
.processor_too_old:
        mov     si, text_processor
        jmp     die
.processor_will_do:

        call    open_a20
        mov     si, text_a20
        jc      die
        call    fetch_memory_map

        lgdt    [gdt_pointer]
        mov     eax, cr0
        or      al, cr0_protected
        mov     cr0, eax
        jmp     dword 0x08:unpack

; SI: a sentence. Prints it, waits for a key, and lets the BIOS try the next boot device.
die:
        xor     ax, ax
        mov     ds, ax
        mov     ah, 0x0e
        mov     bx, 7
.next:
        lodsb
        test    al, al
        jz      .wait
        push    si
        mov     ah, 0x0e
        int     0x10
        pop     si
        jmp     .next
.wait:
        sti
        mov     ah, 0
        int     0x16
        int     0x18
        jmp     .wait

; Every known way, each tried only if the ones before did not work; carry set if none does.
open_a20:
        call    a20_is_open
        jnc     .done
        mov     ax, 0x2401
        push    ds
        push    es
        int     0x15
        pop     es
        pop     ds
        cli
        cld
        call    a20_is_open
        jnc     .done
        in      al, 0x92                ; "fast A20" of the PS/2; bit 0 would reset
        or      al, 2
        and     al, ~1
        out     0x92, al
        call    a20_is_open
        jnc     .done
        call    keyboard_ready          ; the keyboard controller's output port, as on the AT
        mov     al, 0xd1
        out     0x64, al
        call    keyboard_ready
        mov     al, 0xdf
        out     0x60, al
        call    keyboard_ready
        mov     al, 0xff                ; HP DL360 G5 loses its USB keyboard without this null command
        out     0x64, al
        call    keyboard_ready
        call    a20_is_open
.done:
        ret

; Time limit: machines without a keyboard controller read FFh for ever.
keyboard_ready:
        xor     cx, cx
.again:
        in      al, 0x64
        test    al, 2
        loopnz  .again
        ret

; Carry set if FFFF:10h+x and 0:x are one memory. Gives slow gates time.
a20_is_open:
        push    es
        mov     ax, 0xffff
        mov     es, ax
        mov     cx, 1000
        mov     eax, [scratch_linear]   ; a word of our own that may change
.again:
        inc     eax
        mov     [a20_probe], eax
        out     0x80, al                ; about 1 us
        cmp     eax, [es:a20_probe + 0x10]
        jne     .open
        loop    .again
        stc
        pop     es
        ret
.open:
        clc
        pop     es
        ret
a20_probe: dd 0

; INT 15h E820h into the scratch memory, else E801h and 88h.
fetch_memory_map:
        mov     eax, [scratch_linear]
        add     eax, stack_bytes
        mov     [handoff.e820], eax
        mov     ax, [scratch_segment]
        add     ax, stack_bytes / 16
        mov     es, ax
        xor     ebx, ebx
.next:
        imul    di, [handoff.e820_count], e820_entry
        mov     dword [es:di + 20], 1   ; "valid" (ACPI 3.0), if the BIOS fills in 20 bytes only
        mov     eax, 0xe820
        mov     edx, 0x534d4150
        mov     ecx, e820_entry
        push    es
        push    ds
        int     0x15
        pop     ds
        pop     es
        cli
        cld
        jc      .end
        cmp     eax, 0x534d4150
        jne     .end
        inc     dword [handoff.e820_count]
        cmp     word [handoff.e820_count], e820_max
        jae     .end
        test    ebx, ebx
        jnz     .next
.end:
        mov     ax, 0xe801
        xor     cx, cx
        xor     dx, dx
        int     0x15
        jc      .no_e801
        test    cx, cx                  ; some BIOSes answer in CX and DX, others in AX and BX
        jnz     .in_cx
        mov     cx, ax
        mov     dx, bx
.in_cx:
        mov     [handoff.e801_low], cx
        mov     [handoff.e801_high], dx
.no_e801:
        mov     ah, 0x88
        clc
        int     0x15
        jc      .no_88
        mov     [handoff.extended], ax
.no_88:
        cli
        cld
        ret

text_processor: db 13, 10, "Undine: this processor is older than a Pentium and cannot run it. Press a key to boot from the next device.", 13, 10, 0
text_a20:       db 13, 10, "Undine: the A20 gate does not open, so memory above 1 MiB is out of reach. Press a key to boot from the next device.", 13, 10, 0

        align   8
gdt:
        dq      0
        dq      0x00cf9b000000ffff      ; 08h: 32-bit code, 0 to 4 GiB
        dq      0x00cf93000000ffff      ; 10h: data, 0 to 4 GiB
        dq      0x00009b000000ffff      ; 18h: 16-bit code, to return to real mode
        dq      0x000093000000ffff      ; 20h: 16-bit data
gdt_pointer:
        dw      $ - gdt - 1
        dd      gdt

bits 32
unpack:
        mov     eax, 0x10
        mov     ds, eax
        mov     es, eax
        mov     fs, eax
        mov     gs, eax
        mov     ss, eax
        mov     esp, [scratch_linear]
        add     esp, stack_bytes
        mov     eax, handoff
        mov     edx, pack_header
        call    prefix_main
        test    eax, eax
        jz      unpacking_failed
        mov     cr3, eax
        mov     eax, cr4
        or      eax, cr4_large_pages
        mov     cr4, eax
        mov     eax, cr0
        or      eax, cr0_paging
        mov     cr0, eax
        mov     eax, handoff
        mov     ecx, program_entry
        jmp     ecx

unpacking_failed:
        mov     esi, [handoff.error]
        jmp     0x18:.segment_16
bits 16
.segment_16:
        mov     ax, 0x20
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     eax, cr0
        and     al, ~cr0_protected
        mov     cr0, eax
        jmp     0:.real
.real:
        mov     ax, [cs:scratch_segment]
        mov     ss, ax
        mov     esp, stack_bytes
        jmp     die
