// SPDX-License-Identifier: Apache-2.0
#include "config/expression.h"

#include "config/values.h"
#include "core/text.h"

namespace undine {
namespace {

constexpr unsigned brackets_max = 16;

/// Recursive descent; each level of brackets is one level of calls.
class Evaluation {
public:
  explicit Evaluation(std::string_view text) : text_(text) {}

  Result<std::int64_t> run() {
    const std::int64_t value = TRY(comparison(0));
    skip_blanks();
    if (at_ != text_.size()) return wrong();
    return value;
  }

private:
  std::unexpected<Error> wrong() const { return fail(calc_malformed, static_cast<std::uint32_t>(at_ + 1)); }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  /// Takes the operator if it is next.
  bool take(std::string_view sign) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }

  Result<std::int64_t> comparison(unsigned depth) {
    std::int64_t left = TRY(sum(depth));
    for (;;) {
      enum : std::size_t { equal, different, at_most, at_least, less, more };
      constexpr std::string_view signs[] = {"==", "!=", "<=", ">=", "<", ">"};
      std::size_t sign = 0;
      while (sign < std::size(signs) && !take(signs[sign])) ++sign;
      if (sign == std::size(signs)) return left;
      const std::int64_t right = TRY(sum(depth));
      const bool results[] = {left == right, left != right, left <= right, left >= right, left < right, left > right};
      left = results[sign] ? 1 : 0;
    }
  }

  Result<std::int64_t> sum(unsigned depth) {
    std::int64_t left = TRY(product(depth));
    for (;;) {
      const bool minus = take("-");
      if (!minus && !take("+")) return left;
      const std::int64_t right = TRY(product(depth));
      if (minus ? __builtin_sub_overflow(left, right, &left) : __builtin_add_overflow(left, right, &left)) return fail(calc_overflow);
    }
  }

  Result<std::int64_t> product(unsigned depth) {
    std::int64_t left = TRY(signed_value(depth));
    for (;;) {
      const bool times = take("*"), over = !times && take("/");
      if (!times && !over && !take("%")) return left;
      const std::int64_t right = TRY(signed_value(depth));
      if (times) {
        left = TRY(multiply(left, right));
        continue;
      }
      if (right == 0) return fail(calc_zero);
      if (right == -1) {  // the one quotient that may not fit
        if (over && left == INT64_MIN) return fail(calc_overflow);
        left = over ? -left : 0;
      } else {
        left = over ? left / right : left % right;
      }
    }
  }

  Result<std::int64_t> signed_value(unsigned depth) {
    bool minus = false;
    for (;;) {
      if (take("-")) {
        minus = !minus;
      } else if (!take("+")) {
        break;
      }
    }
    const std::int64_t value = TRY(primary(depth));
    if (!minus) return value;
    if (value == INT64_MIN) return fail(calc_overflow);
    return -value;
  }

  Result<std::int64_t> primary(unsigned depth) {
    if (take("(")) {
      if (depth == brackets_max) return fail(calc_deep);
      const std::int64_t value = TRY(comparison(depth + 1));
      if (!take(")")) return wrong();
      return value;
    }
    skip_blanks();
    std::size_t end = at_;
    while (end < text_.size() && (hex_digit(text_[end]) || text_[end] == 'x' || text_[end] == 'X')) ++end;
    const auto number = parse_number(text_.substr(at_, end - at_), INT64_MAX);
    if (!number) return wrong();
    at_ = end;
    return static_cast<std::int64_t>(*number);
  }

  /// By unsigned division: the compiler's own check would call a function that the NBP's run-time does not have.
  static Result<std::int64_t> multiply(std::int64_t a, std::int64_t b) {
    const auto size = [](std::int64_t value) { return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value); };
    const std::uint64_t limit = INT64_MAX;
    if (b != 0 && size(a) > limit / size(b)) return fail(calc_overflow);
    return a * b;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::int64_t> evaluate(std::string_view expression) { return Evaluation(expression).run(); }

bool matches(std::string_view text, std::string_view pattern) {
  std::size_t at = 0, in_pattern = 0;
  // Where the last star stood, and how much of the text it has taken so far.
  std::size_t star = pattern.npos, taken = 0;
  while (at < text.size()) {
    const char wanted = in_pattern < pattern.size() ? pattern[in_pattern] : '\0';
    if (in_pattern < pattern.size() && wanted == '*') {
      star = in_pattern++;
      taken = at;
    } else if (in_pattern < pattern.size() && (wanted == '?' || wanted == text[at])) {
      ++in_pattern;
      ++at;
    } else if (star != pattern.npos) {
      in_pattern = star + 1;
      at = ++taken;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

std::string_view part_of(std::string_view text, std::int64_t first, std::int64_t length) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (first < 0) first = first < -size ? 0 : first + size;
  if (first >= size || length <= 0) return {};
  return text.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(length < size ? length : size));
}

Result<std::string> replaced(std::string_view text, std::string_view old, std::string_view with) {
  std::string result;
  while (!text.empty()) {
    const std::size_t found = old.empty() ? text.npos : text.find(old);
    result += text.substr(0, found);
    if (found == text.npos) break;
    result += with;
    text.remove_prefix(found + old.size());
    if (result.size() > value_bytes_max) break;
  }
  if (result.size() > value_bytes_max) return fail(value_too_long);
  return result;
}

std::size_t count_items(std::string_view list) {
  std::size_t count = 0;
  while (!list.empty())
    if (!split_first(list, ' ').empty()) ++count;
  return count;
}

std::string_view item_of(std::string_view list, std::int64_t number) {
  if (number < 0) number += static_cast<std::int64_t>(count_items(list)) + 1;
  while (!list.empty()) {
    const std::string_view item = split_first(list, ' ');
    if (!item.empty() && --number == 0) return item;
  }
  return {};
}

}  // namespace undine
