# SPDX-License-Identifier: Apache-2.0
#
# The machine that Undine runs on: a PC with an i586 or better in 32-bit protected mode, without an operating system.
#
# - The first three arguments go in registers (-mregparm=3), also in calls that the compiler makes itself: 14 % of the program's code, 5 % of the
#   packed file. What assembler calls or supplies takes them so too; only the real-mode pump is compiled with the stack convention.
# - Objects of up to eight octets are returned in registers (-freg-struct-return): string views, addresses, times, spans. Another 1.5 %.
# - The program is optimised as a whole when it is linked (-flto): 3 %. What runs in 16 bit, in the prefix, or is called by code that the compiler
#   makes up at that late time (memcpy) is compiled at once instead, with UNDINE_NO_LTO.
# - Not -ffreestanding: it would turn each small memcpy into a call. Only the file that defines memcpy needs -fno-builtin.
# - clang would link through the host's gcc; ld.lld is called directly. It keeps one copy of functions with the same code (--icf=all: nothing here
#   compares the addresses of functions, and a backtrace may name the other one), and of strings that end alike (-O2).

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR i386)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_ASM_NASM_COMPILER nasm)
set(CMAKE_ASM_NASM_OBJECT_FORMAT elf32)
find_program(UNDINE_LINKER NAMES ld.lld-19 REQUIRED)

# Applied by core/cmake/flags.cmake, not through CMAKE_<LANG>_FLAGS_INIT: a build folder keeps what that was at its first configuration, and
# half a change of the calling convention is worse than none.
set(UNDINE_MACHINE_FLAGS
  -march=i586 -mtune=generic -mregparm=3 -freg-struct-return -fomit-frame-pointer
  -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables
  -flto -ffunction-sections -fdata-sections -fno-common -nostdlibinc)
set(UNDINE_NO_LTO -fno-lto)
set(UNDINE_MACHINE_FLAGS_CXX -nostdinc++ -fno-exceptions -fno-rtti -fno-threadsafe-statics)

# What -Oz leaves to be had, another 3 %: nothing is inlined that makes the caller larger, and the passes are off that make code of the same kind look
# different each time (order of blocks and instructions, addresses shared by LEA, loops rewritten), since then it packs worse.
set(UNDINE_LINK_FLAGS --gc-sections --icf=all -O2 --no-dependent-libraries --build-id=none)
foreach(undine_option
    inline-threshold=-20 disable-block-placement enable-misched=false disable-x86-lea-opt disable-lsr disable-machine-licm enable-pre=0)
  list(APPEND UNDINE_LINK_FLAGS -mllvm -${undine_option})
endforeach()
list(JOIN UNDINE_LINK_FLAGS " " UNDINE_LINK_FLAGS)

foreach(undine_language C CXX)
  set(CMAKE_${undine_language}_COMPILER_TARGET i386-none-elf)
  set(CMAKE_${undine_language}_FLAGS_MINSIZEREL "-Oz -DNDEBUG" CACHE STRING "Size before speed; hot files may add -O2")
  set(CMAKE_${undine_language}_LINK_EXECUTABLE
    "${UNDINE_LINKER} -m elf_i386 ${UNDINE_LINK_FLAGS} <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
endforeach()

# Nothing of the build machine's is used.
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
