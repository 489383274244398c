// SPDX-License-Identifier: Apache-2.0
// Segments that somebody else made and whose MSS we lower. The first two octets are the most that there may be, the rest is the
// segment, whose checksum is made right.
#include <cstdlib>
#include <vector>

#include "protocols/ipv4/checksum.h"
#include "protocols/tcp/segment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  using namespace undine::tcp;
  constexpr Ipv4Address ours{0x0a000002}, theirs{0x0a000001};
  if (size < 2) return 0;
  const std::uint16_t most = load_be16({data, size}, 0);
  std::vector<std::uint8_t> bytes(data + 2, data + size);
  TcpSegment before, after;
  if (!before.parse(bytes)) {
    limit_mss(bytes, most);
    return 0;
  }
  store_be16(bytes, 16, 0);
  const auto length = static_cast<std::uint16_t>(bytes.size());
  store_be16(bytes, 16, checksum_finish(checksum_add(checksum_pseudo_header(ours, theirs, 6, length), bytes)));
  limit_mss(bytes, most);
  if (!after.parse(bytes) || !checksum_is_right(ours, theirs, bytes)) std::abort();
  if (before.has(flag_syn) ? after.mss > most : after.mss != before.mss) std::abort();
  if (after.window_scale != before.window_scale || after.timestamp_value != before.timestamp_value || after.sequence != before.sequence) std::abort();
  return 0;
}
