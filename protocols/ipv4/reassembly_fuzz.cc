// SPDX-License-Identifier: Apache-2.0
// Fragments of datagrams, checksums not enforced: each is identification, flags and offset, length in two octets each, then the payload.
#include "core/panic.h"
#include "protocols/ipv4/checksum.h"
#include "protocols/ipv4/reassembly.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  ByteReader input{{data, size}};
  Reassembly reassembly;
  Instant now{};
  while (input.remaining() != 0) {
    const std::uint16_t identification = input.be16(), place = input.be16(), length = input.be16();
    const Bytes payload = input.take(length < input.remaining() ? length : input.remaining());
    if (payload.size() > 65535 - Ipv4Packet::header_size) break;
    std::vector<std::uint8_t> packet(Ipv4Packet::header_size + payload.size());
    Ipv4Header{{0x0a4d0001}, {0x0a4d0064}, IpProtocol::udp, static_cast<std::uint16_t>(packet.size()), identification, false}.emit(packet);
    store_be16(packet, 6, place & 0xbfff);
    store_be16(packet, 10, 0);
    store_be16(packet, 10, checksum_finish(checksum_add(0, Bytes{packet}.first(Ipv4Packet::header_size))));
    copy_bytes(MutableBytes{packet}.subspan(Ipv4Packet::header_size), payload);
    const auto parsed = Ipv4Packet::parse(packet);
    expect(parsed.has_value(), "a header of our own making is refused");
    if (const auto whole = reassembly.add(*parsed, now)) {
      expect(whole->size() <= 65535 - Ipv4Packet::header_size, "a datagram came out that is longer than any can be");
      // Every octet is there: the sanitizer sees what was not written.
      checksum_add(0, *whole);
    }
    now = now + Duration{static_cast<std::uint32_t>(identification % 64) * 100};
    reassembly.turn(now);
    if (identification % 5 == 0) reassembly.forget_completed();
  }
  return 0;
}
