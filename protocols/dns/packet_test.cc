// SPDX-License-Identifier: Apache-2.0
#include "protocols/dns/packet.h"

#include <gtest/gtest.h>

#include "protocols/dns/testing/dns_bench.h"

namespace undine {
namespace {

using testing::DnsAnswer;
using testing::Octets;

// dnsmasq's answer for www.example.org, an alias of web.example.org (compressed), which is 192.0.2.80.
const Octets answer{0x12, 0x34, 0x85, 0x80, 0x00, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 3,    'w',  'w',  'w',  7,    'e',  'x',
                    'a',  'm',  'p',  'l',  'e',  3,    'o',  'r',  'g',  0,    0x00, 0x01, 0x00, 0x01,
                    0xc0, 0x0c, 0x00, 0x05, 0x00, 0x01, 0x00, 0x00, 0x00, 0x3c, 0x00, 0x06, 3,    'w',  'e',  'b',  0xc0, 0x10,
                    0xc0, 0x2d, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x00, 0x1e, 0x00, 0x04, 192,  0,    2,    80};

DnsName name(const char* text) { return *DnsName::from_text(text); }

TEST(DnsName, IsWrittenInLabels) {
  EXPECT_EQ(name("WWW.Example.org").wire(), std::string_view("\3www\7example\3org\0", 17));
  EXPECT_EQ(name("host."), name("host"));
  EXPECT_EQ(name("www.example.org").text(), "www.example.org");
}

TEST(DnsName, HasLimits) {
  EXPECT_TRUE(DnsName::from_text(std::string(63, 'a')));
  EXPECT_FALSE(DnsName::from_text(std::string(64, 'a')));
  std::string longest;
  for (int i = 0; i < 3; ++i) longest += std::string(63, 'a') + '.';
  EXPECT_TRUE(DnsName::from_text(longest + std::string(61, 'a')));
  EXPECT_FALSE(DnsName::from_text(longest + std::string(62, 'a')));
  for (const char* text : {"", ".", "..", "a..b", ".a"}) EXPECT_FALSE(DnsName::from_text(text)) << text;
}

TEST(DnsName, IsReadThroughPointersThatLeadBack) {
  std::size_t at = 0x2d;
  EXPECT_EQ(DnsName::read(answer, at), name("web.example.org"));
  EXPECT_EQ(at, 0x33u);
}

TEST(DnsName, EndsEveryLoopOfPointers) {
  for (const Octets& bytes : {Octets{0xc0, 0x00}, Octets{1, 'a', 0xc0, 0x00}, Octets{1, 'a', 0xc0, 0x02}, Octets{0xc0, 0x02, 0xc0, 0x00}}) {
    for (std::size_t start = 0; start < bytes.size(); start += 2) {
      std::size_t at = start;
      EXPECT_FALSE(DnsName::read(bytes, at)) << start;
    }
  }
}

TEST(DnsName, IsNotReadPastItsEndNorMadeLongerThanAllowed) {
  for (const Octets& bytes : {Octets{}, Octets{3, 'a'}, Octets{1, 'a'}, Octets{0xc0}, Octets{0x40, 0}, Octets{0x80, 0}}) {
    std::size_t at = 0;
    EXPECT_FALSE(DnsName::read(bytes, at));
  }
  Octets chain;
  for (int i = 0; i < 5; ++i) {
    chain.push_back(63);
    chain.insert(chain.end(), 63, 'a');
  }
  chain.push_back(0);
  std::size_t at = 0;
  EXPECT_FALSE(DnsName::read(chain, at));
  at = 2 * 64;
  EXPECT_TRUE(DnsName::read(chain, at));
}

TEST(DnsMessage, AnswersThroughAnAlias) {
  const auto message = DnsMessage::parse_response(answer);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->id(), 0x1234);
  EXPECT_FALSE(message->truncated());
  EXPECT_EQ(message->response_code(), DnsResponseCode::no_error);
  EXPECT_EQ(message->question(), name("www.example.org"));
  const auto found = message->find_address(name("www.example.org"));
  EXPECT_EQ(found.address, Ipv4Address{0xc0000250});
  EXPECT_EQ(found.ttl_seconds, 30u);
  EXPECT_EQ(message->find_address(name("ftp.example.org")).address, std::nullopt);
}

TEST(DnsMessage, IsNotReadPastItsEnd) {
  for (std::size_t length = 0; length < answer.size(); ++length) {
    const Octets cut(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(length));
    const auto message = DnsMessage::parse_response(cut);
    if (message) EXPECT_EQ(message->find_address(name("www.example.org")).address, std::nullopt) << length;
  }
}

TEST(DnsMessage, OfAnotherKindIsIgnored) {
  auto question = answer;
  question[2] = 0x01;
  EXPECT_FALSE(DnsMessage::parse_response(question));
  auto update = answer;
  update[2] = 0xa8;
  EXPECT_FALSE(DnsMessage::parse_response(update));
  auto other_type = answer;
  other_type[30] = 28;
  EXPECT_FALSE(DnsMessage::parse_response(other_type));
  auto two_questions = answer;
  two_questions[5] = 2;
  EXPECT_FALSE(DnsMessage::parse_response(two_questions));
}

Octets question() {
  Octets query(dns_query_size_max, 0xa5);
  query.resize(emit_dns_query(0x1234, name("www.example.org"), query).size());
  return query;
}

TEST(DnsMessage, AsksForRecursion) {
  const Octets expected{0x12, 0x34, 0x01, 0x00, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 0, 1, 0, 1};
  EXPECT_EQ(question(), expected);
}

TEST(DnsMessage, FollowsAliasesInAnyOrderAndNotForEver) {
  DnsAnswer mixed{question()};
  mixed.address("c.example.org", "192.0.2.3", 500).alias("b.example.org", "c.example.org", 7).alias("www.example.org", "b.example.org");
  const auto message = DnsMessage::parse_response(mixed.message);
  const auto found = message->find_address(name("www.example.org"));
  EXPECT_EQ(found.address, Ipv4Address{0xc0000203});
  EXPECT_EQ(found.ttl_seconds, 7u);

  DnsAnswer loop{question()};
  loop.alias("www.example.org", "b.example.org").alias("b.example.org", "www.example.org");
  EXPECT_EQ(DnsMessage::parse_response(loop.message)->find_address(name("www.example.org")).address, std::nullopt);
}

TEST(DnsMessage, TakesNoAddressFromOtherNamesAndTypes) {
  DnsAnswer poisoned{question()};
  poisoned.address("bank.example.org", "192.0.2.6").record("www.example.org", 16, 60, as_bytes("text")).record("www.example.org", 1, 60, as_bytes("five!"));
  EXPECT_EQ(DnsMessage::parse_response(poisoned.message)->find_address(name("www.example.org")).address, std::nullopt);
}

TEST(DnsMessage, TakesATtlWithTheTopBitForZero) {
  DnsAnswer odd{question()};
  odd.address("www.example.org", "192.0.2.6", 0x80000001);
  EXPECT_EQ(DnsMessage::parse_response(odd.message)->find_address(name("www.example.org")).ttl_seconds, 0u);
}

TEST(DnsSearchList, IsReadAsRfc3397HasIt) {
  // The example of section 2: "eng.apple.com." and "marketing.apple.com."
  const Octets option{3, 'e', 'n', 'g', 5, 'a', 'p', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 9, 'm', 'a', 'r', 'k', 'e', 't', 'i', 'n', 'g', 0xc0, 0x04};
  EXPECT_EQ(parse_dns_search_list(option), (std::vector<std::string>{"eng.apple.com", "marketing.apple.com"}));
  EXPECT_EQ(parse_dns_search_list(Bytes{option}.first(20)), (std::vector<std::string>{"eng.apple.com"}));
  EXPECT_TRUE(parse_dns_search_list({}).empty());
  EXPECT_EQ(parse_dns_search_list(Octets(200, 0)).size(), 0u);
}

}  // namespace
}  // namespace undine
