# SPDX-License-Identifier: Apache-2.0
#
# Foreign sources of the program: fetched once into a cache outside the checkout, pinned by SHA-256, never committed. For the i386 build
# only; the host builds use the host's own libraries.

if(DEFINED ENV{UNDINE_CACHE})
  set(undine_cache "$ENV{UNDINE_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(undine_cache "$ENV{XDG_CACHE_HOME}/undine")
else()
  set(undine_cache "$ENV{HOME}/.cache/undine")
endif()
set(UNDINE_CACHE "${undine_cache}" CACHE PATH "Where fetched sources are kept, outside the checkout")
set(UNDINE_LLVM_TARBALL "" CACHE FILEPATH "A local copy of LLVM's source tarball, instead of fetching it")

execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/fetch" "${UNDINE_CACHE}" "${UNDINE_LLVM_TARBALL}" RESULT_VARIABLE undine_fetched)
if(NOT undine_fetched EQUAL 0)
  message(FATAL_ERROR "the sources of LLVM could not be had; see above")
endif()
file(STRINGS "${CMAKE_CURRENT_LIST_DIR}/pins" undine_llvm_version REGEX "^LLVM_VERSION=")
string(REPLACE "LLVM_VERSION=" "" undine_llvm_version "${undine_llvm_version}")
set(undine_llvm "${UNDINE_CACHE}/llvm-${undine_llvm_version}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/fetch" "${CMAKE_CURRENT_LIST_DIR}/pins")

# The headers that every source of the program sees, in this order: our configuration of libc++, libc++, our few C headers. (clang's own
# come last by themselves.)
set(undine_runtime "${PROJECT_SOURCE_DIR}/core/runtime")
add_compile_options(
  "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem ${undine_runtime}/libcxx>"
  "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem ${undine_llvm}/libcxx/include>"
  "$<$<COMPILE_LANGUAGE:C,CXX>:SHELL:-isystem ${undine_runtime}/libc>"
  "$<$<COMPILE_LANGUAGE:C,CXX>:-ffile-prefix-map=${UNDINE_CACHE}=third-party>")

# The part of libc++abi that is linked: virtual functions without a body, std::terminate, guards of static objects. Unmodified.
set(undine_abi "${undine_llvm}/libcxxabi")
add_library(undine-libcxxabi STATIC
  "${undine_abi}/src/cxa_default_handlers.cpp"
  "${undine_abi}/src/cxa_guard.cpp"
  "${undine_abi}/src/cxa_handlers.cpp"
  "${undine_abi}/src/cxa_noexception.cpp"
  "${undine_abi}/src/cxa_virtual.cpp")
target_compile_definitions(undine-libcxxabi PRIVATE
  _LIBCXXABI_BUILDING_LIBRARY _LIBCXXABI_HAS_NO_THREADS _LIBCPP_BUILDING_LIBRARY LIBCXXABI_NON_DEMANGLING_TERMINATE)
target_include_directories(undine-libcxxabi SYSTEM PRIVATE "${undine_abi}/include" "${undine_abi}/src" "${undine_llvm}/libcxx/src")
target_compile_options(undine-libcxxabi PRIVATE -w)
