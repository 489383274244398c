// SPDX-License-Identifier: Apache-2.0
// What both versions of Multiboot tell a kernel, written to a block whose address is known.
#pragma once

#include <memory>
#include <vector>

#include "loaders/layout.h"

namespace undine::multiboot {

class Information {
public:
  /// Room for what `layout` will be told, and `more_bytes`.
  static Result<Information> begin(Layout& layout, const Image& kernel, const BootResources& resources, std::size_t more_bytes);

  std::uint32_t address() const { return address_; }
  /// The address of what is written next.
  std::uint32_t here() const { return address_ + static_cast<std::uint32_t>(bytes_.size()); }
  std::size_t size() const { return bytes_.size(); }
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void bytes(Bytes more) { bytes_.insert(bytes_.end(), more.begin(), more.end()); }
  /// The image's name, and behind it its arguments; zero-terminated.
  void command_line(const Image& image);
  void zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }
  void align(std::size_t to) { zeros(-bytes_.size() % to); }
  /// What was written at `offset`.
  MutableBytes at(std::size_t offset) { return MutableBytes{bytes_}.subspan(offset); }
  void put_u32(std::size_t offset, std::uint32_t value) { store_le32(bytes_, offset, value); }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

private:
  std::vector<std::uint8_t> bytes_;
  std::uint32_t address_ = 0;
};

inline constexpr std::string_view loader_name{"Undine\0", 7};

/// What VESA's BIOS says; nothing if there is none.
std::unique_ptr<VideoInformation> read_video(const BootResources& resources);

/// KiB from 0 and from 1 MiB on, up to the first hole.
struct BasicMemory {
  std::uint32_t lower_kib, upper_kib;
};
BasicMemory basic_memory(const MemoryMap& map);

/// Text of 80 columns and 25 lines at B8000h: address, pitch, columns, lines, bits a character, kind 2 (both specifications, "framebuffer").
void write_framebuffer(Information& information);

}  // namespace undine::multiboot
