// SPDX-License-Identifier: Apache-2.0
#include "core/terminal.h"

#include <algorithm>

#include "core/utf8.h"

namespace undine {
namespace {

constexpr char escape = 0x1b;

/// What follows a 1 to 99 and '~', or is a letter. Keys with Shift or Ctrl have a second number, which is not looked at.
std::optional<Key> key_of(unsigned number, char last) {
  if (last == '~') {
    if (number == 1 || number == 7) return Key::home;
    if (number == 4 || number == 8) return Key::end;
    if (number == 3 || number == 5 || number == 6 || (number >= 11 && number <= 24 && number != 16 && number != 22)) return Key{key_number(number, '~')};
  } else if ((last >= 'A' && last <= 'D') || last == 'F' || last == 'H') {
    return Key{key_number(0, last)};
  } else if (last >= 'P' && last <= 'S') {
    return Key{key_number(11u + static_cast<unsigned>(last - 'P'), '~')};
  }
  return {};
}

}  // namespace

void Terminal::put(char character, TextDisplay& display) {
  switch (state_) {
    case State::text:
      put_text(character, display);
      return;
    case State::escape:
      state_ = State::text;
      if (character == '[') {
        state_ = State::sequence;
        is_private_ = false;
        count_ = 0;
        std::ranges::fill(numbers_, std::uint16_t{0});
      } else if (static_cast<unsigned char>(character) < ' ') {
        display.put(character, style_);
      }
      return;
    case State::sequence:
      if (character >= '0' && character <= '9') {
        std::uint16_t& number = numbers_[count_];
        number = static_cast<std::uint16_t>(std::min(number * 10 + (character - '0'), 9999));
      } else if (character == ';') {
        if (++count_ == numbers_max) count_ = numbers_max - 1;
        numbers_[count_] = 0;
      } else if (character >= '@' && character <= '~') {
        state_ = State::text;
        act(character, display);
      } else if (character == escape) {
        state_ = State::escape;
      } else if (static_cast<unsigned char>(character) < ' ') {
        state_ = State::text;
        display.put(character, style_);
      } else {
        is_private_ = true;
      }
      return;
  }
}

void Terminal::put_text(char character, TextDisplay& display) {
  const auto put_as_it_is = [&] {
    for (unsigned i = 0; i < begun_octets_; ++i) display.put(begun_[i], style_);
    begun_octets_ = 0;
  };
  const auto octet = static_cast<std::uint8_t>(character);
  if ((octet & 0xc0) != 0x80) put_as_it_is();
  if (begun_octets_ != 0 || character_octets(octet) > 1) {
    begun_[begun_octets_++] = character;
    if (begun_octets_ < character_octets(static_cast<std::uint8_t>(begun_[0]))) return;
    const Character whole = first_character({begun_, begun_octets_});
    if (whole.code == Character::none) return put_as_it_is();
    begun_octets_ = 0;
    for (unsigned i = 0; i < whole.columns; ++i) display.put(code_page_437(whole.code), style_);
  } else if (character == escape) {
    state_ = State::escape;
  } else {
    display.put(character, style_);
  }
}

void Terminal::act(char last, TextDisplay& display) {
  if (is_private_) {
    if (numbers_[0] == 25 && (last == 'h' || last == 'l')) display.show_cursor(last == 'h');
    return;
  }
  const TextDisplay::Position old = display.cursor();
  const unsigned first = std::max<unsigned>(numbers_[0], 1);
  const auto move_to = [&](unsigned row, unsigned column) { display.move_to({std::min(row, display.rows() - 1), std::min(column, display.columns() - 1)}); };
  switch (last) {
    case 'A':
      return move_to(old.row - std::min(old.row, first), old.column);
    case 'B':
      return move_to(old.row + first, old.column);
    case 'C':
      return move_to(old.row, old.column + first);
    case 'D':
      return move_to(old.row, old.column - std::min(old.column, first));
    case 'G':
      return move_to(old.row, first - 1);
    case 'H':
    case 'f':
      return move_to(first - 1, std::max<unsigned>(numbers_[1], 1) - 1);
    case 'J':
      if (numbers_[0] == 2) {
        display.clear(style_);
        return display.move_to(old);
      }
      if (numbers_[0] != 0) return;
      for (unsigned row = old.row; row < display.rows(); ++row) {
        if (row != old.row) display.move_to({row, 0});
        display.blank(display.columns() - (row == old.row ? old.column : 0), style_);
      }
      return display.move_to(old);
    case 'K':
      if (numbers_[0] == 0) display.blank(display.columns() - old.column, style_);
      return;
    case 'm':
      return colours();
    default:
      return;
  }
}

void Terminal::colours() {
  for (unsigned i = 0; i <= count_; ++i) {
    const unsigned number = numbers_[i];
    if (number == 0) style_ = {};
    else if (number == 1 || number == 22) style_.is_bold = number == 1;
    else if (number == 38 || number == 48) {
      if (i + 4 > count_ || numbers_[i + 1] != 2) return;  // of another kind, with numbers of its own, or cut
      std::uint32_t rgb = 0;
      for (unsigned part = 2; part <= 4; ++part) rgb = rgb << 8 | (numbers_[i + part] & 0xff);
      (number == 38 ? style_.foreground_rgb : style_.background_rgb) = rgb;
      i += 4;
    } else if (number >= 30 && number <= 49) {
      const auto colour = static_cast<std::uint8_t>(number % 10);
      if (number < 40) {
        style_.foreground = colour;
        style_.foreground_rgb = Style::no_rgb;
      } else {
        style_.background = colour;
        style_.background_rgb = Style::no_rgb;
      }
    }
  }
}

std::optional<Key> KeyDecoder::take(std::uint8_t octet, Instant now) {
  const char character = static_cast<char>(octet);
  const State state = state_;
  state_ = State::text;
  switch (state) {
    case State::escape:
      if (character == '[' || character == 'O') {
        state_ = character == '[' ? State::sequence : State::single_shift;
        number_ = 0;
        return {};
      }
      if (character == escape) {  // twice: the first was the key
        state_ = State::escape;
        escaped_ = now;
        return Key::escape;
      }
      break;
    case State::sequence:
      if (character >= '0' && character <= '?') {  // numbers and what stands between them
        state_ = State::sequence;
        // Of several numbers the first counts; 99 stands for all that are too large.
        if (number_ < 0x80 && character <= '9') number_ = static_cast<std::uint8_t>(std::min(number_ * 10 + (character - '0'), 99));
        else number_ |= 0x80;
        return {};
      }
      return key_of(number_ & 0x7f, character);
    case State::single_shift:
      return key_of(0, character);
    case State::text:
      if (character == escape) {
        state_ = State::escape;
        escaped_ = now;
        return {};
      }
      break;
  }
  return octet == '\n' ? Key::enter : Key{octet};
}

std::optional<Key> KeyDecoder::late_escape(Instant now) {
  // Octets of one key follow each other closely, except through slow consoles: two ticks of the BIOS' clock.
  constexpr Duration key_lasts = 110_ms;
  if (state_ != State::escape || now.since(escaped_) < key_lasts) return {};
  state_ = State::text;
  return Key::escape;
}

}  // namespace undine
