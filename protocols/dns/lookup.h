// SPDX-License-Identifier: Apache-2.0
// One name on its way to an address.
//
//   for each candidate (the name itself, the name in each domain of the search list)
//     ask a server by UDP --silent--> the next server, and again from the first, with growing pauses
//       | truncated          --refused, failed, unreachable--> the next server, this one not again
//       v
//     ask the same server by TCP
//   address: finished   alias only: ask for the alias   no such name, no address: the next candidate
#pragma once

#include <vector>

#include "protocols/dns/dns_resolver.h"

namespace undine {

class DnsLookup final : public Lookup {
public:
  DnsLookup(DnsResolver& resolver, std::vector<DnsName> candidates)
      : resolver_(resolver), servers_(resolver.servers_), candidates_(std::move(candidates)) {}
  /// Known already.
  DnsLookup(DnsResolver& resolver, Ipv4Address address) : resolver_(resolver), address_(address), finished_(true) {}

  /// Asks for the first candidate.
  Result<void> start(Instant now);
  Result<Progress> advance(Instant now) override;
  Ipv4Address address() const override { return address_; }

private:
  /// CNAMEs that had to be asked for one by one.
  static constexpr unsigned aliases_max = 8;

  Result<void> ask(const DnsName& name, Instant now);
  Result<void> ask_next_server(Instant now);
  Result<void> server_failed(std::size_t server, Error why, Instant now);
  Result<void> next_candidate(const Cause& why, Instant now);
  /// False if it is no answer to this question.
  Result<bool> take_answer(std::size_t server, Bytes message, bool by_tcp, Instant now);
  Result<void> act_on(const DnsMessage& message, std::size_t server, bool by_tcp, Instant now);
  Result<void> ask_by_tcp(std::size_t server, Instant now);
  Result<void> advance_tcp(Instant now);

  DnsResolver& resolver_;
  std::vector<Ipv4Address> servers_;   ///< as they were at the start
  std::vector<DnsName> candidates_;
  std::size_t candidate_ = 0;
  DnsName asked_;                      ///< the candidate or an alias of it
  unsigned aliases_ = 0;
  bool seen_without_address_ = false;  ///< a candidate exists

  std::unique_ptr<UdpSocket> socket_;  ///< of the question
  std::uint16_t id_ = 0;
  std::size_t next_server_ = 0;        ///< counts on over all rounds
  std::array<bool, DnsResolver::servers_max> asked_servers_{}, failed_servers_{};
  Error last_error_{dns_timed_out};
  Timer timer_;

  std::unique_ptr<Stream> stream_;     ///< while the question is asked by TCP
  std::size_t stream_server_ = 0;
  std::vector<std::uint8_t> unsent_, answer_;
  std::size_t answer_length_ = 0;      ///< octets of `answer_` that are there

  Ipv4Address address_;
  bool finished_ = false;
};

}  // namespace undine
