// SPDX-License-Identifier: Apache-2.0
// DNS messages.
#include "protocols/dns/packet.h"

#include "core/text.h"

namespace undine {

namespace {

constexpr std::size_t header_size = 12;
constexpr std::uint16_t type_a = 1, type_cname = 5, class_in = 1;
/// A chain of CNAMEs is followed so far; longer ones are loops.
constexpr int aliases_max = 8;
/// The search list is bounded as resolv.conf's is.
constexpr std::size_t search_list_max = 6;

}  // namespace

std::optional<DnsName> DnsName::from_text(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.size() + 2 > length_max) return std::nullopt;
  DnsName name;
  bool more = true;
  while (more) {
    more = text.find('.') != std::string_view::npos;
    const std::string_view label = split_first(text, '.');
    if (label.empty() || label.size() > label_max) return std::nullopt;
    name.wire_ += static_cast<char>(label.size());
    for (const char letter : label) name.wire_ += to_lower(letter);
  }
  name.wire_ += '\0';
  return name;
}

std::optional<DnsName> DnsName::read(Bytes message, std::size_t& at) {
  DnsName name;
  std::size_t place = at, earliest = at;
  bool jumped = false;
  for (;;) {
    if (place >= message.size()) return std::nullopt;
    const std::uint8_t length = message[place];
    if ((length & 0xc0) == 0xc0) {
      if (place + 2 > message.size()) return std::nullopt;
      if (!jumped) at = place + 2;
      jumped = true;
      place = load_be16(message, place) & 0x3fff;
      if (place >= earliest) return std::nullopt;
      earliest = place;
      continue;
    }
    // The other two kinds of label were never used or are obsolete (RFC 6891 section 5).
    if (length > label_max || place + 1 + length > message.size()) return std::nullopt;
    if (name.wire_.size() + 1 + length > length_max) return std::nullopt;
    name.wire_ += static_cast<char>(length);
    for (const char letter : as_text(message.subspan(place + 1, length))) name.wire_ += to_lower(letter);
    place += 1 + std::size_t{length};
    if (length == 0) break;
  }
  if (!jumped) at = place;
  return name;
}

std::string DnsName::text() const {
  std::string text;
  for (std::size_t at = 0; at < wire_.size() && wire_[at] != 0;) {
    const auto length = static_cast<std::uint8_t>(wire_[at]);
    if (!text.empty()) text += '.';
    text += printable(std::string_view{wire_}.substr(at + 1, length), length_max);
    at += 1 + std::size_t{length};
  }
  return text;
}

std::optional<DnsMessage> DnsMessage::parse_response(Bytes message) {
  if (message.size() < header_size) return std::nullopt;
  const bool response_to_query = (message[2] & 0xf8) == 0x80;  // QR, and opcode QUERY
  if (!response_to_query || load_be16(message, 4) != 1) return std::nullopt;
  std::size_t at = header_size;
  auto question = DnsName::read(message, at);
  if (!question || at + 4 > message.size()) return std::nullopt;
  if (load_be16(message, at) != type_a || load_be16(message, at + 2) != class_in) return std::nullopt;
  return DnsMessage{message, std::move(*question), at + 4};
}

std::optional<DnsMessage::Record> DnsMessage::read_record(std::size_t& at) const {
  constexpr std::size_t fixed_size = 10;  // type, class, TTL, length of the data
  auto owner = DnsName::read(message_, at);
  if (!owner || at + fixed_size > message_.size()) return std::nullopt;
  Record record{std::move(*owner), load_be16(message_, at), load_be16(message_, at + 2), load_be32(message_, at + 4),
                at + fixed_size, load_be16(message_, at + 8)};
  // RFC 2181 section 8: a TTL with the top bit set is 0.
  if (record.ttl_seconds > INT32_MAX) record.ttl_seconds = 0;
  if (record.data_at + record.data_length > message_.size()) return std::nullopt;
  at = record.data_at + record.data_length;
  return record;
}

DnsMessage::Answer DnsMessage::find_address(const DnsName& name) const {
  Answer answer{std::nullopt, name, UINT32_MAX};
  for (int aliases = 0; aliases <= aliases_max; ++aliases) {
    std::size_t at = answers_at_;
    bool alias_found = false;
    // Ends with the message: a record has at least eleven octets.
    for (std::uint16_t left = load_be16(message_, 6); left != 0; --left) {
      const auto record = read_record(at);
      if (!record) break;
      if (record->record_class != class_in || record->owner != answer.last_alias) continue;
      if (record->type == type_a && record->data_length == 4) {
        answer.address = Ipv4Address{load_be32(message_, record->data_at)};
        if (record->ttl_seconds < answer.ttl_seconds) answer.ttl_seconds = record->ttl_seconds;
        return answer;
      }
      if (record->type == type_cname) {
        std::size_t target_at = record->data_at;
        auto target = DnsName::read(message_, target_at);
        if (!target) continue;
        answer.last_alias = std::move(*target);
        if (record->ttl_seconds < answer.ttl_seconds) answer.ttl_seconds = record->ttl_seconds;
        alias_found = true;
        break;
      }
    }
    if (!alias_found) break;
  }
  return answer;
}

MutableBytes emit_dns_query(std::uint16_t id, const DnsName& name, MutableBytes into) {
  ByteWriter query{into};
  query.be16(id);
  query.be16(0x0100);  // a query, recursion desired
  query.be16(1);       // one question
  query.be16(0);
  query.be16(0);
  query.be16(0);
  query.put(name.wire());
  query.be16(type_a);
  query.be16(class_in);
  return query.written();
}

std::vector<std::string> parse_dns_search_list(Bytes option) {
  std::vector<std::string> list;
  std::size_t at = 0;
  while (at < option.size() && list.size() < search_list_max) {
    const auto name = DnsName::read(option, at);
    if (!name) break;
    if (name->wire().size() > 1) list.push_back(name->text());
  }
  return list;
}

}  // namespace undine
