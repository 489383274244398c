// SPDX-License-Identifier: Apache-2.0
// The API over a played boot ROM and our own stack, with base memory as an array and a server on the wire that answers ARP, echoes UDP and has one
// file for TFTP. For tests and fuzz targets only.
#pragma once

#include <string>

#include "core/testing/fake_memory.h"
#include "core/testing/fakes.h"
#include "protocols/dns/dns_resolver.h"
#include "protocols/host/host.h"
#include "protocols/host/testing/wire.h"
#include "protocols/tftp/client.h"
#include "pxe-api/api.h"
#include "undi/testing/scripted_rom.h"

namespace undine::testing {

inline constexpr FetchProtocol only_tftp[] = {tftp::protocol};

/// A file that comes as fast as its sink takes it.
class PlayedFile final : public Transfer {
public:
  PlayedFile(std::string contents, Sink& sink) : contents_(std::move(contents)), sink_(sink) {}
  Result<Progress> advance(Instant) override {
    if (done_ == 0) TRY(sink_.expect(contents_.size()));
    const std::size_t count = copy_bytes(TRY(sink_.room(done_)), as_bytes(contents_).subspan(done_));
    TRY(sink_.commit(done_, count));
    done_ += count;
    return Progress{done_ == contents_.size(), done_, contents_.size()};
  }

private:
  std::string contents_;
  Sink& sink_;
  std::size_t done_ = 0;
};

class ApiBench : public ProgramKeeper {
public:
  static constexpr std::uint32_t block_at = 0x8000, buffer_at = 0x9000, frame_at = 0x7'0000, packets_at = 0x7'8000, memory_end = 0x7'0000;
  static constexpr std::uint16_t echo_port = 7, file_port = 69, transfer_port = 5000, multicast_port = 1759;
  static constexpr Ipv4Address group{0xef4d0001};  // 239.77.0.1

  ApiBench()
      : map(MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0xa'0000, MemoryKind::usable}, {0x10'0000, 0x100'0000, MemoryKind::usable}})),
        rom(low_memory), life(rom, low_memory, clock, log, stack), nic(rom, rom, life, clock, log), host(nic, entropy, log),
        resolver(host.udp(), host.tcp(), entropy), network{host.tcp(), host.udp(), resolver, entropy, log}, loop(clock, console),
        api({nic, life, host, host, network, only_tftp, loop, clock, low_memory, memory, map, *this}) {
    clock.each_look = 1_ms;
    clock.rest_length = 5_ms;
    rom.peer = [this](const Octets& frame) { answer(frame); };
    (void)nic.open();
    host.configure(our_address, netmask);
    loop.serve(&host);
    api.begin({0, packets_at >> 4}, "some arguments", *Uri::parse("tftp://10.77.0.1/boot/program.0"), {});
  }
  ~ApiBench() override { api.end(); }

  MutableBytes block() { return low_memory.at(block_at, 256); }
  MutableBytes buffer() { return low_memory.at(buffer_at, 2048); }
  /// AX; the status word is in the block.
  PxeExit call(std::uint16_t function) { return api.call(function, {static_cast<std::uint16_t>(block_at), 0}); }
  std::uint16_t status() { return load_le16(block(), 0); }
  void clear() {
    for (std::uint8_t& octet : block()) octet = 0;
  }
  void put_address(std::size_t at, Ipv4Address address) { store_be32(block(), at, address.value); }
  void put_buffer(std::size_t at) {
    store_le16(block(), at, static_cast<std::uint16_t>(buffer_at));
    store_le16(block(), at + 2, 0);
  }
  void put_name(std::size_t at, std::string_view name) { copy_bytes(block().subspan(at, 128), as_bytes(name)); }

  // ProgramKeeper
  bool stop() override {
    ++stops;
    return vectors_are_ours;
  }
  Result<void> run_line(std::string_view line) override {
    lines.emplace_back(line);
    return {};
  }
  Result<std::unique_ptr<Transfer>> open_inside(const Uri& uri, Sink& sink) override {
    inside.push_back(uri.text());
    return std::make_unique<PlayedFile>(file, sink);
  }
  RealPointer real_pointer(Bytes octets) override {
    copy_bytes(low_memory.at(frame_at, octets.size()), octets);
    return {0, frame_at >> 4};
  }
  std::uint32_t base_memory_end() override { return memory_end; }

  bool vectors_are_ours = true;
  unsigned stops = 0;
  std::vector<std::string> lines, inside;
  std::string file = std::string(1000, 'a') + "end";
  bool tells_size = true;

  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  FakeEntropy entropy;
  FakeLowMemory low_memory;
  FakeMemory memory;
  MemoryMap map;
  RomStack stack;
  ScriptedRom rom;
  LifeCycle life;
  UndiNic nic;
  Host host;
  DnsResolver resolver;
  Network network;
  Loop loop;
  PxeApi api;

private:
  void answer(const Octets& frame) {
    const std::uint16_t type = load_be16(frame, 12);
    if (type == ethernet::type_arp && load_be16(frame, 20) == 1) {
      Octets reply(28);
      copy_bytes(reply, Bytes{frame}.subspan(14, 28));
      store_be16(reply, 6, 2);
      copy_bytes(MutableBytes{reply}.subspan(18), Bytes{frame}.subspan(22, 10));
      copy_bytes(MutableBytes{reply}.subspan(8), server_mac.octets);
      store_be32(reply, 14, server_address.value);
      rom.arrive(ethernet_frame(ethernet::type_arp, reply, nic.address()));
      return;
    }
    if (type != ethernet::type_ipv4 || frame.size() < 42 || frame[23] != 17) return;
    const Endpoint from{our_address, load_be16(frame, 34)};
    const std::uint16_t to = load_be16(frame, 36);
    const std::size_t length = load_be16(frame, 38);
    if (length < 8 || length > frame.size() - 34) return;  // what a program sent itself, or a piece of a datagram
    const Bytes payload = Bytes{frame}.subspan(42, length - 8);
    if (to == echo_port) rom.arrive(udp_frame({server_address, echo_port}, from, payload, nic.address()));
    if (payload.size() < 4) return;
    if (to == file_port) begin_file(from, as_text(payload.subspan(2)));
    if (to == multicast_port) answer_multicast(from, payload);
    if (to == transfer_port && load_be16(payload, 0) == 4) send_block(from, static_cast<std::uint16_t>(load_be16(payload, 2) + 1));
  }

  /// The first block goes to who asks, the others to the group.
  void answer_multicast(Endpoint client, Bytes packet) {
    const std::uint16_t number = load_be16(packet, 0) == 4 ? static_cast<std::uint16_t>(load_be16(packet, 2) + 1) : std::uint16_t{1};
    const std::size_t at = (number - 1u) * 512;
    if (at > file.size()) return;
    Octets block(4);
    store_be16(block, 0, 3);
    store_be16(block, 2, number);
    const std::string_view bytes = std::string_view(file).substr(at, 512);
    block.insert(block.end(), bytes.begin(), bytes.end());
    const Endpoint to = number == 1 ? client : Endpoint{group, client.port};
    rom.arrive(udp_frame({server_address, multicast_port}, to, block, number == 1 ? nic.address() : multicast_mac(group)));
  }

  void say(Endpoint to, std::uint16_t opcode, std::string_view rest) {
    Octets packet{static_cast<std::uint8_t>(opcode >> 8), static_cast<std::uint8_t>(opcode)};
    packet.insert(packet.end(), rest.begin(), rest.end());
    rom.arrive(udp_frame({server_address, transfer_port}, to, packet, nic.address()));
  }

  /// Options are answered as asked for: octet, then "blksize", "tsize"...
  void begin_file(Endpoint from, std::string_view request) {
    if (!request.starts_with("probe.txt")) return say(from, 5, std::string("\0\1no such file\0", 15));
    std::string options;
    block_bytes_ = 512;
    for (std::size_t at = 0; at < request.size();) {
      const std::string_view word = request.substr(at, request.find('\0', at) - at);
      const std::string_view value = request.substr(at + word.size() + 1, request.find('\0', at + word.size() + 1) - (at + word.size() + 1));
      if (word == "blksize") {
        block_bytes_ = *parse_number(value);
        options += std::string("blksize") + '\0' + std::string(value) + '\0';
      }
      if (word == "tsize" && tells_size) options += std::string("tsize") + '\0' + std::to_string(file.size()) + '\0';
      at += word.size() + 1;
    }
    if (options.empty()) return send_block(from, 1);
    say(from, 6, options);
  }

  void send_block(Endpoint to, std::uint16_t number) {
    const std::size_t at = (number - 1u) * block_bytes_;
    if (number == 0 || at > file.size()) return;
    say(to, 3, std::string{static_cast<char>(number >> 8), static_cast<char>(number)} + file.substr(at, block_bytes_));
  }

  std::size_t block_bytes_ = 512;
};

}  // namespace undine::testing
