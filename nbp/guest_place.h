// SPDX-License-Identifier: Apache-2.0
// What we give up in base memory while somebody else has the machine (a boot program, or a system on a disk of ours), and take back when he comes back.
#pragma once

#include "nbp/base_memory.h"
#include "nbp/memory_hook.h"
#include "nbp/pump.h"

namespace undine {

class GuestPlace {
public:
  /// All of them outlive this object.
  GuestPlace(BasePlace& place, UndiNic& nic, ResidentPump& pump, MemoryHook& memory_hook) : place_(place), nic_(nic), pump_(pump), memory_hook_(memory_hook) {}

  /// Leaves so many slots of the receive ring, one of the transmit area and no interrupt of the card's: guests poll, and have nobody who would serve one.
  /// Below there is room for the packets of the PXE API, for what SYSLINUX' API shows, and, if `with_tables`, for tables. A guest within a guest finds it done.
  void shrink(std::uint8_t receive_slots_kept, bool with_tables);
  /// A guest is gone. When it was the last, we take it back, unless somebody stays resident below us: then we stay small.
  void restore();
  /// Linear addresses, while it is shrunk: cached_packets_bytes and behind them SyslinuxApi::shown_bytes; tables_bytes on a boundary of 16, or 0 if there is no room.
  std::uint32_t packets() const { return packets_; }
  std::uint32_t tables() const { return tables_; }
  static constexpr std::uint32_t tables_bytes = 2048;
  /// Where free base memory ends.
  std::uint32_t lowest() const { return place_.lowest(); }

private:
  BasePlace& place_;
  UndiNic& nic_;
  ResidentPump& pump_;
  MemoryHook& memory_hook_;
  std::uint32_t packets_ = 0, tables_ = 0;
  unsigned guests_ = 0;
  bool shrunk_ = false;
};

}  // namespace undine
