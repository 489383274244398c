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
  place.claim();
  return place;
}

void BasePlace::claim() {
  resident().control().ring_segment = static_cast<std::uint16_t>(ring_ >> 4);
  set_base_memory_end(lowest());
}

std::uint32_t BasePlace::lend(std::uint8_t receive_slots_lent, std::uint8_t transmit_slots_lent, std::uint32_t between) {
  whole_ring_ = ring_;
  whole_transmit_area_ = transmit_area_;
  transmit_area_ += std::uint32_t{transmit_slots_lent} * slot_bytes;
  const std::uint32_t lent = rounded_down(transmit_area_ - between, 16);
  ring_ = lent - std::uint32_t{static_cast<std::uint8_t>(receive_slots - receive_slots_lent)} * slot_bytes;
  claim();
  return lent;
}

bool BasePlace::take_back() {
  if (base_memory_end() != lowest()) return false;
  ring_ = whole_ring_;
  transmit_area_ = whole_transmit_area_;
  claim();
  return true;
}

void BasePlace::give_back() { set_base_memory_end(end_); }

}  // namespace undine
