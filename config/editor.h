// SPDX-License-Identifier: Apache-2.0
// One line being typed: moving, deleting, history, completion. It draws on the console and is fed keys; it never waits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

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

class LineEditor {
public:
  /// Longer lines are for scripts.
  static constexpr std::size_t length_max = 1024;

  enum class State : std::uint8_t { typing, done, left };

  LineEditor(Console& console, std::string_view prompt, std::span<const std::string> history, const Completer& completer);

  State feed(Key key);
  const std::string& line() const { return line_; }

private:
  void change(std::size_t from, std::size_t length, std::string_view with);
  void move_to(std::size_t place);
  void recall(std::size_t index);
  void complete();
  void draw();
  std::size_t word_before() const;

  Console& console_;
  std::string_view prompt_;
  std::span<const std::string> history_;
  const Completer& completer_;
  std::string line_, typed_;      ///< `typed_` is kept while older lines are looked at
  std::size_t cursor_ = 0;
  std::size_t recalled_;          ///< index into the history; its size for the line being typed
  std::size_t first_shown_ = 0;   ///< long lines scroll sideways
  std::size_t drawn_width_ = 0;   ///< columns that the last drawing filled, prompt included
};

}  // namespace undine
