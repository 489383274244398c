// SPDX-License-Identifier: Apache-2.0
#include "protocols/ethernet/vlan.h"

#include <cstring>

#include "core/text.h"

namespace undine {

namespace {
/// Destination and source; the tag follows (IEEE 802.1Q 9.3).
constexpr std::size_t addresses_size = ethernet::header_size - 2;
}  // namespace

Result<void> VlanNic::open() {
  TRY(trunk_.open());
  if (!trunk_.sends_any_type()) return fail(vlan_own_header);
  is_open_ = true;
  return {};
}

Result<void> VlanNic::send(Bytes frame) {
  if (!is_open()) return fail(nic_closed);
  // That its ROM does so may be found out when the card has been used for a while.
  if (!trunk_.sends_any_type()) return fail(vlan_own_header);
  std::uint8_t tagged[ethernet::header_size + ethernet::vlan_tag_size + mtu_max];
  if (frame.size() < ethernet::header_size || frame.size() > ethernet::header_size + mtu()) return fail(nic_frame_too_long);
  copy_bytes(tagged, frame.first(addresses_size));
  store_be16(tagged, addresses_size, ethernet::type_vlan);
  store_be16(tagged, addresses_size + 2, control_);
  copy_bytes(MutableBytes{tagged}.subspan(addresses_size + ethernet::vlan_tag_size), frame.subspan(addresses_size));
  const auto sent = trunk_.send(MutableBytes{tagged}.first(frame.size() + ethernet::vlan_tag_size));
  if (sent) {
    ++counters_.sent_frames;
    counters_.sent_bytes += frame.size();
  } else {
    ++counters_.send_errors;
  }
  return sent;
}

MutableBytes VlanNic::receive() {
  // Ends: a burst is what fits into the ring.
  for (MutableBytes frame = trunk_.receive(); !frame.empty(); frame = trunk_.receive()) {
    if (!is_open_ || frame.size() < ethernet::header_size + ethernet::vlan_tag_size || load_be16(frame, addresses_size) != ethernet::type_vlan ||
        (load_be16(frame, addresses_size + 2) & ethernet::vlan_identifier_mask) != vlan())
      continue;
    std::memmove(&frame[ethernet::vlan_tag_size], frame.data(), addresses_size);
    frame = frame.subspan(ethernet::vlan_tag_size);
    ++counters_.received_frames;
    counters_.received_bytes += frame.size();
    return frame;
  }
  return {};
}

std::string VlanNic::description() const {
  return join({"VLAN ", vlan(), ", priority ", control_ >> 13, ", payload of ", mtu(), " bytes"});
}

}  // namespace undine
