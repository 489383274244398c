// SPDX-License-Identifier: Apache-2.0
// Our own promises are checked with expect() of core/panic.h; assert() in foreign code costs nothing.
#undef assert
#define assert(promise) ((void)0)
#ifndef __cplusplus
#define static_assert _Static_assert
#endif
