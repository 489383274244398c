// SPDX-License-Identifier: Apache-2.0
#include "loaders/layout.h"

#include <algorithm>

namespace undine {
namespace {

constexpr std::uint32_t page = 4096, mebibyte = 0x10'0000;
constexpr std::uint64_t memory_end = std::uint64_t{1} << 32;
/// Below lie the BIOS's data, and what kernels like to use before they have looked: places where other processors start.
constexpr std::uint32_t told_lowest = 0x1'0000;
/// Some BIOSes keep data below 7C00h.
constexpr std::uint32_t resident_lowest = 0x8000;
/// More than any linker makes.
constexpr std::size_t parts_max = 64;

}  // namespace

void Layout::use_whole_base_memory() {
  if (resources_.base_memory_whole <= base_memory_end_) return;
  free_.release(base_memory_end_, resources_.base_memory_whole - base_memory_end_);
}

Result<void> Layout::place(std::uint32_t address, std::uint32_t offset, std::uint32_t file_bytes, std::uint32_t memory_bytes) {
  const Bytes file = resources_.images.contents(program_);
  if (memory_bytes == 0) return {};
  if (offset > file.size() || file_bytes > file.size() - offset || file_bytes > memory_bytes || memory_bytes > ~address || parts_.size() == parts_max)
    return fail(program_damaged);
  parts_.push_back({address, memory_bytes, MemoryKind::usable});
  part_moves_.push_back({address, file.subspan(offset, file_bytes)});
  lowest_ = std::min(lowest_, address);
  end_ = std::max(end_, address + memory_bytes);
  return {};
}

Result<std::uint32_t> Layout::settle(std::uint32_t entry, bool modules_on_pages, const Relocation& relocation) {
  free_.reserve(0, page);  // not mapped, and the BIOS's
  bool entered = false;
  const MemoryRange* homeless = nullptr;
  for (const MemoryRange& part : parts_) {
    if (!free_.is_usable(part.start, part.length)) homeless = &part;
    if (entry >= part.start && entry < part.end()) entered = true;
  }
  if (!entered) return fail(program_damaged);
  std::uint32_t distance = 0;
  if (homeless != nullptr) {
    if (relocation.alignment == 0) return fail(program_no_memory, static_cast<std::uint32_t>(homeless->start));
    const auto address = free_.find({.length = end_ - lowest_, .alignment = relocation.alignment, .lowest = std::max(relocation.lowest, mebibyte),
                                     .end = std::uint64_t{relocation.last} + 1, .from_top = relocation.from_top});
    if (!address) return fail(program_no_memory, lowest_);
    distance = static_cast<std::uint32_t>(*address) - lowest_;
  }
  lowest_ += distance;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Move& move = part_moves_[i];
    move.destination = static_cast<std::uint32_t>(move.destination + distance);
    const std::uint64_t start = move.destination, length = parts_[i].length, filled = move.source.size();
    if (!free_.is_usable(start, length)) return fail(program_overlaps, static_cast<std::uint32_t>(start));
    free_.reserve(start, length);
    if (length != filled) plan_.zeros.push_back({start + filled, length - filled});
  }

  for (const MemoryRange& part : parts_) {
    const std::uint64_t start = part.start + distance;
    if (plan_.resident_at != 0 || start >= resources_.base_memory_whole || start + part.length <= base_memory_end_) continue;
    const auto place = free_.find({.length = resident_bytes_max, .alignment = page, .lowest = resident_lowest, .end = base_memory_end_, .from_top = true});
    if (!place) return fail(program_no_memory, static_cast<std::uint32_t>(start));
    free_.reserve(*place, resident_bytes_max);
    plan_.resident_at = static_cast<std::uint32_t>(*place);
  }

  // First what is in the way moves, to where nothing is and nothing comes: so the order of these moves does not matter. Then the program.
  const MemoryMap without_program = free_;
  for (const Image& image : resources_.images.images()) free_.reserve(image.address, image.length);
  for (const Image& image : resources_.images.images()) {
    const bool is_program = &image == &program_;
    const std::uint32_t alignment = modules_on_pages && !is_program ? page : 4;
    auto address = static_cast<std::uint32_t>(image.address);
    if (image.length != 0 && (address % alignment != 0 || !without_program.is_usable(address, image.length))) {
      const auto elsewhere = free_.find({.length = image.length, .alignment = page, .lowest = mebibyte, .end = memory_end, .from_top = true});
      if (!elsewhere) return fail(module_no_memory, static_cast<std::uint32_t>((image.length + mebibyte - 1) / mebibyte));
      address = static_cast<std::uint32_t>(*elsewhere);
      free_.reserve(address, image.length);
      plan_.moves.push_back({address, resources_.images.contents(image)});
    }
    if (is_program) file_address_ = address;
    else modules_.push_back({&image, address});
  }
  // The parts are taken from where the file is by then.
  Image moved;
  moved.address = file_address_;
  moved.length = program_.length;
  const std::ptrdiff_t shift = resources_.images.contents(moved).data() - resources_.images.contents(program_).data();
  for (const Move& move : part_moves_)
    if (!move.source.empty()) plan_.moves.push_back({move.destination, {move.source.data() + shift, move.source.size()}});
  return distance;
}

Result<std::uint32_t> Layout::room_for(std::size_t length_bytes) {
  auto address = free_.find({.length = length_bytes, .alignment = 16, .lowest = told_lowest, .end = resources_.base_memory_end});
  if (!address) address = free_.find({.length = length_bytes, .alignment = page, .from_top = true});
  if (!address) return fail(module_no_memory, 1);
  return static_cast<std::uint32_t>(*address);
}

BootPlan Layout::finish(const ProtectedEntry& entry, std::vector<std::uint8_t> made, std::uint32_t address) {
  plan_.made = std::move(made);
  if (!plan_.made.empty()) plan_.moves.push_back({address, plan_.made});
  plan_.protected_entry = entry;
  return std::move(plan_);
}

}  // namespace undine
