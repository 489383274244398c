# SPDX-License-Identifier: Apache-2.0
#
# libc++ and libc++abi, for the i386 build.

undine_fetch(llvm undine_llvm)

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
