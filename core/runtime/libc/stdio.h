// SPDX-License-Identifier: Apache-2.0
// There are no files. libc++'s <cstdio> wants these names; mbedTLS's headers include this file.
#pragma once
#include <stddef.h>
#include <stdarg.h>
#ifdef __cplusplus
extern "C" {
#endif
#define EOF (-1)
typedef struct undine_no_file FILE;
typedef long fpos_t;
int remove(const char* path);
int rename(const char* from, const char* to);
int snprintf(char* into, size_t room, const char* format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char* into, size_t room, const char* format, va_list arguments) __attribute__((format(printf, 3, 0)));
#ifdef __cplusplus
}
#endif
