// SPDX-License-Identifier: Apache-2.0
// Files and folders of a disk: which partition, which file system, which blocks. Each task is a Transfer, so nothing here waits; one at a time.
//
// A path in a disk is "/boot/vmlinuz", or "(2)/boot/vmlinuz" for that of the second partition; (0) is the whole disk. Without a number it is looked for on the
// whole disk and on each partition in turn.
#pragma once

#include <span>
#include <string>

#include "loaders/filesystems/file_system.h"
#include "loaders/filesystems/partitions.h"

namespace undine {

inline constexpr Cause disk_no_file_system{"disk.no-file-system", "no file system that is known here is on the disk; ISO 9660, FAT12, FAT16, FAT32, ext2, ext3 and ext4 are", pxe_status_failure};
inline constexpr Cause disk_no_partition{"disk.no-partition", "the disk has no such partition; 'ls' with the disk's address lists them", pxe_status_failure};

/// An open disk, with what was learnt about it, for one task after the other.
class Disk {
public:
  /// `device` may be opening still.
  explicit Disk(std::unique_ptr<BlockDevice> device) : cache_(std::move(device)), table_(cache_) {}

  /// The whole disk, then its partitions. May say `disk_waiting`.
  Result<std::span<const Partition>> parts();
  /// The file system on one of them, until that of another one is asked for; `disk_no_file_system` if none is known. May say `disk_waiting`.
  Result<FileSystem*> files(const Partition& part);
  DiskCache& cache() { return cache_; }

private:
  DiskCache cache_;
  PartitionTable table_;
  std::unique_ptr<FileSystem> files_;
  std::uint32_t number_ = 0;  ///< of the partition that they are on
  bool table_is_known_ = false;
};

/// Where a path leads. Lives as long as somebody looks.
class FileSearch {
public:
  /// `path` may be percent-encoded, as addresses are.
  FileSearch(Disk& disk, std::string_view path);

  struct Found {
    FileSystem* files = nullptr;
    Node node;
  };
  /// May say `disk_waiting`.
  Result<Found> find();

private:
  Disk& disk_;
  std::string path_;
  bool is_numbered_ = false;
  std::optional<std::uint32_t> number_;  ///< nothing of a numbered one: no number
  std::size_t part_ = 0;                 ///< where we are looking
  std::optional<PathWalk> walk_;
  Error failure_ = disk_no_partition;    ///< what tells most
};

/// Drives the parsers: fetches what they miss, and calls them again.
class DiskTask : public Transfer {
public:
  explicit DiskTask(Disk& disk) : disk_(disk) {}
  ~DiskTask() override { disk_.cache().cancel(); }
  DiskTask(const DiskTask&) = delete;
  DiskTask& operator=(const DiskTask&) = delete;
  Result<Progress> advance(Instant now) final;

protected:
  /// Does something; true at the end. `disk_waiting` as everywhere.
  virtual Result<bool> step(Instant now) = 0;
  /// A command of the disk's goes on, or is over.
  virtual Result<void> note(const Progress&) { return {}; }

  Disk& disk_;
  Progress progress_;
};

/// Finds a file and reads it into a sink, in as large pieces as it lies in, straight from the device.
class FileRead final : public DiskTask {
public:
  /// `disk` and `sink` outlive it.
  FileRead(Disk& disk, std::string_view path, Sink& sink) : DiskTask(disk), search_(disk, path), sink_(sink) {}

private:
  Result<bool> step(Instant now) override;
  Result<void> note(const Progress& command) override;
  Result<void> commit(std::uint64_t end);

  FileSearch search_;
  Sink& sink_;
  FileSearch::Found file_;
  // The piece that the device is reading into the sink's memory.
  std::uint64_t piece_start_ = 0, piece_end_ = 0;
};

/// A folder, entry by entry: finished with each. A file is its own only entry.
class FolderList final : public DiskTask {
public:
  FolderList(Disk& disk, std::string_view path) : DiskTask(disk), search_(disk, path) {}
  /// Nothing at the end.
  const FolderEntry* entry() const { return at_end_ ? nullptr : &entry_; }
  const FileSystem& files() const { return *folder_.files; }

private:
  Result<bool> step(Instant now) override;

  FileSearch search_;
  FileSearch::Found folder_;
  FolderEntry entry_;
  std::uint32_t at_ = 0;
  bool at_end_ = false;
};

/// The whole disk and its partitions, one by one: finished with each.
class PartList final : public DiskTask {
public:
  explicit PartList(Disk& disk) : DiskTask(disk) {}
  /// Nothing at the end.
  const Partition* part() const { return part_; }
  /// What is on it.
  const Result<FileSystem*>& files() const { return files_; }
  /// What the volume on it is called; empty if nothing.
  const std::string& label() const { return label_; }

private:
  Result<bool> step(Instant now) override;

  const Partition* part_ = nullptr;
  std::size_t next_ = 0;
  Result<FileSystem*> files_ = nullptr;
  std::string label_;
};

}  // namespace undine
