// SPDX-License-Identifier: Apache-2.0
// A server that answers anything: the input is a list of connections, each with what it sends, piece by piece as it is written to; a piece may get the
// cookie of the last request. However it goes, each command ends within its limits, and nothing is written but where it was asked for.
#include "protocols/nbd/disk.h"
#include "protocols/san/testing/fuzzed_disk.h"

namespace {

using namespace undine;
using namespace undine::testing;

class Connection final : public FuzzedStream {
public:
  explicit Connection(FuzzedScript script) : FuzzedStream(std::move(script), 2) { next(); }
  Result<std::size_t> write(Bytes from) override {
    if (from.size() == nbd::request_bytes) cookie_ = as_text(from.subspan(8, 8));
    next();
    return from.size();
  }

private:
  void next() {
    if (script_.pieces.empty()) return;
    std::string piece = take_piece();
    if ((script_.how & 4) != 0 && piece.size() >= 16 && !cookie_.empty()) piece.replace(8, 8, cookie_);
    unread_ += piece;
  }
  std::string cookie_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  ByteReader input{{octets, size}};
  FuzzedServer::read_max() = std::size_t{input.u8()} * 16 + 1;
  const std::uint8_t how = input.u8();
  FuzzedServer::take(input, 3000);
  FakeNetwork net;
  SanOptions options;
  options.attempts = 3;
  auto disk = nbd::Disk::open(FuzzedServer::connect<Connection>, net.network, "nbd://10.0.0.1/disk", options);
  if (!disk) std::abort();
  Instant now;
  give_commands(**disk, how % 5 + 1, now, ends);
  return 0;
}
