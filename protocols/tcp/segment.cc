// SPDX-License-Identifier: Apache-2.0
// Taking TCP segments apart and putting them together.
#include "protocols/tcp/segment.h"

#include <bit>
#include <cstring>

#include "protocols/ipv4/checksum.h"
#include "protocols/ipv4/output.h"

namespace undine::tcp {
namespace {

// The header is five words (RFC 9293 figure 1): ports, sequence, acknowledgement, then offset, flags and window, then checksum and urgent pointer.
constexpr std::size_t header_words = header_min_bytes / 4;
constexpr unsigned offset_shift = 28, flags_shift = 16;  // in the fourth word
constexpr std::size_t at_checksum = 16;

/// A big-endian word at any address: one instruction and a swap where load_be32 would be four loads.
std::uint32_t word_at(const std::uint8_t* at) {
  std::uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return std::endian::native == std::endian::little ? std::byteswap(word) : word;
}
void store_word(std::uint8_t* at, std::uint32_t word) {
  if (std::endian::native == std::endian::little) word = std::byteswap(word);
  std::memcpy(at, &word, sizeof word);
}

// Option kinds (IANA).
constexpr std::uint8_t option_end = 0, option_nop = 1, option_mss = 2, option_window_scale = 3, option_sack_permitted = 4, option_sack = 5,
                       option_timestamps = 8;

/// `body`: the `length_bytes` behind kind and length.
void parse_option(std::uint8_t kind, const std::uint8_t* body, std::size_t length_bytes, TcpSegment& segment) {
  if (kind == option_timestamps && length_bytes == 8) {
    segment.has_timestamps = true;
    segment.timestamp_value = word_at(body);
    segment.timestamp_echo = word_at(body + 4);
  } else if (kind == option_sack && length_bytes % 8 == 0) {  // at most 38 bytes, so four blocks
    segment.sack_count = static_cast<std::uint8_t>(length_bytes / 8);
    for (std::size_t i = 0; i < segment.sack_count; ++i) segment.sack[i] = {word_at(body + 8 * i), word_at(body + 8 * i + 4)};
  } else if (kind == option_mss && length_bytes == 2) {
    segment.mss = static_cast<std::uint16_t>(body[0] << 8 | body[1]);
  } else if (kind == option_window_scale && length_bytes == 1) {
    segment.has_window_scale = true;
    segment.window_scale = body[0] < window_scale_max ? body[0] : window_scale_max;  // RFC 7323 2.3: above 14 counts as 14
  } else if (kind == option_sack_permitted && length_bytes == 0) {
    segment.sack_permitted = true;
  }
}

/// `visit` gets the kind, the body and its length in bytes.
template <typename Byte, typename Visit>
void visit_options(std::span<Byte> options, Visit visit) {
  Byte* at = options.data();
  Byte* const end = at + options.size();
  while (at != end) {  // at most 40 times: each turn takes a byte or more
    const std::uint8_t kind = *at++;
    if (kind == option_end) return;
    if (kind == option_nop) continue;
    if (at == end || *at < 2 || *at - 1 > end - at) return;
    visit(kind, at + 1, *at - 2u);
    at += *at - 1;
  }
}

/// Options in words, each padded in front: nothing has to be unaligned or counted.
std::uint8_t* put_options(std::uint8_t* to, const TcpSegment& segment) {
  const auto put = [&to](std::uint32_t word) {
    store_word(to, word);
    to += 4;
  };
  constexpr std::uint32_t two_nops = option_nop << 24 | option_nop << 16;
  if (segment.mss != 0) put(option_mss << 24 | 4 << 16 | segment.mss);
  if (segment.has_window_scale) put(option_nop << 24 | option_window_scale << 16 | 3 << 8 | segment.window_scale);
  if (segment.sack_permitted) put(two_nops | option_sack_permitted << 8 | 2);
  if (segment.has_timestamps) {
    put(two_nops | option_timestamps << 8 | 10);
    put(segment.timestamp_value);
    put(segment.timestamp_echo);
  }
  if (segment.sack_count != 0) put(two_nops | option_sack << 8 | (2u + 8u * segment.sack_count));
  for (std::size_t i = 0; i < segment.sack_count; ++i) {
    put(segment.sack[i].begin);
    put(segment.sack[i].end);
  }
  return to;
}

std::uint32_t pseudo_header(Ipv4Address source, Ipv4Address destination, std::size_t length_bytes) {
  return checksum_pseudo_header(source, destination, static_cast<std::uint8_t>(IpProtocol::tcp), static_cast<std::uint16_t>(length_bytes));
}

}  // namespace

bool TcpSegment::parse(Bytes bytes) {
  if (bytes.size() < header_min_bytes) return false;
  const std::uint8_t* const header = bytes.data();
  const std::uint32_t ports = word_at(header), rest = word_at(header + 12);
  const std::size_t header_bytes = (rest >> offset_shift) * 4;
  if (header_bytes < header_min_bytes || header_bytes > bytes.size()) return false;
  *this = TcpSegment{};
  source_port = static_cast<std::uint16_t>(ports >> 16);
  destination_port = static_cast<std::uint16_t>(ports);
  sequence = word_at(header + 4);
  acknowledgement = word_at(header + 8);
  flags = static_cast<std::uint8_t>(rest >> flags_shift);
  window = static_cast<std::uint16_t>(rest);
  visit_options(bytes.subspan(header_min_bytes, header_bytes - header_min_bytes),
                [this](std::uint8_t kind, const std::uint8_t* body, std::size_t length_bytes) { parse_option(kind, body, length_bytes, *this); });
  payload = bytes.subspan(header_bytes);
  return true;
}

Bytes TcpSegment::emit_header(std::span<std::uint8_t, header_max_bytes> into, Ipv4Address source, Ipv4Address destination) const {
  std::uint8_t* const begin = into.data();
  const auto length_bytes = static_cast<std::size_t>(put_options(begin + header_min_bytes, *this) - begin);
  const std::uint32_t words[header_words] = {
      std::uint32_t{source_port} << 16 | destination_port, sequence, acknowledgement,
      static_cast<std::uint32_t>(length_bytes / 4) << offset_shift | std::uint32_t{flags} << flags_shift | window, 0};
  for (std::size_t i = 0; i < header_words; ++i) store_word(begin + 4 * i, words[i]);
  const MutableBytes header{begin, length_bytes};
  const std::uint32_t sum = checksum_add(pseudo_header(source, destination, header.size() + payload.size()), header);
  store_be16(header, at_checksum, checksum_finish(checksum_add(sum, payload)));
  return header;
}

void limit_mss(MutableBytes segment, std::uint16_t most) {
  TcpSegment parsed;
  if (!parsed.parse(segment) || !parsed.has(flag_syn) || parsed.mss <= most) return;
  const std::size_t header_bytes = segment.size() - parsed.payload.size();
  visit_options(segment.subspan(header_min_bytes, header_bytes - header_min_bytes), [&](std::uint8_t kind, std::uint8_t* body, std::size_t length_bytes) {
    if (kind != option_mss || length_bytes != 2) return;
    // The sum is one of words, and the option may lie across two. The header is whole words.
    const auto at = static_cast<std::size_t>(body - segment.data());
    const Bytes words = segment.subspan(at & ~std::size_t{1}, at % 2 == 0 ? 2 : 4);
    const std::uint16_t without = checksum_finish(checksum_add(0, words)), others = static_cast<std::uint16_t>(~load_be16(segment, at_checksum));
    store_be16(segment, at, most);
    store_be16(segment, at_checksum, checksum_finish(checksum_add(std::uint32_t{others} + without, words)));
  });
}

bool checksum_is_right(Ipv4Address source, Ipv4Address destination, Bytes segment) {
  return checksum_finish(checksum_add(pseudo_header(source, destination, segment.size()), segment)) == 0;
}

}  // namespace undine::tcp
