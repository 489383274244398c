// SPDX-License-Identifier: Apache-2.0
// Calls of VESA's BIOS (VBE 3.0), whose answers lie in base memory.
#pragma once

#include <vector>

#include "core/bytes.h"
#include "nbp/resident/resident.h"

namespace undine {

/// Where the BIOS writes. It may be a running boot program's memory: what was there comes back.
class VbeAnswer {
public:
  VbeAnswer();
  ~VbeAnswer() { copy_bytes(bytes(), before_); }
  VbeAnswer(const VbeAnswer&) = delete;
  VbeAnswer& operator=(const VbeAnswer&) = delete;

  /// Zeros at first; 512 octets, a VbeInfoBlock (section 4.3) or a ModeInfoBlock (4.4).
  MutableBytes bytes() const;
  /// False if the BIOS does not have the function, or it failed. ES:DI points to `bytes()`.
  bool call(std::uint16_t function, RealRegisters& registers);

private:
  std::vector<std::uint8_t> before_;
};

namespace vbe {
inline constexpr std::uint16_t controller = 0x4f00, mode_information = 0x4f01, set_mode = 0x4f02, current_mode = 0x4f03, protected_interface = 0x4f0a;
}

}  // namespace undine
