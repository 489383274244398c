// SPDX-License-Identifier: Apache-2.0
// Functions 41h to 4Eh: EDD 3.0, and El Torito's.
#include <algorithm>

#include "loaders/san/disk_services.h"
#include "loaders/san/tables.h"

namespace undine::san {

using namespace disk_status;

DiskServices::Status DiskServices::check_extensions(Drive&, DiskCall& call) {
  constexpr std::uint32_t question = 0x55aa, answer = 0xaa55;
  constexpr std::uint8_t version_3 = 0x30;
  constexpr std::uint32_t access_and_edd_and_flat_buffers = 0x1 | 0x4 | 0x8;
  if ((call.ebx & 0xffff) != question) return invalid;
  call.ebx = (call.ebx & ~0xffffu) | answer;
  call.ecx = (call.ecx & ~0xffffu) | access_and_edd_and_flat_buffers;
  call.set_ah(version_3);
  call.set_carry(false);
  return answered;
}

namespace {

/// The disk address packet (EDD 3.0 table 3), of which the first octet is the length.
struct AddressPacket {
  static constexpr std::size_t least = 0x10, with_flat_buffer = 0x18, with_long_count = 0x20;
  static constexpr std::size_t length_at = 0, count_at = 2, offset_at = 4, segment_at = 6, first_at = 8, flat_at = 0x10, long_count_at = 0x18;

  std::uint64_t first = 0, linear = 0, count = 0;
  bool has_long_count = false;

  static std::optional<AddressPacket> parse(Bytes packet) {
    const std::size_t length = packet.empty() ? 0 : std::size_t{packet[length_at]};
    if (length < least || packet.size() < std::min(length, with_long_count)) return {};
    AddressPacket made;
    made.first = load_le64(packet, first_at);
    made.count = load_le16(packet, count_at);
    const std::uint16_t offset = load_le16(packet, offset_at), segment = load_le16(packet, segment_at);
    made.linear = (std::uint64_t{segment} << 4) + offset;
    if (offset == 0xffff && segment == 0xffff) {
      if (length < with_flat_buffer) return {};
      made.linear = load_le64(packet, flat_at);
    }
    if (made.count == 0xff && length >= with_long_count) {
      made.has_long_count = true;
      made.count = load_le32(packet, long_count_at);
    }
    return made;
  }
};

}  // namespace

/// As long as it says itself, as far as we know its fields; empty if it does not lie in memory.
MutableBytes DiskServices::address_packet_of(const DiskCall& call) {
  const MutableBytes beginning = packet_at(call, AddressPacket::least);
  if (beginning.empty()) return {};
  return packet_at(call, std::clamp<std::size_t>(beginning[AddressPacket::length_at], AddressPacket::least, AddressPacket::with_long_count));
}

DiskServices::Status DiskServices::move_extended(Drive& drive, DiskCall& call, bool is_write) {
  const MutableBytes packet = address_packet_of(call);
  const auto wish = AddressPacket::parse(packet);
  if (!wish) return invalid;
  std::uint32_t done;
  const Status status = move(drive, is_write, wish->first, wish->linear, wish->count, done);
  // The packet may have been in the memory that was read into: then it says what the disk says.
  if (status != success) {
    if (wish->has_long_count) {
      store_le32(packet, AddressPacket::long_count_at, done);
    } else {
      store_le16(packet, AddressPacket::count_at, static_cast<std::uint16_t>(done));
    }
  }
  return status;
}

DiskServices::Status DiskServices::read_extended(Drive& drive, DiskCall& call) { return move_extended(drive, call, false); }

DiskServices::Status DiskServices::write_extended(Drive& drive, DiskCall& call) {
  constexpr std::uint8_t with_verification = 2;
  return call.al() > with_verification ? invalid : move_extended(drive, call, true);
}

DiskServices::Status DiskServices::verify_extended(Drive& drive, DiskCall& call) {
  const auto wish = AddressPacket::parse(address_packet_of(call));
  if (!wish) return invalid;
  return wish->first < drive.shape().sectors && wish->count <= drive.shape().sectors - wish->first ? success : sector_not_found;
}

DiskServices::Status DiskServices::seek_extended(Drive& drive, DiskCall& call) {
  const auto wish = AddressPacket::parse(address_packet_of(call));
  if (!wish) return invalid;
  return wish->first < drive.shape().sectors ? success : sector_not_found;
}

/// A door that nobody can open is as good as locked and as good as not.
DiskServices::Status DiskServices::lock(Drive&, DiskCall& call) {
  constexpr std::uint8_t asks_for_state = 2;
  if (call.al() > asks_for_state) return invalid;
  call.set_al(0);
  return success;
}

DiskServices::Status DiskServices::eject(Drive&, DiskCall&) { return not_removable; }

/// EDD 3.0 table 5. Callers say how much room they have; the lengths are those of versions 1.x, 2.x and 3.0.
DiskServices::Status DiskServices::get_extended_parameters(Drive& drive, DiskCall& call) {
  constexpr std::size_t version_1 = 0x1a, version_2 = 0x1e, version_3 = 0x42;
  constexpr std::size_t path_at = 0x1e, path_bytes = version_3 - path_at;
  const MutableBytes head = packet_at(call, 2);
  if (head.empty()) return invalid;
  const std::size_t room = load_le16(head, 0);
  if (room < version_1) return invalid;
  const std::size_t length = room < version_2 ? version_1 : room < version_3 ? version_2 : version_3;
  const MutableBytes into = packet_at(call, length);
  if (into.empty()) return invalid;

  const DriveShape& shape = drive.shape();
  std::uint8_t made[version_3] = {};
  constexpr std::uint16_t crosses_64_kib = 1, chs_is_valid = 2, is_removable = 4, is_lockable = 0x20;
  std::uint16_t flags = crosses_64_kib;
  const std::uint64_t by_chs = std::uint64_t{shape.chs.cylinders} * shape.chs.heads * shape.chs.sectors;
  constexpr std::uint32_t cylinders_max = 1024;
  if (shape.kind == DriveKind::cd) {
    flags |= is_removable | is_lockable;
  } else if (shape.chs.cylinders < cylinders_max || shape.sectors == by_chs) {
    flags |= chs_is_valid;
  }
  store_le16(made, 0, static_cast<std::uint16_t>(length));
  store_le16(made, 2, flags);
  if (shape.kind != DriveKind::cd) {
    store_le32(made, 4, shape.chs.cylinders);
    store_le32(made, 8, shape.chs.heads);
    store_le32(made, 12, shape.chs.sectors);
  }
  store_le64(made, 16, shape.sectors);
  store_le16(made, 24, static_cast<std::uint16_t>(shape.sector_bytes));
  if (length >= version_2) store_le32(made, 26, 0xffff'ffff);  // no parameters of an ATA controller
  std::size_t index = 0;
  while (index + 1 < count_ && drives_[index].get() != &drive) ++index;
  const DrivePath& path = paths_[index];
  if (length == version_3 && path.pci && !path.interface.empty()) {
    const MutableBytes told = MutableBytes(made).subspan(path_at, path_bytes);
    store_le16(told, 0, 0xbedd);
    told[2] = path_bytes;
    copy_bytes(told.subspan(6, 4), as_bytes("PCI "));
    copy_bytes(told.subspan(10, 8), as_bytes("        "));
    copy_bytes(told.subspan(10, 8), as_bytes(path.interface));
    told[18] = static_cast<std::uint8_t>(*path.pci >> 8);
    told[19] = *path.pci >> 3 & 0x1f;
    told[20] = *path.pci & 7;
    store_le64(told, 26, path.device);
    set_checksum(told, path_bytes - 1);
  }
  copy_bytes(into, Bytes(made).first(length));
  return success;
}

/// 4Eh: DMA, PIO and prefetching, of which there is nothing to choose: the least is granted.
DiskServices::Status DiskServices::configure(Drive&, DiskCall& call) {
  constexpr std::uint8_t no_prefetch = 1, least_pio = 3, default_pio = 4, no_dma = 6;
  const std::uint8_t wish = call.al();
  call.set_al(0);
  return wish == no_prefetch || wish == least_pio || wish == default_pio || wish == no_dma ? success : invalid;
}

/// El Torito 1.0 section 4: what is emulated, and with AL = 0 the end of it.
DiskServices::Status DiskServices::emulation_status(Drive& drive, DiskCall& call) {
  constexpr std::size_t packet_bytes = 0x13;
  constexpr std::uint8_t terminate = 0, status_only = 1;
  if ((drive.shape().kind != DriveKind::cd && !drive.emulates) || call.al() > status_only) return invalid;
  const MutableBytes packet = packet_at(call, packet_bytes);
  if (packet.empty()) return invalid;
  const BootEntry& entry = drive.boot_entry;
  std::uint8_t made[packet_bytes] = {packet_bytes, entry.media_type, visible_number(drive)};
  store_le32(made, 4, entry.sector);
  store_le16(made, 0x0c, entry.load_segment);
  store_le16(made, 0x0e, entry.load_sectors);
  if (drive.emulates) {
    const ChsGeometry& chs = drive.shape().chs;
    made[0x10] = static_cast<std::uint8_t>(chs.cylinders - 1);
    made[0x11] = static_cast<std::uint8_t>(chs.sectors | ((chs.cylinders - 1) >> 2 & 0xc0));
    made[0x12] = static_cast<std::uint8_t>(chs.heads - 1);
  }
  copy_bytes(packet, made);
  if (call.al() == terminate && drive.emulates) drive.is_active = false;
  return success;
}

/// 4Dh (El Torito 1.0 section 4): sectors of the boot catalogue, as many as the caller has room for.
DiskServices::Status DiskServices::boot_catalogue(Drive& drive, DiskCall& call) {
  constexpr std::size_t packet_bytes = 8;
  if (drive.shape().kind != DriveKind::cd || drive.shape().boot_catalogue == 0 || call.al() != 0) return invalid;
  const Bytes packet = packet_at(call, packet_bytes);
  if (packet.empty() || packet[0] < packet_bytes) return invalid;
  const std::uint64_t first = std::uint64_t{drive.shape().boot_catalogue} + load_le16(packet, 6);
  const std::uint64_t linear = (std::uint64_t{load_le16(packet, 4)} << 4) + load_le16(packet, 2);
  std::uint32_t done;
  return move(drive, false, first, linear, packet[1], done);
}

}  // namespace undine::san
