// SPDX-License-Identifier: Apache-2.0
// A switch that says anything: eight octets ask, the rest is what it sends, twice. What is found lies in what was sent, as long as it was asked for.
#include <algorithm>
#include <cstdlib>

#include "protocols/lldp/neighbour.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  constexpr std::size_t question_bytes = 8;
  if (size < question_bytes) return 0;
  const Bytes input{data, size}, unit = input.subspan(question_bytes);
  const LldpNeighbour::Wish wish{.type = input[0], .index = input[1], .offset = input[2], .length = input[3], .prefix = load_be32(input, 4)};
  LldpNeighbour neighbour;
  neighbour.accept(unit);
  neighbour.accept(unit.first(unit.size() / 2));
  const auto found = neighbour.find(wish);
  if (!found) return 0;
  if (wish.length != 0 && found->size() != wish.length) std::abort();
  if (wish.offset + found->size() > 511) std::abort();
  if (!found->empty() && std::ranges::search(unit, *found).empty()) std::abort();
  return 0;
}
