// SPDX-License-Identifier: Apache-2.0
// What has arrived and was not read yet, in order or ahead of a gap, without copying what is read in time.
//
// A piece is a view of the NIC's ring until `keep`, and a copy on the heap afterwards. Pieces are sorted and do not overlap; those before
// next() are in order, those behind it wait for a gap to be filled.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "core/bytes.h"
#include "protocols/tcp/sequence.h"

namespace undine::tcp {

class ReceiveQueue {
public:
  /// Pieces at most. A burst becomes one, so this is far more than a reader that falls behind or a lossy path needs; a peer that sends single
  /// octets with gaps between is stopped here.
  static constexpr std::size_t pieces_max = 384;
  /// Pieces that follow one another are kept in blocks of up to this length, so that small segments cost little.
  static constexpr std::uint32_t block_max_bytes = 16384;

  /// The first octet that will come.
  void start(Sequence first) { next_ = first; }
  /// The first octet that has not come: RCV.NXT without the FIN.
  Sequence next() const { return next_; }
  /// Octets in order that were not read.
  std::uint32_t unread() const { return unread_bytes_; }
  /// Something waits behind a gap.
  bool has_gap() const { return count_ != 0 && before(next_, end_of(pieces_[count_ - 1])); }

  /// Adds what is new in `payload` and returns how many octets that was: 0 for a duplicate, or when there are too many pieces. The view must
  /// stay valid until `keep`. The caller has cut it to the window.
  std::uint32_t insert(Sequence at, Bytes payload);
  /// Takes octets in order; returns how many.
  std::size_t read(MutableBytes into);
  /// The ring is about to be reused: copies what is still a view. False if there is no memory for octets in order, which were promised to the
  /// peer; octets behind a gap were not (RFC 2018 section 8), they are dropped.
  bool keep();
  /// The octets behind a gap that are held around `at` without another between them; empty if that one is not held, or is in order.
  Range range_around(Sequence at) const;

private:
  struct Piece {
    Sequence begin = 0;
    std::uint32_t length_bytes = 0;
    const std::uint8_t* data = nullptr;
    std::unique_ptr<std::uint8_t[]> own;  ///< empty while the octets lie in the ring
  };
  static Sequence end_of(const Piece& piece) { return piece.begin + piece.length_bytes; }
  std::size_t run_of_views(std::size_t at, std::uint32_t& length_bytes) const;
  void move_piece(std::size_t to, std::size_t from);
  void remove(std::size_t from, std::size_t to);
  void drop_read();

  std::array<Piece, pieces_max> pieces_;
  std::size_t first_ = 0, count_ = 0;  ///< pieces before first_ were read, those from count_ on are empty
  Sequence next_ = 0;
  std::uint32_t unread_bytes_ = 0;
  bool has_views_ = false;
};

}  // namespace undine::tcp
