// SPDX-License-Identifier: Apache-2.0
// A VLAN of a card (IEEE 802.1Q) as a card of its own: what is sent gets the tag, what comes loses it, what has another tag, or none, is not for it.
#pragma once

#include <algorithm>

#include "core/nic.h"
#include "protocols/ethernet/packet.h"

namespace undine {

inline constexpr Cause vlan_own_header{"vlan.own-header", "the card's boot ROM writes the link headers itself, so that no frame can have a VLAN's tag; let the switch port put this machine into the VLAN", pxe_status_failure};

class VlanNic final : public Nic {
public:
  static constexpr std::uint16_t tag_max = 4094;
  static constexpr std::uint8_t priority_max = 7;

  /// `tag` from 1 to tag_max; `trunk` outlives it. Only one of the two is served at a time.
  VlanNic(Nic& trunk, std::uint16_t tag, std::uint8_t priority)
      : trunk_(trunk), control_(static_cast<std::uint16_t>(priority << 13 | tag)) {}

  Nic& trunk() const { return trunk_; }

  /// Opens the card as well, and leaves that open when it is closed itself.
  Result<void> open() override;
  void close() override { is_open_ = false; }
  bool is_open() const override { return is_open_ && trunk_.is_open(); }
  MacAddress address() const override { return trunk_.address(); }
  /// The card's, if that is closed.
  Result<void> use_address(std::optional<MacAddress> other) override { return trunk_.use_address(other); }
  /// Less by the tag than the card's: a frame is then no longer than those that each boot ROM has to take. With QEMU's
  /// ROM for e1000, an iPXE, segments of 1518 octets were never acknowledged.
  std::size_t mtu() const override { return std::min(trunk_.mtu() - ethernet::vlan_tag_size, mtu_max); }
  bool sends_any_type() const override { return trunk_.sends_any_type(); }
  std::size_t receive_ring_frames() const override { return trunk_.receive_ring_frames(); }
  std::uint16_t vlan() const override { return control_ & ethernet::vlan_identifier_mask; }
  Result<void> send(Bytes frame) override;
  bool service(Instant now) override { return trunk_.service(now); }
  MutableBytes receive() override;
  bool interrupts_work() const override { return trunk_.interrupts_work(); }
  void hear_groups(std::span<const MacAddress> groups) override { trunk_.hear_groups(groups); }
  const NicCounters& counters() const override { return counters_; }
  std::string description() const override;

private:
  /// The longest payload of our stack.
  static constexpr std::size_t mtu_max = 1500;

  Nic& trunk_;
  std::uint16_t control_;  ///< the tag's: priority in bits 15 to 13, VLAN in 11 to 0
  bool is_open_ = false;
  NicCounters counters_;
};

}  // namespace undine
