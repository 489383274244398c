// SPDX-License-Identifier: Apache-2.0
// Composes the program. Every object is made here, in the order of use, so that destructors undo in the right order; nothing else in
// nbp/ knows more than its own part.
#include <algorithm>
#include <optional>

#include "config/autoboot.h"
#include "config/disks.h"
#include "config/embedded.h"
#include "config/loader_booter.h"
#include "config/log_sender.h"
#include "config/protocols.h"
#include "config/san_protocols.h"
#include "core/image.h"
#include "core/runtime/heap.h"
#include "core/runtime/startup.h"
#include "core/wall_clock.h"
#include "nbp/absent_nic.h"
#include "nbp/base_memory.h"
#include "nbp/bios/clock.h"
#include "nbp/bios/console.h"
#include "nbp/bios/machine.h"
#include "nbp/bios/memory.h"
#include "nbp/bios/tables.h"
#include "nbp/bios/video.h"
#include "nbp/cpu.h"
#include "nbp/handoff.h"
#include "nbp/launch.h"
#include "nbp/memory_hook.h"
#include "nbp/pack_header.h"
#include "nbp/pump.h"
#include "nbp/resident/resident.h"
#include "nbp/rom.h"
#include "protocols/crypto/random.h"
#include "protocols/dns/dns_resolver.h"
#include "protocols/http/connections.h"
#include "protocols/tls/client.h"
#include "protocols/trust/built-in/built_in.h"
#include "protocols/trust/trust.h"
#include "undi/cached_packets.h"

extern "C" std::uint8_t stack_guard[], program_writable[];
extern "C" const char embedded_script[], embedded_script_end[];

namespace undine {
namespace {

/// Code and constants become read-only, and the page below the stack goes away: a stray write or a stack that is too deep faults at once.
void protect_program(const Handoff& handoff) {
  constexpr std::uint32_t writable = 2;
  const auto page_of = [](const void* address) { return (reinterpret_cast<std::uint32_t>(address) - program_window) / page_size; };
  auto* const table = reinterpret_cast<std::uint32_t*>(handoff.region + region_window_table);
  for (std::uint32_t page = 0; page < page_of(program_writable); ++page) table[page] &= ~writable;
  table[page_of(stack_guard)] = 0;
  asm volatile("mov %0, %%cr3" ::"r"(read_cr3()) : "memory");  // forgets the old entries
}

/// More heap on machines that have the memory, for connections with large windows: a 32nd of it, at most 6 MiB.
void extend_heap(MemoryMap& map) {
  constexpr std::uint64_t least = 256 * 1024, most = 6 * 1024 * 1024;
  const std::uint64_t length = std::min(map.usable_bytes() / 32, most) & ~std::uint64_t{page_size - 1};
  if (length < least) return;
  const auto address = map.find({.length = length, .alignment = page_size, .from_top = true});
  if (!address) return;
  map.reserve(*address, length);
  program_heap().add(physical_memory().at(*address, length));
}

std::optional<DhcpReply> packet(const std::vector<std::uint8_t>& bytes) {
  if (bytes.empty()) return {};
  auto reply = DhcpReply::parse(bytes);
  return reply ? std::optional(std::move(*reply)) : std::nullopt;
}

/// The vendor's ROM and the card behind it.
struct RomCard {
  RomCard(const RomStack& found, const BasePlace& place, Clock& clock, Log& log)
      : stack(found), rom(found.entry), pump(place), life(rom, low_memory(), clock, log, stack), nic(rom, pump, life, clock, log) {}

  RomPackets packets(const BasePlace& place) {
    const CachedPackets cached = fetch_cached_packets(rom, low_memory(), {0, static_cast<std::uint16_t>(place.ring() >> 4)});
    return {packet(cached.discover), packet(cached.acknowledge), packet(cached.reply)};
  }
  std::optional<PciIdentity> pci() const {
    const RomInformation& information = nic.information();
    if (information.bus != Bus::pci) return {};
    return PciIdentity{information.bus_device_function, information.pci_vendor, information.pci_device};
  }

  RomStack stack;
  ResidentRom rom;
  ResidentPump pump;
  LifeCycle life;
  UndiNic nic;
};

/// All that may run in our place and come back: boot programs, and systems on disks of ours.
struct Guests {
  Guests(RomCard& card, BasePlace& base_place, MemoryHook& memory_hook, san::DiskServices& services, ImageStore& images, IpStack& stack, Network& network,
         Loop& loop, Clock& clock, Console& console, Log& log, MemoryMap& map, const MemoryMap& machine_map)
      : place(base_place, card.nic, card.pump, memory_hook),
        disk_hook({services, place, card.nic, images, memory_hook, log, map, machine_map, find_acpi_root()}),
        disks(services, disk_hook, san_protocols),
        programs({card.stack, card.nic, card.life, base_place, place, disk_hook, memory_hook, stack.host(), stack, network, loop, clock, console, log, map}) {}

  GuestPlace place;
  DiskHook disk_hook;
  Disks disks;
  BootProgramRunner programs;
};

/// What was embedded in the file, copied before anybody uses that memory for something else.
std::vector<std::uint8_t> embedded_block() {
  PackHeader header;
  std::memcpy(&header, low_memory().at(load_address + pack_header_offset, sizeof header).data(), sizeof header);
  if (header.block_length > embedded_bytes_max) return {};
  const Bytes block = low_memory().at(load_address + header.payload_offset + header.payload_length, header.block_length);
  return {block.begin(), block.end()};
}

void boot_next_device() {
  RealRegisters registers{};
  resident().interrupt(0x18, registers);
}

void compose_and_run(const Handoff& handoff, Bytes own_beginning, Bytes embedded_block) {
  BiosClock clock;
  BiosConsole console{clock};
  Log log{clock, console};
  BiosMachine machine;
  BiosEntropy entropy;

  MemoryMap map = read_memory_map(handoff);
  const MemoryMap machine_map = map;
  map.reserve(handoff.region, handoff.region_length);
  extend_heap(map);
  constexpr std::uint32_t base_memory_limit = 0xa'0000;
  BasePlace place = BasePlace::take();
  map.reserve(place.lowest(), base_memory_limit - place.lowest());
  MemoryHook memory_hook{map};

  std::optional<RomCard> card;
  AbsentNic no_card;
  RomPackets rom_packets;
  if (const auto found = find_rom_stack(low_memory(), seen_at_entry(handoff.entry_stack, handoff.entry_pxenv))) {
    card.emplace(*found, place, clock, log);
    rom_packets = card->packets(place);
    clock.watch(&card->pump.block().interrupt_noted);
    if (const auto opened = card->nic.open(); !opened) log.write(Level::error, {"net0: ", opened.error().text()});
  } else {
    log.write(Level::error, {found.error().text()});
  }
  Nic& nic = card ? static_cast<Nic&>(card->nic) : no_card;

  Loop loop{clock, console};
  Host host{nic, entropy, log};
  DnsResolver resolver{host.udp(), host.tcp(), entropy};
  WallClock wall_clock;
  if (const auto moment = machine.calendar_time()) wall_clock.start(*moment, clock.now());
  Network network{host.tcp(), host.udp(), resolver, entropy, log, nullptr, &wall_clock};
  crypto::start(entropy, clock);
  tls::SessionCache sessions;
  trust::Trust trust{network, built_in_trust(), &sessions};
  network.trust = &trust;
  network.echo = &host.echo();
  tls::Services tls_services{trust, sessions, clock, has_fast_aes()};
  network.tls = &tls_services;
  network.ethernet = &host.ethernet();
  HttpConnections http_connections;
  network.http_connections = &http_connections;
  IpStack stack{host, resolver, entropy, log};
  HostInterface net0{"net0", nic, stack, card ? card->pci() : std::nullopt};
  Interface* const interfaces[] = {&net0};
  LogSender log_sender{stack, log, network};
  loop.serve(&log_sender);

  ImageStore images{map, physical_memory()};
  san::DiskServices disk_services{{low_memory(), physical_memory(), map, loop, clock, log}};
  std::optional<Guests> guests;
  if (card) guests.emplace(*card, place, memory_hook, disk_services, images, stack, network, loop, clock, console, log, map, machine_map);
  PcLauncher launcher{{nic, card ? &card->life : nullptr, memory_hook, place, guests ? &guests->programs : nullptr, guests ? &guests->disk_hook : nullptr}};
  LoaderBooter booter{{map, place.lowest(), machine_map, find_acpi_root(), place.end(), read_video_information}, launcher, log};
  Shell shell{{console, clock, loop, log, machine, map, images, network, std::span(interfaces, card ? 1 : 0), fetch_protocols, booter,
               std::move(rom_packets), {embedded_script, embedded_script_end}, own_beginning, &log_sender, guests ? &guests->disks : nullptr,
               embedded_block, san_protocols}};
  if (guests) guests->programs.use(shell);
  run(shell);

  console.use_text();
  if (guests && guests->disk_hook.is_hooked()) {
    // The next boot device finds the disks that were kept.
    guests->disk_hook.stay();
    for (;;) boot_next_device();
  }

  nic.close();
  memory_hook.undo();
  place.give_back();
}

}  // namespace

extern "C" [[noreturn]] void program_main(const Handoff& from_prefix) {
  const Handoff handoff = from_prefix;
  const std::uint32_t heap = handoff.program + handoff.program_memory;
  program_heap().add({reinterpret_cast<std::uint8_t*>(heap), handoff.region + handoff.region_length - heap});
  run_static_constructors();
  protect_program(handoff);
  enable_sse();
  prepare_fault_handlers();

  std::uint8_t own_beginning[own_beginning_bytes];
  copy_bytes(own_beginning, low_memory().at(load_address, own_beginning_bytes));
  compose_and_run(handoff, own_beginning, embedded_block());
  for (;;) boot_next_device();
}

}  // namespace undine
