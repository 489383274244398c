// SPDX-License-Identifier: Apache-2.0
// Datagrams that come in pieces (RFC 791 3.2), put together by lists of holes (RFC 815).
//
// Bounded in count, bytes, holes and time, because pieces are kept for whoever sends them. Pieces that overlap others are not what any
// router makes; their datagram is dropped (as RFC 5722 demands for IPv6).
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/time.h"
#include "protocols/ipv4/packet.h"

namespace undine {

class Reassembly {
public:
  /// Datagrams under way at a time; the oldest makes room.
  static constexpr std::size_t datagrams_max = 4;
  /// Of all of them together: one of the longest kind. Nothing that boots machines sends longer ones than NFS's 8 KiB.
  static constexpr std::size_t bytes_max = 65536;
  /// In one datagram. Pieces come in order, or in the reverse; more than a few holes is nonsense.
  static constexpr std::size_t holes_max = 16;
  /// RFC 791 3.2's initial timer. On a local network the pieces come together or not at all.
  static constexpr Duration patience = 15'000_ms;

  /// Takes a fragment. The whole payload when this was the last piece missing, valid until `forget_completed`.
  std::optional<Bytes> add(const Ipv4Packet& fragment, Instant now);
  /// Frees the datagrams that were completed.
  void forget_completed() { completed_.clear(); }
  /// Drops what has waited for too long.
  void turn(Instant now);
  /// Drops everything.
  void clear();

private:
  struct Hole {
    std::size_t first, end;  ///< [first, end)
  };
  struct Datagram {
    bool used = false;
    Ipv4Address source, destination;
    std::uint16_t identification = 0;
    std::uint8_t protocol = 0;
    Instant begun{};
    bool last_seen = false;  ///< the piece without more_fragments was there: the length is that of `bytes`
    std::vector<std::uint8_t> bytes;
    std::vector<Hole> holes;
  };

  Datagram* find(const Ipv4Packet& fragment);
  Datagram& oldest();
  /// False if the datagram makes no sense and has to go.
  bool insert(Datagram& datagram, const Ipv4Packet& fragment);
  bool make_room(const Datagram& keep, std::size_t more);

  std::array<Datagram, datagrams_max> datagrams_;
  std::vector<std::vector<std::uint8_t>> completed_;
};

}  // namespace undine
