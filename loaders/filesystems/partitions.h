// SPDX-License-Identifier: Apache-2.0
// Where the partitions of a disk lie: GPT (UEFI 2.10 section 5.3) or MBR with logical partitions in a chain, as DOS and Linux have them. Numbers are
// those of Linux: 1 to 4 are the MBR's own, 5 and on the logical ones; with GPT the place in the table.
#pragma once

#include <vector>

#include "loaders/filesystems/disk_cache.h"

namespace undine {

struct Partition {
  std::uint32_t number = 0;  ///< from 1; 0: the whole disk
  std::uint64_t start_bytes = 0, length_bytes = 0;
  std::uint8_t type = 0;     ///< as MBRs have it; EEh: of a GPT
};

/// In which sectors the MBR that is `sector`, of 512 octets, counts: 512 or 4096 octets. Disks with blocks of 4 KiB count in them, unless something ends beyond
/// the disk then and does not in the smaller ones, or the first partition begins where it does in those: a server that moves no less than 4 KiB has an image
/// of an ordinary disk. CDs, with 2 KiB, count in 512.
std::uint32_t mbr_sector_bytes(Bytes sector, std::uint64_t size_bytes, std::uint32_t block_bytes);

class PartitionTable {
public:
  /// As many as a GPT of the usual size has room for. What comes behind is left out.
  static constexpr std::size_t partitions_max = 128;
  /// Of the entries of a GPT: four times the usual size. They are summed in one step, so they have to fit into the cache.
  static constexpr std::size_t gpt_bytes_max = 64 * 1024;

  explicit PartitionTable(DiskCache& disk) : disk_(disk) {}
  /// Done, or `disk_waiting`: to be called again. A disk without a table has no partitions, and that is no error; a chain that is damaged or goes
  /// round ends there.
  Result<void> read();
  /// The whole disk, then its partitions.
  const std::vector<Partition>& partitions() const { return partitions_; }

private:
  Result<bool> read_gpt();
  Result<bool> read_gpt(std::uint64_t header_at);
  Result<void> read_mbr(Bytes sector);
  Result<void> read_chain();
  void add(std::uint32_t number, std::uint64_t first_sector, std::uint64_t sector_count, std::uint8_t type);
  std::uint64_t sectors() const { return disk_.size_bytes() >> sector_shift_; }

  DiskCache& disk_;
  std::vector<Partition> partitions_;
  std::uint8_t sector_shift_ = 9;           ///< sectors of 1 << this
  bool is_known_ = false;                   ///< what the first sector says
  std::uint8_t gpt_tried_ = 0;              ///< places where a GPT's header was looked for and is none
  std::uint32_t chain_start_ = 0;           ///< the extended partition, in sectors
  std::uint32_t link_ = 0;                  ///< the next sector of the chain; 0: it has ended
  std::uint32_t links_ = 0;                 ///< that were followed
};

}  // namespace undine
