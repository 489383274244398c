// SPDX-License-Identifier: Apache-2.0
// Work on values: `let` and `is`.
#include "config/commands/commands.h"
#include "config/expression.h"

namespace undine {
namespace {

constexpr Cause let_operation{"let.operation", "there is no such operation; 'help let' lists them", pxe_status_failure};
constexpr Cause test_false{"test.false", "it is not so", pxe_status_failure};

Result<std::int64_t> number_at(Shell& shell, const Invocation& call, std::size_t index) {
  const std::string_view word = call.operand(index);
  const auto number = evaluate(word);
  if (!number) return shell.fail_about(word, number.error());
  return *number;
}

std::string in_other_case(std::string_view text, bool lower) {
  std::string result;
  for (const char letter : text) {
    const bool is_upper = letter >= 'a' && letter <= 'z';
    result += lower ? to_lower(letter) : is_upper ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return result;
}

enum Operation : std::size_t { calculate, part, replace, split, join_items, before, after, lower, upper, length, count, pick };
constexpr std::string_view operations = "= part replace split join before after lower upper length count pick";
/// Operands that each needs at least, and may have at most, behind its name.
constexpr std::uint8_t least[] = {1, 2, 2, 2, 1, 2, 2, 1, 1, 1, 0, 1}, most[] = {255, 3, 3, 2, 255, 2, 2, 1, 1, 1, 255, 255};

Result<std::string> result_of(Shell& shell, const Invocation& call, std::size_t operation) {
  const std::string_view value = call.operand(2), second = call.operand(3);
  switch (operation) {
    case calculate:
      return join({TRY(evaluate(call.joined(2)))});
    case part: {
      const std::int64_t first = TRY(number_at(shell, call, 3));
      const std::int64_t characters = call.operands().size() > 4 ? TRY(number_at(shell, call, 4)) : INT64_MAX;
      return std::string(part_of(value, first, characters));
    }
    case replace:
      return replaced(value, second, call.operand(4));
    case split:
      return replaced(value, second, " ");
    case join_items:
      return replaced(trimmed(call.joined(3)), " ", value);
    case before:
      return std::string(value.substr(0, value.find(second)));
    case after: {
      const std::size_t found = value.find(second);
      return std::string(found == value.npos ? std::string_view{} : value.substr(found + second.size()));
    }
    case lower:
    case upper:
      return in_other_case(value, operation == lower);
    case length:
      return join({value.size()});
    case count:
      return join({count_items(call.joined(2))});
    default: {
      const std::int64_t number = TRY(number_at(shell, call, 2));
      return std::string(item_of(call.joined(3), number));
    }
  }
}

}  // namespace

Result<void> run_let(Shell& shell, const Invocation& call) {
  const std::string_view name = call.operand(0);
  const std::size_t operation = place_in(operations, call.operand(1));
  if (operation == not_in_list) return shell.fail_about(call.operand(1), let_operation);
  const std::size_t given = call.operands().size() - 2;
  if (given < least[operation]) return shell.fail_about(call.operand(1), usage_few);
  if (given > most[operation]) return shell.fail_about(call.operand(2 + most[operation]), usage_many);
  shell.about(name);
  return shell.settings().set(name, TRY(result_of(shell, call, operation)));
}

Result<void> run_is(Shell&, const Invocation& call) {
  const std::string_view word = call.operand(1);
  bool holds = false;
  if (word == "like" && call.operands().size() == 3) {
    holds = matches(call.operand(0), call.operand(2));
  } else if (word == "in") {
    std::string list = call.joined(2);
    for (std::string_view rest = list; !rest.empty() && !holds;) holds = split_first(rest, ' ') == call.operand(0) && !call.operand(0).empty();
  } else {
    holds = TRY(evaluate(call.joined(0))) != 0;
  }
  if (!holds) return fail(test_false);
  return {};
}

}  // namespace undine
