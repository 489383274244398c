// SPDX-License-Identifier: Apache-2.0
// A TCP segment on the wire (RFC 9293 3.1): header, options, payload. Nothing here knows of time or of connections.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/address.h"
#include "core/bytes.h"
#include "protocols/tcp/sequence.h"

namespace undine::tcp {

/// The control bits that matter here (RFC 9293 3.1).
inline constexpr std::uint8_t flag_fin = 0x01, flag_syn = 0x02, flag_rst = 0x04, flag_psh = 0x08, flag_ack = 0x10;

/// A header without options, and the longest there can be: the data offset has four bits and counts words.
inline constexpr std::size_t header_min_bytes = 20, header_max_bytes = 60;
/// No window scale above 14 may be used (RFC 7323 2.3).
inline constexpr std::uint8_t window_scale_max = 14;
/// Four SACK blocks fill the 40 bytes of options (RFC 2018 section 3); three fit beside timestamps.
inline constexpr std::size_t sack_blocks_max = 4;

/// One segment, taken apart or to be put together. All numbers in host order.
struct TcpSegment {
  std::uint16_t source_port = 0, destination_port = 0;
  Sequence sequence = 0;
  Sequence acknowledgement = 0;  ///< means something only with flag_ack
  std::uint8_t flags = 0;
  std::uint16_t window = 0;  ///< as on the wire, not scaled
  // Options; an option that is absent has the value named here.
  std::uint16_t mss = 0;               ///< RFC 9293 3.7.1; 0: absent
  bool sack_permitted = false;         ///< RFC 2018 section 2
  bool has_window_scale = false;       ///< RFC 7323 2.2
  bool has_timestamps = false;         ///< RFC 7323 3.2
  std::uint8_t window_scale = 0;       ///< at most window_scale_max
  std::uint8_t sack_count = 0;         ///< how many of `sack` are set
  std::uint32_t timestamp_value = 0;   ///< TSval
  std::uint32_t timestamp_echo = 0;    ///< TSecr
  std::array<Range, sack_blocks_max> sack{};
  Bytes payload;  ///< a view of what was parsed

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  /// SEG.LEN: payload plus one each for SYN and FIN.
  std::uint32_t length() const {
    return static_cast<std::uint32_t>(payload.size()) + (has(flag_syn) ? 1 : 0) + (has(flag_fin) ? 1 : 0);
  }

  /// Takes a segment apart, except for its checksum. False if the header does not fit into the bytes. Options are read up to the first
  /// that is malformed; unknown ones are skipped (RFC 9293 3.1, MUST-6 and MUST-7).
  [[nodiscard]] bool parse(Bytes bytes);
  /// Writes header and options, with the checksum over them and `payload`; returns what was written. At most mss, window scale, SACK-permitted
  /// and timestamps, or timestamps and three blocks, or four blocks.
  Bytes emit_header(std::span<std::uint8_t, header_max_bytes> into, Ipv4Address source, Ipv4Address destination) const;
};

/// Lowers what a SYN says of the segments that it can take (RFC 9293 3.7.1) to `most`, and corrects its checksum by the difference (RFC 1624). Leaves
/// every other segment alone, one without that option too.
void limit_mss(MutableBytes segment, std::uint16_t most);

/// True if the checksum over pseudo header and segment is right.
bool checksum_is_right(Ipv4Address source, Ipv4Address destination, Bytes segment);

}  // namespace undine::tcp
