// SPDX-License-Identifier: Apache-2.0
// ext2, ext3 and ext4 (Linux, Documentation/filesystems/ext4). Blocks of 1 to 4 KiB, extents and indirect blocks, data in inodes, 64-bit block numbers,
// spread group descriptors (meta_bg). Indexed folders are read line by line, which their format allows. The journal is not replayed: of a file system that was
// not unmounted the last seconds may be missing. Checksums of metadata are not checked. Absent: encrypted files, larger blocks.
#pragma once

#include "loaders/filesystems/file_system.h"

namespace undine {

inline constexpr Cause ext_feature{"ext.feature", "the file system was made with features that are not known here (feature_incompat in 'dumpe2fs -h'):", pxe_status_failure, Detail::hex};

class Ext final : public FileSystem {
public:
  /// Nothing if `volume` holds no such file system.
  static Result<std::unique_ptr<FileSystem>> open(const Volume& volume);

  std::string_view kind() const override;
  Result<std::string> label() override;
  Node root() const override { return root_; }
  Result<bool> next(const Node& folder, std::uint32_t& at, FolderEntry& entry) override;
  Result<Node> node(std::uint64_t place) override;
  Result<Run> run(const Node& file, std::uint64_t offset) override;
  Result<std::string> link_target(const Node& link) override;
  bool ignores_case() const override { return false; }

  /// For make_unique; use open().
  explicit Ext(const Volume& volume) : FileSystem(volume) {}

private:
  struct Inode;
  Result<void> understand(Bytes superblock);
  bool has_superblock(std::uint32_t group) const;
  Result<Inode> inode(std::uint32_t number);
  struct Blocks;
  Result<Blocks> by_extents(const Inode& inode, std::uint32_t block);
  Result<Blocks> by_pointers(const Inode& inode, std::uint32_t block);
  Result<Run> run_inside(const Inode& inode, std::uint32_t offset);

  std::uint32_t block_shift_ = 0, block_bytes_ = 0;
  std::uint32_t first_data_block_ = 0, inodes_ = 0, inodes_per_group_ = 0, blocks_per_group_ = 0;
  std::uint32_t inode_bytes_ = 128, descriptor_bytes_ = 32, first_meta_group_ = 0, copies_in_groups_[2] = {};
  std::uint32_t features_ = 0, compatible_ = 0, for_reading_ = 0;  ///< feature_incompat, feature_compat, feature_ro_compat
  Node root_;
};

}  // namespace undine
