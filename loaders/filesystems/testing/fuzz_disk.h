// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of the file systems do. An input is a disk of mostly zeros: two octets with the number of a sector (little-endian, 0 to 4095), then the 512 octets of
// the sector, as often as there are some; make_images writes seeds so.
#pragma once

#include <cstdlib>
#include <vector>

#include "loaders/filesystems/file_system.h"
#include "loaders/filesystems/testing/memory_disk.h"

namespace undine::testing {

class FuzzDisk {
public:
  explicit FuzzDisk(Bytes input, std::uint32_t block_bytes = 512) : contents_(unfold(input)), cache(std::make_unique<ImageDisk>(contents_, block_bytes)) { (void)cache.advance({}); }

  /// Calls `step` until it does not wait any more. No step may want more than the cache holds, so it cannot want for ever.
  auto settle(auto step) {
    for (unsigned waits = 0;; ++waits) {
      auto done = step();
      if (done || !done.error().is(disk_waiting)) return done;
      if (waits > waits_max || !cache.fetch({})) std::abort();
      while (!cache.advance({})->finished) {
      }
    }
  }
  /// Lists folders, reads files and follows links, some of each.
  void explore(FileSystem& files, const Node& folder, unsigned depth = 0) {
    FolderEntry entry;
    std::uint32_t at = 0;
    for (unsigned entries = 0; entries < 20; ++entries) {
      const auto next = settle([&] { return files.next(folder, at, entry); });
      if (!next || !*next) return;
      if (entry.name.size() > 4 * 2048 * 4) std::abort();
      Node node = entry.node;
      if (node.kind == FileKind::unknown) node = settle([&] { return files.node(node.place); }).value_or(Node{});
      if (node.kind == FileKind::folder && depth < 3) explore(files, node, depth + 1);
      if (node.kind == FileKind::link) (void)settle([&] { return files.link_target(node); });
      for (std::uint64_t offset = 0, runs = 0; node.kind == FileKind::file && offset < node.size_bytes && runs < 20; ++runs) {
        const auto run = settle([&] { return files.run(node, offset); });
        if (!run || run->length_bytes == 0) break;
        offset += run->length_bytes;
      }
    }
  }

private:
  /// A chain of clusters may lead over all of the table before one of them is found.
  static constexpr unsigned waits_max = 1000;
  static std::vector<std::uint8_t> unfold(Bytes input) {
    constexpr std::size_t sector_bytes = 512, sectors_max = 4096;
    std::vector<std::uint8_t> contents;
    for (; input.size() >= 2 + sector_bytes; input = input.subspan(2 + sector_bytes)) {
      const std::size_t at = load_le16(input, 0) % sectors_max * sector_bytes;
      contents.resize(std::max(contents.size(), at + sector_bytes));
      copy_bytes(MutableBytes(contents).subspan(at), input.subspan(2, sector_bytes));
    }
    return contents;
  }

  std::vector<std::uint8_t> contents_;

public:
  DiskCache cache;
};

/// A file system on all of the disk.
inline int fuzz_file_system(Bytes input, Result<std::unique_ptr<FileSystem>> (*open)(const Volume&), std::string_view path) {
  FuzzDisk disk{input};
  const auto files = disk.settle([&] { return open({&disk.cache, 0, disk.cache.size_bytes()}); });
  if (!files || *files == nullptr) return 0;
  if (const auto label = disk.settle([&] { return (*files)->label(); }); label && label->size() > FileSystem::label_bytes_max) std::abort();
  disk.explore(**files, (*files)->root());
  PathWalk walk{**files, path};
  (void)disk.settle([&] { return walk.find(); });
  return 0;
}

}  // namespace undine::testing
