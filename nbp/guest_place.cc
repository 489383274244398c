// SPDX-License-Identifier: Apache-2.0
#include "nbp/guest_place.h"

#include "pxe-api/api.h"
#include "pxe-api/syslinux.h"

namespace undine {

void GuestPlace::shrink(std::uint8_t receive_slots_kept, bool with_tables) {
  ++guests_;
  if (shrunk_) return;
  shrunk_ = true;
  constexpr std::uint8_t transmit_lent = transmit_slots - 1;
  const auto receive_lent = static_cast<std::uint8_t>(receive_slots - receive_slots_kept);
  nic_.lend(receive_lent, transmit_lent);
  const std::uint32_t tables = with_tables ? tables_bytes : 0;
  const std::uint32_t reserved = place_.lend(receive_lent, transmit_lent, tables + cached_packets_bytes + SyslinuxApi::shown_bytes);
  tables_ = with_tables ? reserved : 0;
  packets_ = reserved + tables;
  pump_.place_changed();
  memory_hook_.set_base_memory_end(place_.lowest());
}

void GuestPlace::restore() {
  if (--guests_ != 0 || !place_.take_back()) return;
  shrunk_ = false;
  nic_.lend(0, 0);
  pump_.place_changed();
  memory_hook_.set_base_memory_end(place_.lowest());
}

}  // namespace undine
