// SPDX-License-Identifier: Apache-2.0
// Frames of protocols that have an EtherType of their own beside IP: disks of ATA over Ethernet, discovery of neighbours. A socket is one type.
//
// A frame that arrived lies in the NIC's ring until the next burst; the socket has a view of it until then. Who has not read it by then has lost it:
// such protocols ask again.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/nic.h"
#include "protocols/ethernet/packet.h"

namespace undine {

inline constexpr Cause ethernet_own_header{"ethernet.own-header", "the card's boot ROM writes the link headers itself and knows only IP and ARP; use a protocol over IP, such as iSCSI", pxe_status_failure};
inline constexpr Cause ethernet_too_many{"ethernet.too-many", "all 8 places for protocols beside IP are in use", pxe_status_failure};

class EthernetSockets;

/// Owned by the protocol that uses it; closes when destroyed. The EthernetSockets must outlive it.
class EthernetSocket {
public:
  /// What a burst can hold of one type; more are dropped.
  static constexpr std::size_t queue_max = 32;
  struct Received {
    MacAddress from;
    Bytes payload;  ///< with its padding
  };

  EthernetSocket(EthernetSocket&&) = delete;
  ~EthernetSocket();
  /// Sends `head` and behind it `body`, together at most `mtu()`. `ethernet_own_header` where the boot ROM can't.
  Result<void> send(MacAddress to, Bytes head, Bytes body = {});
  /// The next frame of the burst; valid until the next turn of the network.
  std::optional<Received> receive();
  /// The longest payload.
  std::size_t mtu() const;
  /// As Nic has it.
  std::size_t receive_ring_frames() const;

  /// Only EthernetSockets::open makes sockets.
  class Maker {
    friend class EthernetSockets;
    Maker() = default;
  };
  EthernetSocket(Maker, EthernetSockets& table, std::uint16_t type) : table_(table), type_(type) {}

private:
  friend class EthernetSockets;
  EthernetSockets& table_;
  std::uint16_t type_;
  std::uint8_t count_ = 0, read_ = 0;  ///< of queue_
  std::array<Received, queue_max> queue_;
};

class EthernetSockets {
public:
  /// Four disks behind INT 13h and some more.
  static constexpr std::size_t sockets_max = 8;
  /// The longest payload that is sent: Ethernet's, however much more the card can do.
  static constexpr std::size_t mtu_max = 1500;

  explicit EthernetSockets(Nic& nic) : nic_(&nic) {}
  /// Another card from now on.
  void use(Nic& nic) { nic_ = &nic; }
  /// Several sockets may have one type: each gets all of its frames.
  Result<std::unique_ptr<EthernetSocket>> open(std::uint16_t type);

  // For the host, which feeds and turns this table:
  void accept(const EthernetFrame& frame);
  /// The ring is about to be reused.
  void forget_unread();
  void served() { sent_ = false; }
  /// Something was given to the card that has not been served since.
  bool has_unsent() const { return sent_; }

private:
  friend class EthernetSocket;
  Nic* nic_;
  std::vector<EthernetSocket*> sockets_;
  bool sent_ = false;
};

}  // namespace undine
