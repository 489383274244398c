; SPDX-License-Identifier: Apache-2.0
; The part of the program that lives in base memory: the only code of ours that runs in real mode once the prefix is gone.
;
; One 64 KiB segment: CS = DS = ES = SS. Code comes first, in pages that are never written while it is in use; everything that is
; written (data, stacks) lies in pages of its own. A store beside code costs an emulator hundreds of times a plain store and a
; processor its self-modifying-code check.
;
; The 32-bit program calls resident_enter_real with the offset of a routine; the routine runs in real mode on this segment's stack,
; with interrupts off until it allows them, and returns to the caller in protected mode.

%define cr0_paging_and_protected 0x80000001
code32_selector equ 0x08
data32_selector equ 0x10
code16_selector equ 0x18
data16_selector equ 0x20
program_code16_selector equ 0x38
program_data16_selector equ 0x40
cached_packet_bytes equ 1260            ; pxe-api/api.h

extern stack_top                        ; from the linker script
extern pump_service, pump_interrupt, pump_block

bits 16

; ---- What the program must know; struct ResidentHeader of resident.h -------------------------------------------------------------

section .header progbits alloc exec nowrite align=32
        jmp     near pxenv_entry        ; some boot programs call UNDI's code segment at offset 0
        nop
        dd      resident_enter_real
        dd      resident_enter_real.real
        dd      resident_enter_real.protected
        dd      gdt
        dd      control
        dd      call_interrupt
        dd      call_rom
        dd      call_pump
        dd      rest
        dd      jump_real
        dd      nic_interrupt
        dd      int15_entry
        dd      int13_entry
        dd      int18_entry
        dd      registers
        dd      parameters
        dd      pump_block
        dd      memory_answers
        dd      call_program
        dd      callback
        dd      int1a_entry
        dd      pxe_entry
        dd      pxenv_entry
        dd      pxe_structure
        dd      pxenv_structure
        dd      api
        dd      own_drives
        dd      diskette_table
        dd      jump_protected
        dd      call_far
        dd      call_flat
        dd      jump_16
        dd      jump_open
        dd      services
        dd      flat_intcall
        dd      flat_farcall
        dd      flat_cfarcall
        dd      flat_return
        dd      flat_irqs
        dd      flat_fault
        dd      flat.crashed
        dd      stack_top

; Written once, before a boot program starts. Programs that scan for them go in steps of 32.
        align   32
pxe_structure:
        times   0x58 db 0
        align   32
pxenv_structure:
        times   0x2c db 0

; Fixed for the life of one installation: the program fills in the bases. "Accessed" is set beforehand, so the processor writes nothing.
        align   8
gdt:
        dq      0
        dq      0x00cf9b000000ffff      ; 08h: 32-bit code, flat
        dq      0x00cf93000000ffff      ; 10h: 32-bit data, flat
        dq      0x00009b000000ffff      ; 18h: 16-bit code, this segment
        dq      0x000093000000ffff      ; 20h: 16-bit data, this segment
        dq      0x0000890000000067      ; 28h: task of the program
        dq      0x0000890000000067      ; 30h: task that a double fault switches to
        dq      0x00009b000000ffff      ; 38h: 16-bit code of a program that we jump to
        dq      0x000093000000ffff      ; 40h: 16-bit data, the same
gdt_end:

; ---- Between the modes ---------------------------------------------------------------------------------------------------------------

section .text progbits alloc exec nowrite align=16

%macro take_program_stack 0
        mov     eax, data32_selector
        mov     ds, eax
        mov     es, eax
        mov     fs, eax
        mov     gs, eax
        mov     ss, eax
        mov     esp, [ebx + control.protected_esp]
        lidt    [ebx + control.protected_idt]
%endmacro

; void resident_enter_real(uint32_t routine, uint32_t base), arguments in EAX and EDX, called at its linear address in flat protected mode.
bits 32
resident_enter_real:
        mov     ecx, edx
        pushfd
        cli
        push    ebx
        push    esi
        push    edi
        push    ebp
        mov     [ecx + control.protected_esp], esp
        mov     [ecx + control.routine], ax
        jmp     code16_selector:.segment_16
bits 16
.segment_16:
        mov     dx, data16_selector
        mov     ds, dx
        mov     es, dx
        mov     fs, dx
        mov     gs, dx
        mov     ss, dx
        lidt    [control.real_idt]
        mov     edx, cr0
        and     edx, ~cr0_paging_and_protected
        mov     cr0, edx
        jmp     far [control.real_entry]
.real:
        mov     dx, cs
        mov     ds, dx
        mov     es, dx
        mov     fs, dx
        mov     gs, dx
        mov     ss, dx
        mov     esp, stack_top
        call    [control.routine]
.done:
        mov     si, control.protected_entry
; Into protected mode; SI: the far pointer to go on at, in `control`.
.leave_real:
        cli
        cld
        mov     ax, cs
        mov     ds, ax
        xor     ebx, ebx                ; the segment's linear base, for the other side
        mov     bx, ax
        shl     ebx, 4
        ; The ROM and the BIOS may have been in protected mode themselves and left anything here.
        o32 lgdt [control.gdt_pointer]
        mov     eax, [control.protected_cr4]
        mov     cr4, eax
        mov     eax, [control.protected_cr3]
        mov     cr3, eax
        mov     eax, [control.protected_cr0]
        mov     cr0, eax
        jmp     far dword [si]
bits 32
.protected:
        take_program_stack
.back_to_program:
        pop     ebp
        pop     edi
        pop     esi
        pop     ebx
        popfd
        ret

; A boot program has called the API: the program answers on the stack that it had when it started the boot program. It may cross into real mode
; itself meanwhile, and so forget where that was.
callback:
        take_program_stack
        push    dword [ebx + control.protected_esp]
        call    [ebx + control.answer]
        pop     dword [ebx + control.protected_esp]
        test    eax, eax
        jnz     .abandon
        mov     word [ebx + control.routine], return_to_caller
        jmp     code16_selector:resident_enter_real.segment_16
; The boot program is not wanted any more; the program goes on as if it had returned.
.abandon:
        mov     esp, [ebx + control.protected_esp]
        jmp     resident_enter_real.back_to_program

; Leaves for good, for a 32-bit program: void jump_protected(uint32_t, uint32_t base), arguments in EAX and EDX. It finds our flat segments, on a
; descriptor table that is good until it loads its own, and its stack in EBP.
jump_protected:
        mov     [edx + control.protected_esp], esp      ; if the API stays, its calls go on below
        mov     esp, [edx + registers.ebp]
        call    flat_mode
        mov     eax, [edx + registers.eax]
        mov     ebx, [edx + registers.ebx]
        jmp     [edx + registers.edi]

; The same for a program that goes to real mode at once: it finds 16-bit segments, whose bases the program has set, and CR0 without PE in EAX.
jump_16:
        mov     [edx + control.protected_esp], esp
        mov     esp, [edx + registers.ebp]
        call    flat_mode
        lidt    [edx + control.real_idt]
        mov     ecx, program_data16_selector
        mov     ds, ecx
        mov     es, ecx
        mov     fs, ecx
        mov     gs, ecx
        mov     ss, ecx
        mov     eax, cr0
        and     al, ~1
        jmp     program_code16_selector:0

; Without paging. EDX: base; EAX is destroyed.
flat_mode:
        mov     eax, cr0
        and     eax, ~(cr0_paging_and_protected - 1)
        mov     cr0, eax
        xor     eax, eax
        mov     cr4, eax
        lidt    [edx + control.flat_idt]
        ret

; The same for a 32-bit program that may return, with its status in EAX. The lowest word of its stack is for the return address.
call_flat:
        pushfd
        push    ebx
        push    esi
        push    edi
        push    ebp
        mov     [edx + control.protected_esp], esp
        mov     esp, [edx + registers.ebp]
        call    flat_mode
        mov     fs, eax
        mov     gs, eax
        lea     eax, [edx + .returned]
        mov     [esp], eax
        push    dword [edx + registers.flags]
        popfd
        jmp     [edx + registers.edi]
.returned:
        cli
        call    flat_base
        mov     [ebx + registers.eax], eax
.leave:
        cld
        lgdt    [ebx + control.gdt_pointer]
        mov     eax, [ebx + control.protected_cr4]
        mov     cr4, eax
        mov     eax, [ebx + control.protected_cr3]
        mov     cr3, eax
        mov     eax, [ebx + control.protected_cr0]
        mov     cr0, eax
        jmp     far [ebx + control.protected_entry]

; EBX: this segment's linear base.
flat_base:
        call    .here
.here:
        pop     ebx
        sub     ebx, .here
        ret

%include "resident/flat.inc"

; ---- Routines that the program calls ----------------------------------------------------------------------------------------------------

; The interrupt handler at registers.cs:ip with the registers of `registers`, and back into them.
call_interrupt:
        ; The frame that IRET of the handler takes, then the handler's address for our far return.
        pushf
        push    cs
        push    word .returned
        push    word [registers.cs]
        push    word [registers.ip]
        or      word [esp + 8], 0x200   ; interrupts on after the handler
        mov     eax, [registers.eax]
        mov     ebx, [registers.ebx]
        mov     ecx, [registers.ecx]
        mov     edx, [registers.edx]
        mov     esi, [registers.esi]
        mov     edi, [registers.edi]
        mov     ebp, [registers.ebp]
        mov     es, [registers.es]
        push    word [registers.ds]
        pop     ds
        retf
.returned:
        pushfd
        cli
        cld
        movzx   esp, sp                 ; BIOSes and ROMs destroy upper halves
        push    ds
        push    cs
        pop     ds
        mov     [registers.eax], eax
        mov     [registers.ebx], ebx
        mov     [registers.ecx], ecx
        mov     [registers.edx], edx
        mov     [registers.esi], esi
        mov     [registers.edi], edi
        mov     [registers.ebp], ebp
        mov     [registers.es], es
        pop     word [registers.ds]
        pop     dword [registers.flags]
        ret

; A function of the ROM with the parameter block at `parameters`; the exit code goes to registers.eax.
call_rom:
        push    dword parameters
        movzx   eax, word [registers.eax]
        push    eax
        call    dword pump_call_rom
        add     sp, 8
        mov     [registers.eax], ax
        ret

; One burst.
call_pump:
        sti
        call    dword pump_service
        cli
        ret

; Sleeps until any interrupt, unless the card has already raised its own.
rest:
        sti
        hlt
        cli
        ret

; Starts a boot program as a boot ROM does (PXE 2.1 section 4.4.5): a far call with interrupts on and a pointer to !PXE above the return address.
; It may come back, with its status in AX.
call_program:
        lss     sp, [registers.stack]
        push    cs
        push    word pxe_structure
        jmp     call_far.stack_is_set

; Far-calls a program that finds something else above the return address.
call_far:
        lss     sp, [registers.stack]
.stack_is_set:
        push    cs
        push    word .returned
        sti
        jmp     jump_real.go
.returned:
        cli
        push    cs
        pop     ds
        mov     [registers.eax], eax
        jmp     resident_enter_real.done

; To a program that does not return, with interrupts on.
jump_open:
        lss     sp, [registers.stack]
        sti
        jmp     jump_real.go

; Leaves for good: SS:SP, segments and registers from `registers`, then CS:IP.
jump_real:
        lss     sp, [registers.stack]
.go:
        push    word [registers.cs]
        push    word [registers.ip]
        mov     eax, [registers.eax]
        mov     ebx, [registers.ebx]
        mov     ecx, [registers.ecx]
        mov     edx, [registers.edx]
        mov     esi, [registers.esi]
        mov     edi, [registers.edi]
        mov     ebp, [registers.ebp]
        mov     es, [registers.es]
        mov     fs, [registers.fs]
        mov     gs, [registers.gs]
        movzx   esp, sp
        mov     ds, [registers.ds]
        retf

%include "resident/pump.inc"

%include "resident/api.inc"

%include "resident/interrupts.inc"

; ---- Data ---------------------------------------------------------------------------------------------------------------------------------

section .bss nobits alloc noexec write align=16

; struct ResidentControl of resident.h
control:
.protected_esp:         resd 1
.protected_cr0:         resd 1
.protected_cr3:         resd 1
.protected_cr4:         resd 1
.protected_entry:       resd 1          ; far pointer: offset, selector
                        resw 1
.routine:               resw 1
.real_entry:            resd 1          ; segment:offset
.rom_entry:             resd 1
.old_int15:             resd 1
.interrupted_esp:       resd 1
.interrupted_ss:        resw 1
.ring_segment:          resw 1
.gdt_pointer:           resw 1
                        resd 1
.protected_idt:         resw 1
                        resd 1
.real_idt:              resw 1
                        resd 1
.in_interrupt:          resb 1
.irq_line:              resb 1          ; 0 to 15, or FFh for none
.segment:               resw 1
                        resw 1
.old_int1a:             resd 1
.callback:              resd 1          ; far pointer
                        resw 1
                        resw 1
.cached_packets:        resd 1          ; segment:offset
.answer:                resd 1          ; uint32_t answer(): the program's; not 0 gives the boot program up
.old_int13:             resd 1
.old_int18:             resd 1
.flat_entry:            resd 1          ; far pointer
                        resw 1
.flat_idt:              resw 1
                        resd 1

; struct GuestCall of resident.h
        alignb  4
api:
.function:              resw 1
.interrupt:             resb 1          ; 13h, 20h, 21h or 22h; 0: a call of the PXE API
.busy:                  resb 1
.block:                 resd 1          ; offset, segment
                        resb 2
.flags:                 resw 1          ; of an interrupt
.stack_segment:         resw 1
.ds:                    resw 1
.stack:                 resd 1
.eax:                   resd 1
.ebx:                   resd 1
.ecx:                   resd 1
.edx:                   resd 1
.esi:                   resd 1
.edi:                   resd 1
.ebp:                   resd 1
.es:                    resw 1
.fs:                    resw 1
.gs:                    resw 1
.gdt:                   resw 1
                        resd 1
.idt:                   resw 1
                        resd 1
                        resw 1
.cr0:                   resd 1
.cr3:                   resd 1
.cr4:                   resd 1

; The numbers that are not the BIOS's alone, each drive's own and the one that it would have had.
own_drives_max          equ 16
own_drives:             resb own_drives_max
; Function 08h of a diskette drive of ours points here.
diskette_table:         resb 16

        alignb  4
flat:
.esp:                   resd 1
.frame:                 resd 1          ; linear: where the registers are on the real-mode stack
.crashed:               resb 1

        alignb  4
; struct RealRegisters of resident.h
registers:
.eax:                   resd 1
.ebx:                   resd 1
.ecx:                   resd 1
.edx:                   resd 1
.esi:                   resd 1
.edi:                   resd 1
.ebp:                   resd 1
.flags:                 resd 1
.ds:                    resw 1
.es:                    resw 1
.fs:                    resw 1
.gs:                    resw 1
.stack:                 resd 1          ; SS:SP
.ip:                    resw 1
.cs:                    resw 1

        alignb  16
; The parameter block of a ROM call that the program makes; the longest of PXE 2.1 is TFTP_READ_FILE with 158 bytes.
parameters:             resb 256

; struct MemoryAnswers of resident.h
        alignb  4
memory_answers:
.count:                 resd 1
.low_kib:               resw 1
.high_64kib:            resw 1
.extended_kib:          resw 1
                        resw 1
.entries:               resb 24 * 40

        alignb  16
        resb    1280
interrupt_stack_top:
