// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071).
#pragma once

#include "core/address.h"
#include "core/bytes.h"

namespace undine {

/// Adds `bytes` to the running sum. Pieces may be summed one after the other if each but the last has an even length.
std::uint32_t checksum_add(std::uint32_t sum, Bytes bytes);
/// The sum folded to 16 bits and complemented, in host order, ready for store_be16. Over a correct datagram it is 0.
std::uint16_t checksum_finish(std::uint32_t sum);
/// The pseudo header of TCP and UDP (RFC 9293 3.1, RFC 768).
std::uint32_t checksum_pseudo_header(Ipv4Address source, Ipv4Address destination, std::uint8_t protocol, std::uint16_t length_bytes);

}  // namespace undine
