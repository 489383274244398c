// SPDX-License-Identifier: Apache-2.0
// Settings by number of what the hardware says: SMBIOS is in sources.cc; here PCI configuration space, CPUID, the memory map.
#include "config/sources.h"
#include "core/text.h"

namespace undine {
namespace {

RawValue big_endian(std::uint64_t value, std::size_t octets) {
  RawValue raw(octets);
  for (std::size_t i = octets; i-- > 0; value >>= 8) raw[i] = static_cast<std::uint8_t>(value);
  return raw;
}

}  // namespace

std::optional<RawValue> PciSource::fetch(const SettingKey& key) const {
  if (!key.is_hardware) return {};
  const auto function = static_cast<std::uint16_t>(key.tag >> 16);
  const std::size_t offset = key.tag >> 8 & 0xff, length = key.tag & 0xff;
  constexpr std::size_t space_bytes = 256;
  if (length == 0 || offset + length > space_bytes) return {};
  // No card there: all ones where the vendor's number would be.
  if (machine_.pci_config(function, 0) == UINT32_MAX) return {};
  // A number as it is read with one access: the octet at the lowest offset comes last.
  RawValue raw;
  for (std::size_t at = offset + length; at-- > offset;)
    raw.push_back(static_cast<std::uint8_t>(machine_.pci_config(function, static_cast<std::uint8_t>(at & ~std::size_t{3})) >> at % 4 * 8));
  return raw;
}

std::optional<RawValue> CpuidSource::fetch(const SettingKey& key) const {
  constexpr DhcpTag little_endian = 1u << 23, has_subfunction = 1u << 22;
  enum : DhcpTag { eax, ebx, ecx, edx };
  DhcpTag tag = key.tag;
  if (key.name == "cpuvendor") {
    tag = little_endian | 2u << 16 | (ebx | edx << 2 | ecx << 4) << 8;
  } else if (key.name == "cpumodel") {
    tag = 0x8000'0002 | 2u << 24 | little_endian | 3u << 16 | (eax | ebx << 2 | ecx << 4 | edx << 6) << 8;
  } else if (!key.is_hardware) {
    return {};
  }
  const std::uint32_t first = tag & 0x8000'00ff, last = machine_.cpuid(first & 0x8000'0000, 0)[eax];
  const std::uint32_t further = tag >> 24 & 0x7f;
  const bool by_subfunction = (tag & has_subfunction) != 0;
  const std::uint32_t functions = by_subfunction ? 1 : further + 1;
  // A processor without extended functions answers them with anything.
  if ((last ^ first) >> 31 != 0 || last < first + functions - 1) return {};
  RawValue raw;
  for (std::uint32_t i = 0; i < functions; ++i) {
    const auto registers = machine_.cpuid(first + i, by_subfunction ? further : 0);
    for (std::uint32_t left = (tag >> 16 & 3) + 1, list = tag >> 8 & 0xff; left-- > 0; list >>= 2) {
      std::uint32_t value = registers[list & 3];
      if ((tag & little_endian) != 0) value = __builtin_bswap32(value);
      const RawValue octets = big_endian(value, 4);
      raw.insert(raw.end(), octets.begin(), octets.end());
    }
  }
  return raw;
}

std::optional<RawValue> MemoryMapSource::fetch(const SettingKey& key) const {
  constexpr DhcpTag skip_missing = 1u << 10, with_length = 1u << 9, with_start = 1u << 8;
  if (key.name == "memsize") return big_endian(map_.usable_bytes() >> 20, 4);
  if (!key.is_hardware) return {};
  const std::size_t first = key.tag >> 16 & 0xff, count = (key.tag >> 24) + 1;
  std::uint64_t sum = 0;
  std::size_t index = 0;
  for (const MemoryRange& range : map_.ranges()) {
    if (range.kind != MemoryKind::usable || index == first + count) continue;
    if (index++ < first) continue;
    if ((key.tag & with_start) != 0) sum += range.start;
    if ((key.tag & with_length) != 0) sum += range.length;
  }
  if (index < first + count && (key.tag & skip_missing) == 0) return {};
  return big_endian(sum >> (key.tag & 0x3f), 8);
}

}  // namespace undine
