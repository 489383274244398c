// SPDX-License-Identifier: Apache-2.0
// One connection of a TcpTable and a test that plays its server, segment by segment, with a clock it sets.
#pragma once

#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/testing/fakes.h"
#include "protocols/tcp/connections.h"
#include "protocols/tcp/segment.h"

namespace undine::tcp::testing {

inline std::string text_of(std::uint64_t number) { return std::to_string(number); }

/// "SA seq=0 ack=1 win=5840 len=3 sack=5-8": sequence numbers relative to the two given.
inline std::string describe(const TcpSegment& segment, Sequence ours, Sequence theirs) {
  std::string line;
  if (segment.has(flag_syn)) line += 'S';
  if (segment.has(flag_fin)) line += 'F';
  if (segment.has(flag_rst)) line += 'R';
  if (segment.has(flag_psh)) line += 'P';
  if (segment.has(flag_ack)) line += 'A';
  line += " seq=" + text_of(segment.sequence - ours);
  if (segment.has(flag_ack)) line += " ack=" + text_of(segment.acknowledgement - theirs);
  if (!segment.payload.empty()) line += " len=" + text_of(segment.payload.size());
  for (std::size_t i = 0; i < segment.sack_count; ++i)
    line += " sack=" + text_of(segment.sack[i].begin - theirs) + "-" + text_of(segment.sack[i].end - theirs);
  return line;
}

class Wire final : public Ipv4Output {
public:
  static constexpr Ipv4Address ours{0x0a000002}, theirs{0x0a000001};
  static constexpr std::uint16_t server_port = 80;

  struct Sent {
    TcpSegment segment;
    std::vector<std::uint8_t> bytes;  ///< what segment.payload points into
  };

  Result<void> send_ipv4(Ipv4Address, Ipv4Address, IpProtocol, Bytes head, Bytes body) override {
    if (blocked) return fail(nic_queue_full);
    Sent out;
    out.bytes.assign(head.begin(), head.end());
    out.bytes.insert(out.bytes.end(), body.begin(), body.end());
    checksums_right = checksums_right && checksum_is_right(ours, theirs, out.bytes);
    sent.push_back(std::move(out));
    parsed = sent.back().segment.parse(sent.back().bytes) && parsed;
    return {};
  }
  Result<Ipv4Address> source_for(Ipv4Address) const override { return ours; }
  std::size_t path_mtu(Ipv4Address) const override { return mtu; }
  std::size_t receive_ring_frames() const override { return ring_frames; }

  bool blocked = false, checksums_right = true, parsed = true;
  std::size_t mtu = 1500, ring_frames = 8;
  std::deque<Sent> sent;
};

/// What the server's SYN offers.
struct Offer {
  std::uint16_t mss = 1460, window = 65535;
  bool sack = true, timestamps = false, scale = true;
  std::uint8_t window_scale = 0;
};

class TcpTrace {
public:
  TcpTrace() : table(wire, entropy) { stream = std::move(*table.connect({Wire::theirs, Wire::server_port}, time)); }

  /// One turn of the host at this time: the ring is reused, then output. Returns what left, one segment a line.
  std::string turn(std::uint64_t at_ms) {
    time = {at_ms};
    table.keep_unread();
    for (auto& frame : ring_) std::fill(frame.begin(), frame.end(), std::uint8_t{0xa5});  // whoever looks there now sees it
    table.output(time);
    ring_.clear();
    std::string lines;
    for (; !wire.sent.empty(); wire.sent.pop_front()) {
      last = wire.sent.front().segment;
      last_payload.assign(last.payload.begin(), last.payload.end());
      last.payload = {};
      if (last.has(flag_syn)) {
        our_first = last.sequence;
        port = last.source_port;
      }
      if (!lines.empty()) lines += '\n';
      lines += describe(wire.sent.front().segment, our_first, their_first);
    }
    return lines;
  }

  /// A segment of the server's arrives now; numbers relative to the initial ones.
  void arrives(std::uint8_t flags, Sequence sequence, Sequence acknowledgement, std::string_view payload = {}) {
    TcpSegment segment;
    segment.flags = flags;
    segment.sequence = their_first + sequence;
    segment.acknowledgement = our_first + acknowledgement;
    segment.window = offer.window;
    segment.payload = as_bytes(payload);
    segment.has_timestamps = agreed_timestamps;
    segment.timestamp_value = their_timestamp;
    segment.timestamp_echo = last.timestamp_value;
    arrives(segment);
  }
  void arrives(TcpSegment segment) {
    segment.source_port = Wire::server_port;
    segment.destination_port = port;
    std::vector<std::uint8_t>& frame = ring_.emplace_back(header_max_bytes);
    const std::size_t header_bytes = segment.emit_header(std::span<std::uint8_t, header_max_bytes>{frame.data(), header_max_bytes}, Wire::theirs, Wire::ours).size();
    frame.resize(header_bytes);
    frame.insert(frame.end(), segment.payload.begin(), segment.payload.end());
    table.accept(Wire::theirs, Wire::ours, frame, time);
  }
  /// The handshake, at 0 ms; what the client sends for it is swallowed.
  void establish(const Offer& made = {}) {
    offer = made;
    turn(0);
    TcpSegment answer;
    answer.flags = flag_syn | flag_ack;
    answer.sequence = their_first;
    answer.acknowledgement = our_first + 1;
    answer.window = offer.window;
    answer.mss = offer.mss;
    answer.sack_permitted = offer.sack;
    answer.has_timestamps = agreed_timestamps = offer.timestamps;
    answer.timestamp_value = their_timestamp;
    answer.timestamp_echo = last.timestamp_value;
    answer.has_window_scale = offer.scale;
    answer.window_scale = offer.window_scale;
    arrives(answer);
    turn(0);
  }
  /// Everything that can be read now; "(name)" at its end for an error.
  std::string read(std::size_t most = 1 << 16) {
    std::string text(most, '\0');
    const auto count = stream->read({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!count) return "(" + std::string{count.error().cause().name} + ")";
    text.resize(*count);
    return text;
  }

  testing::Wire wire;
  undine::testing::FakeEntropy entropy;
  TcpTable table;
  std::unique_ptr<Stream> stream;
  Instant time{};
  Sequence our_first = 0, their_first = 1'000'000;
  std::uint16_t port = 0;
  std::uint32_t their_timestamp = 5000;
  bool agreed_timestamps = false;
  Offer offer;
  TcpSegment last;
  std::vector<std::uint8_t> last_payload;

private:
  std::deque<std::vector<std::uint8_t>> ring_;
};

}  // namespace undine::tcp::testing
