// SPDX-License-Identifier: Apache-2.0
// Any datagram as the answer to a question whose timestamp it may repeat: what is believed has a stratum and a time before 2106.
#include <cstdlib>

#include "protocols/ntp/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine::ntp;
  const undine::Bytes packet{octets, size};
  const Timestamp asked = size < packet_bytes ? Timestamp{} : Timestamp{undine::load_be32(packet, 24), undine::load_be32(packet, 28)};
  const auto answer = Answer::parse(packet, asked);
  if (answer && (answer->stratum == 0 || answer->stratum > 15 || answer->transmitted.unix_ms() / 1000 > UINT32_MAX)) std::abort();
  if (answer && Answer::parse(packet, {asked.seconds, asked.fraction ^ 1})) std::abort();
  return 0;
}
