// SPDX-License-Identifier: Apache-2.0
#include "undi/cached_packets.h"

#include <optional>

#include "undi/rom_call.h"

namespace undine {
namespace {

/// RFC 951: up to the vendor field. Less is no packet.
constexpr std::size_t packet_bytes_min = 236;
/// What an Ethernet frame carries; PXE's own structure has 1260 (BOOTPLAYER with a vendor field of 1024).
constexpr std::size_t packet_bytes_max = 1500;
// RFC 2131 section 2.
constexpr std::size_t your_address_at = 16;
constexpr std::size_t server_address_at = 20;
constexpr std::size_t file_at = 108;
constexpr std::size_t file_bytes = 128;
constexpr std::size_t cookie_at = 236;
constexpr std::uint32_t cookie = 0x63825363;
// RFC 2132.
constexpr std::uint8_t option_pad = 0;
constexpr std::uint8_t option_server_identifier = 54;
constexpr std::uint8_t option_boot_file = 67;
constexpr std::uint8_t option_end = 255;

std::vector<std::uint8_t> copy_from(LowMemory& memory, RealPointer where, std::size_t length) {
  if (where.is_null() || length < packet_bytes_min || length > packet_bytes_max) return {};
  const Bytes bytes = memory.at(where.linear(), length);
  return {bytes.begin(), bytes.end()};
}

std::vector<std::uint8_t> fetch(BootRom& rom, LowMemory& memory, RealPointer scratch, CachedPacket type) {
  pxe::GetCachedInfo block{};
  block.packet_type = static_cast<std::uint16_t>(type);
  if (call_rom(rom, pxe::get_cached_info, block) == pxe::status_success) {
    auto packet = copy_from(memory, {block.buffer.offset, block.buffer.segment}, block.buffer_size);
    if (!packet.empty()) return packet;
  }
  if (scratch.is_null()) return {};
  block = {};
  block.packet_type = static_cast<std::uint16_t>(type);
  block.buffer_size = packet_bytes_max;
  block.buffer = {scratch.offset, scratch.segment};
  if (call_rom(rom, pxe::get_cached_info, block) != pxe::status_success) return {};
  return copy_from(memory, scratch, block.buffer_size);
}

/// A field of the fixed part; 0 if there is no packet.
std::uint32_t number(Bytes packet, std::size_t at) { return packet.size() < packet_bytes_min ? 0 : load_be32(packet, at); }

Bytes option(Bytes packet, std::uint8_t wanted) {
  if (packet.size() < cookie_at + 4 || load_be32(packet, cookie_at) != cookie) return {};
  ByteReader reader{packet.subspan(cookie_at + 4)};
  while (reader.remaining() != 0) {
    const std::uint8_t code = reader.u8();
    if (code == option_pad) continue;
    if (code == option_end) break;
    const Bytes value = reader.take(reader.u8());
    if (code == wanted && !reader.failed()) return value;
  }
  return {};
}

std::string boot_file(Bytes packet) {
  if (packet.size() < packet_bytes_min) return {};
  const std::string_view field = as_text(packet.subspan(file_at, file_bytes));
  // The field may hold more options instead (RFC 2132 9.3); a name never begins with a number below a blank.
  if (!field.empty() && static_cast<unsigned char>(field[0]) >= ' ') return std::string{field.substr(0, field.find('\0'))};
  const std::string_view value = as_text(option(packet, option_boot_file));
  return std::string{value.substr(0, value.find('\0'))};
}

Ipv4Address server(Bytes packet) {
  if (const std::uint32_t address = number(packet, server_address_at); address != 0) return {address};
  const Bytes identifier = option(packet, option_server_identifier);
  return {identifier.size() == 4 ? load_be32(identifier, 0) : 0};
}

}  // namespace

CachedPackets fetch_cached_packets(BootRom& rom, LowMemory& memory, RealPointer scratch) {
  return {fetch(rom, memory, scratch, CachedPacket::discover), fetch(rom, memory, scratch, CachedPacket::acknowledge),
          fetch(rom, memory, scratch, CachedPacket::reply)};
}

RomBoot rom_boot(const CachedPackets& packets) {
  RomBoot boot;
  boot.address = {number(packets.acknowledge, your_address_at)};
  boot.server = server(packets.reply);
  boot.boot_file = boot_file(packets.reply);
  if (boot.boot_file.empty()) {
    // One answer, not halves of two: a file belongs to the server that named it.
    boot.boot_file = boot_file(packets.acknowledge);
    if (!boot.boot_file.empty()) boot.server = {};
  }
  if (boot.server.is_unspecified()) boot.server = server(packets.acknowledge);
  return boot;
}

}  // namespace undine
