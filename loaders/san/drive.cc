// SPDX-License-Identifier: Apache-2.0
#include "loaders/san/drive.h"

#include <algorithm>

#include "core/memory.h"

namespace undine::san {

std::unique_ptr<Drive> Drive::make(BlockDevice& device, const DriveShape& shape) {
  auto one_block = make_bytes_nothrow(device.geometry().block_bytes);
  if (!one_block) return nullptr;
  return make_unique_nothrow<Drive>(device, shape, std::move(one_block));
}

Result<void> Drive::finish(Loop& loop, std::size_t wanted_bytes, std::size_t& done_bytes) {
  Progress progress;
  const auto result = loop.wait_unattended(device_, progress);
  done_bytes = result ? wanted_bytes : static_cast<std::size_t>(std::min<std::uint64_t>(progress.done_bytes, wanted_bytes));
  return result;
}

Result<void> Drive::command(Loop& loop, Clock& clock, std::uint64_t block, MutableBytes into, std::size_t& done_bytes) {
  TRY(device_.begin_read(block, into, clock.now()));
  return finish(loop, into.size(), done_bytes);
}

Result<void> Drive::command(Loop& loop, Clock& clock, std::uint64_t block, Bytes from, std::size_t& done_bytes) {
  TRY(device_.begin_write(block, from, clock.now()));
  return finish(loop, from.size(), done_bytes);
}

/// Whole blocks go straight between the device and `octets`; what does not begin or end with a block goes through one_block_.
template <class Octets>
Result<void> Drive::transfer(Loop& loop, Clock& clock, std::uint64_t first, Octets octets, std::uint32_t& done) {
  constexpr bool is_write = std::is_same_v<Octets, Bytes>;
  done = 0;
  const std::size_t count = octets.size() / shape_.sector_bytes;
  if (first >= shape_.sectors || count > shape_.sectors - first) return fail(block_out_of_range);
  const std::uint32_t block_bytes = device_.geometry().block_bytes;
  std::uint64_t at = shape_.first_byte + first * shape_.sector_bytes;
  std::size_t moved = 0;
  Result<void> result;
  while (result && moved < octets.size()) {
    const std::size_t within = at % block_bytes, left = octets.size() - moved;
    std::size_t piece = 0;
    if (within == 0 && left >= block_bytes) {
      result = command(loop, clock, at / block_bytes, octets.subspan(moved, left - left % block_bytes), piece);
    } else {
      const MutableBytes block{one_block_.get(), block_bytes};
      std::size_t whole = 0;
      result = command(loop, clock, at / block_bytes, block, whole);
      const std::size_t length = std::min<std::size_t>(left, block_bytes - within);
      if (result) {
        if constexpr (is_write) {
          copy_bytes(block.subspan(within), octets.subspan(moved, length));
          result = command(loop, clock, at / block_bytes, Bytes{block}, whole);
        } else {
          copy_bytes(octets.subspan(moved, length), block.subspan(within));
        }
      }
      if (result) piece = length;
    }
    moved += piece;
    at += piece;
  }
  done = static_cast<std::uint32_t>(moved / shape_.sector_bytes);
  return result;
}

Result<void> Drive::try_first_block(Loop& loop, Clock& clock) {
  std::size_t done;
  return command(loop, clock, 0, MutableBytes{one_block_.get(), device_.geometry().block_bytes}, done);
}

Result<void> Drive::read(Loop& loop, Clock& clock, std::uint64_t first, MutableBytes into, std::uint32_t& done) {
  return transfer(loop, clock, first, into, done);
}

Result<void> Drive::write(Loop& loop, Clock& clock, std::uint64_t first, Bytes from, std::uint32_t& done) {
  done = 0;
  if (is_read_only()) return fail(block_read_only);
  return transfer(loop, clock, first, from, done);
}

}  // namespace undine::san
