// SPDX-License-Identifier: Apache-2.0
#include "protocols/lldp/neighbour.h"

namespace undine {
namespace {

constexpr std::uint8_t type_end = 0, type_chassis = 1, type_port = 2, type_time_to_live = 3;

struct Fact {
  std::uint8_t type;
  Bytes value;
};

/// Takes the first one off `rest`; nothing if it is cut short.
std::optional<Fact> next_fact(Bytes& rest) {
  if (rest.size() < 2) return {};
  const std::uint16_t header = load_be16(rest, 0);
  const std::size_t length = header & 0x1ff;
  if (length > rest.size() - 2) return {};
  const Fact fact{static_cast<std::uint8_t>(header >> 9), rest.subspan(2, length)};
  rest = rest.subspan(2 + length);
  return fact;
}

/// Whether the value begins with the last `count` octets of `prefix`.
bool begins_with(Bytes value, std::uint32_t prefix, std::size_t count) {
  if (value.size() < count) return false;
  for (std::size_t i = count; i-- > 0; prefix >>= 8)
    if (value[i] != static_cast<std::uint8_t>(prefix)) return false;
  return true;
}

}  // namespace

void LldpNeighbour::accept(Bytes unit) {
  // The first three are always these, in this order.
  constexpr std::uint8_t first[] = {type_chassis, type_port, type_time_to_live};
  std::size_t count = 0;
  bool goes = false;
  for (Bytes rest = unit; !rest.empty(); ++count) {
    const auto fact = next_fact(rest);
    if (!fact) return;
    if (fact->type == type_end) {
      unit = unit.first(unit.size() - rest.size());
      break;
    }
    if (count >= std::size(first)) continue;
    if (fact->type != first[count] || fact->value.size() < 2) return;
    if (fact->type == type_time_to_live) goes = load_be16(fact->value, 0) == 0;
  }
  if (count < std::size(first)) return;
  if (goes) unit = {};
  unit_.assign(unit.begin(), unit.end());
}

std::optional<Bytes> LldpNeighbour::find(const Wish& wish) {
  is_wanted_ = true;
  constexpr std::size_t prefix_max = 4;
  const std::size_t compared = wish.prefix == 0 ? 0 : wish.offset < prefix_max ? wish.offset : prefix_max;
  unsigned index = wish.index;
  for (Bytes rest = unit_; !rest.empty();) {
    const auto fact = next_fact(rest);
    if (!fact) return {};
    if (fact->type != wish.type || !begins_with(fact->value, wish.prefix, compared)) continue;
    if (index-- != 0) continue;
    if (wish.offset > fact->value.size()) return {};
    const Bytes value = fact->value.subspan(wish.offset);
    if (wish.length > value.size()) return {};
    return wish.length == 0 ? value : value.first(wish.length);
  }
  return {};
}

}  // namespace undine
