// SPDX-License-Identifier: Apache-2.0
// libc++ looks for this type here; the program has no multibyte text.
#pragma once
typedef struct { int unused; } mbstate_t;
