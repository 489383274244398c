// SPDX-License-Identifier: Apache-2.0
// The line of usage of a command, item by item: for who parses what was typed, and for who checks or describes commands.
#pragma once

#include <string_view>

#include "core/text.h"

namespace undine {

/// Walks over a line of usage.
class Usage {
public:
  explicit Usage(std::string_view text) : rest_(text) {}

  struct Item {
    char letter = '\0';      ///< of an option; 0 for an operand
    std::string_view name;   ///< of an option, without dashes
    std::string_view value;  ///< what an option's value or an operand is called: "SETTING[:TYPE]", "[INTERFACE...]"
    bool takes_value = false;
    bool may_be_missing = false;
    bool repeats = false;
  };

  bool next(Item& item) {
    item = {};
    if (rest_.empty()) return false;
    const std::string_view word = split_first(rest_, ' ');
    if (word.starts_with("[-")) {
      item.letter = word[2];
      const std::size_t name = word.find("--") + 2;
      item.takes_value = !word.ends_with(']');
      item.name = word.substr(name, word.size() - name - (item.takes_value ? 0 : 1));
      if (item.takes_value) {
        item.value = split_first(rest_, ' ');
        item.value.remove_suffix(1);
      }
      return true;
    }
    item.value = word;
    item.may_be_missing = word.starts_with('[');
    item.repeats = word.find("...") != word.npos;
    return true;
  }

private:
  std::string_view rest_;
};

}  // namespace undine
