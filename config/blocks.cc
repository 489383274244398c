// SPDX-License-Identifier: Apache-2.0
// The blocks of a script, found before a line of it runs.
#include <algorithm>

#include "config/script.h"
#include "core/text.h"

namespace undine {
namespace {

constexpr std::string_view blanks = " \t\v\f\r";

}  // namespace

Keyword keyword_of(std::span<const std::string_view> words) {
  if (words.empty()) return Keyword::none;
  enum : std::size_t { if_word, else_word, while_word, for_word, function_word, end_word };
  switch (place_in("if else while for function end", words[0])) {
    case if_word:
      return Keyword::if_;
    case else_word:
      return words.size() > 1 && words[1] == "if" ? Keyword::else_if : Keyword::else_;
    case while_word:
      return Keyword::while_;
    case for_word:
      return Keyword::for_;
    case function_word:
      return Keyword::function;
    case end_word:
      return Keyword::end;
    default:
      return Keyword::none;
  }
}

std::size_t words_of_prefix(std::string_view word) {
  if (place_in(prefix_words, word) == not_in_list) return 0;
  return word == "retry" ? 2 : 1;
}

std::size_t command_word(std::span<const std::string_view> words) {
  std::size_t index = 0;
  const Keyword keyword = keyword_of(words);
  if (keyword == Keyword::if_ || keyword == Keyword::while_) index = 1;
  if (keyword == Keyword::else_if) index = 2;
  while (index < words.size()) {
    const std::size_t prefix = words_of_prefix(words[index]);
    if (prefix == 0) return index;
    index += prefix;
  }
  return words.size();
}

namespace {

/// The line has what its keyword asks for and no more. A name is a plain word: no value, no scope.
bool has_form(Keyword keyword, const std::vector<RawCommand>& commands) {
  const std::vector<std::string_view>& words = commands[0].words;
  const bool is_alone = commands.size() == 1;
  const auto is_name = [](std::string_view word) { return word.find_first_of("${}/'\"\\") == word.npos; };
  switch (keyword) {
    case Keyword::if_:
    case Keyword::while_:
      return words.size() > 1;
    case Keyword::else_if:
      return words.size() > 2;
    case Keyword::for_:
      return is_alone && words.size() > 2 && is_name(words[1]) && words[2] == "in";
    case Keyword::function: {
      if (!is_alone || words.size() < 2) return false;
      for (std::size_t i = 1; i < words.size(); ++i)
        if (!is_name(words[i])) return false;
      return true;
    }
    default:
      return is_alone && words.size() == 1;
  }
}

}  // namespace

void Script::find_blocks() {
  std::vector<std::size_t> open;
  Line line;
  for (;;) {
    const auto more = next(line);
    if (!more) continue;  // too long; whoever reaches it complains
    if (!*more || wrong_block_) break;
    std::string_view first = line.command;
    first.remove_prefix(std::min(first.find_first_not_of(blanks), first.size()));
    first = first.substr(0, first.find_first_of(blanks));
    if (keyword_of(std::span(&first, 1)) != Keyword::none) take_block_line(line, open);
  }
  if (!wrong_block_ && !open.empty()) {
    move_to(blocks_[open.back()].at);
    (void)next(line);
    wrong_block_ = {script_block_open, line.place(line.command.find_first_not_of(blanks)), {}};
  }
  position_ = line_position_ = {};
}

void Script::take_block_line(const Line& line, std::vector<std::size_t>& open) {
  std::size_t wrong_at = 0;
  const auto commands = split_line(line.command, dialect_, &wrong_at);
  if (commands) wrong_at = static_cast<std::size_t>((*commands)[0].words[0].data() - line.command.data());
  const auto wrong = [&](Error error, std::string_view word) { wrong_block_ = {error, line.place(wrong_at), std::string(word)}; };
  if (!commands) return wrong(commands.error(), {});
  const std::vector<std::string_view>& words = (*commands)[0].words;
  const Keyword keyword = keyword_of(words);
  const bool begins = keyword == Keyword::if_ || keyword == Keyword::while_ || keyword == Keyword::for_ || keyword == Keyword::function;
  if (!has_form(keyword, *commands)) return wrong(script_block_form, words[0]);
  if (blocks_.size() == blocks_max) return wrong(script_block_many, words[0]);
  const std::size_t index = blocks_.size();
  BlockLine block{keyword, line_position_, position_, no_block, no_block};
  if (begins) {
    if (open.size() == block_depth_max) return wrong(script_block_nested, words[0]);
    if (keyword == Keyword::function) {
      if (!open.empty()) return wrong(script_function_place, words[1]);
      if (function(words[1]) != no_block) return wrong(script_function_twice, words[1]);
      functions_.emplace_back(words[1]);
    }
    if (!open.empty()) block.outer = open.back();
    open.push_back(index);
  } else {
    if (open.empty()) return wrong(script_block_closed, words[0]);
    const std::size_t first = open.back();
    block.outer = blocks_[first].outer;
    // The newest line of this block, at which nothing is known to come next.
    std::size_t last = first;
    while (blocks_[last].next != no_block) last = blocks_[last].next;
    if (keyword != Keyword::end && (blocks_[first].keyword != Keyword::if_ || blocks_[last].keyword == Keyword::else_)) return wrong(script_block_closed, words[0]);
    blocks_[last].next = index;
    if (keyword == Keyword::end) {
      block.next = first;
      open.pop_back();
    }
  }
  blocks_.push_back(block);
}

std::size_t Script::block_at(Position position) const {
  for (std::size_t i = 0; i < blocks_.size() && blocks_[i].at.at <= position.at; ++i)
    if (blocks_[i].at.at == position.at) return i;
  return no_block;
}

std::size_t Script::block_around(Position position) const {
  if (wrong_block_) return no_block;
  std::size_t around = no_block;
  for (const BlockLine& block : blocks_) {
    if (block.at.at > position.at) break;
    const std::size_t index = static_cast<std::size_t>(&block - blocks_.data());
    const bool divides = block.keyword == Keyword::else_ || block.keyword == Keyword::else_if;
    if (block.keyword == Keyword::end) {
      if (block.at.at < position.at) around = block.outer;
    } else if (!divides) {
      around = index;
    }
  }
  return around;
}

bool Script::may_go(std::size_t from, std::size_t to) const {
  // What the target is in, the line that goes there must be in. A function is left by returning from it only.
  for (; from != to; from = blocks_[from].outer)
    if (from == no_block || blocks_[from].keyword == Keyword::function) return false;
  return true;
}

std::size_t Script::function(std::string_view name) const {
  std::size_t next_name = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    if (blocks_[i].keyword == Keyword::function && functions_[next_name++] == name) return i;
  return no_block;
}

}  // namespace undine
