// SPDX-License-Identifier: Apache-2.0
// The person in front of the machine: text out, keys in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace undine {

/// A key press. Printable and control characters are their ASCII value; keys without one are values above 0xff.
enum class Key : std::uint16_t {
  ctrl_b = 0x02,
  ctrl_c = 0x03,
  backspace = 0x08,
  tab = 0x09,
  enter = 0x0d,
  escape = 0x1b,
  del = 0x7f,
  up = 0x100,
  down,
  left,
  right,
  home,
  end,
  page_up,
  page_down,
  delete_forward,
  f1,  // f1 to f12 follow one another
  f12 = f1 + 11,
};

class Console {
public:
  virtual ~Console() = default;
  /// Prints; '\n' begins a new line, '\r' returns to the beginning of this one, '\b' goes one back.
  virtual void write(std::string_view text) = 0;
  /// A key that was pressed and not asked for yet, or nothing. Never waits.
  virtual std::optional<Key> key() = 0;
  /// Columns of the screen; 80 as a rule.
  virtual unsigned columns() const = 0;
  /// Sends and takes characters on the first serial port too, 8 data bits without parity, from now on; 0 ends that. False if there is no such port or it
  /// cannot do that speed.
  virtual bool use_serial(unsigned bits_per_second) { return bits_per_second == 0; }

  /// The line that was written last is not complete and will be redrawn in place. Whoever has something else to say calls `fresh_line` first.
  void leave_line_open() { line_is_open_ = true; }
  void close_line() { line_is_open_ = false; }
  bool line_is_open() const { return line_is_open_; }
  void fresh_line() {
    if (!line_is_open_) return;
    line_is_open_ = false;
    write("\n");
  }

private:
  bool line_is_open_ = false;
};

}  // namespace undine
