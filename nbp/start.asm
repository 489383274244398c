; SPDX-License-Identifier: Apache-2.0
; The program's first instruction, and the ways into its fault handler. Arguments of C++ are in EAX, EDX, ECX (toolchain-i386.cmake).
bits 32

extern stack_top, program_main, report_fault

section .text.start progbits alloc exec nowrite align=16
global program_start
program_start:                          ; EAX: Handoff; flat segments, paging on, interrupts off
        mov     esp, stack_top
        call    program_main            ; void program_main(const Handoff&), does not return
        ud2

; Exceptions 8, 10 to 14, 17, 21, 29 and 30 push an error code; the others get a zero in its place.
%define pushes_error_code(n) (n == 8 || (n >= 10 && n <= 14) || n == 17 || n == 21 || n == 29 || n == 30)

%macro fault_entry 1
fault_%1:
%if !pushes_error_code(%1)
        push    dword 0
%endif
        push    dword %1
        jmp     fault_common
%endmacro

section .text progbits alloc exec nowrite align=16
%assign n 0
%rep 32
        fault_entry n
%assign n n + 1
%endrep

fault_common:
        pushad
        cld
        mov     eax, esp
        call    report_fault            ; void report_fault(const FaultFrame*), does not return
        ud2

section .rodata progbits alloc noexec nowrite align=4
global fault_entries
fault_entries:
%assign n 0
%rep 32
        dd      fault_%+n
%assign n n + 1
%endrep
