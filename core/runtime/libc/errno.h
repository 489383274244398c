// SPDX-License-Identifier: Apache-2.0
// There is no errno: errors are values. libc++'s <system_error> tables want the numbers that core needs.
#pragma once
#define EDOM 33
#define ERANGE 34
#define EILSEQ 84
#define EINVAL 22
#define ENOMEM 12
#define EOVERFLOW 75
