// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/console.h"

#include "core/scan_codes.h"
#include "nbp/bios/graphics.h"
#include "nbp/bios/memory.h"
#include "nbp/cpu.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

// BIOS data area (IBM PC/AT Technical Reference): port of COM1, keyboard buffer head and tail.
constexpr std::uint32_t first_serial_port = 0x400, keyboard_head = 0x41a, keyboard_tail = 0x41c;

std::uint16_t bios_word(std::uint32_t linear) { return load_le16(low_memory().at(linear, 2), 0); }

std::optional<Key> key_of_scan_code(std::uint8_t code) {
  for (const ScanCode& known : scan_codes)
    if (known.code == code) return known.key;
  return {};
}

// 8250 registers, from its port on.
constexpr std::uint16_t data = 0, interrupt_enable = 1, fifo_control = 2, line_control = 3, modem_control = 4, line_status = 5, scratch = 7;
/// What serial terminals show at least.
constexpr unsigned serial_columns = 80, serial_rows = 24;
constexpr std::uint8_t divisor_latch = 0x80, eight_bits = 0x03, data_ready = 0x01, transmitter_empty = 0x20;

}  // namespace

bool SerialLine::open(std::uint16_t port, std::uint32_t bits_per_second) {
  constexpr std::uint32_t clock_rate = 115200;
  const auto at = [port](std::uint16_t which) { return static_cast<std::uint16_t>(port + which); };
  out8(at(scratch), 0x5a);
  if (in8(at(scratch)) != 0x5a || bits_per_second == 0 || bits_per_second > clock_rate) return false;
  const auto divisor = static_cast<std::uint16_t>(clock_rate / bits_per_second);
  out8(at(interrupt_enable), 0);
  out8(at(line_control), divisor_latch);
  out8(at(data), static_cast<std::uint8_t>(divisor));
  out8(at(interrupt_enable), static_cast<std::uint8_t>(divisor >> 8));
  out8(at(line_control), eight_bits);
  out8(at(fifo_control), 0x07);
  out8(at(modem_control), 0x03);
  port_ = port;
  return true;
}

void SerialLine::write(char character) {
  constexpr unsigned patience = 20'000;  // port reads, about 20 ms: twice a character at 1200 bit/s
  for (unsigned i = 0; i < patience && (in8(static_cast<std::uint16_t>(port_ + line_status)) & transmitter_empty) == 0; ++i) {}
  out8(port_, static_cast<std::uint8_t>(character));
}

std::optional<char> SerialLine::read() {
  const std::uint8_t status = in8(static_cast<std::uint16_t>(port_ + line_status));
  if (status == 0xff || (status & data_ready) == 0) return {};
  return static_cast<char>(in8(port_));
}

bool BiosConsole::use_serial(unsigned bits_per_second) {
  serial_.close();
  if (bits_per_second == 0) return true;
  const std::uint16_t port = bios_word(first_serial_port);
  return port != 0 && serial_.open(port, bits_per_second);
}

TextDisplay& BiosConsole::display() const { return frame_ ? static_cast<TextDisplay&>(*frame_) : text_; }

void BiosConsole::write(std::string_view text) {
  const auto put = [this](char character) {
    terminal_.put(character, display());
    if (serial_.is_open()) serial_.write(character);
  };
  for (const char character : text) {
    if (character == '\n') put('\r');
    put(character);
  }
  display().settle();
}

unsigned BiosConsole::columns() const {
  const unsigned columns = display().columns();
  return serial_.is_open() && columns > serial_columns ? serial_columns : columns;
}

unsigned BiosConsole::rows() const {
  const unsigned rows = display().rows();
  return serial_.is_open() && rows > serial_rows ? serial_rows : rows;
}

unsigned BiosConsole::column() const { return display().cursor().column; }

Result<void> BiosConsole::use_graphics(const GraphicsWish& wish) {
  // The one before goes first, for its memory; on failure there is text.
  use_text();
  frame_ = TRY(enter_graphics(wish));
  return {};
}

void BiosConsole::use_text() {
  frame_.reset();
  leave_graphics();
}

bool BiosConsole::shows_picture() const { return frame_ && frame_->has_picture(); }

bool BiosConsole::use_keyboard(std::string_view name) {
  const Keyboard* const found = find_keyboard(name);
  if (found != nullptr) keyboard_ = found;
  return found != nullptr;
}

std::optional<Key> BiosConsole::key() {
  if (const auto key = screen_key()) return key;
  return serial_.is_open() ? serial_key() : std::nullopt;
}

std::optional<Key> BiosConsole::screen_key() {
  // The buffer in the BIOS data area tells without a crossing. Firmware that keeps its keys elsewhere (remote consoles) is asked now and then.
  constexpr Duration ask_every = 50_ms;
  const Instant now = clock_.now();
  if (bios_word(keyboard_head) == bios_word(keyboard_tail) && now.since(last_asked_) < ask_every) return {};
  last_asked_ = now;
  RealRegisters registers{};
  registers.eax = 0x1100;
  resident().interrupt(0x16, registers);
  constexpr std::uint32_t zero_flag = 0x40;
  if ((registers.flags & zero_flag) != 0) return {};
  registers = {};
  registers.eax = 0x1000;
  resident().interrupt(0x16, registers);
  const auto character = static_cast<std::uint8_t>(registers.eax);
  const auto scan_code = static_cast<std::uint8_t>(registers.eax >> 8);
  if (const std::uint8_t mapped = key_on(*keyboard_, scan_code, character); mapped != 0) return Key{mapped};
  return character == 0 || character == 0xe0 ? key_of_scan_code(scan_code) : std::nullopt;
}

std::optional<Key> BiosConsole::serial_key() {
  const Instant now = clock_.now();
  while (const auto character = serial_.read())
    if (const auto key = decoder_.take(static_cast<std::uint8_t>(*character), now)) return key;
  return decoder_.late_escape(now);
}

}  // namespace undine
