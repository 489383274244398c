// SPDX-License-Identifier: Apache-2.0
// A DNS message as it came, asked for an alias target of its own question; and the same bytes as a search list.
#include "core/panic.h"
#include "protocols/dns/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  const Bytes bytes{data, size};
  if (const auto message = DnsMessage::parse_response(bytes)) {
    const auto answer = message->find_address(message->question());
    expect(answer.last_alias.wire().size() <= DnsName::length_max, "a name came out that is longer than any can be");
    expect(answer.last_alias.text().size() <= 4 * DnsName::length_max, "a name's text is longer than its octets allow");
  }
  for (const std::string& domain : parse_dns_search_list(bytes)) {
    // What is printed can be asked for, unless a label holds a dot or octets that are printed as several.
    if (domain.find('\\') == std::string::npos && domain.find("..") == std::string::npos) (void)DnsName::from_text(domain);
  }
  return 0;
}
