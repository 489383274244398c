// SPDX-License-Identifier: Apache-2.0
// Static constructors, and the ways in which C++ and libc++abi end a program. In the program only.
#include "core/runtime/startup.h"

#include <__verbose_abort>
#include <cstdlib>

#include "core/panic.h"

extern "C" {
using Constructor = void (*)();
extern const Constructor __init_array_start[];
extern const Constructor __init_array_end[];

// clang passes its address to __cxa_atexit: "which shared library is this?" There is one.
void* __dso_handle = nullptr;

// Static objects live until the machine is somebody else's: no destructor of theirs ever runs. Whatever must be undone before (hooks,
// the NIC) belongs to an object with an end.
int __cxa_atexit(void (*destructor)(void*), void* object, void* library);
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }

// libc++abi's last words: pure virtual call, a static object that needs itself. The format is sentence enough.
[[noreturn]] void abort_message(const char* format, ...);
void abort_message(const char* format, ...) { undine::panic(format); }

[[noreturn]] void undine_container_misused();
void undine_container_misused() { undine::panic("a program error: an index or a length is outside of its container"); }

void abort() { undine::panic("a program error: abort() was called"); }
}

void std::__libcpp_verbose_abort(const char* format, ...) { undine::panic(format); }

namespace undine {

void run_static_constructors() {
  for (const Constructor* constructor = __init_array_start; constructor != __init_array_end; ++constructor) (*constructor)();
}

}  // namespace undine
