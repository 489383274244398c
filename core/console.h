// SPDX-License-Identifier: Apache-2.0
// The person in front of the machine: text out, keys in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/error.h"

namespace undine {

/// The number of a key that a terminal sends as ESC [ `number` `last`, as iPXE counts, so that `--key 0x197e` is F12 here too.
constexpr std::uint16_t key_number(unsigned number, char last) { return static_cast<std::uint16_t>(0x100 * (number + 1) + static_cast<unsigned char>(last)); }

/// A key press. Printable and control characters are their ASCII value; keys without one are values above 0xff.
enum class Key : std::uint16_t {
  ctrl_b = 0x02,
  ctrl_c = 0x03,
  backspace = 0x08,
  tab = 0x09,
  enter = 0x0d,
  escape = 0x1b,
  del = 0x7f,
  up = key_number(0, 'A'),
  down = key_number(0, 'B'),
  right = key_number(0, 'C'),
  left = key_number(0, 'D'),
  end = key_number(0, 'F'),
  home = key_number(0, 'H'),
  delete_forward = key_number(3, '~'),
  page_up = key_number(5, '~'),
  page_down = key_number(6, '~'),
  f1 = key_number(11, '~'),  // the DEC VT220 left 16 and 22 out
  f5 = key_number(15, '~'),
  f6 = key_number(17, '~'),
  f8 = key_number(19, '~'),
  f10 = key_number(21, '~'),
  f11 = key_number(23, '~'),
  f12 = key_number(24, '~'),
};

/// A picture, row by row from the top, a pixel being 0x00RRGGBB.
struct Picture {
  unsigned width = 0, height = 0;
  std::span<const std::uint32_t> pixels = {};
};

/// Graphics that a script asks for. Lengths are pixels, depth bits a pixel; what is given is the least, and the machine may have no closer mode. Margins are
/// kept free of text, and measured from the width and height that were asked for, in the middle of those that the machine has.
struct GraphicsWish {
  unsigned width = 0, height = 0, depth = 0;
  unsigned left = 0, right = 0, top = 0, bottom = 0;
  Picture picture = {};  ///< stands in the middle behind the text; its pixels must stay until graphics end
};

inline constexpr Cause console_no_graphics{"console.no-graphics", "the screen has no such graphics (VBE 2.0 with a linear frame buffer), so there is only text", pxe_status_failure};

class Console {
public:
  virtual ~Console() = default;
  /// Prints; '\n' begins a new line, '\r' returns to the beginning of this one, '\b' goes one back. Sequences of a terminal do what core/terminal.h says.
  virtual void write(std::string_view text) = 0;
  /// A key that was pressed and not asked for yet, or nothing. Never waits.
  virtual std::optional<Key> key() = 0;
  /// Columns of the screen; 80 as a rule.
  virtual unsigned columns() const = 0;
  /// Rows that every screen has on which this is seen: 24 on a serial terminal.
  virtual unsigned rows() const { return 24; }
  /// The column, from 0, in which the next character stands.
  virtual unsigned column() const { return 0; }
  /// Sends and takes characters on the first serial port too, 8 data bits without parity, from now on; 0 ends that. False if there is no such port or it
  /// cannot do that speed.
  virtual bool use_serial(unsigned bits_per_second) { return bits_per_second == 0; }

  /// From text to graphics, whose text is drawn, or from these to others. On failure there is text.
  virtual Result<void> use_graphics(const GraphicsWish&) { return fail(console_no_graphics); }
  /// From graphics back to text; nothing if it is text already.
  virtual void use_text() {}
  /// What the keys of a keyboard of that name would be if it were a US one, which is what a BIOS takes it for; false if nobody knows that name.
  virtual bool use_keyboard(std::string_view) { return false; }
  /// A picture is seen where a background is the console's own colour.
  virtual bool shows_picture() const { return false; }

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
