// SPDX-License-Identifier: Apache-2.0
// DNS servers for tests and fuzz targets: what was asked by UDP is a list, answers are put together record by record, and one TCP
// connection at a time is served from a string.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/testing/fakes.h"
#include "core/text.h"
#include "protocols/dns/dns_resolver.h"
#include "protocols/ipv4/checksum.h"
#include "protocols/udp/packet.h"

namespace undine::testing {

using Octets = std::vector<std::uint8_t>;

/// A response put together record by record.
class DnsAnswer {
public:
  /// To a question, whose name is repeated from it.
  explicit DnsAnswer(Bytes question, std::uint8_t response_code = 0, bool truncated = false) : message(question.begin(), question.end()) {
    message[2] = static_cast<std::uint8_t>(0x81 | (truncated ? 0x02 : 0));
    message[3] = static_cast<std::uint8_t>(0x80 | response_code);
  }
  DnsAnswer& address(std::string_view owner, const char* address, std::uint32_t ttl = 60) {
    const std::uint32_t value = Ipv4Address::parse(address)->value;
    return record(owner, 1, ttl, Octets{static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
                                        static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
  }
  DnsAnswer& alias(std::string_view owner, std::string_view target, std::uint32_t ttl = 60) {
    return record(owner, 5, ttl, as_bytes(DnsName::from_text(target)->wire()));
  }
  DnsAnswer& record(std::string_view owner, std::uint16_t type, std::uint32_t ttl, Bytes data) {
    Octets record(DnsName::length_max + 10 + data.size());
    ByteWriter writer{record};
    writer.put(DnsName::from_text(owner)->wire());
    writer.be16(type);
    writer.be16(1);
    writer.be32(ttl);
    writer.be16(static_cast<std::uint16_t>(data.size()));
    writer.put(data);
    message.insert(message.end(), writer.written().begin(), writer.written().end());
    store_be16(message, 6, static_cast<std::uint16_t>(load_be16(message, 6) + 1));
    return *this;
  }
  Octets message;
};

class DnsBench final : public Ipv4Output {
public:
  static constexpr Ipv4Address us{0x0a4d0064};
  struct Question {
    Ipv4Address server;
    std::uint16_t from_port = 0;
    Octets message;
    std::string name() const {
      std::size_t at = 12;
      const auto name = DnsName::read(message, at);
      return name ? name->text() : "?";
    }
  };

  // Ipv4Output
  Result<void> send_ipv4(Ipv4Address source, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes body) override {
    if (unreachable && to == *unreachable) return fail(no_route, to.value);
    Octets whole(head.begin(), head.end());
    whole.insert(whole.end(), body.begin(), body.end());
    if (protocol == IpProtocol::udp) {
      if (const auto packet = UdpPacket::parse(source, to, whole))
        asked.push_back({to, packet->source_port(), Octets(packet->payload().begin(), packet->payload().end())});
    } else {
      segments_.push_back(std::move(whole));
      tcp_server_ = to;
    }
    return {};
  }
  Result<Ipv4Address> source_for(Ipv4Address to) const override {
    if (!configured) return fail(no_address);
    if (unreachable && to == *unreachable) return fail(no_route, to.value);
    return us;
  }
  std::size_t path_mtu(Ipv4Address) const override { return 1500; }
  std::size_t receive_ring_frames() const override { return 32; }

  /// The questions asked by UDP since the last call: "10.0.0.1 www.example.org, ...".
  std::string take_asked() {
    std::string text;
    for (const Question& question : asked) append(text, {text.empty() ? "" : ", ", question.server, ' ', question.name()});
    if (!asked.empty()) last = asked.back();
    asked.clear();
    return text;
  }
  void answer(const Octets& message, std::optional<Ipv4Address> server = {}, std::optional<std::uint16_t> to_port = {}) {
    const Endpoint from{server.value_or(last.server), DnsResolver::port}, to{us, to_port.value_or(last.from_port)};
    Octets datagram(UdpPacket::header_size);
    emit_udp_header(datagram, from, to, message);
    datagram.insert(datagram.end(), message.begin(), message.end());
    kept_.push_back(std::move(datagram));  // like a ring whose frames stay for a while
    udp.accept(from.address, us, kept_.back());
  }
  /// A turn of the network: what was sent by TCP is received, acknowledged, and answered with `tcp_answer` once data has come.
  void turn(Instant now) {
    udp.keep_unread();
    tcp.keep_unread();
    kept_.clear();
    tcp.output(now);
    std::deque<Octets> sent;
    sent.swap(segments_);
    for (const Octets& segment : sent) {
      const std::uint8_t flags = segment[13];
      const Bytes payload = Bytes{segment}.subspan(std::size_t{4} * (segment[12] >> 4));
      if ((flags & rst) != 0) continue;
      if (refuse_tcp) {
        reply(segment, rst | ack, 1, {}, now);
      } else if ((flags & syn) != 0) {
        server_sequence_ = 0;
        reply(segment, syn | ack, 1, {}, now);
        server_sequence_ = 1;
      } else if (!payload.empty()) {
        asked_by_tcp.assign(payload.begin(), payload.end());
        const Octets data = tcp_answer ? tcp_answer(asked_by_tcp) : Octets{};
        reply(segment, ack | (close_tcp ? fin : 0), payload.size(), data, now);
        server_sequence_ += static_cast<std::uint32_t>(data.size()) + (close_tcp ? 1 : 0);
      } else if ((flags & fin) != 0) {
        reply(segment, ack | (close_tcp ? 0 : fin), 1, {}, now);
      }
    }
  }

  FakeEntropy entropy;
  UdpSockets udp{*this};
  TcpTable tcp{*this, entropy};
  DnsResolver resolver{udp, tcp, entropy};
  std::vector<Question> asked;
  Question last;
  bool configured = true, refuse_tcp = false, close_tcp = false;
  std::optional<Ipv4Address> unreachable;
  Octets asked_by_tcp;
  Octets (*tcp_answer)(const Octets& question) = nullptr;

private:
  static constexpr std::uint8_t fin = 0x01, syn = 0x02, rst = 0x04, ack = 0x10;

  /// RFC 9293 3.1, without options; `length` is how much sequence space the segment that is answered takes.
  void reply(const Octets& to, std::uint8_t flags, std::size_t length, Bytes payload, Instant now) {
    Octets segment(20 + payload.size());
    store_be16(segment, 0, load_be16(to, 2));
    store_be16(segment, 2, load_be16(to, 0));
    store_be32(segment, 4, server_sequence_);
    store_be32(segment, 8, load_be32(to, 4) + static_cast<std::uint32_t>(length));
    segment[12] = 5 << 4;
    segment[13] = flags;
    store_be16(segment, 14, 8192);
    copy_bytes(MutableBytes{segment}.subspan(20), payload);
    const std::uint32_t pseudo = checksum_pseudo_header(tcp_server_, us, 6, static_cast<std::uint16_t>(segment.size()));
    store_be16(segment, 16, checksum_finish(checksum_add(pseudo, segment)));
    kept_.push_back(std::move(segment));
    tcp.accept(tcp_server_, us, kept_.back(), now);
  }

  std::deque<Octets> segments_, kept_;
  Ipv4Address tcp_server_;
  std::uint32_t server_sequence_ = 0;
};

}  // namespace undine::testing
