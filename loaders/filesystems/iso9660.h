// SPDX-License-Identifier: Apache-2.0
// ISO 9660 (ECMA-119) with Rock Ridge (IEEE P1282 over SUSP, IEEE P1281) or Joliet. Rock Ridge is preferred where a disc has both: its names are
// those that the files had. Absent: interleaved files, compressed ones (zisofs), UDF.
#pragma once

#include "loaders/filesystems/file_system.h"

namespace undine {

class Iso9660 final : public FileSystem {
public:
  enum class Names : std::uint8_t { plain, joliet, rock_ridge };

  /// Nothing if `volume` holds no such file system.
  static Result<std::unique_ptr<FileSystem>> open(const Volume& volume);

  std::string_view kind() const override;
  Result<std::string> label() override;
  Node root() const override { return root_; }
  Result<bool> next(const Node& folder, std::uint32_t& at, FolderEntry& entry) override;
  Result<Run> run(const Node& file, std::uint64_t offset) override;
  Result<std::string> link_target(const Node& link) override;
  bool ignores_case() const override { return names_ != Names::rock_ridge; }

  /// For make_unique; use open().
  explicit Iso9660(const Volume& volume) : FileSystem(volume) {}

private:
  struct Record;
  class SystemUse;
  Result<void> learn_root(std::uint64_t primary_at, std::uint64_t joliet_at);
  Result<Record> record(std::uint64_t at);
  Result<std::uint64_t> behind(const Record& record);
  std::uint64_t contents_of(const Record& record) const;
  SystemUse system_use(const Record& record);
  Result<bool> apply_rock_ridge(const Record& record, FolderEntry& entry);

  std::uint64_t primary_at_ = 0;  ///< the primary volume descriptor
  std::uint32_t block_bytes_ = 0;
  Names names_ = Names::plain;
  std::uint8_t skip_bytes_ = 0;  ///< before the first field of a system use area (SUSP 5.3)
  Node root_;
};

}  // namespace undine
