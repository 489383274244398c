// SPDX-License-Identifier: Apache-2.0
// How a program of SYSLINUX' kind ends, and what it has started then.
#include "core/text.h"
#include "pxe-api/syslinux.h"

namespace undine {
namespace {

constexpr std::size_t line_max = 4096;
constexpr std::uint32_t load_address = 0x7c00, base_memory_limit = 0xa'0000, mebibyte = 0x10'0000;
constexpr std::uint32_t keeps_undi = 0x03;
/// Each is 12 octets: destination, source, length. A kernel with its initrds takes a dozen.
constexpr std::uint32_t descriptor_bytes = 12, descriptors_max = 1024, zeros = UINT32_MAX;
enum Type : std::uint32_t { by_contents = 0, boot_program = 4, comboot = 6 };

std::uint16_t word(std::uint32_t value) { return static_cast<std::uint16_t>(value); }

}  // namespace

/// Fetches while the program is still there, which is told if that fails. True if it goes on.
bool SyslinuxApi::start(std::string_view name, std::string command_line, std::uint32_t append_flags, std::uint32_t type) {
  const auto uri = uri_of(name);
  if (!uri || !parts_.pxe.leave_raw_mode()) return true;
  const SyslinuxKeeper::NetworkFacts facts = parts_.keeper.network_facts();
  if ((append_flags & 1) != 0) append(command_line, {" ip=", facts.address, ":", facts.server, ":", facts.gateway, ":", facts.mask});
  if ((append_flags & 2) != 0) append(command_line, {" BOOTIF=", facts.hardware_address});
  if ((append_flags & 4) != 0 && !facts.uuid.empty()) append(command_line, {" SYSUUID=", facts.uuid});
  // Two kinds are known by their names.
  std::string called = uri->file_name();
  if (type == comboot) called += ".cbt";
  if (type == boot_program) called += ".0";
  if (!parts_.keeper.fetch_next(*uri, command_line, called)) return true;
  ending_.kind = Ending::Kind::next;
  return false;
}

/// There is no prompt to go back to if the file is not there: then the program has failed.
bool SyslinuxApi::run_command(CallerRegisters& registers) {
  const std::string line = parts_.pxe.text_at({word(registers.ebx), registers.es}, line_max);
  std::string_view rest = trimmed(line);
  const std::string_view name = split_first(rest, ' ');
  if (name.empty() || start(name, std::string{trimmed(rest)}, 0, by_contents)) ending_.status = 1;
  return false;
}

/// What comes by itself is the next line of the script.
bool SyslinuxApi::run_default(CallerRegisters&) { return false; }

bool SyslinuxApi::run_kernel(CallerRegisters& registers) {
  const std::string name = parts_.pxe.text_at({word(registers.esi), registers.ds}, line_max);
  const std::string command_line = parts_.pxe.text_at({word(registers.ebx), registers.es}, line_max);
  if (name.empty() || start(name, command_line, registers.ecx, registers.edx)) return refuse(registers);
  return false;
}

bool SyslinuxApi::local_boot(CallerRegisters&) {
  ending_.kind = Ending::Kind::local;
  return false;
}

bool SyslinuxApi::clean_up(CallerRegisters& registers) {
  if ((registers.edx & keeps_undi) == keeps_undi) return true;
  return parts_.pxe.stop() ? true : refuse(registers);
}

/// Base memory that is free for a program, and what it finds in the memory map: so nothing of ours.
bool SyslinuxApi::may_be_written(std::uint32_t address, std::uint32_t length) const {
  if (address >= mebibyte) return parts_.common.memory_map.is_usable(address, length);
  const std::uint32_t end = std::min(parts_.common.keeper.base_memory_end(), base_memory_limit);
  return address < end && length <= end - address;
}

bool SyslinuxApi::replace_bootstrap(CallerRegisters& registers) {
  if (registers.ecx == 0 || !may_be_written(load_address, registers.ecx) || parts_.common.memory.at(registers.edi, registers.ecx).empty()) return refuse(registers);
  ending_ = {.kind = Ending::Kind::shuffle,
             .steps = {{load_address, registers.ecx, registers.edi}},
             .mode = Ending::Mode::bootstrap,
             .entry = load_address,
             .keeps_pxe = (registers.edx & keeps_undi) == keeps_undi,
             .edx = registers.ebx,
             .esi = registers.esi,
             .ds = registers.ds};
  return false;
}

/// The list is read before anything moves, so it needs no safe place; a little is said for programs that take 0 for a failure.
bool SyslinuxApi::get_shuffler_parameters(CallerRegisters& registers) {
  registers.ecx = (registers.ecx & 0xffff'0000) | 16;
  return true;
}

bool SyslinuxApi::shuffle(CallerRegisters& registers) {
  Ending wanted;
  wanted.kind = Ending::Kind::shuffle;
  wanted.keeps_pxe = (registers.edx & keeps_undi) == keeps_undi;
  const std::uint32_t count = std::min(registers.ecx / descriptor_bytes, descriptors_max);
  const Bytes list = parts_.common.memory.at(registers.esi, count * descriptor_bytes);
  for (Bytes rest = list; !rest.empty(); rest = rest.subspan(descriptor_bytes)) {
    const std::uint32_t destination = load_le32(rest, 0), source = load_le32(rest, 4), length = load_le32(rest, 8);
    if (length == 0) {
      if (source > 1) break;
      wanted.mode = source == 1 ? Ending::Mode::flat : Ending::Mode::real;
      wanted.entry = destination;
      ending_ = std::move(wanted);
      return false;
    }
    if (!may_be_written(destination, length) || (source != zeros && parts_.common.memory.at(source, length).empty())) break;
    wanted.steps.push_back({destination, length, source == zeros ? std::nullopt : std::optional(source)});
  }
  return refuse(registers);
}

}  // namespace undine
