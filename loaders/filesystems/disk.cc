// SPDX-License-Identifier: Apache-2.0
#include "loaders/filesystems/disk.h"

#include <algorithm>

#include "core/text.h"
#include "core/uri.h"
#include "loaders/filesystems/ext.h"
#include "loaders/filesystems/fat.h"
#include "loaders/filesystems/iso9660.h"

namespace undine {
namespace {

/// ISO 9660 before the others: images for CDs and USB sticks have a boot sector in front.
constexpr Result<std::unique_ptr<FileSystem>> (*kinds[])(const Volume&) = {Iso9660::open, Ext::open, Fat::open};

/// Turns of a task in one `advance`, where the disk is faster than we are: then somebody may press Ctrl-C.
constexpr unsigned turns_max = 256;

}  // namespace

Result<std::span<const Partition>> Disk::parts() {
  if (!table_is_known_) TRY(table_.read());
  table_is_known_ = true;
  return table_.partitions();
}

Result<FileSystem*> Disk::files(const Partition& part) {
  if (files_ && number_ == part.number) return files_.get();
  files_.reset();
  Error why = disk_no_file_system;
  for (const auto open : kinds) {
    auto opened = open({&cache_, part.start_bytes, part.length_bytes});
    if (opened && *opened != nullptr) {
      files_ = std::move(*opened);
      number_ = part.number;
      return files_.get();
    }
    // What looks like a damaged one may be another kind with the same octets there.
    if (!opened) why = opened.error();
    if (why.is(disk_waiting)) break;
  }
  return fail(why);
}

FileSearch::FileSearch(Disk& disk, std::string_view path) : disk_(disk) {
  if (path.starts_with('(')) {
    path.remove_prefix(1);
    is_numbered_ = true;
    if (const auto number = parse_number(split_first(path, ')'), PartitionTable::partitions_max)) number_ = static_cast<std::uint32_t>(*number);
  }
  path_ = percent_decoded(path);
}

Result<FileSearch::Found> FileSearch::find() {
  const std::span<const Partition> parts = TRY(disk_.parts());
  for (; part_ < parts.size(); ++part_, walk_.reset()) {
    if (is_numbered_ && parts[part_].number != number_) continue;
    const auto files = disk_.files(parts[part_]);
    Error why = disk_no_file_system;
    if (files) {
      if (!walk_) walk_.emplace(**files, path_);
      const auto node = walk_->find();
      if (node) return Found{*files, *node};
      why = node.error();
    } else {
      why = files.error();
    }
    if (why.is(disk_waiting)) return fail(why);
    if (failure_.is(disk_no_partition) || failure_.is(disk_no_file_system) || (failure_.is(file_not_found) && !why.is(disk_no_file_system))) failure_ = why;
  }
  return fail(failure_);
}

Result<Progress> DiskTask::advance(Instant now) {
  for (unsigned turns = 0; turns < turns_max; ++turns) {
    const Progress command = TRY(disk_.cache().advance(now));
    TRY(note(command));
    if (!command.finished) break;
    const Result<bool> done = step(now);
    if (done && *done) return Progress{true, progress_.done_bytes, progress_.total_bytes};
    if (done) continue;
    if (!done.error().is(disk_waiting)) return fail(done.error());
    TRY(disk_.cache().fetch(now));
  }
  return progress_;
}

Result<void> FileRead::commit(std::uint64_t end) {
  const std::uint64_t done = progress_.done_bytes;
  if (end > done) TRY(sink_.commit(done, static_cast<std::size_t>(end - done)));
  progress_.done_bytes = std::max(end, done);
  return {};
}

Result<void> FileRead::note(const Progress& command) {
  if (piece_end_ == 0) return {};
  const std::uint64_t end = piece_end_;
  if (command.finished) piece_end_ = 0;
  return commit(command.finished ? end : std::min(end, piece_start_ + command.done_bytes));
}

Result<bool> FileRead::step(Instant now) {
  if (file_.files == nullptr) {
    const FileSearch::Found found = TRY(search_.find());
    if (found.node.kind == FileKind::folder) return fail(file_is_folder);
    if (found.node.kind != FileKind::file) return fail(file_unreadable);
    TRY(sink_.expect(found.node.size_bytes));
    file_ = found;
    progress_.total_bytes = found.node.size_bytes;
  }
  const std::uint64_t at = progress_.done_bytes, left = file_.node.size_bytes - at;
  if (left == 0) return true;
  const Run run = TRY(file_.files->run(file_.node, at));
  if (run.length_bytes == 0) return fail(disk_damaged);
  MutableBytes room = TRY(sink_.room(at));
  /// No more of the file lies there, but perhaps more of the disk: whole blocks are read where there is memory for them.
  std::size_t length = std::min<std::size_t>(run.length_bytes, room.size());
  if (left < length) length = static_cast<std::size_t>(left);
  if (run.is_hole) {
    std::ranges::fill(room.first(length), std::uint8_t{0});
    TRY(commit(at + length));
    return false;
  }
  const Volume& volume = file_.files->volume();
  if (run.start_bytes > volume.length_bytes || length > volume.length_bytes - run.start_bytes) return fail(disk_short);
  const std::uint64_t offset = volume.start_bytes + run.start_bytes;
  const std::size_t block = disk_.cache().block_bytes(), inside = offset % block;
  std::size_t whole = (length + block - 1) / block * block;
  if (whole > room.size() || whole > disk_.cache().size_bytes() - offset) whole = length / block * block;
  if (inside != 0 || whole == 0) {
    const std::size_t count = std::min(length, block - inside);
    TRY(disk_.cache().read(offset, room.first(count)));
    TRY(commit(at + count));
    return false;
  }
  TRY(disk_.cache().begin_read(offset, room.first(whole), now));
  piece_start_ = at;
  piece_end_ = at + std::min(whole, length);
  return false;
}

Result<bool> FolderList::step(Instant) {
  if (folder_.files == nullptr) {
    folder_ = TRY(search_.find());
    if (folder_.node.kind != FileKind::folder) {
      entry_.node = folder_.node;
      return true;
    }
  }
  at_end_ = folder_.node.kind != FileKind::folder;
  if (at_end_) return true;
  std::uint32_t at = at_;
  FolderEntry entry;
  auto next = folder_.files->next(folder_.node, at, entry);
  if (!next) at_ = at;
  at_end_ = !TRY(next);
  if (!at_end_ && entry.node.kind == FileKind::unknown) {
    // A name whose file cannot be described is shown all the same.
    const auto node = folder_.files->node(entry.node.place);
    if (!node && node.error().is(disk_waiting)) return fail(node.error());
    if (node) entry.node = *node;
  }
  entry_ = std::move(entry);
  at_ = at;
  return true;
}

Result<bool> PartList::step(Instant) {
  const std::span<const Partition> parts = TRY(disk_.parts());
  part_ = next_ < parts.size() ? &parts[next_] : nullptr;
  if (part_ == nullptr) return true;
  files_ = disk_.files(*part_);
  if (!files_ && files_.error().is(disk_waiting)) return fail(files_.error());
  label_.clear();
  if (files_) {
    auto label = (*files_)->label();
    if (label) label_ = std::move(*label);
    if (!label && label.error().is(disk_waiting)) return fail(label.error());
  }
  ++next_;
  return true;
}

}  // namespace undine
