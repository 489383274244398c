// SPDX-License-Identifier: Apache-2.0
// What every file system on a disk can do, and the way along a path. Read only.
//
// Everything that returns a Result may say `disk_waiting` (disk_cache.h): then nothing has changed, and it is called again later. Everything else that fails
// is wrong with the disk, or with the path.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loaders/filesystems/disk_cache.h"

namespace undine {

inline constexpr Cause file_not_found{"disk.no-such-file", "there is no such file on the disk; 'ls' shows what there is", 0x3b};
inline constexpr Cause file_is_folder{"disk.is-folder", "that is a folder; 'ls' shows what is in it", 0x3b};
inline constexpr Cause file_unreadable{"disk.unreadable", "that is no plain file: a device or a socket, or it is encrypted or compressed, which is not known here", 0x3b};
inline constexpr Cause link_endless{"disk.links", "its path leads through more than 40 symbolic links, or is longer than 4096 characters or 64 folders; a link goes round in a circle", 0x3b};
inline constexpr Cause disk_damaged{"disk.damaged", "the file system contradicts itself: it is damaged, or was written to while it was copied", pxe_status_failure};

enum class FileKind : std::uint8_t {
  unknown,  ///< `FileSystem::node` tells
  file,
  folder,
  link,     ///< symbolic
  other,    ///< nothing that can be read here
};

/// A file, by the place where its file system describes it.
struct Node {
  std::uint64_t place = 0;
  std::uint64_t size_bytes = 0;
  FileKind kind = FileKind::unknown;
};

/// One line of a folder.
struct FolderEntry {
  std::string name, short_name;  ///< in UTF-8; FAT has a short one beside it
  Node node;
};

/// A part of a file that lies in one piece. Nothing else of the file lies there.
struct Run {
  std::uint64_t start_bytes = 0;   ///< from the beginning of the volume
  std::uint32_t length_bytes = 0;  ///< perhaps less than there is; 0: the file ends here
  bool is_hole = false;            ///< zeros that are stored nowhere

  /// What fits into `length_bytes` and into the memory of a PC.
  static constexpr std::uint32_t bytes_max = 1 << 30;
};

class FileSystem {
public:
  /// No folder that people make is longer; it holds some 100,000 files.
  static constexpr std::uint32_t folder_bytes_max = 32 << 20;

  /// The longest label, ISO 9660's.
  static constexpr std::size_t label_bytes_max = 32;

  explicit FileSystem(const Volume& volume) : volume_(volume) {}
  virtual ~FileSystem() = default;

  /// "ext4", "ISO 9660 with Rock Ridge".
  virtual std::string_view kind() const = 0;
  /// What the volume was called when it was made; empty: nothing. Asked again after `disk_waiting` it goes on where it was.
  virtual Result<std::string> label() = 0;
  virtual Node root() const = 0;
  /// The entry of `folder` at `at`, 0 at first, which becomes the place of the next one; false at the end. Without "." and "..". Where it fails, `at` may
  /// have moved past what is no entry.
  virtual Result<bool> next(const Node& folder, std::uint32_t& at, FolderEntry& entry) = 0;
  /// Size and kind of what an entry left `unknown`.
  virtual Result<Node> node(std::uint64_t place) { return Node{place}; }
  /// What lies at `offset`, which is less than the file's size, as long as it is in one piece.
  virtual Result<Run> run(const Node& file, std::uint64_t offset) = 0;
  virtual Result<std::string> link_target(const Node&) { return fail(disk_damaged); }
  virtual bool ignores_case() const = 0;

  const Volume& volume() const { return volume_; }

protected:
  /// The label in a field of at most `label_bytes_max`, which is filled up with blanks or zeros.
  Result<std::string> label_at(std::uint64_t offset, std::size_t length_bytes) const;
  /// Copies from inside a file of less than 4 GiB, a folder or a link; false if the file ends before.
  Result<bool> read(const Node& file, std::uint32_t offset, MutableBytes into);

  const Volume volume_;

private:
  /// Pieces that `read` used last: a folder is read in hundreds of small reads, and some entries lie across two or three pieces.
  struct Known {
    std::uint64_t place;
    std::uint32_t offset;
    Run run;
  };
  std::array<Known, 4> known_{};
  std::uint8_t next_known_ = 0;  ///< the one to be replaced
  Result<const Known*> known(const Node& file, std::uint32_t offset);
};

/// From the root of a file system to a file, through folders and symbolic links.
class PathWalk {
public:
  static constexpr unsigned links_max = 40;  // as Linux has it (path_resolution(7))
  static constexpr std::size_t path_max = 4096, depth_max = 64;

  PathWalk(FileSystem& files, std::string_view path) : files_(files), rest_(path), folders_{files.root()} {}
  /// The file. Called again after `disk_waiting` it goes on where it was.
  Result<Node> find();

private:
  FileSystem& files_;
  std::string rest_;           ///< of the path
  std::vector<Node> folders_;  ///< from the root down to where we are
  std::uint32_t at_ = 0;       ///< how far the last of them was looked through
  unsigned links_ = 0;
};

/// Appends a UTF-16 code unit as UTF-8; `high` keeps the first half of a pair between calls, 0 at first. What is no character becomes U+FFFD.
void append_utf16(std::string& text, std::uint16_t unit, std::uint16_t& high);

}  // namespace undine
