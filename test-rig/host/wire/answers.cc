// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/wire/answers.h"

#include <algorithm>
#include <map>

#include "core/text.h"

namespace undine::tool {
namespace {

constexpr std::string_view scopes = "dhcp proxydhcp smbios net0 machine";
// The header of BOOTP (RFC 951, RFC 2131 section 2).
constexpr std::size_t at_your_address = 16, at_next_server = 20, at_boot_file = 108, at_cookie = 236, at_options = 240, boot_file_bytes = 128;

void put_option(std::vector<std::uint8_t>& packet, std::uint8_t code, Bytes value) {
  // Long ones in parts (RFC 3396).
  do {
    const Bytes part = value.first(std::min<std::size_t>(value.size(), 255));
    packet.push_back(code);
    packet.push_back(static_cast<std::uint8_t>(part.size()));
    packet.insert(packet.end(), part.begin(), part.end());
    value = value.subspan(part.size());
  } while (!value.empty());
}

}  // namespace

std::string Answers::scoped(std::string_view name) {
  return name.find('/') == name.npos ? join({"dhcp/", name}) : std::string(name);
}

Answers::Answers() {
  for (const auto& [name, value] : {std::pair{"ip", our_address}, {"netmask", netmask}, {"gateway", gateway}, {"dns", dns_server},
                                    {"dhcp-server", gateway}, {"next-server", gateway}})
    (void)values_.set(scoped(name), value.text());
  (void)values_.set("net0/mac", "52:54:00:12:34:56");
  (void)values_.set("machine/memory:uint32", "2048");
}

Result<void> Answers::add(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line.starts_with('#')) return {};
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return fail(answers_bad_line);
  const std::string name = scoped(trimmed(line.substr(0, equals)));
  if (place_in(scopes, std::string_view(name).substr(0, name.find('/'))) == not_in_list) return fail(answers_bad_line);
  return values_.set(name, trimmed(line.substr(equals + 1)));
}

std::vector<std::uint8_t> Answers::packet(std::string_view scope, std::uint8_t message_type, Bytes question) const {
  constexpr std::uint8_t boot_reply = 2;
  std::vector<std::uint8_t> packet(question.begin(), question.begin() + at_options);
  packet[0] = boot_reply;
  std::fill(packet.begin() + at_your_address, packet.begin() + at_next_server + 4, std::uint8_t{0});
  std::fill(packet.begin() + at_boot_file - 64, packet.begin() + at_cookie, std::uint8_t{0});
  put_option(packet, dhcp_option::message_type, {&message_type, 1});
  // Only the address server leases anything, and only a ProxyDHCP server has to say that it is one (PXE 2.1 section 2.2.3).
  constexpr std::uint8_t hour[] = {0, 0, 0x0e, 0x10};
  if (scope == "dhcp") put_option(packet, dhcp_option::lease_seconds, hour);
  if (scope == "proxydhcp") put_option(packet, dhcp_option::vendor_class, as_bytes("PXEClient"));

  std::map<std::uint8_t, std::vector<std::uint8_t>> encapsulated;
  for (const Settings::Variable& value : values_.variables()) {
    if (value.scope != scope) continue;
    const DhcpTag tag = value.key.tag;
    if (tag == tag_your_address) {
      copy_bytes(MutableBytes{packet}.subspan(at_your_address, 4), value.raw);
    } else if (tag == tag_next_server) {
      copy_bytes(MutableBytes{packet}.subspan(at_next_server, 4), value.raw);
    } else if (tag == tag_boot_file && value.raw.size() < boot_file_bytes) {
      copy_bytes(MutableBytes{packet}.subspan(at_boot_file, boot_file_bytes), value.raw);
    } else if (tag > 0xff) {
      put_option(encapsulated[static_cast<std::uint8_t>(tag >> 8)], static_cast<std::uint8_t>(tag), value.raw);
    } else if (tag != 0) {
      put_option(packet, static_cast<std::uint8_t>(tag), value.raw);
    }
  }
  for (const auto& [code, value] : encapsulated) put_option(packet, code, value);
  packet.push_back(dhcp_option::end);
  return packet;
}

std::vector<std::vector<std::uint8_t>> Answers::replies(Bytes question) const {
  const auto parsed = DhcpReply::parse(question);
  if (!parsed || parsed->is_reply()) return {};
  std::vector<std::vector<std::uint8_t>> replies;
  if (parsed->message_type() == dhcp_message::request) {
    replies.push_back(packet("dhcp", dhcp_message::ack, question));
  } else if (parsed->message_type() == dhcp_message::discover) {
    replies.push_back(packet("dhcp", dhcp_message::offer, question));
    if (has("proxydhcp/filename")) replies.push_back(packet("proxydhcp", dhcp_message::offer, question));
  }
  return replies;
}

std::vector<std::uint8_t> Answers::smbios_table() const {
  std::vector<std::uint8_t> table;
  // A structure: the formatted part, in which strings are numbers, then the strings, each with a zero, and another zero (DSP0134 6.1.2, 6.1.3).
  const auto put = [&](std::uint8_t type, std::uint8_t length, std::initializer_list<std::pair<std::uint8_t, const char*>> names) {
    std::vector<std::uint8_t> formatted(length);
    formatted[0] = type;
    formatted[1] = length;
    formatted[2] = type;  // handle
    std::string strings;
    std::uint8_t count = 0;
    for (const auto& [offset, name] : names) {
      const std::string value = text(name);
      if (value.empty()) continue;
      formatted[offset] = ++count;
      append(strings, {value, '\0'});
    }
    if (type == 1) {
      // The first three fields are little-endian (DSP0134 7.2.1).
      if (const auto uuid = parse_value(ValueType::guid, text("smbios/uuid"))) copy_bytes(MutableBytes{formatted}.subspan(8), *uuid);
    }
    table.insert(table.end(), formatted.begin(), formatted.end());
    if (strings.empty()) strings += '\0';
    strings += '\0';
    table.insert(table.end(), strings.begin(), strings.end());
  };
  put(1, 27, {{4, "smbios/manufacturer"}, {5, "smbios/product"}, {7, "smbios/serial"}});
  put(2, 15, {{7, "smbios/board-serial"}});
  put(3, 21, {{8, "smbios/asset"}});
  put(127, 4, {});
  return table;
}

}  // namespace undine::tool
