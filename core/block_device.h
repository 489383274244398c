// SPDX-License-Identifier: Apache-2.0
// A disk somewhere else, in blocks. Network protocols implement it; wrappers (cache, overlay, parts of a disk) are one over another; INT 13h and file
// systems read it. Nothing here waits: a command is begun, then advanced until it has finished.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/address.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/transfer.h"

namespace undine {

inline constexpr Cause block_read_only{"block.read-only", "the disk is write-protected; '--overlay ram' takes writes in memory", pxe_status_failure};
inline constexpr Cause block_out_of_range{"block.out-of-range", "that is beyond the end of the disk", pxe_status_failure};

/// What a disk is. Known once the opening has finished; it may not change while the disk is open.
struct BlockGeometry {
  std::uint64_t block_count = 0;
  std::uint32_t block_bytes = 512;  ///< a power of two, 512 to 4096
  bool is_read_only = false;
};

/// Where a disk is, for an operating system that will look for it with a driver of its own (boot firmware tables).
struct DiskOrigin {
  enum class Kind : std::uint8_t { iscsi, aoe };
  Kind kind = Kind::iscsi;
  // iSCSI
  Endpoint target{};               ///< the portal that the root path names; the session may be with one that it sent us to
  std::uint64_t lun = 0;           ///< the eight octets of RFC 7143 11.2.1.6 (SAM-5 4.7), the first one highest
  std::string target_name{};
  std::string username{}, password{};                  ///< CHAP, if the target asked for it; else empty
  std::string reverse_username{}, reverse_password{};  ///< if it had to prove itself too
  // AoE
  std::uint16_t shelf = 0;
  std::uint8_t slot = 0;
};

/// One disk. It is a Transfer: `advance` moves the command under way (at first the opening) and says
/// `finished` when none is; `done_bytes` and `total_bytes` are the command's. An error of `advance` ends the command, not the disk: the next one may
/// succeed, and a lost connection is made again by it. One command at a time.
class BlockDevice : public Transfer {
public:
  /// Valid when the opening has finished.
  virtual const BlockGeometry& geometry() const = 0;
  /// Begins to read whole blocks from `first` on: `into` has a multiple of `block_bytes` and stays valid until the command has finished, failed or been
  /// cancelled. Of a command that fails, what `into` holds is undefined, except for the first `done_bytes` of the last progress.
  virtual Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) = 0;
  /// The same for writing. `block_read_only` where the disk takes none.
  virtual Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) = 0;
  /// Begins to put what was written where it survives a loss of power, if the disk can tell; otherwise finished at once.
  virtual Result<void> begin_flush(Instant now) = 0;
  /// Gives the command under way up; its memory is not touched any more when this returns.
  virtual void cancel() = 0;
  /// What was opened, for people: without passwords.
  virtual std::string description() const = 0;
  /// Nothing if no driver could find it by that. A wrapper whose blocks are not the disk's own has none.
  virtual std::optional<DiskOrigin> origin() const { return {}; }
};

/// `begin_read` and `begin_write` check this first: the blocks lie on the disk, and there is at least one.
inline Result<void> check_blocks(const BlockGeometry& geometry, std::uint64_t first, std::size_t length_bytes) {
  const std::uint64_t count = length_bytes / geometry.block_bytes;
  if (count == 0 || length_bytes % geometry.block_bytes != 0 || first >= geometry.block_count || count > geometry.block_count - first)
    return fail(block_out_of_range);
  return {};
}

}  // namespace undine
