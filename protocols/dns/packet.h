// SPDX-License-Identifier: Apache-2.0
// DNS messages (RFC 1035 section 4): the question for a name's IPv4 address, and what answers say about it.
//
// Names are kept as they are on the wire, without compression and in lower case: labels with their length in front and a zero at the end.
// So a dot inside of a label is never taken for a border.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.h"
#include "core/bytes.h"

namespace undine {

/// A domain name in wire form (RFC 1035 3.1), lower case; at most 255 octets.
class DnsName {
public:
  static constexpr std::size_t length_max = 255;
  static constexpr std::size_t label_max = 63;

  /// "www.example.org", with or without a dot at the end. Nothing for empty or overlong names and labels.
  static std::optional<DnsName> from_text(std::string_view text);
  /// The name at `at` of a message; `at` becomes the place behind it. Compression pointers (RFC 1035 4.1.4) may only lead back, to before
  /// where they and all earlier ones pointed, so that reading ends. Nothing if it is malformed or longer than allowed.
  static std::optional<DnsName> read(Bytes message, std::size_t& at);

  std::string_view wire() const { return wire_; }
  /// As people write it, without the last dot.
  std::string text() const;
  bool operator==(const DnsName&) const = default;

private:
  std::string wire_;
};

enum class DnsResponseCode : std::uint8_t { no_error = 0, format_error = 1, server_failure = 2, no_such_name = 3, not_implemented = 4, refused = 5 };

class DnsMessage {
public:
  /// Nothing unless it is the response to a standard query with exactly one question for an IPv4 address (type A, class IN).
  static std::optional<DnsMessage> parse_response(Bytes message);

  std::uint16_t id() const { return load_be16(message_, 0); }
  /// Cut short by the size of a datagram: to be asked again over TCP (RFC 1035 4.2.1).
  bool truncated() const { return (message_[2] & 0x02) != 0; }
  DnsResponseCode response_code() const { return static_cast<DnsResponseCode>(message_[3] & 0x0f); }
  const DnsName& question() const { return question_; }

  /// What the answers say about a name: an address, or another name to ask for, or nothing.
  struct Answer {
    std::optional<Ipv4Address> address;
    DnsName last_alias;            ///< where the chain of CNAMEs ends; the name itself if there is none
    std::uint32_t ttl_seconds = 0; ///< the least of the records that were used
  };
  /// Follows CNAMEs (RFC 1034 3.6.2) through the answers, in whatever order they stand.
  Answer find_address(const DnsName& name) const;

private:
  DnsMessage(Bytes message, DnsName question, std::size_t answers_at)
      : message_(message), question_(std::move(question)), answers_at_(answers_at) {}
  struct Record {
    DnsName owner;
    std::uint16_t type, record_class;
    std::uint32_t ttl_seconds;
    std::size_t data_at, data_length;
  };
  /// The record at `at`, which moves on. Nothing at the end of the message or if it is malformed.
  std::optional<Record> read_record(std::size_t& at) const;

  Bytes message_;
  DnsName question_;
  std::size_t answers_at_;
};

/// The longest question: header, name, type and class.
inline constexpr std::size_t dns_query_size_max = 12 + DnsName::length_max + 4;
/// A recursive question for the address of `name`, in `into`, which has dns_query_size_max octets.
MutableBytes emit_dns_query(std::uint16_t id, const DnsName& name, MutableBytes into);

/// DHCP option 119 (RFC 3397): names one after the other, compressed among themselves. Those before a malformed one count.
std::vector<std::string> parse_dns_search_list(Bytes option);

}  // namespace undine
