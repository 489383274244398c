; SPDX-License-Identifier: Apache-2.0
; The linked resident part as data of the program: what Resident::install copies to base memory.
section .rodata progbits alloc noexec nowrite align=4
global resident_image, resident_image_end
resident_image:
        incbin  "resident.bin"
resident_image_end:
