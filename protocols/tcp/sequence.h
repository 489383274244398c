// SPDX-License-Identifier: Apache-2.0
// Sequence numbers of TCP: they wrap at 2^32, so only differences mean anything (RFC 9293 3.4).
#pragma once

#include <cstdint>

namespace undine::tcp {

using Sequence = std::uint32_t;

/// How far `to` lies ahead of `from`, negative if behind. True for sequence numbers less than 2^31 apart.
constexpr std::int32_t distance(Sequence from, Sequence to) { return static_cast<std::int32_t>(to - from); }
/// `a` lies before `b`.
constexpr bool before(Sequence a, Sequence b) { return distance(a, b) > 0; }

/// The octets from `begin` up to, but without, `end`.
struct Range {
  Sequence begin = 0, end = 0;
  constexpr bool operator==(const Range&) const = default;
  constexpr std::uint32_t size() const { return end - begin; }
};

}  // namespace undine::tcp
