// SPDX-License-Identifier: Apache-2.0
#include "loaders/linux/cpio.h"

#include "core/text.h"

namespace undine::linux_kernel {
namespace {

constexpr std::uint32_t type_file = 0100000, type_folder = 0040000, mode_folder = 0755;

std::optional<std::uint16_t> octal(std::string_view digits) {
  std::uint32_t value = 0;
  if (digits.empty()) return {};
  for (const char digit : digits) {
    if (digit < '0' || digit > '7') return {};
    value = value * 8 + static_cast<std::uint32_t>(digit - '0');
    if (value > 07777) return {};
  }
  return static_cast<std::uint16_t>(value);
}

/// Owner 0, times 0, one link: what the kernel does not need is 0.
void append_header(std::string_view name, std::uint32_t mode, std::uint32_t file_bytes, std::vector<std::uint8_t>& into) {
  constexpr std::size_t fields = 13, at_mode = 1, at_links = 4, at_size = 6, at_name_bytes = 11;
  std::uint32_t values[fields] = {};
  values[at_mode] = mode;
  values[at_links] = 1;
  values[at_size] = file_bytes;
  values[at_name_bytes] = static_cast<std::uint32_t>(name.size() + 1);
  std::string header = "070701";
  for (const std::uint32_t value : values) append(header, {hex(value, 8)});
  header += name;
  header.push_back('\0');
  while (header.size() % 4 != 0) header.push_back('\0');
  into.insert(into.end(), header.begin(), header.end());
}

}  // namespace

Result<CpioMember> CpioMember::parse(std::string_view arguments) {
  CpioMember member;
  arguments = trimmed(arguments);
  member.name = split_first(arguments, ' ');
  // A folder cannot be meant.
  while (member.name.ends_with('/')) member.name.remove_suffix(1);
  while (!arguments.empty()) {
    const std::string_view word = split_first(arguments, ' ');
    if (word.starts_with("mode=")) {
      const auto mode = octal(word.substr(5));
      if (!mode) return fail(bad_member);
      member.mode = *mode;
    } else if (word == "mkdir=-1") {
      member.folders = UINT32_MAX;
    } else if (word.starts_with("mkdir=")) {
      const auto count = parse_number(word.substr(6), UINT32_MAX);
      if (!count) return fail(bad_member);
      member.folders = static_cast<std::uint32_t>(*count);
    }
  }
  return member;
}

void append_cpio_headers(const CpioMember& member, std::uint32_t file_bytes, std::vector<std::uint8_t>& into) {
  // Only a '/' with something before it ends the name of a folder.
  std::uint32_t above = 0;
  for (std::size_t at = 1; at < member.name.size(); ++at) above += member.name[at] == '/' ? 1u : 0u;
  for (std::size_t at = 1; at < member.name.size(); ++at)
    if (member.name[at] == '/' && above-- <= member.folders) append_header(member.name.substr(0, at), type_folder | mode_folder, 0, into);
  append_header(member.name, type_file | member.mode, file_bytes, into);
}

}  // namespace undine::linux_kernel
