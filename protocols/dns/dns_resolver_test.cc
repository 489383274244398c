// SPDX-License-Identifier: Apache-2.0
#include "protocols/dns/dns_resolver.h"

#include <gtest/gtest.h>

#include "protocols/dns/testing/dns_bench.h"

namespace undine {
namespace {

using testing::DnsAnswer;
using testing::DnsBench;
using testing::Octets;

constexpr Ipv4Address first_server{0x0a4d0001}, second_server{0x0a4d0002};

class DnsResolverTest : public ::testing::Test {
protected:
  DnsBench bench;
  std::unique_ptr<Lookup> lookup;

  void SetUp() override { use_servers({first_server}); }
  void use_servers(std::initializer_list<Ipv4Address> servers) { bench.resolver.set_servers(std::span(servers.begin(), servers.size())); }
  void look_up(std::string_view host, std::uint64_t ms = 0) {
    auto started = bench.resolver.lookup(host, {ms});
    ASSERT_TRUE(started) << started.error().text();
    lookup = std::move(*started);
  }
  /// "waiting", the address, or the error's name.
  std::string outcome(std::uint64_t ms) {
    bench.turn({ms});
    const auto progress = lookup->advance({ms});
    if (!progress) return std::string(progress.error().cause().name);
    return progress->finished ? lookup->address().text() : "waiting";
  }
  std::string asked() { return bench.take_asked(); }
  const Octets& question() { return bench.last.message; }
};

TEST_F(DnsResolverTest, TakesLiteralsAtOnce) {
  look_up("192.0.2.1");
  EXPECT_EQ(outcome(0), "192.0.2.1");
  EXPECT_EQ(asked(), "");
}

TEST_F(DnsResolverTest, AsksAndAnswers) {
  look_up("boot.example.org");
  EXPECT_EQ(asked(), "10.77.0.1 boot.example.org");
  EXPECT_EQ(outcome(1), "waiting");
  bench.answer(DnsAnswer{question()}.address("boot.example.org", "192.0.2.7").message);
  EXPECT_EQ(outcome(2), "192.0.2.7");
  EXPECT_EQ(outcome(3), "192.0.2.7");
}

TEST_F(DnsResolverTest, AsksEachServerInTurnWithGrowingPausesAndGivesUp) {
  use_servers({first_server, second_server});
  look_up("boot.example.org");
  std::string trace = "0 " + asked();
  std::string result;
  for (std::uint64_t ms = 1; ms < 60'000; ++ms) {
    result = outcome(ms);
    if (const std::string text = asked(); !text.empty()) append(trace, {"; ", ms, ' ', text.substr(0, 9)});
    if (result != "waiting") {
      append(trace, {"; ", ms, ' ', result});
      break;
    }
  }
  EXPECT_EQ(trace,
            "0 10.77.0.1 boot.example.org; 1000 10.77.0.2; 2000 10.77.0.1; 4000 10.77.0.2; 6000 10.77.0.1; 10000 10.77.0.2; 14000 10.77.0.1; "
            "22000 10.77.0.2; 30000 dns.timed-out");
}

TEST_F(DnsResolverTest, HearsTheFirstServerAfterTheSecondWasAsked) {
  use_servers({first_server, second_server});
  look_up("boot.example.org");
  asked();
  outcome(1000);
  EXPECT_EQ(asked(), "10.77.0.2 boot.example.org");
  bench.answer(DnsAnswer{question()}.address("boot.example.org", "192.0.2.7").message, first_server);
  EXPECT_EQ(outcome(1001), "192.0.2.7");
}

TEST_F(DnsResolverTest, IgnoresAnswersThatAreNotToItsQuestion) {
  use_servers({first_server, second_server});
  look_up("boot.example.org");
  asked();
  const Octets good = DnsAnswer{question()}.address("boot.example.org", "192.0.2.66").message;
  auto wrong_id = good, wrong_name = good;
  wrong_id[1] ^= 1;
  wrong_name[13] ^= 1;
  bench.answer(wrong_id);
  bench.answer(wrong_name);
  bench.answer(good, second_server);  // was not asked yet
  bench.answer(good, Ipv4Address{0x0a4d0063});
  bench.answer(good, {}, static_cast<std::uint16_t>(bench.last.from_port ^ 1));
  EXPECT_EQ(outcome(1), "waiting");
  bench.answer(good);
  EXPECT_EQ(outcome(2), "192.0.2.66");
}

TEST_F(DnsResolverTest, UsesAnotherPortAndIdentifierForEachQuestion) {
  std::vector<std::uint32_t> seen;
  for (int i = 0; i < 20; ++i) {
    look_up("boot.example.org");
    asked();
    seen.push_back(std::uint32_t{bench.last.from_port} << 16 | load_be16(question(), 0));
    EXPECT_GE(bench.last.from_port, 49152);
    lookup.reset();
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
  std::size_t neighbours = 0;
  for (std::size_t i = 1; i < seen.size(); ++i) neighbours += (seen[i] >> 16) - (seen[i - 1] >> 16) == 1 ? 1 : 0;
  EXPECT_LT(neighbours, 5u);
}

TEST_F(DnsResolverTest, SaysThatThereIsNoSuchName) {
  look_up("boot.example.org");
  asked();
  bench.answer(DnsAnswer{question(), 3}.message);
  EXPECT_EQ(outcome(1), "dns.no-such-name");
}

TEST_F(DnsResolverTest, SaysThatThereIsNoAddress) {
  look_up("boot.example.org");
  asked();
  bench.answer(DnsAnswer{question()}.message);
  EXPECT_EQ(outcome(1), "dns.no-address");
}

TEST_F(DnsResolverTest, GoesToTheNextServerWhenOneRefusesOrFails) {
  use_servers({first_server, second_server});
  look_up("boot.example.org");
  asked();
  bench.answer(DnsAnswer{question(), 5}.message);
  EXPECT_EQ(outcome(1), "waiting");
  EXPECT_EQ(asked(), "10.77.0.2 boot.example.org");
  bench.answer(DnsAnswer{question(), 2}.message);
  EXPECT_EQ(outcome(2), "dns.server-failed");
}

TEST_F(DnsResolverTest, GoesToTheNextServerWhenNobodyListensOrNoRouteLeadsThere) {
  use_servers({first_server, second_server});
  look_up("boot.example.org");
  asked();
  bench.udp.unreachable(bench.last.from_port, {first_server, 53});
  EXPECT_EQ(outcome(1), "waiting");
  EXPECT_EQ(asked(), "10.77.0.2 boot.example.org");
  bench.unreachable = first_server;
  look_up("boot.example.org");
  EXPECT_EQ(asked(), "10.77.0.2 boot.example.org");
  use_servers({first_server});
  const auto nowhere = bench.resolver.lookup("boot.example.org", {0});
  ASSERT_FALSE(nowhere);
  EXPECT_TRUE(nowhere.error().is(no_route));
}

TEST_F(DnsResolverTest, AsksForAnAliasThatTheServerDidNotFollow) {
  look_up("boot.example.org");
  asked();
  bench.answer(DnsAnswer{question()}.alias("boot.example.org", "web.example.net").message);
  EXPECT_EQ(outcome(1), "waiting");
  EXPECT_EQ(asked(), "10.77.0.1 web.example.net");
  bench.answer(DnsAnswer{question()}.address("web.example.net", "192.0.2.9").message);
  EXPECT_EQ(outcome(2), "192.0.2.9");
}

TEST_F(DnsResolverTest, GivesUpOnAliasesWithoutEnd) {
  look_up("a0.example.org");
  std::string result = "waiting";
  for (int i = 0; i < 20 && result == "waiting"; ++i) {
    asked();
    bench.answer(DnsAnswer{question()}.alias(join({'a', i, ".example.org"}), join({'a', i + 1, ".example.org"})).message);
    result = outcome(static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ(result, "dns.too-many-aliases");
}

TEST_F(DnsResolverTest, TriesTheSearchListFirstForShortNames) {
  const std::string_view domains[]{"lab.example.org", "example.org"};
  bench.resolver.set_search_list(domains);
  look_up("boot");
  EXPECT_EQ(asked(), "10.77.0.1 boot.lab.example.org");
  bench.answer(DnsAnswer{question(), 3}.message);
  outcome(1);
  EXPECT_EQ(asked(), "10.77.0.1 boot.example.org");
  bench.answer(DnsAnswer{question(), 3}.message);
  outcome(2);
  EXPECT_EQ(asked(), "10.77.0.1 boot");
  bench.answer(DnsAnswer{question(), 3}.message);
  EXPECT_EQ(outcome(3), "dns.no-such-name");
}

TEST_F(DnsResolverTest, TriesTheSearchListLastForNamesWithADotAndNeverForWholeOnes) {
  const std::string_view domains[]{"example.org"};
  bench.resolver.set_search_list(domains);
  look_up("boot.lab");
  EXPECT_EQ(asked(), "10.77.0.1 boot.lab");
  bench.answer(DnsAnswer{question()}.message);  // exists, without an address
  outcome(1);
  EXPECT_EQ(asked(), "10.77.0.1 boot.lab.example.org");
  bench.answer(DnsAnswer{question(), 3}.message);
  EXPECT_EQ(outcome(2), "dns.no-address");
  look_up("boot.lab.");
  asked();
  bench.answer(DnsAnswer{question(), 3}.message);
  EXPECT_EQ(outcome(3), "dns.no-such-name");
}

TEST_F(DnsResolverTest, RemembersAnAddressForItsTime) {
  look_up("boot.example.org");
  asked();
  bench.answer(DnsAnswer{question()}.address("boot.example.org", "192.0.2.7", 30).message);
  EXPECT_EQ(outcome(1000), "192.0.2.7");
  look_up("BOOT.example.org.", 30'999);
  EXPECT_EQ(asked(), "");
  EXPECT_EQ(outcome(30'999), "192.0.2.7");
  look_up("boot.example.org", 31'000);
  EXPECT_EQ(asked(), "10.77.0.1 boot.example.org");
}

TEST_F(DnsResolverTest, RemembersNothingForLongNorFromOtherServers) {
  look_up("boot.example.org");
  asked();
  bench.answer(DnsAnswer{question()}.address("boot.example.org", "192.0.2.7", 1'000'000).message);
  outcome(0);
  look_up("boot.example.org", 600'000);
  EXPECT_NE(asked(), "");
  bench.answer(DnsAnswer{question()}.address("boot.example.org", "192.0.2.7", 0).message);
  EXPECT_EQ(outcome(600'001), "192.0.2.7");
  look_up("boot.example.org", 600'001);  // a TTL of 0 is for this once
  EXPECT_NE(asked(), "");
  bench.answer(DnsAnswer{question()}.address("boot.example.org", "192.0.2.7").message);
  outcome(600'002);
  use_servers({second_server});
  look_up("boot.example.org", 600'003);
  EXPECT_EQ(asked(), "10.77.0.2 boot.example.org");
}

TEST_F(DnsResolverTest, RefusesWhatIsNoName) {
  const std::pair<const char*, const Cause*> cases[]{{"256.1.1.1", &dns_bad_name}, {"10.0.0", &dns_bad_name}, {"", &dns_bad_name},
                                                     {"a..b", &dns_bad_name},      {"::1", &dns_ipv6},        {"fe80::1", &dns_ipv6}};
  for (const auto& [host, cause] : cases) {
    const auto refused = bench.resolver.lookup(host, {0});
    ASSERT_FALSE(refused) << host;
    EXPECT_TRUE(refused.error().is(*cause)) << host;
  }
  use_servers({});
  const auto refused = bench.resolver.lookup("boot.example.org", {0});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(dns_no_server));
  bench.configured = false;
  use_servers({first_server});
  const auto unconfigured = bench.resolver.lookup("boot.example.org", {0});
  ASSERT_FALSE(unconfigured);
  EXPECT_TRUE(unconfigured.error().is(no_address));
}

// ---- TCP

Octets over_tcp(const Octets& message) {
  Octets framed{static_cast<std::uint8_t>(message.size() >> 8), static_cast<std::uint8_t>(message.size())};
  framed.insert(framed.end(), message.begin(), message.end());
  return framed;
}

TEST_F(DnsResolverTest, AsksByTcpWhenTheAnswerWasCutShort) {
  bench.tcp_answer = [](const Octets& asked_by_tcp) {
    const Octets message(asked_by_tcp.begin() + 2, asked_by_tcp.end());
    return over_tcp(DnsAnswer{message}.address("boot.example.org", "192.0.2.8").message);
  };
  look_up("boot.example.org");
  asked();
  bench.answer(DnsAnswer{question(), 0, true}.message);
  std::string result = "waiting";
  for (std::uint64_t ms = 1; ms < 50 && result == "waiting"; ++ms) result = outcome(ms);
  EXPECT_EQ(result, "192.0.2.8");
  EXPECT_EQ(bench.asked_by_tcp, over_tcp(question()));
}

TEST_F(DnsResolverTest, IsContentWithAnAddressBeforeTheCut) {
  look_up("boot.example.org");
  asked();
  bench.answer(DnsAnswer{question(), 0, true}.address("boot.example.org", "192.0.2.8").message);
  EXPECT_EQ(outcome(1), "192.0.2.8");
}

TEST_F(DnsResolverTest, GoesToTheNextServerWhenTcpFails) {
  use_servers({first_server, second_server});
  const auto fails = [&](const char* how) {
    look_up("boot.example.org");
    asked();
    bench.answer(DnsAnswer{question(), 0, true}.message);
    std::string next;
    for (std::uint64_t ms = 1; ms < 12'000 && next.empty(); ms += 10) {
      EXPECT_EQ(outcome(ms), "waiting") << how;
      next = asked();
    }
    EXPECT_EQ(next, "10.77.0.2 boot.example.org") << how;
  };
  bench.refuse_tcp = true;
  fails("refused");
  bench.refuse_tcp = false;
  bench.tcp_answer = [](const Octets&) { return Octets{}; };
  fails("silent");
  bench.tcp_answer = [](const Octets&) { return Octets{0, 3, 1, 2, 3}; };
  fails("nonsense");
  bench.tcp_answer = [](const Octets&) { return Octets{0, 30, 1, 2, 3}; };
  bench.close_tcp = true;
  fails("closed early");
}

}  // namespace
}  // namespace undine
