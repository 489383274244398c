// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/wire/socket_nic.h"

#include "protocols/ethernet/packet.h"

namespace undine::tool {

Result<void> SocketNic::use_address(std::optional<MacAddress> other) {
  address_ = other.value_or(own_address_);
  gateway_.frames().use_card(address_);
  return {};
}

Result<void> SocketNic::send(Bytes frame) {
  if (!is_open_) return fail(nic_closed);
  if (frame.size() > mtu() + ethernet::header_size) return fail(nic_frame_too_long);
  if (queued_.size() == queue_max) return fail(nic_queue_full);
  queued_.emplace_back(frame.begin(), frame.end());
  return {};
}

bool SocketNic::service(Instant) {
  if (!is_open_) return false;
  bool moved = !queued_.empty();
  for (const Frames::Frame& frame : queued_) {
    ++counters_.sent_frames;
    counters_.sent_bytes += frame.size();
    gateway_.take(frame);
  }
  queued_.clear();
  moved = gateway_.poll() || moved;
  burst_.clear();
  next_ = 0;
  while (burst_.size() < burst_max && !gateway_.frames().empty()) burst_.push_back(gateway_.frames().take());
  return moved || !burst_.empty();
}

MutableBytes SocketNic::receive() {
  if (next_ == burst_.size()) return {};
  Frames::Frame& frame = burst_[next_++];
  ++counters_.received_frames;
  counters_.received_bytes += frame.size();
  return frame;
}

}  // namespace undine::tool
