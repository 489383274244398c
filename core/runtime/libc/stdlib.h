// SPDX-License-Identifier: Apache-2.0
// The part of <stdlib.h> that the program has (abort, the heap, abs); what else is declared only satisfies libc++'s headers.
#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#define UNDINE_NORETURN [[noreturn]]
#else
#define UNDINE_NORETURN _Noreturn
#endif
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX 0x7fffffff
#define MB_CUR_MAX 1
typedef struct { int quot, rem; } div_t;
typedef struct { long quot, rem; } ldiv_t;
typedef struct { long long quot, rem; } lldiv_t;
UNDINE_NORETURN void abort(void);
void* malloc(size_t size);
void* calloc(size_t count, size_t size);
void* realloc(void* memory, size_t size);
void free(void* memory);
int abs(int value);
long labs(long value);
long long llabs(long long value);
UNDINE_NORETURN void exit(int status);
UNDINE_NORETURN void _Exit(int status);
UNDINE_NORETURN void quick_exit(int status);
int atexit(void (*function)(void));
int at_quick_exit(void (*function)(void));
void* aligned_alloc(size_t alignment, size_t size);
div_t div(int a, int b);
ldiv_t ldiv(long a, long b);
lldiv_t lldiv(long long a, long long b);
double atof(const char* text);
int atoi(const char* text);
long atol(const char* text);
long long atoll(const char* text);
double strtod(const char* text, char** end);
float strtof(const char* text, char** end);
long double strtold(const char* text, char** end);
long strtol(const char* text, char** end, int base);
long long strtoll(const char* text, char** end, int base);
unsigned long strtoul(const char* text, char** end, int base);
unsigned long long strtoull(const char* text, char** end, int base);
int rand(void);
void srand(unsigned seed);
char* getenv(const char* name);
int system(const char* command);
void* bsearch(const void* key, const void* base, size_t count, size_t size, int (*compare)(const void*, const void*));
void qsort(void* base, size_t count, size_t size, int (*compare)(const void*, const void*));
int mblen(const char* text, size_t most);
int mbtowc(wchar_t* into, const char* text, size_t most);
int wctomb(char* into, wchar_t character);
size_t mbstowcs(wchar_t* into, const char* text, size_t most);
size_t wcstombs(char* into, const wchar_t* text, size_t most);
#undef UNDINE_NORETURN
#ifdef __cplusplus
}
#endif
