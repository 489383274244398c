; SPDX-License-Identifier: Apache-2.0
; The script that the CMake variable UNDINE_SCRIPT names, as data of the program; nothing if it is empty.
section .rodata progbits alloc noexec nowrite align=1
global embedded_script, embedded_script_end
embedded_script:
%ifdef SCRIPT
        incbin  SCRIPT
%endif
embedded_script_end:
