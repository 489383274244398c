// SPDX-License-Identifier: Apache-2.0
// Frames on their way to the card: what everybody behind the wire says.
#pragma once

#include <deque>
#include <vector>

#include "core/address.h"
#include "protocols/icmp/packet.h"
#include "protocols/ipv4/packet.h"

namespace undine::tool {

class Frames {
public:
  using Frame = std::vector<std::uint8_t>;
  /// Who has more to say waits: a relay reads no socket while the queue is full.
  static constexpr std::size_t frames_max = 512;

  explicit Frames(MacAddress card) : card_(card) {}
  /// It has this address now.
  void use_card(MacAddress card) { card_ = card; }
  bool full() const { return queue_.size() >= frames_max; }
  bool empty() const { return queue_.empty(); }
  Frame take();

  void ethernet(std::uint16_t type, Bytes payload);
  /// In fragments if it is too long for a frame.
  void ipv4(Ipv4Address from, Ipv4Address to, IpProtocol protocol, Bytes payload);
  void udp(Endpoint from, Endpoint to, Bytes payload);
  /// ICMP says that `packet` did not arrive.
  void unreachable(const Ipv4Packet& packet, IcmpPacket::Unreachable code);

  /// Everybody behind the wire has this address: it is one router.
  static constexpr MacAddress mac{{0x02, 0x00, 0xc0, 0x00, 0x02, 0x01}};

private:
  MacAddress card_;
  std::deque<Frame> queue_;
  std::uint16_t identification_ = 0;
};

}  // namespace undine::tool
