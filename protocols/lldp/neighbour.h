// SPDX-License-Identifier: Apache-2.0
// The neighbour's word of itself: type, length and value of each fact (IEEE 802.1AB-2016 section 8).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"

namespace undine {

class LldpNeighbour {
public:
  static constexpr std::uint16_t ethernet_type = 0x88cc;
  /// "Nearest bridge", the group that switches send to and never pass on (section 7.1).
  static constexpr MacAddress group{{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e}};

  /// An LLDPDU as it arrived, perhaps with padding behind it. One that is not well-formed changes nothing (section 9.2.8.7.1); one that says
  /// that the neighbour goes leaves nothing.
  void accept(Bytes unit);

  /// Which octets of which fact.
  struct Wish {
    std::uint8_t type = 0;
    std::uint8_t index = 0;    ///< among those that match, from 0
    std::uint8_t offset = 0;   ///< in the value
    std::uint8_t length = 0;   ///< octets; 0: all that are left
    std::uint32_t prefix = 0;  ///< the first `offset` octets of the value, at most 4, as a number: a subtype, or an organisation's; 0: any
  };
  /// A view into what was accepted last; nothing if it has no such octets. From the first call on the card is to hear `group`.
  std::optional<Bytes> find(const Wish& wish);
  /// Somebody has asked. Before that the card's filter is left as it is: not each boot ROM takes a change of it well.
  bool is_wanted() const { return is_wanted_; }

private:
  std::vector<std::uint8_t> unit_;  ///< well-formed, up to its end
  bool is_wanted_ = false;
};

}  // namespace undine
