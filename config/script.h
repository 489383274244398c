// SPDX-License-Identifier: Apache-2.0
// The text of a script, line by line, and its blocks.
//
// A line ends with LF, a CR before it is dropped; a backslash at the very end joins the next line. A line may begin with `:label`; what
// follows the label on the line is a command. The text is copied, so that a script may free the image it came from.
//
// Nothing here runs anything, so that who checks a script on another machine reads it with the same code: `next` gives lines, `split_line` their
// commands, `Line::place` where each word stands, `blocks` how lines belong together.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/lexer.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/uri.h"

namespace undine {

inline constexpr Cause script_not_text{"script.not-text", "the script holds a zero octet; it is no text, or it was cut off and filled up", pxe_status_failure};
inline constexpr Cause script_too_large{"script.too-large", "the script is larger than 128 KiB", pxe_status_failure};
inline constexpr Cause script_no_label{"script.no-label", "the script has no such label, or it is within a block", pxe_status_failure};

inline constexpr Cause script_block_open{"script.block-open", "the block that begins here has no 'end'", pxe_status_failure};
inline constexpr Cause script_block_closed{"script.block-closed", "no block is open here that this could belong to", pxe_status_failure};
inline constexpr Cause script_block_form{"script.block-form", "blocks are written 'if COMMAND', 'else', 'else if COMMAND', 'while COMMAND', 'for NAME in WORD...', 'function NAME ARGUMENT...', 'end'", pxe_status_failure};
inline constexpr Cause script_block_place{"script.block-place", "this word begins a line, or there is no block here", pxe_status_failure};
inline constexpr Cause script_function_place{"script.function-place", "a function cannot stand within another block", pxe_status_failure};
inline constexpr Cause script_function_twice{"script.function-twice", "there is a function of that name already", pxe_status_failure};
inline constexpr Cause script_block_nested{"script.block-nested", "blocks are nested more than 32 deep", pxe_status_failure};
inline constexpr Cause script_block_many{"script.block-many", "the script has more than 4096 lines that begin, divide or end blocks", pxe_status_failure};

/// A place in a file, for messages; both from 1.
struct Place {
  std::size_t line = 0, column = 0;
  bool operator==(const Place&) const = default;
};

/// The words that make blocks. They are no commands: they count only at the beginning of a line, and only as they stand there.
enum class Keyword : std::uint8_t { none, if_, else_, else_if, while_, for_, function, end };
/// What the words of a line's first command begin with. `else if` is one keyword of two words.
Keyword keyword_of(std::span<const std::string_view> words);
/// Words that stand before a command; a number stands between `retry` and the command.
inline constexpr std::string_view prefix_words = "not try retry time";
/// How many words such a prefix has, itself included; 0 for any other word.
std::size_t words_of_prefix(std::string_view word);
/// The index of the word that names the command: behind `if`, `else if`, `while`, and behind `not`, `try`, `retry TIMES`, `time`. The number of words if
/// there is none.
std::size_t command_word(std::span<const std::string_view> words);

class Script {
public:
  /// Generous (netboot.xyz's longest has 30 KiB) and still a fraction of the heap.
  static constexpr std::size_t size_max = 128 * 1024;

  /// It begins with #!undine, #!ipxe or #!gpxe and a blank or line end (a UTF-8 byte order mark before is forgiven).
  static bool recognises(Bytes contents);
  /// `name` heads messages; `base` is what relative addresses in the script are relative to. Without a first line of the three it is our own dialect.
  static Result<Script> parse(Bytes contents, std::string_view name, Uri base);

  /// Where a line begins in the text.
  struct Position {
    std::size_t at = 0;    ///< octets from the beginning
    std::size_t line = 0;  ///< lines before it
  };

  struct Line {
    std::size_t number = 0;  ///< of its first part, from 1
    std::string label;
    std::string command;
    /// Where a character of `command` stands in the file.
    Place place(std::size_t index) const;
    Place label_place() const;

  private:
    friend class Script;
    struct Part {
      std::size_t from, line;
    };
    Place whole_place(std::size_t index) const;
    std::size_t label_from_ = 0, command_from_ = 0;  ///< in the line as it was joined
    std::vector<Part> parts_;                        ///< those behind the first
  };
  /// The next line, false at the end.
  Result<bool> next(Line& line);
  Position position() const { return position_; }
  void move_to(Position position) { position_ = position; }
  /// How far the reading is, for who reads something else of the script in between.
  struct Reading {
    Position next, last;
  };
  Reading reading() const { return {position_, line_position_}; }
  void resume(const Reading& reading) {
    position_ = reading.next;
    line_position_ = reading.last;
  }
  /// The line with that label comes next. It must stand in the same function as the line that was read last, and in no block that this one is
  /// not in: one may leave blocks, but not jump into them.
  Result<void> go_to(std::string_view label);

  /// A line that begins, divides or ends a block.
  struct BlockLine {
    Keyword keyword = Keyword::none;
    Position at, behind;     ///< the line, and the one after it
    std::size_t next = 0;    ///< of if, else if, else: the one of these or the end that comes next; of while, for, function: the end; of end: what it ends
    std::size_t outer = 0;   ///< what begins the block around it, or `no_block`
  };
  static constexpr std::size_t no_block = SIZE_MAX;
  static constexpr std::size_t blocks_max = 4096, block_depth_max = 32;
  /// In the order of the text; complete only if nothing is wrong. The numbers in them are indices here.
  const std::vector<BlockLine>& blocks() const { return blocks_; }
  struct WrongBlock {
    Error error;
    Place place;
    std::string word;
  };
  /// The first thing that is wrong with the blocks.
  const std::optional<WrongBlock>& wrong_block() const { return wrong_block_; }
  /// The block that the line at that position is in, as an index of the line that begins it. That line itself, and the one that ends it, are in it.
  std::size_t block_around(Position position) const;
  /// The index of the block line at that position, or `no_block`.
  std::size_t block_at(Position position) const;
  /// The line that begins the function of that name, or `no_block`.
  std::size_t function(std::string_view name) const;
  /// Where the line that was read last begins.
  Position line_position() const { return line_position_; }

  Dialect dialect() const { return dialect_; }
  const std::string& name() const { return name_; }
  const Uri& base() const { return base_; }
  std::size_t size() const { return text_.size(); }

private:
  void find_blocks();
  void take_block_line(const Line& line, std::vector<std::size_t>& open);
  bool may_go(std::size_t from, std::size_t to) const;

  std::string text_, name_;
  Uri base_;
  Dialect dialect_ = Dialect::undine;
  Position position_, line_position_;
  std::vector<BlockLine> blocks_;
  std::vector<std::string> functions_;  ///< their names, in the order of their blocks
  std::optional<WrongBlock> wrong_block_;
};

}  // namespace undine
