// SPDX-License-Identifier: Apache-2.0
// Taking DHCP packets apart and putting them together.
#include "protocols/dhcp/packet.h"

#include <algorithm>

namespace undine {
namespace {

// RFC 2131 figure 1.
constexpr std::size_t op_at = 0, hlen_at = 2, xid_at = 4, ciaddr_at = 12, yiaddr_at = 16, siaddr_at = 20, chaddr_at = 28, sname_at = 44, sname_size = 64,
                      file_at = 108, file_size = 128, cookie_at = 236, options_at = 240;
constexpr std::uint8_t op_request = 1, op_reply = 2, htype_ethernet = 1;
constexpr std::uint32_t magic_cookie = 0x63825363;
constexpr std::uint16_t broadcast_flag = 0x8000;
constexpr std::uint8_t overload_file = 1, overload_sname = 2;  // RFC 2132 9.3

// Tags of PXE 2.1 table 2-2.
constexpr std::uint8_t tag_control = 6, tag_multicast = 7, tag_boot_servers = 8, tag_menu = 9, tag_prompt = 10, tag_boot_item = 71;

constexpr std::string_view pxe_class = "PXEClient", own_vendor_class = "PXEClient:Arch:00000:UNDI:002001";

// The options that are the same in every packet.
constexpr std::uint8_t fixed_options[] = {
    // RFC 3442: 121 has to be asked for before 3.
    dhcp_option::parameter_request_list, 27, 1, 121, 3, 6, 7, 12, 15, 17, 26, 42, 43, 60, 66, 67, 119, 128, 129, 130, 131, 132, 133, 134, 135, 175, 203, 209, 210,
    // 1472 octets: an Ethernet frame's worth, IP and UDP headers not counted as most servers do.
    dhcp_option::message_size_max, 2, 0x05, 0xc0,
};
// RFC 4578: an x86 BIOS, UNDI 2.1.
constexpr std::uint8_t machine_options[] = {dhcp_option::client_architecture, 2, 0, 0, dhcp_option::client_interface, 3, 1, 2, 1};

/// Reads a list of options one by one.
class OptionList {
public:
  explicit OptionList(Bytes bytes) : reader_(bytes) {}
  struct Option {
    std::uint8_t code;
    Bytes value;
  };
  std::optional<Option> next() {
    while (reader_.remaining() != 0) {
      const std::uint8_t code = reader_.u8();
      if (code == dhcp_option::pad) continue;
      if (code == dhcp_option::end) break;
      const std::uint8_t length = reader_.u8();
      const Bytes value = reader_.take(length);
      if (reader_.failed()) break;
      return Option{code, value};
    }
    return {};
  }

private:
  ByteReader reader_;
};

/// Appends every part of the option `code`; true if there was one.
bool collect(Bytes list, std::uint8_t code, std::vector<std::uint8_t>& into) {
  bool found = false;
  OptionList options{list};
  while (const auto option = options.next()) {
    if (option->code != code) continue;
    into.insert(into.end(), option->value.begin(), option->value.end());
    found = true;
  }
  return found;
}

/// Text up to the first zero: servers disagree whether an option ends with one (dnsmasq adds it).
std::string text_of(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  return std::string{text.substr(0, text.find('\0'))};
}

void put_option(ByteWriter& writer, std::uint8_t code, Bytes value) {
  // RFC 3396: what is longer than 255 octets continues in another option of the same code.
  do {
    const Bytes part = value.first(std::min<std::size_t>(value.size(), 255));
    writer.u8(code);
    writer.u8(static_cast<std::uint8_t>(part.size()));
    writer.put(part);
    value = value.subspan(part.size());
  } while (!value.empty());
}

void put_address(ByteWriter& writer, std::uint8_t code, Ipv4Address address) {
  if (address.is_unspecified()) return;
  std::uint8_t octets[4];
  store_be32(octets, 0, address.value);
  put_option(writer, code, octets);
}

/// Sixteen octets that tell one machine from another: BIOSes without a UUID report all zeros or all ones.
bool is_uuid(Bytes uuid) {
  if (uuid.size() != 16) return false;
  const auto is_all = [uuid](std::uint8_t value) { return std::all_of(uuid.begin(), uuid.end(), [value](std::uint8_t octet) { return octet == value; }); };
  return !is_all(0) && !is_all(0xff);
}

Ipv4Address prefix_mask(unsigned width) { return {width == 0 ? 0 : ~std::uint32_t{0} << (32 - width)}; }

}  // namespace

Result<DhcpReply> DhcpReply::parse(Bytes packet) {
  if (packet.size() < options_at || packet.size() > packet_max) return fail(dhcp_malformed);
  if (packet[op_at] != op_request && packet[op_at] != op_reply) return fail(dhcp_malformed);
  const std::uint32_t cookie = load_be32(packet, cookie_at);
  if (cookie != magic_cookie && cookie != 0) return fail(dhcp_malformed);
  return DhcpReply{{packet.begin(), packet.end()}};
}

bool DhcpReply::is_reply() const { return packet_[op_at] == op_reply; }
std::uint32_t DhcpReply::transaction() const { return load_be32(packet_, xid_at); }
MacAddress DhcpReply::hardware_address() const { return MacAddress::from(Bytes{packet_}.subspan(chaddr_at, 6)); }
Ipv4Address DhcpReply::client_address() const { return {load_be32(packet_, ciaddr_at)}; }
Ipv4Address DhcpReply::your_address() const { return {load_be32(packet_, yiaddr_at)}; }

Bytes DhcpReply::options_field() const {
  return load_be32(packet_, cookie_at) == magic_cookie ? Bytes{packet_}.subspan(options_at) : Bytes{};
}

std::uint8_t DhcpReply::overload() const {
  std::vector<std::uint8_t> value;
  collect(options_field(), dhcp_option::overload, value);
  return value.size() == 1 ? value[0] : 0;
}

std::optional<std::vector<std::uint8_t>> DhcpReply::option(std::uint8_t code) const {
  const Bytes packet = packet_;
  std::vector<std::uint8_t> value;
  bool found = collect(options_field(), code, value);
  // RFC 3396 section 5: the parts are joined in this order.
  const std::uint8_t fields = overload();
  if ((fields & overload_file) != 0) found |= collect(packet.subspan(file_at, file_size), code, value);
  if ((fields & overload_sname) != 0) found |= collect(packet.subspan(sname_at, sname_size), code, value);
  if (!found) return {};
  return value;
}

std::optional<std::vector<std::uint8_t>> DhcpReply::sub_option(std::uint8_t code, std::uint8_t sub_code) const {
  const auto outer = option(code);
  std::vector<std::uint8_t> value;
  if (!outer || !collect(*outer, sub_code, value)) return {};
  return value;
}

std::optional<std::uint32_t> DhcpReply::option_u32(std::uint8_t code) const {
  const auto value = option(code);
  if (!value || value->size() != 4) return {};
  return load_be32(*value, 0);
}

std::string DhcpReply::option_text(std::uint8_t code) const {
  const auto value = option(code);
  return value ? text_of(*value) : std::string{};
}

std::uint8_t DhcpReply::message_type() const {
  const auto value = option(dhcp_option::message_type);
  return value && value->size() == 1 ? (*value)[0] : dhcp_message::bootp;
}

Ipv4Address DhcpReply::server_identifier() const { return {option_u32(dhcp_option::server_identifier).value_or(0)}; }
std::string DhcpReply::root_path() const { return option_text(dhcp_option::root_path); }
bool DhcpReply::is_pxe() const { return option_text(dhcp_option::vendor_class).starts_with(pxe_class); }

Ipv4Address DhcpReply::next_server() const {
  // Kea leaves siaddr 0 when a class gives only a file; Windows servers are told the server as option 66.
  const Ipv4Address next{load_be32(packet_, siaddr_at)};
  if (!next.is_unspecified()) return next;
  return Ipv4Address::parse(server_name()).value_or(server_identifier());
}

std::string DhcpReply::boot_file() const {
  std::string name = option_text(dhcp_option::boot_file);
  if (name.empty() && (overload() & overload_file) == 0) name = text_of(Bytes{packet_}.subspan(file_at, file_size));
  return name;
}

std::string DhcpReply::server_name() const {
  std::string name = option_text(dhcp_option::tftp_server_name);
  if (name.empty() && (overload() & overload_sname) == 0) name = text_of(Bytes{packet_}.subspan(sname_at, sname_size));
  return name;
}

DhcpIdentity identity_of_rom(const DhcpReply& discover) {
  DhcpIdentity identity;
  identity.client_identifier = discover.option(dhcp_option::client_identifier).value_or(std::vector<std::uint8_t>{});
  // One that is only the card's address follows it.
  std::uint8_t by_address[7] = {htype_ethernet};
  copy_bytes(MutableBytes{by_address}.subspan(1), discover.hardware_address().octets);
  if (same_bytes(*identity.client_identifier, by_address)) identity.client_identifier.reset();
  // RFC 4578 2.3: a type octet, 0, before the UUID.
  const auto uuid = discover.option(dhcp_option::client_uuid);
  if (uuid && uuid->size() == 17 && (*uuid)[0] == 0) identity.machine_uuid.assign(uuid->begin() + 1, uuid->end());
  return identity;
}

Result<Bytes> emit(const DhcpQuestion& question, const DhcpIdentity& identity, MutableBytes into) {
  if (into.size() < options_at) return fail(dhcp_request_too_long);
  std::ranges::fill(into, std::uint8_t{0});
  store_u8(into, op_at, op_request);
  store_u8(into, op_at + 1, htype_ethernet);
  store_u8(into, hlen_at, 6);
  store_be32(into, xid_at, question.transaction);
  store_be16(into, 8, question.seconds);
  store_be16(into, 10, question.client_address.is_unspecified() ? broadcast_flag : 0);
  store_be32(into, ciaddr_at, question.client_address.value);
  copy_bytes(into.subspan(chaddr_at), question.hardware_address.octets);
  store_be32(into, cookie_at, magic_cookie);

  ByteWriter writer{into.subspan(options_at)};
  put_option(writer, dhcp_option::message_type, {&question.message_type, 1});
  put_address(writer, dhcp_option::requested_address, question.requested_address);
  put_address(writer, dhcp_option::server_identifier, question.server_identifier);
  writer.put(Bytes{fixed_options});
  put_option(writer, dhcp_option::vendor_class, as_bytes(identity.vendor_class.empty() ? own_vendor_class : std::string_view(identity.vendor_class)));
  writer.put(Bytes{machine_options});
  if (!identity.client_identifier) {
    std::uint8_t identifier[7] = {htype_ethernet};
    copy_bytes(MutableBytes{identifier}.subspan(1), question.hardware_address.octets);
    put_option(writer, dhcp_option::client_identifier, identifier);
  } else if (!identity.client_identifier->empty()) {
    put_option(writer, dhcp_option::client_identifier, *identity.client_identifier);
  }
  if (!identity.user_class.empty()) put_option(writer, dhcp_option::user_class, as_bytes(identity.user_class));
  if (is_uuid(identity.machine_uuid)) {
    std::uint8_t uuid[17] = {0};
    copy_bytes(MutableBytes{uuid}.subspan(1), identity.machine_uuid);
    put_option(writer, dhcp_option::client_uuid, uuid);
  }
  if (question.boot_item) {
    std::uint8_t item[7] = {tag_boot_item, 4, 0, 0, 0, 0, dhcp_option::end};  // the last two: layer 0, the boot file itself
    store_be16(item, 2, *question.boot_item);
    put_option(writer, dhcp_option::vendor_options, item);
  }
  writer.put(Bytes{identity.extra_options});
  writer.u8(dhcp_option::end);
  if (writer.failed()) return fail(dhcp_request_too_long);
  return Bytes{into.first(options_at + writer.size())};
}

std::optional<PxeDiscovery> PxeDiscovery::from(const DhcpReply& reply) {
  if (!reply.is_pxe()) return {};
  const auto sub = [&reply](std::uint8_t tag) { return reply.sub_option(dhcp_option::vendor_options, tag).value_or(std::vector<std::uint8_t>{}); };
  PxeDiscovery found;
  const auto control = sub(tag_control);
  if (control.size() == 1) found.control = control[0];
  const bool names_file = !reply.boot_file().empty();
  if ((found.control & use_boot_file) != 0 && names_file) return {};
  if (const auto group = sub(tag_multicast); group.size() == 4) found.multicast = {load_be32(group, 0)};
  if (!found.multicast.is_multicast()) found.multicast = {};

  const auto prompt = sub(tag_prompt);
  if (!prompt.empty()) {
    found.prompt_seconds = prompt[0];
    found.prompt = text_of(Bytes{prompt}.subspan(1));
  }
  const auto menu = sub(tag_menu);
  ByteReader items{menu};
  while (items.remaining() != 0 && found.menu.size() < items_max) {
    PxeBootItem item;
    item.type = items.be16();
    const std::uint8_t length = items.u8();
    item.description = text_of(items.take(length));
    if (items.failed()) break;
    found.menu.push_back(std::move(item));
  }
  if (prompt.empty() && !found.menu.empty()) found.prompt_seconds = wait_for_ever;
  if (found.menu.empty() && !names_file) {
    const auto servers = sub(tag_boot_servers);
    ByteReader reader{servers};
    while (reader.remaining() != 0 && found.menu.size() < items_max) {
      const std::uint16_t type = reader.be16();
      const std::size_t count = reader.u8();
      reader.take(count * 4);
      if (reader.failed()) break;
      found.menu.push_back({type, {}});
    }
  }
  if (found.menu.empty()) return {};
  return found;
}

std::vector<Ipv4Address> pxe_boot_servers(const DhcpReply& reply, std::uint16_t type) {
  std::vector<Ipv4Address> addresses;
  const auto list = reply.sub_option(dhcp_option::vendor_options, tag_boot_servers).value_or(std::vector<std::uint8_t>{});
  ByteReader reader{list};
  while (reader.remaining() != 0) {
    const bool wanted_type = reader.be16() == type;
    for (std::size_t count = reader.u8(); count != 0; --count) {
      const Ipv4Address address{reader.be32()};
      if (reader.failed()) return addresses;
      if (wanted_type && addresses.size() < PxeDiscovery::servers_max) addresses.push_back(address);
    }
  }
  return addresses;
}

std::vector<DhcpRoute> classless_routes(const DhcpReply& reply) {
  // More than a packet of ordinary size can hold.
  constexpr std::size_t routes_max = 64;
  const auto list = reply.option(dhcp_option::classless_routes).value_or(std::vector<std::uint8_t>{});
  std::vector<DhcpRoute> routes;
  ByteReader reader{list};
  while (reader.remaining() != 0 && routes.size() < routes_max) {
    const std::uint8_t width = reader.u8();
    if (width > 32) return {};
    DhcpRoute route{{}, prefix_mask(width), {}};
    // Only the octets that the prefix reaches are sent; bits beyond it are to be ignored.
    unsigned shift = 32;
    for (const std::uint8_t octet : reader.take((width + 7u) / 8)) route.network.value |= std::uint32_t{octet} << (shift -= 8);
    route.network.value &= route.mask.value;
    route.gateway.value = reader.be32();
    if (reader.failed()) return {};
    routes.push_back(route);
  }
  return routes;
}

Ipv4Address subnet_mask(const DhcpReply& reply) {
  const std::uint32_t host_bits = ~reply.option_u32(dhcp_option::subnet_mask).value_or(0);
  if (host_bits != 0xffffffff && (host_bits & (host_bits + 1)) == 0) return {~host_bits};
  const std::uint32_t address = reply.your_address().value;
  return prefix_mask(address >> 31 == 0 ? 8 : address >> 30 == 2 ? 16 : 24);
}

bool is_assignable(Ipv4Address address) {
  const std::uint32_t first = address.value >> 24;
  return first != 0 && first != 127 && first < 224;
}

}  // namespace undine
