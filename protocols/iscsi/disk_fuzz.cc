// SPDX-License-Identifier: Apache-2.0
// A target that answers anything: the input is a list of connections, each with PDUs, whose tag and numbers may be made right so that they are looked at.
// However it goes, each command ends within its limits, and nothing is written but where it was asked for.
#include <cstdlib>
#include <deque>
#include <vector>

#include "core/memory.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/iscsi/disk.h"

namespace {

using namespace undine;

struct Script {
  std::uint8_t how = 0;
  std::deque<std::string> pdus;
};
std::deque<Script> scripts;
std::size_t piece_bytes;

class Connection final : public Stream {
public:
  explicit Connection(Script script) : script_(std::move(script)) {}
  Result<std::size_t> read(MutableBytes into) override {
    const std::size_t count = copy_bytes(into.first(into.size() < piece_bytes ? into.size() : piece_bytes), as_bytes(unread_));
    unread_.erase(0, count);
    if (count == 0 && script_.pdus.empty() && (script_.how & 1) != 0) return fail(tcp_reset);
    return count;
  }
  Result<std::size_t> write(Bytes from) override {
    in_ += as_text(from);
    while (in_.size() >= 48) {
      const std::size_t length = load_be32(as_bytes(in_), 4) & 0xffffff, whole = 48 + ((length + 3) & ~std::size_t{3});
      if (in_.size() < whole) break;
      const std::string tag = in_.substr(16, 4);
      in_.erase(0, whole);
      // One or two answers to each.
      for (unsigned i = 0; i <= (script_.how >> 1 & 1u) && !script_.pdus.empty(); ++i) {
        std::string pdu = std::move(script_.pdus.front());
        script_.pdus.pop_front();
        if (pdu.size() >= 49 && (pdu[0] & 1) != 0) pdu.replace(17, 4, tag);
        if (pdu.size() >= 49 && (pdu[0] & 2) != 0) pdu.replace(5, 4, std::string{'\0', static_cast<char>((pdu.size() - 49) >> 16), static_cast<char>((pdu.size() - 49) >> 8), static_cast<char>(pdu.size() - 49)});
        unread_ += pdu.substr(1);
        if ((pdu[0] & 2) != 0 && pdu.size() >= 49) unread_ += std::string(-(pdu.size() - 49) & 3, '\0');
      }
    }
    return from.size();
  }
  bool at_end() const override { return unread_.empty() && script_.pdus.empty() && (script_.how & 4) != 0; }
  void finish() override {}

private:
  Script script_;
  std::string in_, unread_;
};

Result<std::unique_ptr<Stream>> connect(Network&, Endpoint, Instant) {
  if (scripts.empty()) return fail(tcp_refused);
  auto stream = make_unique_nothrow<Connection>(std::move(scripts.front()));
  scripts.pop_front();
  return stream;
}

bool ends(BlockDevice& disk, Instant& now) {
  // Connections of at most 15 s after each PDU, pauses, and then nobody is there any more.
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
      const std::size_t length = input.be16() % 5000u;
      script.pdus.emplace_back(as_text(input.take(length < input.remaining() ? length : input.remaining())));
      if (script.pdus.back().empty()) script.pdus.pop_back();
    }
    scripts.push_back(std::move(script));
  }
  testing::FakeNetwork net;
  SanOptions options;
  options.initiator_name = "iqn.test:undine";
  options.attempts = 3;
  if ((how & 1) != 0) options.username = "boot", options.password = "secret";
  if ((how & 3) == 3) options.reverse_username = "target", options.reverse_password = "terces";
  auto disk = iscsi::Disk::open(connect, net.network, "iscsi:10.0.0.1:::1:iqn.test:disk", options);
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
