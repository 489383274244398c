// SPDX-License-Identifier: Apache-2.0
// Screen and keyboard through the BIOS, graphics in place of the text screen where they are asked for, and, when it is switched on, a serial line beside them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/clock.h"
#include "core/console.h"
#include "core/frame_text.h"
#include "core/keyboard.h"
#include "core/terminal.h"
#include "nbp/bios/text_screen.h"

namespace undine {

/// An 8250 or its descendants (COM1 at 3F8h).
class SerialLine {
public:
  /// 8 data bits, no parity; false if there is no such chip at the port.
  bool open(std::uint16_t port, std::uint32_t bits_per_second);
  bool is_open() const { return port_ != 0; }
  /// Waits for room, but never long: a line that nobody reads must not stop a boot.
  void write(char character);
  std::optional<char> read();
  void close() { port_ = 0; }

private:
  std::uint16_t port_ = 0;
};

class BiosConsole final : public Console {
public:
  explicit BiosConsole(Clock& clock) : clock_(clock) {}
  void write(std::string_view text) override;
  std::optional<Key> key() override;
  unsigned columns() const override;
  unsigned rows() const override;
  unsigned column() const override;
  /// Off to begin with: many BIOSes copy the screen to the serial port by themselves, and every line would come twice.
  bool use_serial(unsigned bits_per_second) override;
  Result<void> use_graphics(const GraphicsWish& wish) override;
  void use_text() override;
  bool use_keyboard(std::string_view name) override;
  bool shows_picture() const override;

private:
  TextDisplay& display() const;
  std::optional<Key> screen_key();
  std::optional<Key> serial_key();

  Clock& clock_;
  SerialLine serial_;
  Instant last_asked_{};
  Terminal terminal_;
  mutable BiosTextScreen text_;
  std::unique_ptr<FrameText> frame_;  ///< while graphics are on
  const Keyboard* keyboard_ = find_keyboard("us");
  KeyDecoder decoder_;
};

}  // namespace undine
