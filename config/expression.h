// SPDX-License-Identifier: Apache-2.0
// What scripts calculate: whole numbers, patterns, and pieces of text. Pure functions of their arguments; a list is a text of items with blanks
// between.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace undine {

inline constexpr Cause calc_malformed{"calc.malformed", "that is no expression of whole numbers, + - * / %, comparisons and brackets; an unset value is no number. Wrong at character", pxe_status_failure, Detail::decimal};
inline constexpr Cause calc_overflow{"calc.overflow", "the result does not fit into 64 bits", pxe_status_failure};
inline constexpr Cause calc_zero{"calc.zero", "a number cannot be divided by 0", pxe_status_failure};
inline constexpr Cause calc_deep{"calc.deep", "brackets are nested more than 16 deep", pxe_status_failure};

/// Numbers are decimal or 0x hexadecimal, signed, of 64 bits. From loose to tight: == != < <= > >= (1 or 0), + -, * / % (towards 0), sign, brackets.
Result<std::int64_t> evaluate(std::string_view expression);

/// `*` is any characters, `?` is any one, others are themselves; the whole text must match.
bool matches(std::string_view text, std::string_view pattern);

/// `length` characters from `first` on, which counts from 0, or from the end if it is negative. What is not there is left out.
std::string_view part_of(std::string_view text, std::int64_t first, std::int64_t length);

/// Every `old` becomes `with`, from left to right; empty `old` changes nothing. Fails with value_too_long.
Result<std::string> replaced(std::string_view text, std::string_view old, std::string_view with);

std::size_t count_items(std::string_view list);
/// The item with that number, from 1, or from the end if it is negative; empty if there is none.
std::string_view item_of(std::string_view list, std::int64_t number);

}  // namespace undine
