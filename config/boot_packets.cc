// SPDX-License-Identifier: Apache-2.0
#include "config/boot_packets.h"

#include <algorithm>

namespace undine {
namespace {

// The header of BOOTP (RFC 951, RFC 2131 section 2).
constexpr std::size_t at_your_address = 16, at_next_server = 20, at_hardware_address = 28, at_boot_file = 108, at_cookie = 236, at_options = 240;
constexpr std::size_t boot_file_bytes = 128;
constexpr std::uint32_t cookie = 0x63825363;
constexpr std::size_t option_bytes_max = 255;

/// A setting that has a place among the options proper.
std::optional<std::uint8_t> option_code(const SettingKey& key) {
  if (key.tag == 0 || key.tag >= dhcp_option::end) return {};
  return static_cast<std::uint8_t>(key.tag);
}

struct Options {
  std::vector<std::uint8_t> packet;
  std::size_t packet_max;

  /// Long ones in parts (RFC 3396).
  void add(std::uint8_t code, Bytes value) {
    const std::size_t parts = std::max<std::size_t>((value.size() + option_bytes_max - 1) / option_bytes_max, 1);
    if (packet.size() + parts * 2 + value.size() + 1 > packet_max) return;
    do {
      const Bytes part = value.first(std::min(value.size(), option_bytes_max));
      packet.push_back(code);
      packet.push_back(static_cast<std::uint8_t>(part.size()));
      packet.insert(packet.end(), part.begin(), part.end());
      value = value.subspan(part.size());
    } while (!value.empty());
  }
};

}  // namespace

std::vector<std::uint8_t> boot_packet(const PacketBase& base, const Settings& settings, std::size_t packet_max) {
  Options options{std::vector<std::uint8_t>(at_options), packet_max};
  MutableBytes header{options.packet};
  if (base.reply != nullptr) copy_bytes(header, base.reply->packet());
  constexpr std::uint8_t boot_reply = 2, ethernet = 1;
  header[0] = boot_reply;
  header[1] = ethernet;
  header[2] = 6;
  store_be32(header, at_your_address, base.address.value);
  copy_bytes(header.subspan(at_hardware_address), base.hardware_address.octets);
  store_be32(header, at_cookie, cookie);
  // Programs look into the field; servers put it into option 67, or lay options over the field.
  if (const auto server = settings.address("next-server")) store_be32(header, at_next_server, server->value);
  const RawValue file = settings.octets("filename");
  const MutableBytes field = header.subspan(at_boot_file, boot_file_bytes);
  std::ranges::fill(field, std::uint8_t{0});
  copy_bytes(field.first(boot_file_bytes - 1), file);

  const auto set_by_user = [&](std::uint8_t code) {
    return std::ranges::any_of(settings.variables(), [&](const Settings::Variable& variable) { return option_code(variable.key) == code; });
  };
  if (base.reply != nullptr) {
    for (unsigned code = 1; code < dhcp_option::end; ++code) {
      const auto value = base.reply->option(static_cast<std::uint8_t>(code));
      if (value && code != dhcp_option::overload && !set_by_user(static_cast<std::uint8_t>(code))) options.add(static_cast<std::uint8_t>(code), *value);
    }
  } else {
    options.add(dhcp_option::message_type, Bytes{&dhcp_message::ack, 1});
  }
  for (const Settings::Variable& variable : settings.variables()) {
    if (const auto code = option_code(variable.key)) options.add(*code, variable.raw);
  }
  options.packet.push_back(dhcp_option::end);
  return std::move(options.packet);
}

std::vector<std::uint8_t> boot_question(const DhcpReply& discover, const MacAddress& hardware_address, std::size_t packet_max) {
  const Bytes packet = discover.packet();
  std::vector<std::uint8_t> copy(packet.begin(), packet.end());
  copy_bytes(MutableBytes{copy}.subspan(at_hardware_address), hardware_address.octets);
  copy.resize(std::min(copy.size(), packet_max));
  return copy;
}

}  // namespace undine
