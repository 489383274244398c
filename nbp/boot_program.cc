// SPDX-License-Identifier: Apache-2.0
#include "nbp/boot_program.h"

#include <algorithm>
#include <vector>

#include "config/protocols.h"
#include "config/shell.h"
#include "config/version.h"
#include "nbp/bios/memory.h"
#include "nbp/image_sums.h"
#include "nbp/interrupt_vector.h"
#include "nbp/resident/resident.h"
#include "pxe-api/structures.h"

namespace undine {
namespace {

constexpr Cause program_returned{"nbp.status", "the boot program came back with status", pxe_status_failure, Detail::hex};
constexpr Cause program_within{"nbp.within", "a boot program runs already", pxe_status_failure};
constexpr Cause rom_gone{"nbp.rom-gone", "the boot program has taken the boot ROM's driver away; what is left to do without a network can be done, then restart the machine", 0x6a};

constexpr std::uint8_t time_and_pxe = 0x1a;
/// What a program needs at a time; the card's own ring keeps what comes meanwhile.
constexpr std::uint8_t receive_slots_kept = 4;

BootProgramRunner* the_runner = nullptr;

RealPointer in_resident(std::uint32_t offset) { return {static_cast<std::uint16_t>(offset), resident().segment()}; }

}  // namespace

BootProgramRunner::BootProgramRunner(const Parts& parts)
    : parts_(parts),
      api_({parts.nic, parts.life, parts.service, parts.network, fetch_protocols, parts.loop, parts.clock, low_memory(), physical_memory(), parts.memory_map, *this}) {}

bool BootProgramRunner::answer() {
  BootProgramRunner& self = *the_runner;
  const GuestCall& call = resident().api();
  const PxeExit result = self.api_.call(call.function, call.block);
  std::uint32_t& eax = resident().api().eax;  // the installation may have moved meanwhile
  eax = (eax & ~0xffffu) | result;
  return self.api_.restart_is_due();
}

Result<void> BootProgramRunner::run(const BootPlan& plan) {
  if (running_) return fail(program_within);
  ImageSums sums{shell_->images()};
  const std::string arguments = plan.program == nullptr ? std::string{} : plan.program->arguments;
  const Uri uri = plan.program == nullptr ? shell_->base() : Uri::parse(plan.program->uri).value_or(Uri{});

  shell_->environment().network.http_connections->clear();
  prepare();
  carry_out(plan, physical_memory());
  FetchOptions options;
  options.user_agent = user_agent_text;
  api_.begin(packets_, arguments, uri, options);
  the_runner = this;
  resident().answers.api = answer;
  running_ = true;
  hook();
  parts_.log.write(Level::detail, {"PXE API at ", hex(resident().segment(), 4), ", free base memory ", base_memory_end() / 1024, " KiB"});

  // The screen is the program's.
  const Level shown = parts_.log.shown_from();
  parts_.log.show_from(Level::error);
  RealRegisters registers;
  do {
    registers = {};
    registers.code = plan.entry.code;
    registers.stack = plan.entry.stack;
    registers.ds = registers.fs = registers.gs = plan.entry.data_segment;
    registers.es = resident().segment();
    registers.ebx = Resident::header().pxenv_structure;
    registers.edx = resident().linear() + registers.ebx;
    if (plan.farewell == Farewell::boot_program) {
      resident().call_program(registers);
    } else if (plan.farewell == Farewell::leave) {  // `startpxe`: a kernel that finds the PXE API by itself
      registers.es = plan.entry.data_segment;
      resident().call_program(registers);
    } else if (plan.protected_entry.code == 0) {
      resident().call_far(registers);
    } else {
      registers.edi = plan.protected_entry.code;
      registers.ebp = plan.protected_entry.stack;
      resident().call_flat(registers);
    }
  } while (api_.take_restart());

  parts_.log.show_from(shown);
  const bool stopped = api_.stopped();
  api_.end();
  restore();
  running_ = false;
  sums.forget_overwritten(parts_.log);
  if (stopped) return fail(rom_gone);
  if (const std::uint16_t status = registers.ax(); status != 0) return fail(program_returned, status);
  return {};
}

void BootProgramRunner::prepare() {
  const bool has_disks = parts_.disks.is_hooked();
  parts_.place.shrink(has_disks ? disk_receive_slots : receive_slots_kept, has_disks);
  if (has_disks) parts_.disks.guest_starts();
  const std::uint32_t packets = parts_.place.packets();
  packets_ = {static_cast<std::uint16_t>(packets & 15), static_cast<std::uint16_t>(packets >> 4)};
  const MutableBytes room = low_memory().at(packets, cached_packets_bytes);
  std::ranges::fill(room, std::uint8_t{0});
  const auto contents = shell_->boot_packets(cached_packet_bytes);
  for (std::size_t i = 0; i < contents.size(); ++i) copy_bytes(room.subspan(i * cached_packet_bytes, cached_packet_bytes), contents[i]);
}

void BootProgramRunner::hook() {
  const ResidentHeader& header = Resident::header();
  Resident& base = resident();
  const RealPointer structure = in_resident(header.pxe_structure);
  RealPointer rom_id{};
  if (const MutableBytes vendor = low_memory().at(parts_.rom.structure.linear(), 12); parts_.rom.kind == RomStack::Kind::pxe && !vendor.empty())
    rom_id = {load_le16(vendor, 8), load_le16(vendor, 10)};
  deface(true);
  pxe_api::write_structures({.segment = base.segment(),
                             .length_bytes = static_cast<std::uint16_t>(Resident::length_bytes()),
                             .data_segment = static_cast<std::uint16_t>(parts_.place.lowest() >> 4),
                             .data_length_bytes = static_cast<std::uint16_t>(base.linear() - parts_.place.lowest()),
                             .pxe_entry = static_cast<std::uint16_t>(header.pxe_entry),
                             .pxenv_entry = static_cast<std::uint16_t>(header.pxenv_entry),
                             .pxe_structure = structure.offset,
                             .undi_rom_id = rom_id},
                            low_memory().at(structure.linear(), pxe_api::pxe_structure_bytes),
                            low_memory().at(in_resident(header.pxenv_structure).linear(), pxe_api::pxenv_structure_bytes));
  base.control().cached_packets = packets_;
  base.control().old_int1a = interrupt_vector(time_and_pxe);
  set_interrupt_vector(time_and_pxe, in_resident(header.int1a_entry));
  hooked_ = true;
}

/// False if somebody has hooked over us: then the vector has to stay.
bool BootProgramRunner::unhook() {
  if (!hooked_) return true;
  if (interrupt_vector(time_and_pxe) != in_resident(Resident::header().int1a_entry)) return false;
  set_interrupt_vector(time_and_pxe, resident().control().old_int1a);
  hooked_ = false;
  return true;
}

/// Programs that scan memory must find our structures, not the vendor's.
void BootProgramRunner::deface(bool defaced) {
  const MutableBytes signature = low_memory().at(parts_.rom.structure.linear(), 1);
  if (signature.empty()) return;
  const std::uint8_t first = parts_.rom.kind == RomStack::Kind::pxe ? '!' : 'P';
  signature[0] = defaced ? static_cast<std::uint8_t>(first | 0x80) : first;
}

void BootProgramRunner::dissolve() {
  if (!running_) return;
  unhook();
  deface(false);
}

bool BootProgramRunner::stop() {
  // The disks need the card.
  if (parts_.disks.is_hooked() || !unhook()) return false;
  deface(false);
  parts_.memory_hook.undo();
  parts_.base_place.give_back();
  parts_.life.leave(KeepLevel::none);
  return true;
}

void BootProgramRunner::restore() {
  unhook();
  if (api_.stopped()) return;
  deface(false);
  parts_.place.restore();
  if (parts_.disks.is_hooked()) parts_.disks.guest_ended();
}

Result<void> BootProgramRunner::run_line(std::string_view line) { return shell_->run_line(line, Dialect::ipxe); }

RealPointer BootProgramRunner::real_pointer(Bytes octets) {
  const auto linear = reinterpret_cast<std::uint32_t>(octets.data());
  return {static_cast<std::uint16_t>(linear & 15), static_cast<std::uint16_t>(linear >> 4)};
}

std::uint32_t BootProgramRunner::base_memory_end() { return parts_.place.lowest(); }

}  // namespace undine
