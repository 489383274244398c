// SPDX-License-Identifier: Apache-2.0
// The 32-bit part of the prefix: unpacks the program to the top of memory and builds the page tables that it runs under. It runs once,
// before there is anything else: no heap, no console. What goes wrong is a sentence that entry.asm prints.
#include <cstddef>
#include <cstdint>
#include <span>

#include "nbp/decompress/unpack.h"
#include "nbp/handoff.h"
#include "nbp/pack_header.h"

namespace undine {
namespace {

constexpr std::uint32_t present_writable = 3, large_page = 0x80;
constexpr std::uint32_t entries_of_table = 1024;
constexpr std::uint32_t bytes_of_directory_entry = page_size * entries_of_table;

std::span<std::uint8_t> memory(std::uint32_t address, std::uint32_t length) {
  return {reinterpret_cast<std::uint8_t*>(address), length};
}
std::span<std::uint32_t, entries_of_table> table(std::uint32_t address) {
  return std::span<std::uint32_t, entries_of_table>{reinterpret_cast<std::uint32_t*>(address), entries_of_table};
}

void fill_with_zeros(std::span<std::uint8_t> bytes) {
  auto* into = bytes.data();
  auto count = bytes.size();
  asm volatile("rep stosb" : "+D"(into), "+c"(count) : "a"(0) : "memory");
}

/// CRC-32 of zlib, bit by bit: a table would be larger than this code.
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~0u;
  for (const std::uint8_t octet : bytes) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xedb8'8320 & (0 - (crc & 1)));
  }
  return ~crc;
}

/// The highest place below 4 GiB; 0 if there is none of that length.
std::uint32_t highest_memory(const Handoff& handoff, std::uint32_t length) {
  constexpr std::uint64_t lowest = 0x10'0000;
  constexpr std::uint32_t usable = 1;
  std::uint64_t best = 0;
  const auto consider = [&](std::uint64_t start, std::uint64_t bytes) {
    std::uint64_t end = start + bytes;
    if (end < start) return;
    if (end > program_window) end = program_window;
    end &= ~std::uint64_t{page_size - 1};
    if (start < lowest) start = lowest;
    if (end >= start + length && end - length > best) best = end - length;
  };
  const auto* const entries = reinterpret_cast<const E820Entry*>(handoff.e820);
  for (std::uint32_t i = 0; i < handoff.e820_count; ++i)
    if (entries[i].type == usable && (entries[i].attributes & 1) != 0) consider(entries[i].start, entries[i].length);
  if (handoff.e820_count == 0) {
    constexpr std::uint64_t mebibyte = 0x10'0000;
    consider(mebibyte, std::uint64_t{handoff.e801_low_kib != 0 ? handoff.e801_low_kib : handoff.extended_kib} * 1024);
    consider(16 * mebibyte, std::uint64_t{handoff.e801_high_64kib} * 65536);
  }
  return static_cast<std::uint32_t>(best);
}

/// handoff.h says what is mapped where.
void build_page_tables(const Handoff& handoff) {
  const auto directory = table(handoff.region + region_page_directory);
  const auto low = table(handoff.region + region_low_table);
  const auto window = table(handoff.region + region_window_table);
  for (std::uint32_t i = 0; i < entries_of_table; ++i) {
    directory[i] = i * bytes_of_directory_entry | large_page | present_writable;
    low[i] = i * page_size | present_writable;
    window[i] = 0;
  }
  low[0] = 0;
  for (std::uint32_t at = 0; at < handoff.program_memory; at += page_size)
    window[at / page_size] = handoff.program + at | present_writable;
  for (std::uint32_t at = 0; at < 0x10'0000; at += page_size)
    window[(low_memory_window - program_window + at) / page_size] = at | present_writable;
  directory[0] = handoff.region + region_low_table | present_writable;
  directory[program_window / bytes_of_directory_entry] = handoff.region + region_window_table | present_writable;
}

}  // namespace

/// Returns the value for CR3, or 0 with `handoff.error` set.
extern "C" std::uint32_t prefix_main(Handoff& handoff, const PackHeader& pack) {
  const auto refuse = [&handoff](const char* sentence) {
    handoff.error = reinterpret_cast<std::uint32_t>(sentence);
    return 0u;
  };
  const std::span<const std::uint8_t> payload = memory(load_address + pack.payload_offset, pack.payload_length);
  const std::span<const std::uint8_t> block = memory(load_address + pack.payload_offset + pack.payload_length, pack.block_length);
  if (crc32(payload) != pack.payload_crc32 || crc32(block) != pack.block_crc32)
    return refuse("\r\nUndine: the file was damaged on its way here (CRC). Look at the network and the file on the TFTP server.\r\n"
                  "Press a key to boot from the next device.\r\n");
  // What is needed to unpack lies below the region, and is free afterwards.
  const std::uint32_t memory_for_unpacking = highest_memory(handoff, sizeof(packing::Memory) + region_bytes);
  if (memory_for_unpacking == 0)
    return refuse("\r\nUndine: there are no 11 MiB of free memory above 1 MiB. Press a key to boot from the next device.\r\n");
  handoff.region_length = region_bytes;
  handoff.region = memory_for_unpacking + sizeof(packing::Memory);
  handoff.program = handoff.region + region_program;
  handoff.program_memory = pack.program_memory;

  auto& learned = *reinterpret_cast<packing::Memory*>(memory_for_unpacking);
  const auto program = memory(handoff.program, pack.program_length);
  if (unpack(payload, program, learned) != Unpacked::complete)
    return refuse("\r\nUndine: the file does not unpack: it was built wrongly. Press a key to boot from the next device.\r\n");
  undo_branch_filter(program);
  fill_with_zeros(memory(handoff.program + pack.program_length, pack.program_memory - pack.program_length));
  build_page_tables(handoff);
  return handoff.region + region_page_directory;
}

}  // namespace undine
