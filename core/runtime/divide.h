// SPDX-License-Identifier: Apache-2.0
// 64-bit division and shifts on a 32-bit machine: what clang calls where the processor has no instruction (names and meaning are those
// of the compiler run-time of LLVM and GCC). On the host the same code has the same names in a namespace, for its tests.
#pragma once

#include <stdint.h>

#include "core/runtime/string_functions.h"  // UNDINE_RUNTIME_BEGIN

UNDINE_RUNTIME_BEGIN

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t* remainder);
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divmoddi4(int64_t dividend, int64_t divisor, int64_t* remainder);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);
uint64_t __ashldi3(uint64_t value, int by);
uint64_t __lshrdi3(uint64_t value, int by);
int64_t __ashrdi3(int64_t value, int by);

UNDINE_RUNTIME_END
