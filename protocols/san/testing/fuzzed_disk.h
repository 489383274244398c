// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets of disks share: servers whose connections are pieces of the input, and the commands that a disk is given.
#pragma once

#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "core/memory.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/san/san.h"

namespace undine::testing {

/// What one connection does: bits of how it ends and answers, and what it sends.
struct FuzzedScript {
  std::uint8_t how = 0;
  std::deque<std::string> pieces;
};

class FuzzedServer {
public:
  static constexpr std::size_t connections_max = 20;

  /// The rest of the input is a list of connections: `how`, whose upper five bits are the number of pieces less one, and the pieces, each behind its length.
  static void take(ByteReader& input, std::uint16_t piece_max) {
    scripts().clear();
    while (input.remaining() > 3 && scripts().size() < connections_max) {
      FuzzedScript script;
      script.how = input.u8();
      for (unsigned i = 0; i <= script.how >> 3u; ++i) {
        const std::size_t length = input.be16() % piece_max;
        script.pieces.emplace_back(as_text(input.take(length < input.remaining() ? length : input.remaining())));
      }
      scripts().push_back(std::move(script));
    }
  }
  /// The next connection, a `Kind` made of its script; then nobody is there any more.
  template <class Kind>
  static Result<std::unique_ptr<Stream>> connect(Network&, Endpoint, Instant) {
    if (scripts().empty()) return fail(tcp_refused);
    auto stream = make_unique_nothrow<Kind>(std::move(scripts().front()));
    scripts().pop_front();
    return stream;
  }
  /// What one read brings at most.
  static std::size_t& read_max() {
    static std::size_t bytes;
    return bytes;
  }

private:
  static std::deque<FuzzedScript>& scripts() {
    static std::deque<FuzzedScript> all;
    return all;
  }
};

/// The stream of such a connection. Bit 0 of `how`: it is reset behind its last piece; `closes`: it is closed there.
class FuzzedStream : public Stream {
public:
  Result<std::size_t> read(MutableBytes into) final {
    const std::size_t most = FuzzedServer::read_max();
    const std::size_t count = copy_bytes(into.first(into.size() < most ? into.size() : most), as_bytes(unread_));
    unread_.erase(0, count);
    if (count == 0 && script_.pieces.empty() && (script_.how & 1) != 0) return fail(tcp_reset);
    return count;
  }
  bool at_end() const final { return unread_.empty() && script_.pieces.empty() && (script_.how & closes_) != 0; }
  void finish() final {}

protected:
  FuzzedStream(FuzzedScript script, std::uint8_t closes) : script_(std::move(script)), closes_(closes) {}
  std::string take_piece() {
    std::string piece = std::move(script_.pieces.front());
    script_.pieces.pop_front();
    return piece;
  }
  FuzzedScript script_;
  std::string unread_;

private:
  std::uint8_t closes_;
};

/// Moves a disk until its command has ended; aborts if it does not within its limits. True if it ended well.
inline bool ends(BlockDevice& disk, Instant& now) {
  // Connections that bring a little again and again, pauses, and then nobody is there any more.
  constexpr unsigned turns_max = 100'000;
  for (unsigned turn = 0; turn < turns_max; ++turn) {
    const Result<Progress> moved = disk.advance(now);
    if (!moved || moved->finished) return moved.has_value();
    now = now + 500_ms;
  }
  std::abort();
}

/// Waits until the disk is open, and then reads, writes and flushes it. `until_end` moves it until a command has ended.
template <class UntilEnd>
void give_commands(BlockDevice& disk, std::size_t blocks, Instant& now, UntilEnd until_end) {
  if (!until_end(disk, now)) return;
  const BlockGeometry geometry = disk.geometry();
  if (geometry.block_count == 0 || geometry.block_bytes < 512 || geometry.block_bytes > 4096) std::abort();
  // Memory of its exact size, so that the sanitizer sees who writes beyond it.
  std::vector<std::uint8_t> memory(blocks * std::size_t{geometry.block_bytes});
  if (disk.begin_read(0, memory, now)) until_end(disk, now);
  if (disk.begin_write(0, memory, now)) until_end(disk, now);
  if (disk.begin_flush(now)) until_end(disk, now);
}

}  // namespace undine::testing
