// SPDX-License-Identifier: Apache-2.0
#include "nbp/bios/video.h"

#include "nbp/bios/vbe.h"

namespace undine {

bool read_video_information(VideoInformation& information) {
  constexpr std::uint16_t mode_bits = 0x3fff;
  VbeAnswer answer;
  const Bytes room = answer.bytes();
  RealRegisters registers{};
  copy_bytes(answer.bytes(), as_bytes("VBE2"));
  if (!answer.call(vbe::controller, registers) || as_text(room.first(4)) != "VESA") return false;
  copy_bytes(information.control, room);
  if (registers = {}; answer.call(vbe::current_mode, registers)) information.mode_number = static_cast<std::uint16_t>(registers.ebx);
  registers = {};
  registers.ecx = information.mode_number & mode_bits;
  if (answer.call(vbe::mode_information, registers)) copy_bytes(information.mode, room.first(information.mode.size()));
  if (registers = {}; answer.call(vbe::protected_interface, registers)) {
    information.interface_segment = registers.es;
    information.interface_offset = static_cast<std::uint16_t>(registers.edi);
    information.interface_bytes = static_cast<std::uint16_t>(registers.ecx);
  }
  return true;
}

}  // namespace undine
