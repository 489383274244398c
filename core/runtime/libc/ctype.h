// SPDX-License-Identifier: Apache-2.0
// Declarations for libc++'s headers; text is classified in core/text.h, without locales.
#pragma once
#ifdef __cplusplus
extern "C" {
#endif
int isalnum(int), isalpha(int), isblank(int), iscntrl(int), isdigit(int), isgraph(int), islower(int), isprint(int), ispunct(int),
    isspace(int), isupper(int), isxdigit(int), tolower(int), toupper(int);
#ifdef __cplusplus
}
#endif
