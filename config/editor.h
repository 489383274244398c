// SPDX-License-Identifier: Apache-2.0
// One line being typed: moving, deleting, history, completion. It draws on the console and is fed keys; it never waits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/console.h"

namespace undine {

/// What a word that is being typed could become.
class Completion {
public:
  explicit Completion(std::string_view word) : word_(word) {}
  /// A text that would fit at that place; those that do not begin with the word are passed over.
  void offer(std::string_view candidate);

  std::size_t count() const { return count_; }
  /// What all have in common.
  const std::string& common() const { return common_; }
  /// All of them, with blanks between.
  const std::string& list() const { return list_; }

private:
  std::string_view word_;
  std::string common_, list_;
  std::size_t count_ = 0;
};

/// What the Tab key asks.
class Completer {
public:
  virtual ~Completer() = default;
  /// Offers every text that could stand behind `before`, which is the line up to the word.
  virtual void complete(std::string_view before, Completion& completion) const = 0;
  /// Where the word that ends at the end of `typed` begins.
  virtual std::size_t word_start(std::string_view typed) const = 0;
};

/// The text of a line and the place in it where the next character goes.
class TypedLine {
public:
  /// Longer lines are for scripts.
  static constexpr std::size_t length_max = 1024;

  TypedLine() = default;
  explicit TypedLine(std::string text) : text_(std::move(text)), cursor_(text_.size()) {}

  /// Moves, deletes and adds. False if the key does none of these.
  bool feed(Key key);
  const std::string& text() const { return text_; }
  std::size_t cursor() const { return cursor_; }
  /// Puts `with` in the place of so many characters, unless the line would become too long. The cursor is behind it then.
  void replace(std::size_t from, std::size_t length, std::string_view with);
  /// What can be seen of it in so many columns, so that the cursor stands within them or behind the last: long lines scroll sideways.
  std::string_view shown(std::size_t columns);
  /// Where the cursor is in what was shown.
  std::size_t cursor_shown() const { return cursor_ - first_shown_; }

private:
  void move_to(std::size_t place) { cursor_ = place < text_.size() ? place : text_.size(); }
  std::size_t word_before() const;

  std::string text_;
  std::size_t cursor_ = 0, first_shown_ = 0;
};

class LineEditor {
public:
  enum class State : std::uint8_t { typing, done, left };

  /// Draws from `indent` on, behind what stands there already. `completer` may be nullptr; it and the history must outlive the editor.
  LineEditor(Console& console, std::string_view prompt, std::span<const std::string> history, const Completer* completer, std::string line = {},
             unsigned indent = 0);

  State feed(Key key);
  const std::string& line() const { return line_.text(); }

private:
  void recall(std::size_t index);
  void complete();
  void draw();

  Console& console_;
  std::string_view prompt_;
  std::span<const std::string> history_;
  const Completer* completer_;
  TypedLine line_;
  std::string typed_;             ///< kept while older lines are looked at
  std::size_t recalled_;          ///< index into the history; its size for the line being typed
  std::size_t drawn_width_ = 0;   ///< columns that the last drawing filled, prompt included
  unsigned indent_;
};

}  // namespace undine
