// SPDX-License-Identifier: Apache-2.0
// A disk as a BIOS shows it: a kind, sectors of a size that boot programs expect, cylinders and heads that were never there.
//
// Sources: El Torito 1.0, EDD 3.0 (T13 1226DT), and for the geometry the partition table and FAT's parameter block, since whoever made the disk wrote
// into them which geometry he believed in.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/block_device.h"
#include "core/loop.h"

namespace undine::san {

enum class DriveKind : std::uint8_t { floppy, hard_disk, cd };

/// Cylinders, heads and sectors of a track; none is 0.
struct ChsGeometry {
  std::uint32_t cylinders = 1;
  std::uint8_t heads = 255, sectors = 63;
  constexpr bool operator==(const ChsGeometry&) const = default;
};

/// What a disk, or a part of one, looks like.
struct DriveShape {
  DriveKind kind = DriveKind::hard_disk;
  std::uint8_t floppy_type = 0;      ///< as function 08h returns it in BL; 0 if it is none
  std::uint32_t sector_bytes = 512;  ///< 512, or 2048 for a CD, or 4096 for a disk whose addresses count them
  std::uint64_t first_byte = 0;      ///< where sector 0 is
  std::uint64_t sectors = 0;
  ChsGeometry chs{};
  std::uint32_t boot_catalogue = 0;  ///< of a CD: the sector with El Torito's catalogue; 0 if there is none
};

/// The image that an El Torito catalogue describes and that was booted; for function 4Bh.
struct BootEntry {
  std::uint8_t media_type = 0;  ///< 0 no emulation, 1 to 3 diskette, 4 hard disk
  std::uint32_t sector = 0;     ///< of the CD
  std::uint16_t load_segment = 0, load_sectors = 0;  ///< of 512 octets
};

/// How much of the beginning of a disk tells its shape: up to the boot record of a CD (El Torito figure 7).
inline constexpr std::size_t shape_bytes = 36 * 1024;
/// The shape of a disk of that size, with blocks of `block_bytes`. `beginning` has its first shape_bytes, or all of a smaller one; hostile.
DriveShape guess_shape(Bytes beginning, std::uint64_t size_bytes, std::uint32_t block_bytes);
/// The shape of a diskette of exactly that size; kind hard_disk if there is none.
DriveShape floppy_shape(std::uint64_t size_bytes);
/// Heads and sectors from a partition table or a FAT's parameter block in sector 0, and the cylinders that follow.
ChsGeometry guess_geometry(Bytes first_sector, std::uint64_t sectors);

/// One drive over one block device, which outlives it and may serve several.
class Drive {
public:
  Drive(BlockDevice& device, const DriveShape& shape, std::unique_ptr<std::uint8_t[]> one_block)
      : device_(device), shape_(shape), one_block_(std::move(one_block)) {}
  /// Allocates now what it needs later; nothing if there is no memory.
  static std::unique_ptr<Drive> make(BlockDevice& device, const DriveShape& shape);

  const DriveShape& shape() const { return shape_; }
  BlockDevice& device() const { return device_; }
  bool is_read_only() const { return device_.geometry().is_read_only || shape_.kind == DriveKind::cd || emulates; }

  /// Whole sectors; waits. `done` is how many were transferred, also when it fails.
  Result<void> read(Loop& loop, Clock& clock, std::uint64_t first, MutableBytes into, std::uint32_t& done);
  Result<void> write(Loop& loop, Clock& clock, std::uint64_t first, Bytes from, std::uint32_t& done);

  /// Reads a block for no other reason than to learn whether the disk answers.
  Result<void> try_first_block(Loop& loop, Clock& clock);

  std::uint8_t number = 0;   ///< the one that was asked for
  std::uint8_t natural = 0;  ///< the one that it would have had; whoever had `number` before is there now
  std::uint8_t last_status = 0;
  BootEntry boot_entry{};    ///< of a CD, or of the part of it that plays another kind of disk
  bool emulates = false;   ///< a part of a CD that plays another kind of disk
  bool is_active = true;   ///< an emulation can be ended

private:
  template <class Octets>
  Result<void> transfer(Loop& loop, Clock& clock, std::uint64_t first, Octets octets, std::uint32_t& done);
  Result<void> command(Loop& loop, Clock& clock, std::uint64_t block, MutableBytes into, std::size_t& done_bytes);
  Result<void> command(Loop& loop, Clock& clock, std::uint64_t block, Bytes from, std::size_t& done_bytes);
  Result<void> finish(Loop& loop, std::size_t wanted_bytes, std::size_t& done_bytes);

  BlockDevice& device_;
  DriveShape shape_;
  std::unique_ptr<std::uint8_t[]> one_block_;  ///< for sectors smaller than a block
};

}  // namespace undine::san
