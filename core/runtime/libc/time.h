// SPDX-License-Identifier: Apache-2.0
// Types only: the program's clocks are in core/clock.h.
#pragma once
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef long long time_t;
typedef long clock_t;
struct timespec { time_t tv_sec; long tv_nsec; };
struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst; };
clock_t clock(void);
double difftime(time_t a, time_t b);
time_t mktime(struct tm* time);
time_t time(time_t* into);
char* asctime(const struct tm* time);
char* ctime(const time_t* time);
struct tm* gmtime(const time_t* time);
struct tm* localtime(const time_t* time);
size_t strftime(char* into, size_t room, const char* format, const struct tm* time);
#ifdef __cplusplus
}
#endif
