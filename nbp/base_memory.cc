// SPDX-License-Identifier: Apache-2.0
#include "nbp/base_memory.h"

#include "nbp/bios/memory.h"
#include "nbp/resident/resident.h"
#include "undi/pump.h"

namespace undine {
namespace {

constexpr std::uint32_t base_memory_kib = 0x413;  // BIOS data area
constexpr std::uint32_t transmit_bytes = std::uint32_t{transmit_slots} * slot_bytes;

void set_base_memory_end(std::uint32_t linear) {
  store_le16(low_memory().at(base_memory_kib, 2), 0, static_cast<std::uint16_t>(linear / 1024));
}

constexpr std::uint32_t rounded_down(std::uint32_t value, std::uint32_t to) { return value & ~(to - 1); }

}  // namespace

std::uint32_t base_memory_end() { return std::uint32_t{load_le16(low_memory().at(base_memory_kib, 2), 0)} * 1024; }

BasePlace BasePlace::take() {
  BasePlace place;
  place.end_ = base_memory_end();
  const std::uint32_t base = rounded_down(place.end_ - Resident::length_bytes(), page_size);
  // Cards that move data by ISA's rules cannot cross 64 KiB within a buffer.
  place.transmit_area_ = base - transmit_bytes;
  if (place.transmit_area_ >> 16 != (base - 1) >> 16) place.transmit_area_ = rounded_down(base - 1, 0x1'0000) - transmit_bytes;
  place.ring_ = rounded_down(place.transmit_area_ - receive_ring_bytes, 1024);
  resident().install(base);
  resident().control().ring_segment = static_cast<std::uint16_t>(place.ring_ >> 4);
  set_base_memory_end(place.ring_);
  return place;
}

void BasePlace::give_back() { set_base_memory_end(end_); }

}  // namespace undine
