// SPDX-License-Identifier: Apache-2.0
// Whatever a peer, or somebody who guesses, may send to a connection that is opening or open. The first octet chooses; then come records: what
// to do, how long the segment is, the segment as it is on the wire. Ports, addresses and checksum are made right, and as long as the record says
// so, sequence and acknowledgement number are moved near to those that the connection expects.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "core/testing/fakes.h"
#include "protocols/ipv4/checksum.h"
#include "protocols/tcp/connections.h"
#include "protocols/tcp/segment.h"

namespace undine::tcp {
namespace {

constexpr Ipv4Address ours{0x0a000002}, theirs{0x0a000001};
constexpr Sequence their_first = 0xffff'f000;  // wraps soon

/// Notes what the connection says of itself.
class Output final : public Ipv4Output {
public:
  Result<void> send_ipv4(Ipv4Address, Ipv4Address, IpProtocol, Bytes head, Bytes body) override {
    std::vector<std::uint8_t> bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), body.begin(), body.end());
    TcpSegment segment;
    if (!segment.parse(bytes) || !checksum_is_right(ours, theirs, bytes)) std::abort();  // we never send nonsense
    if (bytes.size() > 1480) std::abort();
    if (segment.has(flag_syn)) port = segment.source_port;
    if (segment.has(flag_syn)) next = segment.sequence + 1;
    if (segment.has(flag_ack) && !segment.has(flag_rst)) {
      const Sequence edge = segment.acknowledgement + (std::uint32_t{segment.window} << 4);
      acknowledged = segment.acknowledgement;
      if (edge - acknowledged > (1u << 20) + 16) std::abort();  // the window is bounded
      if (before(next, segment.sequence + segment.length())) next = segment.sequence + segment.length();
    }
    return {};
  }
  Result<Ipv4Address> source_for(Ipv4Address) const override { return ours; }
  std::size_t path_mtu(Ipv4Address) const override { return 1500; }
  std::size_t receive_ring_frames() const override { return 32; }

  std::uint16_t port = 0;
  Sequence next = 0, acknowledged = their_first;
};

void deliver(TcpTable& table, const Output& output, std::vector<std::uint8_t>& bytes, bool near, Instant now) {
  if (bytes.size() >= header_min_bytes) {
    const MutableBytes view{bytes};
    store_be16(view, 0, 80);
    store_be16(view, 2, output.port);
    if (near) {
      store_be32(view, 4, output.acknowledged + static_cast<Sequence>(static_cast<std::int16_t>(load_be16(view, 4))));
      store_be32(view, 8, output.next + static_cast<Sequence>(static_cast<std::int8_t>(load_u8(view, 8))));
    }
    store_be16(view, 16, 0);
    store_be16(view, 16, checksum_finish(checksum_add(checksum_pseudo_header(theirs, ours, 6, static_cast<std::uint16_t>(bytes.size())), view)));
  }
  table.accept(theirs, ours, bytes, now);
}

void play(ByteReader input) {
  Output output;
  undine::testing::FakeEntropy entropy;
  TcpTable table{output, entropy};
  Instant now{};
  std::unique_ptr<Stream> stream = std::move(*table.connect({theirs, 80}, now));
  table.output(now);
  const std::uint8_t choice = input.u8();
  std::vector<std::vector<std::uint8_t>> ring;
  if ((choice & 1) != 0) {
    TcpSegment answer;
    answer.source_port = 80;
    answer.destination_port = output.port;
    answer.flags = flag_syn | flag_ack;
    answer.sequence = their_first;
    answer.acknowledgement = output.next;
    answer.window = 4000;
    answer.mss = 1460;
    answer.sack_permitted = (choice & 2) != 0;
    answer.has_timestamps = (choice & 4) != 0;
    answer.has_window_scale = true;
    std::uint8_t bytes[header_max_bytes];
    table.accept(theirs, ours, answer.emit_header(bytes, theirs, ours), now);
    const std::uint8_t request[3000] = {};
    (void)stream->write(request);
    table.output(now);
  }
  std::uint64_t delivered_bytes = 0, sent_bytes = 0;
  std::uint8_t buffer[4096];
  for (unsigned records = 0; records < 200 && input.remaining() != 0; ++records) {
    const std::uint8_t what = input.u8();
    const Bytes segment = input.take(std::min<std::size_t>(input.u8(), input.remaining()));
    ring.emplace_back(segment.begin(), segment.end());
    if ((what & 0x20) != 0) ring.back().resize(ring.back().size() + 1000, 'x');
    sent_bytes += ring.back().size();
    deliver(table, output, ring.back(), (what & 1) == 0, now);
    if (stream && (what & 2) != 0) {
      const auto count = stream->read(buffer);
      if (count) delivered_bytes += *count;
    }
    if (stream && (what & 0x10) != 0) stream->finish();
    if (stream && what == 0xff) stream.reset();
    if ((what & 4) != 0) {
      table.keep_unread();
      ring.clear();
      now = now + Duration{(what & 8) != 0 ? 1000u : 1u};
      table.output(now);
    }
  }
  if (delivered_bytes > sent_bytes) std::abort();  // nothing is made up
  // Whatever came, a connection that nobody holds ends.
  table.keep_unread();
  stream.reset();
  for (int i = 0; i < 30; ++i) {
    now = now + 1_s;
    table.output(now);
  }
  if (!table.idle()) std::abort();
}

}  // namespace
}  // namespace undine::tcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  undine::tcp::play(undine::ByteReader{{data, size}});
  return 0;
}
