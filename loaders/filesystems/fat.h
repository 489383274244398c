// SPDX-License-Identifier: Apache-2.0
// FAT12, FAT16 and FAT32 with long names (Microsoft, "FAT: General Overview of On-Disk Format", 1.03). The first of the tables is read. Short names
// are taken for ASCII. Absent: exFAT.
#pragma once

#include "loaders/filesystems/file_system.h"

namespace undine {

class Fat final : public FileSystem {
public:
  /// Nothing if `volume` holds no such file system.
  static Result<std::unique_ptr<FileSystem>> open(const Volume& volume);

  std::string_view kind() const override;
  Result<std::string> label() override;
  Node root() const override { return {root_cluster_, folder_bytes_max, FileKind::folder}; }
  Result<bool> next(const Node& folder, std::uint32_t& at, FolderEntry& entry) override;
  /// A file is a chain of clusters that can only be followed from its beginning: asked for in order, it is followed once.
  Result<Run> run(const Node& file, std::uint64_t offset) override;
  bool ignores_case() const override { return true; }

  /// For make_unique; use open().
  explicit Fat(const Volume& volume) : FileSystem(volume) {}

private:
  bool understand(Bytes boot_sector);
  Result<std::uint32_t> following(std::uint32_t cluster);
  bool is_data(std::uint32_t cluster) const { return cluster >= 2 && cluster - 2 < cluster_count_; }

  std::uint8_t bits_ = 0;  ///< of an entry of the table: 12, 16 or 32
  std::uint32_t cluster_bytes_ = 0, cluster_count_ = 0, root_cluster_ = 0;  ///< of FAT12 and 16 the root is no cluster: 0
  std::uint32_t table_at_ = 0, root_bytes_ = 0;
  std::uint64_t root_at_ = 0, data_at_ = 0;

  std::uint32_t label_sought_ = 0;  ///< how far the root was looked through for the label

  // How far the chain of one file was followed.
  std::uint32_t chain_of_ = 0, chain_offset_ = 0, chain_cluster_ = 0;
};

}  // namespace undine
