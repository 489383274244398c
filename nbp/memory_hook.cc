// SPDX-License-Identifier: Apache-2.0
#include "nbp/memory_hook.h"

#include <algorithm>

#include "nbp/interrupt_vector.h"
#include "nbp/resident/resident.h"

namespace undine {
namespace {

constexpr std::uint8_t system_services = 0x15;
constexpr std::uint64_t mebibyte = 0x10'0000;

/// How much is usable without a gap from `start` on, but not beyond `end`.
std::uint64_t usable_from(const MemoryMap& map, std::uint64_t start, std::uint64_t end) {
  for (const MemoryRange& range : map.ranges())
    if (range.kind == MemoryKind::usable && range.start <= start && range.end() > start) return std::min(range.end(), end) - start;
  return 0;
}

RealPointer hook_entry() { return {static_cast<std::uint16_t>(Resident::header().int15_entry), resident().segment()}; }

}  // namespace

MemoryHook::MemoryHook(const MemoryMap& map) {
  show(map);
  resident().control().old_int15 = interrupt_vector(system_services);
  set_interrupt_vector(system_services, hook_entry());
  hooked_ = true;
}

void MemoryHook::show(const MemoryMap& map) {
  MemoryAnswers& answers = resident().memory_answers();
  answers.count = 0;
  for (const MemoryRange& range : map.ranges()) {
    if (answers.count == MemoryAnswers::entries_max) break;
    constexpr std::uint32_t enabled = 1;  // ACPI 6.5 table 15.10: the entry is valid
    answers.entries[answers.count++] = {range.start, range.length, static_cast<std::uint32_t>(range.kind), enabled};
  }
  const std::uint64_t low = usable_from(map, mebibyte, 16 * mebibyte);
  answers.low_kib = static_cast<std::uint16_t>(low / 1024);
  answers.high_64kib = static_cast<std::uint16_t>(std::min<std::uint64_t>(usable_from(map, 16 * mebibyte, 0xff80'0000) / 65536, 0xffff));
  answers.extended_kib = static_cast<std::uint16_t>(std::min<std::uint64_t>(usable_from(map, mebibyte, 64 * mebibyte) / 1024, 0xffff));
}

void MemoryHook::set_base_memory_end(std::uint32_t end) {
  MemoryAnswers& answers = resident().memory_answers();
  if (answers.count < 2 || answers.entries[0].start != 0) return;
  MemoryAnswers::Entry& free = answers.entries[0];
  MemoryAnswers::Entry& taken = answers.entries[1];
  if (taken.start != free.length) return;
  taken.length += taken.start - end;
  taken.start = free.length = end;
}

MemoryHook::~MemoryHook() { undo(); }

void MemoryHook::undo() {
  if (hooked_ && interrupt_vector(system_services) == hook_entry()) set_interrupt_vector(system_services, resident().control().old_int15);
  hooked_ = false;
}

}  // namespace undine
