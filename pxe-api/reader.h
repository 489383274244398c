// SPDX-License-Identifier: Apache-2.0
// A download that somebody else reads at his own pace, through a buffer of fixed size: what a boot program fetches with TFTP_READ or FILE_READ.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/transfer.h"

namespace undine::pxe_api {

inline constexpr Cause file_changed{"pxe.file-changed", "the file changed on the server while it was being read", 0x3b};

/// Octets between the network and a reader. Gives an empty room when it is full: the download then takes nothing from its connection.
class QueueSink final : public Sink {
public:
  /// More than the window of blocks that a TFTP server may have on its way, twice.
  static constexpr std::size_t capacity = 64 * 1024;

  Result<void> expect(std::uint64_t size_bytes) override;
  Result<MutableBytes> room(std::uint64_t offset) override;
  Result<void> commit(std::uint64_t offset, std::size_t length_bytes) override;
  void restart() override;

  std::size_t waiting() const { return end_ - begin_; }
  std::size_t free() const { return capacity - waiting(); }
  /// Takes what is there, as far as it fits, and returns how much.
  std::size_t take(MutableBytes into);
  void discard() { begin_ = end_ = 0; }
  std::optional<std::uint64_t> size() const { return size_; }
  std::uint64_t received() const { return received_; }
  bool broken() const { return broken_; }

private:
  std::vector<std::uint8_t> buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< what waits in `buffer_`
  std::uint64_t received_ = 0;
  std::optional<std::uint64_t> size_;
  bool broken_ = false;
};

/// As a Transfer it is finished for the moment when `wanted` octets wait (or `size_only`: when the size of the file is known), the file is at its
/// end, or the buffer is full.
class Reader final : public Transfer {
public:
  /// What was opened into our sink.
  void use(std::unique_ptr<Transfer> download) { download_ = std::move(download); }
  QueueSink& sink() { return sink_; }

  Result<Progress> advance(Instant now) override;
  void want(std::size_t octets, bool size_only = false) { wanted_ = octets, size_only_ = size_only; }
  bool at_end() const { return finished_ && sink_.waiting() == 0; }
  bool finished() const { return finished_; }

private:
  QueueSink sink_;  ///< before the download, which refers to it
  std::unique_ptr<Transfer> download_;
  std::size_t wanted_ = 0;
  bool size_only_ = false;
  bool finished_ = false;
};

}  // namespace undine::pxe_api
