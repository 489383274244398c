// SPDX-License-Identifier: Apache-2.0
// Empty: the program has no locales and no wide characters; libc++ includes the file all the same.
#pragma once
