// SPDX-License-Identifier: Apache-2.0
// The sequences of a terminal (ECMA-48, of which DEC's VT100 and its descendants are the best known), both ways: what is written to a console moves the
// cursor, colours and clears on any screen, and what a serial terminal sends becomes keys.
//
// Known in text: CSI A B C D (move), G (column), H and f (position), J and K (erase), m (colours: 0, 1, 22, 30 to 37, 39, 40 to 47, 49, and 38;2;R;G;B,
// 48;2;R;G;B), ?25h and ?25l (cursor). All others are taken in and do nothing. Text may be hostile, so numbers and their count have limits.
#pragma once

#include <cstdint>
#include <optional>

#include "core/console.h"
#include "core/time.h"

namespace undine {

/// How characters look.
struct Style {
  static constexpr std::uint8_t own = 9;  ///< the console's own colour: white on black or on the picture
  static constexpr std::uint32_t no_rgb = UINT32_MAX;
  std::uint8_t foreground = own, background = own;  ///< 0 to 7 as ANSI counts: black, red, green, yellow, blue, magenta, cyan, white
  bool is_bold = false;
  /// More precisely, as 0x00RRGGBB, for screens that can.
  std::uint32_t foreground_rgb = no_rgb, background_rgb = no_rgb;

  bool operator==(const Style&) const = default;
};

/// A screen that a terminal writes on.
class TextDisplay {
public:
  virtual ~TextDisplay() = default;
  /// A character at the cursor, which moves on; at the end of the last line everything moves up. Control characters are \n (down), \r, \b and \a.
  virtual void put(char character, const Style& style) = 0;
  virtual unsigned rows() const = 0;
  virtual unsigned columns() const = 0;
  struct Position {
    unsigned row, column;
  };
  virtual Position cursor() const = 0;
  /// Within the screen.
  virtual void move_to(Position to) = 0;
  /// Blanks from the cursor on, that many, in this line. The cursor stays.
  virtual void blank(unsigned count, const Style& style) = 0;
  /// Blanks everywhere, and the cursor in the first place.
  virtual void clear(const Style& style) = 0;
  virtual void show_cursor(bool shown) = 0;
  /// All of a text was put.
  virtual void settle() {}
};

/// Plays text on a display, which has code page 437: UTF-8 becomes that, as far as it can; what is no UTF-8 is taken for it as it is.
class Terminal {
public:
  void put(char character, TextDisplay& display);

private:
  enum class State : std::uint8_t { text, escape, sequence };
  void put_text(char character, TextDisplay& display);
  void act(char last, TextDisplay& display);
  void colours();

  static constexpr unsigned numbers_max = 16;
  State state_ = State::text;
  bool is_private_ = false;
  std::uint8_t begun_octets_ = 0;
  char begun_[4];  ///< of a character of UTF-8
  unsigned count_ = 0;
  std::uint16_t numbers_[numbers_max] = {};
  Style style_;
};

/// Keys out of what a serial terminal sends.
class KeyDecoder {
public:
  /// The key that ends with this octet, if one does.
  std::optional<Key> take(std::uint8_t octet, Instant now);
  /// Escape, if it came some time ago and nothing followed it.
  std::optional<Key> late_escape(Instant now);

private:
  enum class State : std::uint8_t { text, escape, sequence, single_shift };
  State state_ = State::text;
  std::uint8_t number_ = 0;
  Instant escaped_{};
};

}  // namespace undine
