# SPDX-License-Identifier: Apache-2.0
#
# Compiler flags of our own sources: the interface library undine-flags, which every module, test and fuzz target links.
# Flags of the machine (target, code model) are in toolchain-i386.cmake, for foreign sources too.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_EXTENSIONS OFF)

option(UNDINE_WERROR "Warnings are errors" "$ENV{CI}")

add_library(undine-flags INTERFACE)
target_compile_options(undine-flags INTERFACE
  "$<$<COMPILE_LANGUAGE:C,CXX>:-Wall;-Wextra;-Wshadow;-Wundef;-Wvla;-Wcast-qual;-Wformat=2;-Wimplicit-fallthrough>"
  "$<$<COMPILE_LANGUAGE:C,CXX>:-Wshorten-64-to-32;-Wfloat-conversion;-Wextra-semi>"
  "$<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor;-Woverloaded-virtual;-Wsuggest-override>"
  $<$<AND:$<BOOL:${UNDINE_WERROR}>,$<COMPILE_LANGUAGE:C,CXX>>:-Werror>)

# The language is the same on both machines: what the program cannot do, its tests do not do either.
target_compile_options(undine-flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions;-fno-rtti>")

if(UNDINE_BUILD STREQUAL "nbp")
  add_compile_options(
    "$<$<COMPILE_LANGUAGE:C,CXX>:${UNDINE_MACHINE_FLAGS}>"
    "$<$<COMPILE_LANGUAGE:CXX>:${UNDINE_MACHINE_FLAGS_CXX}>")
  # One commit, one result, wherever it is built.
  add_compile_definitions(UNDINE_NBP)
  add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=build;-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>")
endif()

if(UNDINE_BUILD STREQUAL "tool")
  # lld looks into all libraries for a missing symbol, whatever their order: core/runtime and core use each other.
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-fuse-ld=lld -Wl,--gc-sections)
elseif(NOT UNDINE_BUILD STREQUAL "nbp")
  set(undine_sanitizers -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all)
  if(UNDINE_BUILD STREQUAL "fuzz")
    list(APPEND undine_sanitizers -fsanitize=fuzzer-no-link)
  else()
    find_package(GTest REQUIRED)
  endif()
  add_compile_options(${undine_sanitizers})
  # What libc++'s hardening stops in the program (an index past the end of a view) is to be found here first.
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  add_link_options(${undine_sanitizers} -fuse-ld=lld)
endif()
