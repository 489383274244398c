// SPDX-License-Identifier: Apache-2.0
// TCP on the wire, for the server of the simulation.
#include "test-rig/sim/tcp_server_segment.h"

namespace undine::sim {
namespace {

std::uint32_t number(const std::uint8_t* at, int octets) {
  std::uint32_t value = 0;
  for (int i = 0; i < octets; ++i) value = value * 256 + at[i];
  return value;
}

void append(std::vector<std::uint8_t>& to, std::uint32_t value, int octets) {
  while (octets-- > 0) to.push_back(static_cast<std::uint8_t>(value >> (8 * octets)));
}

/// RFC 1071 over pseudo header and segment, an octet at a time.
std::uint16_t checksum(Ipv4Address from, Ipv4Address to, Bytes bytes) {
  std::uint64_t sum = (from.value >> 16) + (from.value & 0xffff) + (to.value >> 16) + (to.value & 0xffff) + 6 + bytes.size();
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] * 256u : bytes[i];
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

std::optional<ServerSegment> ServerSegment::parse(Ipv4Address from, Ipv4Address to, Bytes bytes) {
  if (bytes.size() < 20 || checksum(from, to, bytes) != 0) return std::nullopt;
  const std::size_t header = bytes[12] / 16 * 4u;
  if (header < 20 || header > bytes.size()) return std::nullopt;
  const std::uint8_t* p = bytes.data();
  ServerSegment s;
  s.from_port = static_cast<std::uint16_t>(number(p, 2));
  s.to_port = static_cast<std::uint16_t>(number(p + 2, 2));
  s.seq = number(p + 4, 4);
  s.ack = number(p + 8, 4);
  s.fin = (p[13] & 1) != 0;
  s.syn = (p[13] & 2) != 0;
  s.rst = (p[13] & 4) != 0;
  s.psh = (p[13] & 8) != 0;
  s.has_ack = (p[13] & 16) != 0;
  s.window = static_cast<std::uint16_t>(number(p + 14, 2));
  for (std::size_t at = 20; at < header;) {
    if (p[at] == 0) break;
    if (p[at] == 1) {
      ++at;
      continue;
    }
    if (at + 1 >= header || p[at + 1] < 2 || at + p[at + 1] > header) return std::nullopt;
    const std::size_t length = p[at + 1];
    if (p[at] == 2 && length == 4) s.mss = static_cast<std::uint16_t>(number(p + at + 2, 2));
    if (p[at] == 3 && length == 3) s.scale = p[at + 2];
    if (p[at] == 4 && length == 2) s.sack_permitted = true;
    if (p[at] == 5)
      for (std::size_t block = at + 2; block + 8 <= at + length; block += 8) s.sack.emplace_back(number(p + block, 4), number(p + block + 4, 4));
    if (p[at] == 8 && length == 10) s.timestamps.emplace(number(p + at + 2, 4), number(p + at + 6, 4));
    at += length;
  }
  s.payload.assign(bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end());
  return s;
}

std::vector<std::uint8_t> ServerSegment::emit(Ipv4Address from, Ipv4Address to) const {
  std::vector<std::uint8_t> bytes;
  append(bytes, from_port, 2);
  append(bytes, to_port, 2);
  append(bytes, seq, 4);
  append(bytes, ack, 4);
  append(bytes, 0, 1);
  append(bytes, (fin ? 1 : 0) + (syn ? 2 : 0) + (rst ? 4 : 0) + (psh ? 8 : 0) + (has_ack ? 16 : 0), 1);
  append(bytes, window, 2);
  append(bytes, 0, 4);
  if (mss) append(bytes, 0x02040000u + *mss, 4);
  if (scale) append(bytes, 0x01030300u + *scale, 4);
  if (sack_permitted) append(bytes, 0x01010402u, 4);
  if (timestamps) {
    append(bytes, 0x0101080au, 4);
    append(bytes, timestamps->first, 4);
    append(bytes, timestamps->second, 4);
  }
  if (!sack.empty()) {
    append(bytes, 0x01010500u + 2 + 8 * static_cast<std::uint32_t>(sack.size()), 4);
    for (const auto& [begin, end] : sack) {
      append(bytes, begin, 4);
      append(bytes, end, 4);
    }
  }
  bytes[12] = static_cast<std::uint8_t>(bytes.size() / 4 * 16);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  const std::uint16_t sum = checksum(from, to, bytes);
  bytes[16] = static_cast<std::uint8_t>(sum >> 8);
  bytes[17] = static_cast<std::uint8_t>(sum);
  return bytes;
}

std::string ServerSegment::text(std::uint32_t seq_base, std::uint32_t ack_base) const {
  std::string line;
  if (syn) line += 'S';
  if (fin) line += 'F';
  if (rst) line += 'R';
  if (has_ack) line += 'A';
  line += " seq=" + std::to_string(seq - seq_base);
  if (has_ack) line += " ack=" + std::to_string(ack - ack_base);
  for (const auto& [begin, end] : sack) line += " sack=" + std::to_string(begin - ack_base) + "-" + std::to_string(end - ack_base);
  if (!payload.empty()) line += " len=" + std::to_string(payload.size());
  return line;
}

}  // namespace undine::sim
