// SPDX-License-Identifier: Apache-2.0
// Integer types only: nothing is printed through printf.
#pragma once
#include <stdint.h>
typedef struct { intmax_t quot, rem; } imaxdiv_t;
#ifdef __cplusplus
extern "C" {
#endif
intmax_t imaxabs(intmax_t value);
imaxdiv_t imaxdiv(intmax_t a, intmax_t b);
intmax_t strtoimax(const char* text, char** end, int base);
uintmax_t strtoumax(const char* text, char** end, int base);
#ifdef __cplusplus
}
#endif
