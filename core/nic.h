// SPDX-License-Identifier: Apache-2.0
// A network card as the IP stack sees it: whole Ethernet frames, in bursts.
//
// Crossing into a boot ROM is the cost that matters, so frames are not fetched one by one: `service` sends everything that is
// queued and fetches a burst, `receive` then hands out the frames of that burst where they lie.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "core/address.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/time.h"

namespace undine {

inline constexpr Cause nic_closed{"nic.closed", "the network card is closed; try 'ifopen net0'", 0x6a};
inline constexpr Cause nic_queue_full{"nic.queue-full", "the network card takes no more frames at the moment", pxe_status_failure};
inline constexpr Cause nic_frame_too_long{"nic.frame-too-long", "the frame is longer than the network card can send", pxe_status_failure};

/// What `ifstat` shows.
struct NicCounters {
  std::uint64_t sent_frames = 0, sent_bytes = 0, send_errors = 0;
  std::uint64_t received_frames = 0, received_bytes = 0, receive_errors = 0;
};

class Nic {
public:
  virtual ~Nic() = default;
  /// Starts the card; does nothing if it is open.
  virtual Result<void> open() = 0;
  virtual void close() = 0;
  virtual bool is_open() const = 0;

  virtual MacAddress address() const = 0;
  /// The address from when it is opened next, which may not be a group's; nothing: its own. It must be closed. An error: the old one stays.
  virtual Result<void> use_address(std::optional<MacAddress> other) = 0;
  /// Longest payload in bytes, without the 14 bytes of the Ethernet header; 1500 as a rule.
  virtual std::size_t mtu() const = 0;
  /// Frames leave as they were given to `send`, of whatever EtherType. False for boot ROMs that write the link header themselves: they know IPv4
  /// and ARP.
  virtual bool sends_any_type() const { return true; }
  /// How many full-size frames may be on their way to us before some are likely to be lost: the size of a receive ring, or a guess that
  /// follows what was seen. Below `receive_ring_least` it is no guess but a limit: the card fails when more come.
  static constexpr std::size_t receive_ring_least = 4;
  virtual std::size_t receive_ring_frames() const = 0;

  /// The VLAN that this card is in by tags of its own (IEEE 802.1Q), which its users do not see; 0: none.
  virtual std::uint16_t vlan() const { return 0; }

  /// Queues a whole frame (destination, source, type, payload; no checksum sequence); it is copied. It leaves with the next `service`.
  virtual Result<void> send(Bytes frame) = 0;
  /// Sends what is queued and fetches the next burst. Frames of the burst before are gone after this. Returns true if anything moved.
  virtual bool service(Instant now) = 0;
  /// The next frame of the burst where it lies, the caller's to change and valid until the next `service`; empty when the burst is used up.
  virtual MutableBytes receive() = 0;
  /// The program may halt until an interrupt: one will tell of the next frame. False while the card has to be polled.
  virtual bool interrupts_work() const = 0;

  /// Frames for these multicast addresses are to be received, and of no others need be. Kept while the card is closed and opened again.
  virtual void hear_groups(std::span<const MacAddress> groups) { (void)groups; }

  virtual const NicCounters& counters() const = 0;
  /// One line for `ifstat` and the log: the driver, how it receives and why, what was worked around.
  virtual std::string description() const = 0;
  /// For `profstat`: a line for each kind of call into the boot ROM, with how long it took; empty if there is no ROM, or nothing measures it.
  virtual std::string call_times() const { return {}; }
};

}  // namespace undine
