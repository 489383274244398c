// SPDX-License-Identifier: Apache-2.0
// The part of <string.h> that the program has; see string_functions.cc.
#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
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
/* Declared because libc++ names them; not linked unless used, and then missing. */
char* strcpy(char* into, const char* from);
char* strncpy(char* into, const char* from, size_t count);
char* strcat(char* into, const char* from);
char* strncat(char* into, const char* from, size_t count);
int strcoll(const char* a, const char* b);
size_t strxfrm(char* into, const char* from, size_t count);
char* strpbrk(const char* in, const char* any);
size_t strspn(const char* in, const char* any);
size_t strcspn(const char* in, const char* any);
char* strtok(char* in, const char* any);
char* strerror(int number);
#ifdef __cplusplus
}
#endif
