// SPDX-License-Identifier: Apache-2.0
// A server that answers anything: the input is a list of connections, each with its replies, which get the xid of their call so that they are
// looked at. However it goes, the client ends within its limits and tells no more than it has put into the sink.
#include <cstdlib>
#include <deque>
#include <vector>

#include "core/memory.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/nfs/client.h"
#include "protocols/rpc/testing/played_stream.h"

namespace {

using namespace undine;

struct Script {
  std::deque<std::string> replies;
  std::uint8_t how = 0;
};
std::deque<Script> scripts;
std::size_t piece_bytes;

class Connection final : public Stream {
public:
  explicit Connection(Script script) : script_(std::move(script)) {}
  Result<std::size_t> read(MutableBytes into) override {
    if (into.size() > piece_bytes) into = into.first(piece_bytes);
    const std::size_t count = copy_bytes(into, as_bytes(unread_));
    unread_.erase(0, count);
    if (count == 0 && script_.replies.empty() && (script_.how & 1)) return fail(tcp_reset);
    return count;
  }
  Result<std::size_t> write(Bytes from) override {
    calls_ += as_text(from);
    while (calls_.size() >= 8) {
      const std::size_t size = load_be32(as_bytes(calls_), 0) & 0x7fff'ffff;
      if (size > rpc::Channel::send_bytes_max) std::abort();
      if (calls_.size() < 4 + size) break;
      if (!script_.replies.empty()) {
        std::string& reply = script_.replies.front();
        const bool whole = (script_.how & 2) == 0;
        const std::string contents = whole ? testing::rpc_reply(load_be32(as_bytes(calls_), 4), reply) : calls_.substr(4, 4) + reply;
        unread_ += testing::record(contents);
        script_.replies.pop_front();
      }
      calls_.erase(0, 4 + size);
    }
    return from.size();
  }
  bool at_end() const override { return unread_.empty() && script_.replies.empty() && (script_.how & 4); }
  void finish() override {}

private:
  Script script_;
  std::string calls_, unread_;
};

Result<std::unique_ptr<Stream>> connect(Network&, Endpoint, Instant) {
  if (scripts.empty()) return fail(tcp_refused);
  auto stream = make_unique_nothrow<Connection>(std::move(scripts.front()));
  scripts.pop_front();
  return stream;
}

/// Knows no order; bytes beyond what was announced end the program.
class FuzzSink final : public Sink {
public:
  Result<void> expect(std::uint64_t size_bytes) override {
    if (size_bytes > 1 << 20) return fail(out_of_memory);
    contents.assign(size_bytes, 0);
    return {};
  }
  Result<MutableBytes> room(std::uint64_t offset) override {
    if (offset >= contents.size()) std::abort();
    return MutableBytes{contents}.subspan(offset);
  }
  Result<void> commit(std::uint64_t offset, std::size_t length_bytes) override {
    if (length_bytes == 0 || offset + length_bytes > contents.size()) std::abort();
    return {};
  }
  void restart() override {}
  std::vector<std::uint8_t> contents;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  constexpr std::size_t connections_max = 40;
  ByteReader input{{octets, size}};
  piece_bytes = std::size_t{input.u8()} * 16 + 1;
  const std::uint8_t version = input.u8() % 3;
  scripts.clear();
  while (input.remaining() != 0 && scripts.size() < connections_max) {
    Script script;
    script.how = input.u8();
    for (unsigned i = 0; i < script.how >> 3u; ++i) {
      const std::size_t length = input.be16() % 4000;
      script.replies.emplace_back(as_text(input.take(length < input.remaining() ? length : input.remaining())));
    }
    scripts.push_back(std::move(script));
  }
  testing::FakeNetwork net;
  FuzzSink sink;
  const FetchOptions options{.user_agent = {}, .attempts = 3};
  const char* const addresses[] = {"nfs://10.0.0.1/a/f", "nfs://10.0.0.1/a/f?version=3", "nfs://10.0.0.1/a/f?version=4"};
  auto client = nfs::Client::open(connect, net.network, *Uri::parse(addresses[version]), sink, options);
  if (!client) std::abort();
  Instant now;
  Result<Progress> progress = (*client)->advance(now);
  // 40 connections of at most 50 s each (a silence and a pause), and then nobody is there any more.
  for (unsigned second = 0; progress && !progress->finished; ++second) {
    if (second > 4000) std::abort();
    now = now + 1_s;
    progress = (*client)->advance(now);
    if (progress && progress->total_bytes && (progress->done_bytes > *progress->total_bytes || *progress->total_bytes != sink.contents.size())) std::abort();
  }
  return 0;
}
