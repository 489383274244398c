// SPDX-License-Identifier: Apache-2.0
#include "loaders/filesystems/ext.h"

#include <algorithm>
#include <bit>

#include "core/memory.h"

namespace undine {
namespace {

constexpr std::uint64_t superblock_at = 1024, superblock_bytes = 1024;
constexpr std::uint16_t magic = 0xef53, extent_magic = 0xf30a;
constexpr std::uint32_t root_inode = 2;

// feature_incompat
constexpr std::uint32_t has_file_types = 0x2, needs_recovery = 0x4, has_meta_groups = 0x10, has_extents = 0x40, is_64_bit = 0x80, has_mount_protection = 0x100;
constexpr std::uint32_t has_flexible_groups = 0x200, has_value_inodes = 0x400, has_checksum_seed = 0x2000, has_large_folders = 0x4000, has_inline_data = 0x8000;
constexpr std::uint32_t has_encrypted_files = 0x1'0000, folds_case = 0x2'0000;
constexpr std::uint32_t known_features = has_file_types | needs_recovery | has_meta_groups | has_extents | is_64_bit | has_mount_protection | has_flexible_groups |
                                         has_value_inodes | has_checksum_seed | has_large_folders | has_inline_data | has_encrypted_files | folds_case;
// feature_compat, feature_ro_compat
constexpr std::uint32_t has_journal = 0x4, has_two_copies = 0x200, has_few_copies = 0x1;

// Inodes: `flags` and the 60 octets of block numbers, extents or data.
constexpr std::uint32_t inode_encrypted = 0x800, inode_extents = 0x8'0000, inode_inline = 0x1000'0000;
constexpr std::size_t blocks_at = 40, blocks_bytes = 60;
constexpr std::uint32_t mode_kind = 0xf000, mode_file = 0x8000, mode_folder = 0x4000, mode_link = 0xa000;

constexpr std::uint32_t direct_blocks = 12;
constexpr std::size_t extent_bytes = 12;
/// e2fsprogs and Linux make no deeper trees.
constexpr std::uint32_t extent_depth_max = 5;

bool is_power_of(std::uint32_t number, std::uint32_t base) {
  while (number % base == 0) number /= base;
  return number == 1;
}

}  // namespace

struct Ext::Inode {
  std::uint64_t at = 0;  ///< in the volume
  std::uint8_t octets[132] = {};

  std::uint32_t kind() const { return load_le16(octets, 0) & mode_kind; }
  std::uint32_t flags() const { return load_le32(octets, 32); }
  std::uint64_t size_bytes() const { return load_le32(octets, 4) | std::uint64_t{load_le32(octets, 108)} << 32; }
  /// Of what lies behind the first 128 octets.
  std::uint16_t extra_bytes() const { return load_le16(octets, 128); }
};

/// As `Run`, in blocks.
struct Ext::Blocks {
  std::uint64_t first = 0;
  std::uint32_t count = 0;
  bool is_hole = false;
};

Result<std::unique_ptr<FileSystem>> Ext::open(const Volume& volume) {
  std::uint8_t superblock[superblock_bytes];
  if (volume.length_bytes < superblock_at + superblock_bytes) return nullptr;
  TRY(volume.read(superblock_at, superblock));
  if (load_le16(superblock, 56) != magic) return nullptr;
  auto files = make_unique_nothrow<Ext>(volume);
  if (!files) return fail(out_of_memory);
  TRY(files->understand(superblock));
  files->root_ = TRY(files->node(root_inode));
  if (files->root_.kind != FileKind::folder) return fail(disk_damaged);
  return files;
}

Result<void> Ext::understand(Bytes superblock) {
  block_shift_ = load_le32(superblock, 24) + 10;
  if (block_shift_ < 10 || block_shift_ > 12) return fail(disk_damaged);
  block_bytes_ = 1u << block_shift_;
  inodes_ = load_le32(superblock, 0);
  first_data_block_ = load_le32(superblock, 20);
  blocks_per_group_ = load_le32(superblock, 32);
  inodes_per_group_ = load_le32(superblock, 40);
  if (load_le32(superblock, 76) != 0) {  // the first revision had no features
    inode_bytes_ = load_le16(superblock, 88);
    compatible_ = load_le32(superblock, 92);
    features_ = load_le32(superblock, 96);
    for_reading_ = load_le32(superblock, 100);
    first_meta_group_ = load_le32(superblock, 260);
    for (std::size_t i = 0; i < 2; ++i) copies_in_groups_[i] = load_le32(superblock, 588 + i * 4);
  }
  if ((features_ & ~known_features) != 0) return fail(ext_feature, features_ & ~known_features);
  if ((features_ & is_64_bit) != 0) descriptor_bytes_ = load_le16(superblock, 254);
  const auto is_fitting = [this](std::uint32_t size, std::uint32_t least) { return size >= least && size <= block_bytes_ && std::has_single_bit(size); };
  if (inodes_per_group_ == 0 || !is_fitting(inode_bytes_, 128) || !is_fitting(descriptor_bytes_, 32)) return fail(disk_damaged);
  return {};
}

Result<std::string> Ext::label() { return label_at(superblock_at + 120, 16); }

std::string_view Ext::kind() const {
  if ((features_ & (has_extents | is_64_bit | has_flexible_groups)) != 0) return "ext4";
  return (compatible_ & has_journal) != 0 ? "ext3" : "ext2";
}

bool Ext::has_superblock(std::uint32_t group) const {
  if (group == 0) return true;
  if ((compatible_ & has_two_copies) != 0) return group == copies_in_groups_[0] || group == copies_in_groups_[1];
  return (for_reading_ & has_few_copies) == 0 || group == 1 || is_power_of(group, 3) || is_power_of(group, 5) || is_power_of(group, 7);
}

Result<Ext::Inode> Ext::inode(std::uint32_t number) {
  if (number == 0 || number > inodes_) return fail(disk_damaged);
  const std::uint32_t group = (number - 1) / inodes_per_group_, index = (number - 1) % inodes_per_group_;
  // Descriptors lie behind the superblock, or, in meta groups, each block of them at the beginning of the groups that it describes.
  const std::uint32_t per_block = block_bytes_ / descriptor_bytes_, meta_group = group / per_block;
  std::uint64_t block = std::uint64_t{first_data_block_} + 1 + meta_group;
  if ((features_ & has_meta_groups) != 0 && meta_group >= first_meta_group_) {
    const std::uint32_t first_group = meta_group * per_block;
    block = first_data_block_ + std::uint64_t{first_group} * blocks_per_group_ + (has_superblock(first_group) ? 1 : 0);
  }
  std::uint8_t descriptor[64] = {};
  const std::size_t size = std::min<std::size_t>(sizeof descriptor, descriptor_bytes_);
  TRY(volume_.read((block << block_shift_) + group % per_block * descriptor_bytes_, MutableBytes{descriptor}.first(size)));
  const std::uint64_t table = load_le32(descriptor, 8) | std::uint64_t{load_le32(descriptor, 40)} << 32;
  if (table >= volume_.length_bytes >> block_shift_) return fail(disk_short);

  Inode inode;
  inode.at = (table << block_shift_) + std::uint64_t{index} * inode_bytes_;
  TRY(volume_.read(inode.at, MutableBytes{inode.octets}.first(std::min<std::size_t>(sizeof inode.octets, inode_bytes_))));
  return inode;
}

Result<Node> Ext::node(std::uint64_t place) {
  const Inode inode = TRY(this->inode(static_cast<std::uint32_t>(place)));
  Node node{place, inode.size_bytes(), FileKind::other};
  if ((inode.flags() & inode_encrypted) != 0) return node;
  switch (inode.kind()) {
    case mode_file: node.kind = FileKind::file; break;
    case mode_folder: node.kind = FileKind::folder; break;
    case mode_link: node.kind = FileKind::link; break;
    default: break;
  }
  return node;
}

Result<bool> Ext::next(const Node& folder, std::uint32_t& at, FolderEntry& entry) {
  constexpr std::size_t header_bytes = 8;
  const bool is_inline = (TRY(inode(static_cast<std::uint32_t>(folder.place))).flags() & inode_inline) != 0;
  const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(folder.size_bytes, folder_bytes_max));
  // In an inode the number of the folder above comes first, and what does not fit into the block numbers' place goes on elsewhere.
  if (is_inline && at == 0) at = 4;
  while (at + header_bytes <= size) {
    std::uint8_t header[header_bytes];
    if (!TRY(read(folder, at, header))) return false;
    const std::uint32_t number = load_le32(header, 0), length = load_le16(header, 4);
    const std::uint32_t name_bytes = (features_ & has_file_types) != 0 ? header[6] : load_le16(header, 6);
    const std::uint32_t left = !is_inline ? block_bytes_ - at % block_bytes_ : at < blocks_bytes ? blocks_bytes - at : size - at;
    if (length < header_bytes || length % 4 != 0 || length > left || (number != 0 && header_bytes + name_bytes > length)) return fail(disk_damaged);
    if (number != 0) {
      entry = {};
      entry.name.resize(std::min<std::size_t>(name_bytes, 255));
      if (!TRY(read(folder, at + header_bytes, {reinterpret_cast<std::uint8_t*>(entry.name.data()), entry.name.size()}))) return false;
      entry.node.place = number;
    }
    at += length;
    if (number != 0 && entry.name != "." && entry.name != "..") return true;
  }
  return false;
}

Result<Run> Ext::run(const Node& file, std::uint64_t offset) {
  const Inode inode = TRY(this->inode(static_cast<std::uint32_t>(file.place)));
  if ((inode.flags() & inode_inline) != 0) return run_inside(inode, static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, inode_bytes_)));
  const std::uint64_t block = offset >> block_shift_;
  if (block > UINT32_MAX) return Run{};  // no block of a file has a larger number
  const auto number = static_cast<std::uint32_t>(block), inside = static_cast<std::uint32_t>(offset) & (block_bytes_ - 1);
  const Blocks blocks = TRY((inode.flags() & inode_extents) != 0 ? by_extents(inode, number) : by_pointers(inode, number));
  if (blocks.count == 0) return Run{};
  const std::uint32_t count = std::min(blocks.count, Run::bytes_max >> block_shift_);
  return Run{(blocks.first << block_shift_) + inside, (count << block_shift_) - inside, blocks.is_hole};
}

/// A node of the tree is a header and its entries in order; nodes above the leaves lead to other nodes.
Result<Ext::Blocks> Ext::by_extents(const Inode& inode, std::uint32_t block) {
  std::uint64_t at = inode.at + blocks_at;
  std::uint32_t hole_end = UINT32_MAX, depth = extent_depth_max + 1;
  std::size_t node_bytes = blocks_bytes;
  for (;;) {
    std::uint8_t octets[extent_bytes], found[extent_bytes];
    TRY(volume_.read(at, octets));
    const std::uint32_t count = load_le16(octets, 2), own_depth = load_le16(octets, 6);
    // Depths that fall are what ends this.
    if (load_le16(octets, 0) != extent_magic || count > node_bytes / extent_bytes - 1 || own_depth >= depth) return fail(disk_damaged);
    depth = own_depth;
    // The last entry that begins at or before the block.
    bool is_found = false;
    for (std::uint32_t i = 0; i < count; ++i) {
      at += extent_bytes;
      TRY(volume_.read(at, octets));
      if (load_le32(octets, 0) > block) {
        hole_end = std::min(hole_end, load_le32(octets, 0));
        break;
      }
      is_found = true;
      std::ranges::copy(octets, found);
    }
    const Blocks hole{0, hole_end > block ? hole_end - block : 1, true};
    if (!is_found) return hole;
    const std::uint32_t low = load_le32(found, depth == 0 ? 8 : 4), high = load_le16(found, depth == 0 ? 6 : 8);
    const std::uint64_t place = low | std::uint64_t{high} << 32;
    if (depth == 0) {
      // Longer ones have room, but were never written.
      constexpr std::uint32_t written_max = 32768;
      const std::uint32_t stored = load_le16(found, 4), length = stored <= written_max ? stored : stored - written_max, inside = block - load_le32(found, 0);
      if (inside >= length) return hole;
      return Blocks{place + inside, length - inside, stored > written_max};
    }
    at = place << block_shift_;
    node_bytes = block_bytes_;
  }
}

/// Twelve numbers of blocks, then one of a block of numbers, of a block of those, and of a block of those.
Result<Ext::Blocks> Ext::by_pointers(const Inode& inode, std::uint32_t block) {
  const std::uint32_t per_shift = block_shift_ - 2;
  std::uint32_t slot = block, slots = direct_blocks, shift = 0;  // shift: of the number of blocks behind one number
  std::uint64_t at = inode.at + blocks_at;
  if (block < direct_blocks) {
    block = 0;
  } else {
    block -= direct_blocks;
    slot = direct_blocks;
    for (shift = per_shift; block >> shift != 0; shift += per_shift) {
      if (slot == direct_blocks + 2) return Blocks{};
      block -= 1u << shift;
      ++slot;
    }
  }
  for (;;) {
    std::uint8_t pointer[4];
    TRY(volume_.read(at + slot * 4, pointer));
    const std::uint32_t first = load_le32(pointer, 0);
    if (first == 0) return Blocks{0, (1u << shift) - block, true};
    if (shift == 0) {
      // As far as the blocks are neighbours and the table is at hand.
      std::uint32_t count = 1;
      while (slot + count < slots && volume_.read(at + (slot + count) * 4, pointer) && load_le32(pointer, 0) == first + count) ++count;
      return Blocks{first, count, false};
    }
    shift -= per_shift;
    at = std::uint64_t{first} << block_shift_;
    slot = block >> shift;
    slots = 1u << per_shift;
    block &= (1u << shift) - 1;
  }
}

/// What does not fit into the place of the block numbers is the value of the extended attribute system.data.
Result<Run> Ext::run_inside(const Inode& inode, std::uint32_t offset) {
  if (offset < blocks_bytes) return Run{inode.at + blocks_at + offset, static_cast<std::uint32_t>(blocks_bytes - offset), false};
  offset -= blocks_bytes;
  constexpr std::uint32_t attributes_magic = 0xea02'0000;
  constexpr std::uint8_t name_index_system = 7;
  constexpr std::size_t header_bytes = 4, entry_bytes = 16;
  std::uint8_t octets[entry_bytes + 4];
  const std::uint64_t end = inode.at + inode_bytes_, entries = inode.at + 128 + inode.extra_bytes() + header_bytes;
  if (inode_bytes_ == 128 || entries > end) return Run{};
  TRY(volume_.read(entries - header_bytes, MutableBytes{octets}.first(header_bytes)));
  if (load_le32(octets, 0) != attributes_magic) return Run{};
  for (std::uint64_t at = entries; at + sizeof octets <= end;) {
    TRY(volume_.read(at, octets));
    if (load_le32(octets, 0) == 0) break;
    const std::uint64_t value = entries + load_le16(octets, 2);
    const std::uint32_t size = load_le32(octets, 8);
    if (octets[1] == name_index_system && octets[0] == 4 && as_text(octets).substr(entry_bytes) == "data") {
      if (value > end || size > end - value) return fail(disk_damaged);
      return offset < size ? Run{value + offset, size - offset, false} : Run{};
    }
    at += (entry_bytes + octets[0] + 3) & ~std::uint64_t{3};
  }
  return Run{};
}

Result<std::string> Ext::link_target(const Node& link) {
  const Inode inode = TRY(this->inode(static_cast<std::uint32_t>(link.place)));
  if (link.size_bytes > PathWalk::path_max) return fail(disk_damaged);
  std::string target(static_cast<std::size_t>(link.size_bytes), '\0');
  const MutableBytes into{reinterpret_cast<std::uint8_t*>(target.data()), target.size()};
  // Short ones stand in the inode.
  if (link.size_bytes < blocks_bytes && (inode.flags() & inode_extents) == 0) {
    TRY(volume_.read(inode.at + blocks_at, into));
  } else if (!TRY(read(link, 0, into))) {
    return fail(disk_damaged);
  }
  return target;
}

}  // namespace undine
