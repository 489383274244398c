// SPDX-License-Identifier: Apache-2.0
// Memory that stays ours while a guest runs, for caches and overlays of disks. What one disk has given back the next one may use; the guest's view of
// the memory never grows again.
#pragma once

#include <algorithm>
#include <list>
#include <utility>

#include "config/disk_door.h"

namespace undine {

class KeptMemory {
  struct Piece {
    MutableBytes bytes;
    bool is_used;
  };

public:
  /// Until it is destroyed its bytes are nobody else's.
  class Lease {
  public:
    Lease() = default;
    Lease(Lease&& other) : piece_(std::exchange(other.piece_, nullptr)), length_(other.length_) {}
    Lease& operator=(Lease&& other) {
      std::swap(piece_, other.piece_);
      std::swap(length_, other.length_);
      return *this;
    }
    ~Lease() {
      if (piece_ != nullptr) piece_->is_used = false;
    }
    MutableBytes bytes() const { return piece_ == nullptr ? MutableBytes{} : piece_->bytes.first(length_); }

  private:
    friend class KeptMemory;
    Lease(Piece* piece, std::size_t length) : piece_(piece), length_(length) {}
    Piece* piece_ = nullptr;
    std::size_t length_ = 0;
  };

  /// `door` outlives the memory, and the memory its leases.
  explicit KeptMemory(DiskDoor& door) : door_(door) {}
  /// `out_of_memory` has the MiB of the longest that could be had as its detail.
  Result<Lease> take(std::size_t length_bytes) {
    Piece* best = nullptr;
    std::uint32_t most_mib = 0;
    for (Piece& piece : pieces_) {
      if (piece.is_used) continue;
      most_mib = std::max(most_mib, static_cast<std::uint32_t>(piece.bytes.size() >> 20));
      if (piece.bytes.size() >= length_bytes && (best == nullptr || piece.bytes.size() < best->bytes.size())) best = &piece;
    }
    if (best == nullptr) {
      const auto made = door_.keep_memory(length_bytes);
      if (!made) return fail(made.error().cause(), std::max(most_mib, made.error().detail()));
      best = &pieces_.emplace_back(*made, false);
    }
    best->is_used = true;
    return Lease{best, length_bytes};
  }

private:
  DiskDoor& door_;
  std::list<Piece> pieces_;  ///< where they are stays, since leases point at them
};

}  // namespace undine
