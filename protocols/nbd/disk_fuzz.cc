// SPDX-License-Identifier: Apache-2.0
// A server that answers anything: the input is a list of connections, each with what it sends, piece by piece as it is written to; a piece may get the
// cookie of the last request. However it goes, each command ends within its limits, and nothing is written but where it was asked for.
#include <cstdlib>
#include <deque>
#include <vector>

#include "core/memory.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/nbd/disk.h"

namespace {

using namespace undine;

struct Script {
  std::uint8_t how = 0;
  std::deque<std::string> pieces;
};
std::deque<Script> scripts;
std::size_t piece_bytes;

class Connection final : public Stream {
public:
  explicit Connection(Script script) : script_(std::move(script)) { next(); }
  Result<std::size_t> read(MutableBytes into) override {
    const std::size_t count = copy_bytes(into.first(into.size() < piece_bytes ? into.size() : piece_bytes), as_bytes(unread_));
    unread_.erase(0, count);
    if (count == 0 && script_.pieces.empty() && (script_.how & 1) != 0) return fail(tcp_reset);
    return count;
  }
  Result<std::size_t> write(Bytes from) override {
    if (from.size() == nbd::request_bytes) cookie_ = as_text(from.subspan(8, 8));
    next();
    return from.size();
  }
  bool at_end() const override { return unread_.empty() && script_.pieces.empty() && (script_.how & 2) != 0; }
  void finish() override {}

private:
  void next() {
    if (script_.pieces.empty()) return;
    std::string piece = std::move(script_.pieces.front());
    script_.pieces.pop_front();
    if ((script_.how & 4) != 0 && piece.size() >= 16 && !cookie_.empty()) piece.replace(8, 8, cookie_);
    unread_ += piece;
  }
  Script script_;
  std::string unread_, cookie_;
};

Result<std::unique_ptr<Stream>> connect(Network&, Endpoint, Instant) {
  if (scripts.empty()) return fail(tcp_refused);
  auto stream = make_unique_nothrow<Connection>(std::move(scripts.front()));
  scripts.pop_front();
  return stream;
}

bool ends(BlockDevice& disk, Instant& now) {
  for (unsigned turn = 0; turn < 100'000; ++turn) {
    const Result<Progress> moved = disk.advance(now);
    if (!moved || moved->finished) return moved.has_value();
    now = now + 500_ms;
  }
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  constexpr std::size_t connections_max = 20;
  ByteReader input{{octets, size}};
  piece_bytes = std::size_t{input.u8()} * 16 + 1;
  const std::uint8_t how = input.u8();
  scripts.clear();
  while (input.remaining() > 3 && scripts.size() < connections_max) {
    Script script;
    script.how = input.u8();
    for (unsigned i = 0; i <= script.how >> 3u; ++i) {
      const std::size_t length = input.be16() % 3000u;
      script.pieces.emplace_back(as_text(input.take(length < input.remaining() ? length : input.remaining())));
    }
    scripts.push_back(std::move(script));
  }
  testing::FakeNetwork net;
  SanOptions options;
  options.attempts = 3;
  auto disk = nbd::Disk::open(connect, net.network, "nbd://10.0.0.1/disk", options);
  if (!disk) std::abort();
  Instant now;
  if (!ends(**disk, now)) return 0;
  const BlockGeometry geometry = (*disk)->geometry();
  if (geometry.block_count == 0 || geometry.block_bytes < 512 || geometry.block_bytes > 4096) std::abort();
  std::vector<std::uint8_t> blocks((how % 5 + 1) * std::size_t{geometry.block_bytes});
  if ((*disk)->begin_read(0, blocks, now)) ends(**disk, now);
  if ((*disk)->begin_write(0, blocks, now)) ends(**disk, now);
  if ((*disk)->begin_flush(now)) ends(**disk, now);
  return 0;
}
