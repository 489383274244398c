// SPDX-License-Identifier: Apache-2.0
#include "nbp/boot_program.h"

#include <algorithm>
#include <vector>

#include "config/protocols.h"
#include "config/shell.h"
#include "config/version.h"
#include "loaders/comboot/comboot.h"
#include "nbp/bios/memory.h"
#include "nbp/image_sums.h"
#include "nbp/interrupt_vector.h"
#include "nbp/resident/resident.h"
#include "pxe-api/net_boot.h"
#include "pxe-api/structures.h"

namespace undine {
namespace {

constexpr Cause program_returned{"nbp.status", "the boot program came back with status", pxe_status_failure, Detail::hex};
constexpr Cause program_crashed{"nbp.crashed", "the program has crashed: a fault of the processor's in flat mode", pxe_status_failure};
constexpr Cause program_within{"nbp.within", "a boot program runs already", pxe_status_failure};
constexpr Cause rom_gone{"nbp.rom-gone", "the boot program has taken the boot ROM's driver away; what is left to do without a network can be done, then restart the machine", 0x6a};

constexpr std::uint8_t time_and_pxe = 0x1a, net_boot = 0x78, video = 0x10, next_boot_device = 0x18;
/// As resident/api.inc has their entries: SYSLINUX' three, then the tagged images' one.
constexpr std::uint8_t services[] = {0x20, 0x21, 0x22, net_boot};
constexpr std::uint8_t syslinux_services = 3;
constexpr std::uint32_t service_entry_bytes = 4;
/// What a program needs at a time; the card's own ring keeps what comes meanwhile.
constexpr std::uint8_t receive_slots_kept = 4;

BootProgramRunner* the_runner = nullptr;

RealPointer in_resident(std::uint32_t offset) { return {static_cast<std::uint16_t>(offset), resident().segment()}; }

constexpr std::uint16_t boot_program_address = 0x7c00;

[[noreturn]] void boot_next_device() {
  RealRegisters registers{};
  for (;;) resident().interrupt(next_boot_device, registers);
}

/// A shuffle as a plan: its steps in their order, and no register but what the program asked for.
BootPlan plan_of(const Ending& ending) {
  BootPlan plan;
  for (const Ending::Step& step : ending.steps) {
    if (step.source) plan.moves.push_back({step.destination, physical_memory().at(*step.source, step.length)});
    else plan.zeros.push_back({step.destination, step.length, plan.moves.size()});
  }
  if (ending.mode == Ending::Mode::bootstrap) {
    plan.entry = {.code = {boot_program_address, 0}, .stack = {boot_program_address, 0}, .data_segment = ending.ds, .edx = ending.edx, .esi = ending.esi};
  } else {
    plan.protected_entry = {.code = ending.entry, .eax = 0, .ebx = 0, .is_16_bit = ending.mode == Ending::Mode::real};
  }
  return plan;
}

}  // namespace

BootProgramRunner::BootProgramRunner(const Parts& parts)
    : parts_(parts),
      pxe_parts_{parts.nic, parts.life, parts.host, parts.service, parts.network, fetch_protocols, parts.loop, parts.clock, low_memory(), physical_memory(), parts.memory_map, *this},
      api_(pxe_parts_),
      syslinux_({api_, parts.console, *this, pxe_parts_}) {}

bool BootProgramRunner::answer() {
  BootProgramRunner& self = *the_runner;
  const GuestCall& call = resident().api();
  bool ends = false;
  if (call.interrupt != 0) {
    constexpr std::uint16_t carry_flag = 1;
    CallerRegisters registers{call.eax, call.ebx, call.ecx, call.edx, call.esi, call.edi, call.ds, call.es, call.fs, call.gs, false};
    if (call.interrupt == net_boot) pxe_api::answer_net_boot(registers, self.api_);
    else ends = !self.syslinux_.interrupt(call.interrupt, registers);
    GuestCall& back = resident().api();  // the installation may have moved meanwhile
    copy_registers(back, registers);
    back.fs = registers.fs;
    back.gs = registers.gs;
    back.flags = static_cast<std::uint16_t>((back.flags & ~carry_flag) | (registers.carry ? carry_flag : 0));
  } else {
    const PxeExit result = self.api_.call(call.function, call.block);
    std::uint32_t& eax = resident().api().eax;
    eax = (eax & ~0xffffu) | result;
  }
  // Another program takes its place, or a line that it ran by FILE_EXEC gives the machine back to the BIOS.
  ends = ends || self.api_.restart_is_due() || self.shell_->is_leaving();
  // Behind a program that has taken the place of another there is nothing to go back to.
  if (ends && self.is_replaced_) boot_next_device();
  return ends;
}

/// Calls it as its kind is called; false if it has crashed. It may also be given up.
bool BootProgramRunner::enter(const BootPlan& plan, RealRegisters& registers) {
  Resident& base = resident();
  registers = {};
  registers.code = plan.entry.code;
  registers.stack = plan.entry.stack;
  registers.ds = registers.es = registers.fs = registers.gs = plan.entry.data_segment;
  registers.edi = plan.protected_entry.code;
  registers.ebp = plan.protected_entry.stack;
  switch (plan.farewell) {
    case Farewell::comboot: base.call_comboot(registers); return true;
    case Farewell::com32: {
      constexpr std::uint32_t interrupts_on = 0x200;
      const ResidentHeader& header = Resident::header();
      const auto name = static_cast<std::uint32_t>(comboot::text + plan.program->arguments.size() + 1);
      const std::uint32_t arguments[] = {comboot::text, base.linear() + header.flat_intcall, comboot::bounce_buffer, comboot::bounce_bytes,
                                         base.linear() + header.flat_farcall, base.linear() + header.flat_cfarcall, registers.ebp, name};
      base.use_flat_interrupts(comboot::interrupt_table);
      constexpr std::uint32_t word = 4, above = 2;  // the return address and the number of arguments
      registers.ebp -= (above + std::size(arguments)) * word;
      const MutableBytes frame = physical_memory().at(registers.ebp, (above + std::size(arguments)) * word);
      store_le32(frame, word, std::size(arguments));
      for (std::size_t i = 0; i < std::size(arguments); ++i) store_le32(frame, (above + i) * word, arguments[i]);
      registers.flags = interrupts_on;
      return base.call_flat(registers);
    }
    case Farewell::call:
      if (plan.protected_entry.code != 0) return base.call_flat(registers);
      base.call_far(registers);
      return true;
    case Farewell::leave:  // with `startpxe`: it finds the PXE API by itself
      registers.edx = plan.entry.edx;
      base.call_program(registers);
      return true;
    default:
      registers.es = base.segment();
      registers.ebx = Resident::header().pxenv_structure;
      registers.edx = base.linear() + registers.ebx;
      base.call_program(registers);
      return true;
  }
}

Result<std::optional<BootPlan>> BootProgramRunner::run(const BootPlan& plan) {
  if (running_) return fail(program_within);
  ImageSums sums{shell_->images()};
  const std::string arguments = plan.program == nullptr ? std::string{} : plan.program->arguments;
  uri_ = plan.program == nullptr ? shell_->base() : Uri::parse_address(plan.program->uri).value_or(Uri{});

  shell_->environment().network.http_connections->clear();
  prepare();
  carry_out(plan, physical_memory());
  FetchOptions options;
  options.user_agent = user_agent_text;
  api_.begin(packets_, arguments, uri_, options);
  the_runner = this;
  resident().answers.api = answer;
  running_ = true;
  next_ = nullptr;
  hook();
  syslinux_.begin(shown_, uri_);
  if (plan.farewell == Farewell::comboot || plan.farewell == Farewell::com32) hook_services(0, syslinux_services);
  if (plan.farewell == Farewell::call && plan.protected_entry.code == 0) hook_services(syslinux_services, std::size(services));
  parts_.log.write(Level::detail, {"PXE API at ", hex(resident().segment(), 4), ", free base memory ", base_memory_end() / 1024, " KiB"});

  // The screen is the program's.
  const Level shown = parts_.log.shown_from();
  parts_.log.show_from(Level::error);
  RealRegisters registers;
  bool whole = enter(plan, registers);
  const bool restarted = api_.restart_is_due();
  const Ending& ending = syslinux_.ending();
  while (api_.take_restart()) {
    unhook_services();
    BootPlan program;
    program.farewell = Farewell::boot_program;
    program.entry.code = program.entry.stack = {boot_program_address, 0};
    whole = enter(program, registers);
  }
  syslinux_.end();
  unhook_services();
  if (ending.kind == Ending::Kind::shuffle) {
    BootPlan then = plan_of(ending);
    if (ending.keeps_pxe) go_on(then);
    return then;
  }

  parts_.log.show_from(shown);
  const bool stopped = api_.stopped();
  api_.end();
  restore();
  running_ = false;
  sums.forget_overwritten(parts_.log);
  if (ending.kind == Ending::Kind::local) {
    if (parts_.disks.is_hooked()) {
      parts_.disks.stay();
    } else if (!stopped) {
      parts_.nic.close();
      stop();
    }
    boot_next_device();
  }
  if (shell_->is_leaving()) return {};
  if (stopped) return fail(rom_gone);
  if (!whole) return fail(program_crashed);
  if (ending.kind == Ending::Kind::next) {
    shell_->start_next(*next_);
    return {};
  }
  // Those who end by a call leave their status there.
  const bool by_call = !restarted && (plan.farewell == Farewell::comboot || plan.farewell == Farewell::com32);
  if (const std::uint16_t status = by_call ? ending.status : registers.ax(); status != 0) return fail(program_returned, status);
  return {};
}

/// What a program wants to have in its place, with our PXE API still there.
void BootProgramRunner::go_on(const BootPlan& plan) {
  const Ending& ending = syslinux_.ending();
  is_replaced_ = true;
  api_.refuse_restart();
  carry_out(plan, physical_memory());
  RealRegisters registers{};
  registers.edi = plan.protected_entry.code;
  registers.ebp = resident().linear() + Resident::length_bytes();
  Resident& base = resident();
  if (ending.mode != Ending::Mode::bootstrap) {
    base.accept_calls();
    if (ending.mode == Ending::Mode::real) base.jump_16(registers);
    base.jump_protected(registers);
  }
  registers.code = plan.entry.code;
  registers.stack = plan.entry.stack;
  registers.es = base.segment();
  registers.ebx = Resident::header().pxenv_structure;
  registers.ds = ending.ds;
  registers.esi = ending.esi;
  registers.edx = ending.edx;
  base.call_program(registers);
  boot_next_device();
}

void BootProgramRunner::prepare() {
  const bool has_disks = parts_.disks.is_hooked();
  parts_.place.shrink(has_disks ? disk_receive_slots : receive_slots_kept, has_disks);
  if (has_disks) parts_.disks.guest_starts();
  const std::uint32_t packets = parts_.place.packets();
  packets_ = {static_cast<std::uint16_t>(packets & 15), static_cast<std::uint16_t>(packets >> 4)};
  shown_ = {static_cast<std::uint16_t>(packets_.offset + cached_packets_bytes), packets_.segment};
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

void BootProgramRunner::hook_services(std::uint8_t first, std::uint8_t end) {
  static_assert(std::size(services) == std::tuple_size_v<decltype(old_services_)>);
  for (std::uint8_t i = first; i < end; ++i) {
    old_services_[i] = interrupt_vector(services[i]);
    set_interrupt_vector(services[i], in_resident(Resident::header().services + i * service_entry_bytes));
  }
  first_service_ = first;
  end_service_ = end;
}

void BootProgramRunner::unhook_services() {
  for (; first_service_ < end_service_; ++first_service_) set_interrupt_vector(services[first_service_], old_services_[first_service_]);
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
  unhook_services();
  deface(false);
}

bool BootProgramRunner::stop() {
  // The disks need the card.
  if (parts_.disks.is_hooked() || !unhook()) return false;
  unhook_services();
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

Result<void> BootProgramRunner::run_line(std::string_view line) {
  const auto done = shell_->run_line(line, Dialect::ipxe);
  shell_->go_on();
  return done;
}

Result<std::unique_ptr<Transfer>> BootProgramRunner::open_inside(const Uri& uri, Sink& sink) { return shell_->open_inside(uri, sink); }

RealPointer BootProgramRunner::real_pointer(Bytes octets) {
  const auto linear = reinterpret_cast<std::uint32_t>(octets.data());
  return {static_cast<std::uint16_t>(linear & 15), static_cast<std::uint16_t>(linear >> 4)};
}

SyslinuxKeeper::NetworkFacts BootProgramRunner::network_facts() {
  const Settings& settings = shell_->settings();
  const auto address = [&](std::string_view name) { return settings.address(name).value_or(Ipv4Address{}); };
  return {address("netX/ip"), address("next-server"), address("gateway"), address("netmask"), join({"01-", settings.text_or_empty("netX/mac:hexhyp")}),
          settings.text_or_empty("uuid")};
}

Result<void> BootProgramRunner::fetch_all(const Uri& uri, std::string_view command_line, std::string_view name) {
  Image* const program = TRY(shell_->fetch(uri.text_with_password(), {.name = name}));
  program->arguments = command_line;
  next_ = program;
  // Files that a kernel names as its initrds, as PXELINUX fetches them.
  constexpr std::string_view option = "initrd=";
  for (std::string_view words = command_line; !words.empty();) {
    std::string_view files = split_first(words, ' ');
    if (!files.starts_with(option)) continue;
    files.remove_prefix(option.size());
    while (!files.empty()) {
      const Uri file = TRY(Uri::parse_address(split_first(files, ',')));
      TRY(shell_->fetch(file.resolved_against(uri_).text_with_password(), {}));
    }
  }
  return {};
}

Result<void> BootProgramRunner::fetch_next(const Uri& uri, std::string_view command_line, std::string_view name) {
  ImageStore& images = shell_->images();
  const std::size_t before = images.images().size();
  const auto fetched = fetch_all(uri, command_line, name);
  while (!fetched && images.images().size() > before) images.remove(images.images().back());
  return fetched;
}

void BootProgramRunner::use_text_mode() {
  RealRegisters registers{};
  registers.eax = 0x0003;  // 80 columns, 25 lines
  resident().interrupt(video, registers);
}

RealPointer BootProgramRunner::pxe_structure() { return in_resident(Resident::header().pxe_structure); }

std::uint32_t BootProgramRunner::base_memory_end() { return parts_.place.lowest(); }

}  // namespace undine
