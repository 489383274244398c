// SPDX-License-Identifier: Apache-2.0
#include "pxe-api/syslinux.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/scan_codes.h"
#include "core/text.h"

namespace undine {
namespace {

constexpr std::uint8_t derivative_pxelinux = 0x32;
/// The one whose API this is: the last with COM32 programs as they are here.
constexpr std::uint16_t version_number = 3 << 8 | 86;
constexpr std::string_view version_text = "Undine with the API of PXELINUX 3.86", copyright_text = "Apache-2.0";
constexpr std::size_t string_max = 4096, name_max = 2048;
constexpr std::uint32_t block_bytes = 1024;
constexpr std::uint16_t pxe_version = 0x0201;

// What programs are shown, in SyslinuxApi::shown_bytes.
constexpr std::size_t at_version = 0, at_copyright = 64, at_ip = 96, at_mac = 176, at_uuid = 240, at_pointers = 296, at_network = 304, at_record = 328;
constexpr std::size_t at_features = 384, at_nothing = 392, at_folder = 400;
constexpr std::size_t record_bytes = 48;  ///< registers and return address as PXELINUX was entered; !PXE's address follows
constexpr std::uint8_t can_boot_locally = 1;

constexpr std::uint16_t word(std::uint32_t value) { return static_cast<std::uint16_t>(value); }
void set_word(std::uint32_t& value, std::uint16_t to) { value = (value & 0xffff'0000) | to; }
void set_pointer(std::uint16_t& segment, std::uint32_t& offset, RealPointer pointer) {
  segment = pointer.segment;
  set_word(offset, pointer.offset);
}

/// The scan code that a BIOS gives for a key without a character; 0 if it has none.
std::uint8_t scan_code_of(Key key) {
  for (const ScanCode& known : scan_codes)
    if (known.key == key) return known.code;
  return 0;
}

bool has_character(Key key) { return static_cast<std::uint16_t>(key) <= 0xff; }

}  // namespace

std::span<const SyslinuxApi::Function> SyslinuxApi::functions() {
  using Api = SyslinuxApi;
  static constexpr Function table[] = {
      &Api::refuse,               // 0000h
      &Api::get_version,
      &Api::write_string,
      &Api::run_command,
      &Api::run_default,
      &Api::force_text_mode,
      &Api::open_file,
      &Api::read_file,
      &Api::close_file,
      &Api::call_pxe,
      &Api::get_derivative_information,
      &Api::get_serial_configuration,
      &Api::clean_up,
      &Api::replace_bootstrap,
      &Api::get_configuration_name,
      &Api::get_append_strings,
      &Api::resolve_name,         // 0010h
      &Api::refuse,               // given up with 3.80
      &Api::refuse,
      &Api::idle,
      &Api::local_boot,
      &Api::get_features,
      &Api::run_kernel,
      &Api::report_video_mode,
      &Api::query_font,
      &Api::refuse,               // read the disk
      &Api::refuse,               // given up with 3.80
      &Api::refuse,
      &Api::refuse,               // auxiliary data vector
      &Api::refuse,
      &Api::refuse,               // keyboard table
      &Api::get_folder,
      &Api::refuse,               // 0020h: folders, given up with 4.00
      &Api::refuse,
      &Api::refuse,
      &Api::get_shuffler_parameters,
      &Api::shuffle,
  };
  return table;
}

void SyslinuxApi::begin(RealPointer shown, const Uri& uri) {
  shown_ = shown;
  uri_ = uri;
  ending_ = {};
  scan_code_.reset();
  pressed_.reset();
  graphics_ = false;

  const SyslinuxKeeper::NetworkFacts facts = parts_.keeper.network_facts();
  std::ranges::fill(shown_bytes_at(0, shown_bytes), std::uint8_t{0});
  show(at_version, at_copyright - at_version, version_text);
  show(at_copyright, at_ip - at_copyright, copyright_text);
  show(at_ip, at_mac - at_ip, join({"ip=", facts.address, ":", facts.server, ":", facts.gateway, ":", facts.mask}));
  show(at_mac, at_uuid - at_mac, join({"BOOTIF=", facts.hardware_address}));
  if (!facts.uuid.empty()) show(at_uuid, at_pointers - at_uuid, join({"SYSUUID=", facts.uuid}));
  const MutableBytes pointers = shown_bytes_at(at_pointers, 6);
  for (std::size_t i = 0; const std::size_t string : {at_ip, at_mac, at_uuid}) store_le16(pointers, 2 * i++, shown_.offset + static_cast<std::uint16_t>(string));
  const MutableBytes network = shown_bytes_at(at_network, 20);
  store_le32(network, 0, 4);
  for (std::size_t i = 1; const Ipv4Address each : {facts.address, facts.server, facts.gateway, facts.mask}) store_be32(network, 4 * i++, each.value);
  const RealPointer structure = parts_.keeper.pxe_structure();
  const MutableBytes record = shown_bytes_at(at_record, record_bytes + 4);
  store_le16(record, record_bytes, structure.offset);
  store_le16(record, record_bytes + 2, structure.segment);
  shown_bytes_at(at_features, 1)[0] = can_boot_locally;
  const std::string folder = uri_.text();
  show(at_folder, shown_bytes - at_folder, std::string_view{folder}.substr(0, folder.rfind('/') + 1));
}

MutableBytes SyslinuxApi::shown_bytes_at(std::size_t at, std::size_t length) const {
  return parts_.common.low_memory.at(shown_.linear() + static_cast<std::uint32_t>(at), length);
}

void SyslinuxApi::show(std::size_t at, std::size_t room, std::string_view text) const { copy_bytes(shown_bytes_at(at, room - 1), as_bytes(text)); }

void SyslinuxApi::end() {
  if (graphics_) parts_.keeper.use_text_mode();
  graphics_ = false;
}

bool SyslinuxApi::interrupt(std::uint8_t number, CallerRegisters& registers) {
  registers.carry = false;
  if (number == 0x20) return false;
  if (number == 0x21) return dos(registers);
  const std::uint16_t function = word(registers.eax);
  return (this->*(function < functions().size() ? functions()[function] : &SyslinuxApi::refuse))(registers);
}

bool SyslinuxApi::refuse(CallerRegisters& registers) {
  registers.carry = true;
  return true;
}

bool SyslinuxApi::dos(CallerRegisters& registers) {
  const auto function = static_cast<std::uint8_t>(registers.eax >> 8);
  const auto set_al = [&](std::uint8_t value) { registers.eax = (registers.eax & ~0xffu) | value; };
  const auto write = [&](std::uint8_t octet) { parts_.console.write({reinterpret_cast<const char*>(&octet), 1}); };
  switch (function) {
    case 0x00: return false;
    case 0x01:
    case 0x08: {
      const std::uint8_t key = next_key();
      set_al(key);
      if (function == 0x01 && key != 0) write(key);
      return true;
    }
    case 0x02: write(static_cast<std::uint8_t>(registers.edx)); return true;
    case 0x04: return true;  // there is no serial console of its own
    case 0x09: {
      const std::string text = parts_.pxe.text_at({word(registers.edx), registers.ds}, string_max, '$');
      parts_.console.write(text);
      return true;
    }
    case 0x0b:
      if (!pressed_ && !scan_code_) {
        parts_.common.loop.turn();
        pressed_ = parts_.common.loop.key();
        if (pressed_ && !has_character(*pressed_) && scan_code_of(*pressed_) == 0) pressed_.reset();
      }
      set_al(pressed_ || scan_code_ ? 0xff : 0);
      return true;
    case 0x30:  // "SYSLINUX" in the upper halves
      registers.eax = 0x5953'0000;
      registers.ebx = 0x4c53'0000;
      registers.ecx = 0x4e49'0000;
      registers.edx = 0x5855'0000;
      return true;
    case 0x4c: ending_.status = static_cast<std::uint8_t>(registers.eax); return false;
    default: return refuse(registers);
  }
}

std::uint8_t SyslinuxApi::next_key() {
  if (scan_code_) return *std::exchange(scan_code_, std::nullopt);
  for (;;) {
    const Key key = pressed_ ? *std::exchange(pressed_, std::nullopt) : parts_.common.loop.wait_for_key();
    if (has_character(key)) return static_cast<std::uint8_t>(key);
    if (const std::uint8_t code = scan_code_of(key); code != 0) {
      scan_code_ = code;
      return 0;
    }
  }
}

bool SyslinuxApi::get_version(CallerRegisters& registers) {
  set_word(registers.eax, static_cast<std::uint16_t>(functions().size()));
  set_word(registers.ecx, version_number);
  registers.edx = (registers.edx & ~0xffu) | derivative_pxelinux;
  set_pointer(registers.es, registers.esi, shown(at_version));
  set_pointer(registers.es, registers.edi, shown(at_copyright));
  return true;
}

bool SyslinuxApi::write_string(CallerRegisters& registers) {
  parts_.console.write(parts_.pxe.text_at({word(registers.ebx), registers.es}, string_max));
  return true;
}

bool SyslinuxApi::force_text_mode(CallerRegisters&) {
  end();
  return true;
}

/// As PXELINUX names files: an address, "server::path" of TFTP, or relative to the program.
Result<Uri> SyslinuxApi::uri_of(std::string_view name) const {
  // The first colon: "iscsi:server::::target" is an address.
  if (const std::size_t colons = name.find(':'); colons != std::string_view::npos && name.substr(colons).starts_with("::")) {
    const std::string_view server = name.substr(0, colons), path = name.substr(colons + 2);
    const std::string_view slash = path.starts_with('/') ? "" : "/";
    const std::string address = server.empty() ? join({slash, path}) : join({"tftp://", server, slash, path});
    return TRY(Uri::parse_address(address)).resolved_against(uri_);
  }
  return TRY(Uri::parse_address(name)).resolved_against(uri_);
}

bool SyslinuxApi::open_file(CallerRegisters& registers) {
  const auto uri = uri_of(parts_.pxe.text_at({word(registers.esi), registers.es}, name_max));
  const auto handle = uri ? parts_.pxe.open_file(*uri) : fail(uri.error());
  if (!handle) return refuse(registers);
  pxe_api::Reader& file = *parts_.pxe.file_of(*handle);
  if (file.at_end()) {  // an empty file is no file
    parts_.pxe.close_file(*handle);
    return refuse(registers);
  }
  const auto size = file.finished() ? std::optional(file.sink().received()) : file.sink().size();
  set_word(registers.esi, *handle);
  registers.eax = size && *size < UINT32_MAX ? static_cast<std::uint32_t>(*size) : UINT32_MAX;
  set_word(registers.ecx, static_cast<std::uint16_t>(block_bytes));
  return true;
}

/// Waits until all of it has come, or the file has ended.
bool SyslinuxApi::read_file(CallerRegisters& registers) {
  const std::uint16_t handle = word(registers.esi);
  pxe_api::Reader* const file = parts_.pxe.file_of(handle);
  const MutableBytes buffer = parts_.pxe.memory_at(RealPointer{word(registers.ebx), registers.es}, word(registers.ecx) * block_bytes);
  if (file == nullptr || buffer.empty() || !parts_.pxe.leave_raw_mode()) return refuse(registers);
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    file->want(1);
    if (!parts_.common.loop.wait(*file)) return refuse(registers);
    const std::size_t taken = file->sink().take(buffer.subspan(filled));
    if (taken == 0) break;
    filled += taken;
  }
  // Whether it has ended shows only when more is wanted.
  file->want(1);
  if (!file->at_end() && !parts_.common.loop.wait(*file)) return refuse(registers);
  if (file->at_end()) {
    parts_.pxe.close_file(handle);
    set_word(registers.esi, 0);
  }
  registers.ecx = static_cast<std::uint32_t>(filled);
  return true;
}

bool SyslinuxApi::close_file(CallerRegisters& registers) {
  return parts_.pxe.close_file(word(registers.esi)) ? true : refuse(registers);
}

bool SyslinuxApi::call_pxe(CallerRegisters& registers) {
  set_word(registers.eax, parts_.pxe.call(word(registers.ebx), {word(registers.edi), registers.es}));
  return true;
}

bool SyslinuxApi::get_derivative_information(CallerRegisters& registers) {
  registers.eax = (registers.eax & ~0xffu) | derivative_pxelinux;
  set_word(registers.edx, pxe_version);
  registers.ecx = load_le32(shown_bytes_at(at_network, 8), 4);
  set_pointer(registers.es, registers.ebx, parts_.keeper.pxe_structure());
  set_pointer(registers.fs, registers.esi, shown(at_record));
  set_pointer(registers.gs, registers.edi, shown(at_network));
  return true;
}

bool SyslinuxApi::get_serial_configuration(CallerRegisters& registers) {
  set_word(registers.edx, 0);
  return true;
}

bool SyslinuxApi::get_configuration_name(CallerRegisters& registers) {
  set_pointer(registers.es, registers.ebx, shown(at_nothing));
  return true;
}

bool SyslinuxApi::get_append_strings(CallerRegisters& registers) {
  set_word(registers.ecx, shown_bytes_at(at_uuid, 1)[0] == 0 ? 2 : 3);
  set_pointer(registers.es, registers.ebx, shown(at_pointers));
  return true;
}

bool SyslinuxApi::resolve_name(CallerRegisters& registers) {
  const std::string name = parts_.pxe.text_at({word(registers.ebx), registers.es}, name_max);
  registers.eax = 0;
  if (!parts_.pxe.leave_raw_mode()) return true;
  auto lookup = parts_.common.protocols.resolver.lookup(name, parts_.common.clock.now());
  if (!lookup || !parts_.common.loop.wait(**lookup)) return true;
  registers.eax = std::byteswap((*lookup)->address().value);
  return true;
}

bool SyslinuxApi::idle(CallerRegisters&) {
  parts_.common.network.turn(parts_.common.clock.now());
  return true;
}

bool SyslinuxApi::get_features(CallerRegisters& registers) {
  set_pointer(registers.es, registers.ebx, shown(at_features));
  set_word(registers.ecx, 1);
  return true;
}

bool SyslinuxApi::report_video_mode(CallerRegisters& registers) {
  constexpr std::uint16_t graphics = 1, known = 0x0f;
  const std::uint16_t flags = word(registers.ebx);
  if ((flags & ~known) != 0) return refuse(registers);
  graphics_ = (flags & graphics) != 0;
  return true;
}

bool SyslinuxApi::query_font(CallerRegisters& registers) {
  registers.eax &= ~0xffu;
  return true;
}

bool SyslinuxApi::get_folder(CallerRegisters& registers) {
  set_pointer(registers.es, registers.ebx, shown(at_folder));
  return true;
}

}  // namespace undine
