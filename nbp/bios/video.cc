// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/video.h"

#include <vector>

#include "nbp/bios/memory.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

constexpr std::uint8_t video = 0x10;
constexpr std::uint16_t controller = 0x4f00, mode_information = 0x4f01, current_mode = 0x4f03, protected_interface = 0x4f0a, done = 0x004f;
constexpr std::uint16_t mode_bits = 0x3fff;
/// Where the BIOS writes. It may be a running boot program's: what was there comes back.
constexpr std::uint32_t scratch = 0x8000;

bool call(std::uint16_t function, RealRegisters& registers) {
  registers.eax = function;
  registers.es = scratch >> 4;
  registers.edi = 0;
  resident().interrupt(video, registers);
  return registers.ax() == done;
}

}  // namespace

bool read_video_information(VideoInformation& information) {
  const MutableBytes room = low_memory().at(scratch, information.control.size());
  const std::vector<std::uint8_t> before(room.begin(), room.end());
  RealRegisters registers{};
  copy_bytes(room, as_bytes("VBE2"));
  const bool is_there = call(controller, registers) && as_text(room.first(4)) == "VESA";
  if (is_there) {
    copy_bytes(information.control, room);
    if (registers = {}; call(current_mode, registers)) information.mode_number = static_cast<std::uint16_t>(registers.ebx);
    registers = {};
    registers.ecx = information.mode_number & mode_bits;
    if (call(mode_information, registers)) copy_bytes(information.mode, room.first(information.mode.size()));
    if (registers = {}; call(protected_interface, registers)) {
      information.interface_segment = registers.es;
      information.interface_offset = static_cast<std::uint16_t>(registers.edi);
      information.interface_bytes = static_cast<std::uint16_t>(registers.ecx);
    }
  }
  copy_bytes(room, before);
  return is_there;
}

}  // namespace undine
