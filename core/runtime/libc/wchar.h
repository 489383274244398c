// SPDX-License-Identifier: Apache-2.0
// Wide characters are switched off in __config_site; only the types remain.
#pragma once
#include <stddef.h>
#include <bits/types/mbstate_t.h>
typedef unsigned wint_t;
#define WEOF ((wint_t)-1)
