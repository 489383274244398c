// SPDX-License-Identifier: Apache-2.0
#include "config/lexer.h"

namespace undine {
namespace {

/// `${a${b}}`: each level is a number or a name that is part of a name; nobody needs more.
constexpr unsigned nesting_max = 8;

bool is_blank(char character) { return character == ' ' || (character >= '\t' && character <= '\r'); }

/// Where the word that begins at `from` ends. In our own dialect quotes hold blanks.
Result<std::size_t> end_of_word(std::string_view line, std::size_t from, Dialect dialect) {
  char quote = '\0';
  std::size_t at = from;
  for (; at < line.size(); ++at) {
    const char character = line[at];
    if (dialect == Dialect::undine) {
      if (character == '\\' && quote != '\'' && at + 1 < line.size()) {
        ++at;
        continue;
      }
      if (quote != '\0') {
        if (character == quote) quote = '\0';
        continue;
      }
      if (character == '"' || character == '\'') {
        quote = character;
        continue;
      }
    }
    if (is_blank(character)) break;
  }
  if (quote != '\0') return fail(script_open_quote);
  return at;
}

Joint joint_of(std::string_view word) {
  if (word == "||") return Joint::on_failure;
  if (word == "&&") return Joint::on_success;
  if (word == ";") return Joint::always;
  return Joint::end;
}

/// iPXE's rule: the first `}` and the last `${` before it are a setting's name; what it stands for is put there, and so on from the beginning.
Result<std::string> expand_again(std::string_view word, const Settings& settings) {
  constexpr unsigned replacements_max = 256;  // more than any address has, and an end for `set x ${x}` in disguise
  std::string text(word);
  for (unsigned replacements = 0;; ++replacements) {
    std::size_t start = text.npos, at = 0;
    for (; at < text.size(); ++at) {
      if (text[at] == '$' && at + 1 < text.size() && text[at + 1] == '{') start = at;
      if (text[at] == '}' && start != text.npos) break;
    }
    if (at == text.size()) return text;
    if (replacements == replacements_max) return fail(script_endless_value);
    const std::string value = settings.text_or_empty(std::string_view(text).substr(start + 2, at - start - 2));
    text.replace(start, at + 1 - start, value);
    if (text.size() > line_length_max) return fail(script_line_too_long);
  }
}

/// Our own dialect's.
class Expander {
public:
  Expander(std::string_view word, const Settings& settings) : word_(word), settings_(settings) {}

  Result<std::string> run() {
    std::string result;
    char quote = '\0';
    while (at_ < word_.size()) {
      const char character = word_[at_];
      if (quote == '\0' && (character == '"' || character == '\'')) {
        quote = character;
        ++at_;
        continue;
      }
      if (quote != '\0' && character == quote) {
        quote = '\0';
        ++at_;
        continue;
      }
      if (character == '\\' && quote != '\'' && at_ + 1 < word_.size()) {
        result += word_[at_ + 1];
        at_ += 2;
        continue;
      }
      if (quote == '\'') {
        result += character;
        ++at_;
        continue;
      }
      TRY(one(result, 0));
      if (result.size() > line_length_max) return fail(script_line_too_long);
    }
    return result;
  }

private:
  /// One character, or one whole `${...}`, from the word to the end of `into`.
  Result<void> one(std::string& into, unsigned depth) {
    if (!word_.substr(at_).starts_with("${") || !closes(at_ + 2)) {
      into += word_[at_++];
      return {};
    }
    if (depth == nesting_max) return fail(script_too_deep);
    at_ += 2;
    std::string name;
    while (word_[at_] != '}') {
      TRY(one(name, depth + 1));
      if (name.size() > line_length_max) return fail(script_line_too_long);
    }
    ++at_;
    into += settings_.text_or_empty(name);
    return {};
  }

  /// The "${" before `from` has its '}'.
  bool closes(std::size_t from) const {
    unsigned open = 1;
    for (std::size_t at = from; at < word_.size(); ++at) {
      if (word_.substr(at).starts_with("${")) ++open;
      if (word_[at] == '}' && --open == 0) return true;
    }
    return false;
  }

  std::string_view word_;
  const Settings& settings_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<RawCommand>> split_line(std::string_view line, Dialect dialect, std::size_t* wrong_at) {
  if (line.size() > line_length_max) return fail(script_line_too_long);
  std::vector<RawCommand> commands(1);
  std::size_t words = 0;
  std::size_t at = 0;
  for (;;) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size() || line[at] == '#') return commands;
    if (wrong_at != nullptr) *wrong_at = at;
    if (++words > line_words_max) return fail(script_too_many_words);
    const std::size_t end = TRY(end_of_word(line, at, dialect));
    const std::string_view word = line.substr(at, end - at);
    at = end;
    if (const Joint joint = joint_of(word); joint != Joint::end) {
      commands.back().then = joint;
      commands.emplace_back();
    } else {
      commands.back().words.push_back(word);
    }
  }
}

Result<std::string> expand(std::string_view raw_word, Dialect dialect, const Settings& settings) {
  if (raw_word.size() > line_length_max) return fail(script_line_too_long);
  if (dialect == Dialect::ipxe) return expand_again(raw_word, settings);
  return Expander(raw_word, settings).run();
}

Result<std::vector<std::string>> expand_words(std::span<const std::string_view> words, Dialect dialect, const Settings& settings) {
  std::vector<std::string> expanded;
  std::size_t length = 0;
  for (const std::string_view raw : words) {
    expanded.push_back(TRY(expand(raw, dialect, settings)));
    length += expanded.back().size() + 1;
    if (length > 2 * line_length_max) return fail(script_line_too_long);
  }
  return expanded;
}

Result<std::vector<std::string>> expand_command(std::span<const std::string_view> words, Dialect dialect, const Settings& settings) {
  if (!words.empty() && words[0].find("${") != std::string_view::npos) return fail(script_value_as_command);
  return expand_words(words, dialect, settings);
}

}  // namespace undine
