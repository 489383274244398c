// SPDX-License-Identifier: Apache-2.0
#include "protocols/icmp/echo.h"

#include "protocols/icmp/packet.h"

namespace undine {
namespace {

constexpr std::size_t identifier_and_sequence = 4;

std::uint8_t pattern_at(std::size_t offset) { return static_cast<std::uint8_t>(offset); }

}  // namespace

Result<void> IcmpEcho::send(Ipv4Address to, std::uint16_t sequence, std::size_t data_bytes) {
  std::uint8_t message[IcmpPacket::header_size + data_bytes_max];
  if (data_bytes > data_bytes_max) return fail(datagram_too_long);
  const MutableBytes whole = MutableBytes{message}.first(IcmpPacket::header_size + data_bytes);
  store_be16(whole, 4, identifier_);
  store_be16(whole, 6, sequence);
  for (std::size_t i = 0; i < data_bytes; ++i) whole[IcmpPacket::header_size + i] = pattern_at(i);
  emit_icmp_header(whole, IcmpPacket::Type::echo_request, 0, whole.subspan(4));
  expected_ = sequence;
  reply_.reset();
  return output_.send_ipv4({}, to, IpProtocol::icmp, whole, {});
}

void IcmpEcho::accept(Ipv4Address from, Bytes message) {
  if (message.size() < identifier_and_sequence || load_be16(message, 0) != identifier_ || load_be16(message, 2) != expected_) return;
  const Bytes data = message.subspan(identifier_and_sequence);
  for (std::size_t i = 0; i < data.size(); ++i)
    if (data[i] != pattern_at(i)) return;
  reply_ = {from, *expected_, static_cast<std::uint16_t>(data.size())};
  expected_.reset();
}

std::optional<EchoReply> IcmpEcho::take() {
  const auto reply = reply_;
  reply_.reset();
  return reply;
}

}  // namespace undine
