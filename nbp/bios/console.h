// SPDX-License-Identifier: Apache-2.0
// Screen and keyboard through the BIOS, and, when it is switched on, a serial line beside them.
#pragma once

#include <cstdint>
#include <optional>

#include "core/clock.h"
#include "core/console.h"

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
  /// Off to begin with: many BIOSes copy the screen to the serial port by themselves, and every line would come twice.
  bool use_serial(unsigned bits_per_second) override;

private:
  std::optional<Key> screen_key();
  std::optional<Key> serial_key();

  Clock& clock_;
  SerialLine serial_;
  Instant last_asked_{};
  unsigned escape_state_ = 0;  ///< of a key that comes as ESC [ X over the serial line
  Instant escaped_{};          ///< when its ESC came
};

}  // namespace undine
