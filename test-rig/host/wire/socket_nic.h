// SPDX-License-Identifier: Apache-2.0
// A card at whose wire the Gateway hangs.
#pragma once

#include <vector>

#include "core/nic.h"
#include "test-rig/host/wire/gateway.h"

namespace undine::tool {

class SocketNic final : public Nic {
public:
  /// The gateway outlives the card.
  SocketNic(MacAddress address, Gateway& gateway) : own_address_(address), address_(address), gateway_(gateway) {}

  Result<void> open() override {
    is_open_ = true;
    return {};
  }
  void close() override { is_open_ = false; }
  bool is_open() const override { return is_open_; }
  MacAddress address() const override { return address_; }
  Result<void> use_address(std::optional<MacAddress> other) override;
  std::size_t mtu() const override { return 1500; }
  std::size_t receive_ring_frames() const override { return burst_max; }
  Result<void> send(Bytes frame) override;
  bool service(Instant now) override;
  MutableBytes receive() override;
  bool interrupts_work() const override { return true; }
  const NicCounters& counters() const override { return counters_; }
  std::string description() const override { return "undine's own, over the sockets of this machine"; }

private:
  static constexpr std::size_t burst_max = 256, queue_max = 256;

  MacAddress own_address_, address_;
  Gateway& gateway_;
  bool is_open_ = false;
  std::vector<Frames::Frame> queued_, burst_;
  std::size_t next_ = 0;
  NicCounters counters_;
};

}  // namespace undine::tool
