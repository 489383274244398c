// SPDX-License-Identifier: Apache-2.0
// memcpy and its family. In the program they have their C names (clang calls them by itself, libc++, libc++abi and mbedTLS by name);
// on the host, where the C library has those names, the same code is in a namespace so that it can be tested.
#pragma once

#include <stddef.h>

#ifdef UNDINE_NBP
#define UNDINE_RUNTIME_BEGIN extern "C" {
#define UNDINE_RUNTIME_END }
#else
#define UNDINE_RUNTIME_BEGIN namespace undine::runtime {
#define UNDINE_RUNTIME_END }
#endif

UNDINE_RUNTIME_BEGIN

void* memcpy(void* into, const void* from, size_t count);
void* memmove(void* into, const void* from, size_t count);
void* memset(void* into, int value, size_t count);
int memcmp(const void* a, const void* b, size_t count);
void* memchr(const void* in, int octet, size_t count);
size_t strlen(const char* text);
size_t strnlen(const char* text, size_t most);
int strcmp(const char* a, const char* b);
int strncmp(const char* a, const char* b, size_t most);
char* strchr(const char* in, int character);
char* strrchr(const char* in, int character);
char* strstr(const char* in, const char* what);

UNDINE_RUNTIME_END
