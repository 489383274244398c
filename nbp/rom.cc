// SPDX-License-Identifier: Apache-2.0
#include "nbp/rom.h"

#include "core/panic.h"
#include "nbp/bios/memory.h"
#include "nbp/cpu.h"
#include "nbp/resident/resident.h"

namespace undine {

ResidentRom::ResidentRom(RealPointer entry) { resident().control().rom_entry = entry; }

PxeExit ResidentRom::call(std::uint16_t function, MutableBytes parameters) {
  constexpr std::size_t parameters_max = 256;  // `parameters` of resident.asm
  expect(parameters.size() <= parameters_max, "a parameter block for the boot ROM is too long");
  Resident& base = resident();
  const MutableBytes block{&base.at<std::uint8_t>(Resident::header().parameters), parameters.size()};
  copy_bytes(block, parameters);
  base.registers().eax = function;
  const std::uint64_t before = read_tsc();
  base.run(Resident::header().call_rom);
  const std::uint64_t counts = read_tsc() - before;
  std::size_t i = 0;
  while (i != times_count_ && times_[i].function != function) ++i;
  if (i != times_max) {
    if (i == times_count_) times_[times_count_++].function = function;
    ++times_[i].calls;
    times_[i].counts += counts;
  }
  copy_bytes(parameters, block);
  return base.registers().ax();
}

SeenAtEntry seen_at_entry(RealPointer stack, RealPointer es_bx) {
  constexpr std::uint32_t installation_check = 0x5650, installed = 0x564e;  // PXE 2.1 section 3.4.1
  SeenAtEntry seen{stack, es_bx, {}};
  RealRegisters registers{};
  registers.eax = installation_check;
  resident().interrupt(0x1a, registers);
  if (registers.ax() == installed && !registers.carry()) seen.int_1a = {static_cast<std::uint16_t>(registers.ebx), registers.es};
  return seen;
}

}  // namespace undine
