// SPDX-License-Identifier: Apache-2.0
#include "loaders/san/tables.h"

#include <bit>

namespace undine::san {
namespace {

constexpr std::size_t length_at = 4, checksum_at = 9;
constexpr std::string_view maker = "UNDINE";

/// A table that grows; structures are on boundaries of 8, texts behind all of them.
class Builder {
public:
  Builder(std::string_view signature, std::uint8_t revision, std::size_t header_bytes) : octets_(header_bytes) {
    copy_bytes(octets_, as_bytes(signature));
    octets_[8] = revision;
    copy_bytes(MutableBytes(octets_).subspan(10, 6), as_bytes(maker));
    copy_bytes(MutableBytes(octets_).subspan(16, 8), as_bytes(maker));
  }
  /// A structure of the iBFT with its header; returns where it is.
  std::uint16_t structure(std::uint8_t id, std::uint16_t length, std::uint8_t index, std::uint8_t flags) {
    const std::size_t at = (octets_.size() + 7) & ~std::size_t{7};
    octets_.resize(at + length);
    const MutableBytes header = from(at);
    header[0] = id;
    header[1] = 1;
    store_le16(header, 2, length);
    header[4] = index;
    header[5] = flags;
    return static_cast<std::uint16_t>(at);
  }
  MutableBytes from(std::size_t at) { return MutableBytes(octets_).subspan(at); }
  /// Length and offset of a text at `at`, and the text at the end with a zero behind it.
  void text(std::size_t at, std::string_view contents) {
    if (contents.empty()) return;
    store_le16(octets_, at, static_cast<std::uint16_t>(contents.size()));
    store_le16(octets_, at + 2, static_cast<std::uint16_t>(octets_.size()));
    octets_.insert(octets_.end(), contents.begin(), contents.end());
    octets_.push_back(0);
  }
  std::vector<std::uint8_t> finish() {
    store_le32(octets_, length_at, static_cast<std::uint32_t>(octets_.size()));
    set_checksum(octets_, checksum_at);
    return std::move(octets_);
  }

private:
  std::vector<std::uint8_t> octets_;
};

/// IPv4 in 16 octets of IPv6 (RFC 4291 2.5.5.2); nothing stays zero.
void put_address(MutableBytes structure, std::size_t at, Ipv4Address address) {
  if (address.is_unspecified()) return;
  store_be16(structure, at + 10, 0xffff);
  store_be32(structure, at + 12, address.value);
}

// iBFT 1.02 table 1 and sections 1.4.3 to 1.4.6: sizes of the structures, and where their fields are.
constexpr std::uint16_t control_bytes = 18, initiator_bytes = 74, nic_bytes = 102, target_bytes = 54;
constexpr std::uint8_t id_control = 1, id_initiator = 2, id_nic = 3, id_target = 4;
constexpr std::uint8_t valid_and_booted_from = 3;

std::vector<std::uint8_t> make_ibft(std::span<const DiskOrigin* const> disks, const TableNetwork& network, std::string_view initiator_name) {
  constexpr std::size_t header_bytes = 48;
  Builder table{"iBFT", 1, header_bytes};
  const std::uint16_t control = table.structure(id_control, control_bytes, 0, 0);
  const std::uint16_t initiator = table.structure(id_initiator, initiator_bytes, 0, valid_and_booted_from);
  const std::uint16_t nic = table.structure(id_nic, nic_bytes, 0, valid_and_booted_from);
  std::uint16_t targets[ibft_targets_max] = {};
  for (std::size_t i = 0; i < disks.size(); ++i) targets[i] = table.structure(id_target, target_bytes, static_cast<std::uint8_t>(i), valid_and_booted_from);

  store_le16(table.from(control), 8, initiator);
  store_le16(table.from(control), 10, nic);
  store_le16(table.from(control), 12, targets[0]);
  store_le16(table.from(control), 16, targets[1]);

  constexpr std::uint8_t manual = 1, by_dhcp = 3;
  const MutableBytes card = table.from(nic);
  put_address(card, 6, network.address);
  card[22] = static_cast<std::uint8_t>(std::popcount(network.mask.value));
  card[23] = network.is_by_dhcp ? by_dhcp : manual;
  // Windows sends even what is for a neighbour through a gateway that is named here.
  bool is_on_link = true;
  for (const DiskOrigin* disk : disks) is_on_link = is_on_link && ((disk->target.address.value ^ network.address.value) & network.mask.value) == 0;
  if (!is_on_link) put_address(card, 24, network.gateway);
  put_address(card, 40, network.dns);
  put_address(card, 56, network.second_dns);
  if (network.is_by_dhcp) put_address(card, 72, network.dhcp_server);
  store_le16(card, 88, network.vlan);
  copy_bytes(card.subspan(90, 6), network.mac.octets);
  store_le16(card, 96, network.pci);

  constexpr std::uint8_t chap = 1, mutual_chap = 2;
  for (std::size_t i = 0; i < disks.size(); ++i) {
    const DiskOrigin& disk = *disks[i];
    const MutableBytes target = table.from(targets[i]);
    put_address(target, 6, disk.target.address);
    store_le16(target, 22, disk.target.port);
    store_be32(target, 24, static_cast<std::uint32_t>(disk.lun >> 32));
    store_be32(target, 28, static_cast<std::uint32_t>(disk.lun));
    // Secrets only if the target asked for them: Microsoft's initiator refuses one that is too short even where none is needed.
    if (!disk.username.empty()) target[32] = disk.reverse_username.empty() ? chap : mutual_chap;
  }

  // The texts, behind everything that does not move any more.
  table.text(initiator + 70u, initiator_name);
  table.text(nic + 98u, network.hostname);
  for (std::size_t i = 0; i < disks.size(); ++i) {
    const DiskOrigin& disk = *disks[i];
    const std::size_t at = targets[i];
    table.text(at + 34, disk.target_name);
    if (disk.username.empty()) continue;
    table.text(at + 38, disk.username);
    table.text(at + 42, disk.password);
    table.text(at + 46, disk.reverse_username);
    table.text(at + 50, disk.reverse_password);
  }
  return table.finish();
}

std::vector<std::uint8_t> make_abft(const DiskOrigin& disk, const MacAddress& mac) {
  constexpr std::size_t table_bytes = 46;  // an ACPI header of 36, then shelf, slot and the card's address
  Builder table{"aBFT", 1, table_bytes};
  store_le16(table.from(36), 0, disk.shelf);
  table.from(38)[0] = disk.slot;
  copy_bytes(table.from(40), mac.octets);
  return table.finish();
}

}  // namespace

void set_checksum(MutableBytes table, std::size_t at) {
  std::uint8_t sum = 0;
  table[at] = 0;
  for (const std::uint8_t octet : table) sum = static_cast<std::uint8_t>(sum + octet);
  table[at] = static_cast<std::uint8_t>(-sum);
}

std::vector<std::vector<std::uint8_t>> make_tables(std::span<const DiskOrigin> disks, const TableNetwork& network, std::string_view initiator_name) {
  std::vector<std::vector<std::uint8_t>> tables;
  const DiskOrigin* targets[ibft_targets_max];
  std::size_t count = 0;
  for (const DiskOrigin& disk : disks) {
    if (disk.kind == DiskOrigin::Kind::aoe) tables.push_back(make_abft(disk, network.mac));
    if (disk.kind == DiskOrigin::Kind::iscsi && count < ibft_targets_max) targets[count++] = &disk;
  }
  if (count != 0) tables.push_back(make_ibft({targets, count}, network, initiator_name));
  return tables;
}

}  // namespace undine::san
