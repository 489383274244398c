// SPDX-License-Identifier: Apache-2.0
#include "protocols/tls/client.h"

#include <gtest/gtest.h>

#include "protocols/tls/testing/tls_server.h"

namespace undine::tls {
namespace {

using testing::Credentials;
using testing::FakeVerifier;
using testing::ServerOptions;
using testing::ServerTickets;
using testing::TlsServer;
using testing::Wire;
using testing::WireStream;

constexpr Cause test_refusal{"test.refused", "no", pxe_status_failure};
constexpr auto tls12 = MBEDTLS_SSL_VERSION_TLS1_2, tls13 = MBEDTLS_SSL_VERSION_TLS1_3;

/// One client and one server, as a rule. Randomness starts again with each, so that every run is the same.
struct TlsBench {
  TlsBench() { crypto::start(noise, clock); }

  void connect(const ServerOptions& options = {}, Credentials* with = nullptr, std::string_view host = "server.example", std::uint16_t port = 443) {
    stream.reset();
    server.reset();
    wire.to_server.clear();
    wire.to_client.clear();
    server = std::make_unique<TlsServer>(wire, with ? *with : elliptic(), options);
    open(host, port);
  }
  void open(std::string_view host = "server.example", std::uint16_t port = 443) {
    auto wrapped = wrap(std::make_unique<WireStream>(wire), host, port, services);
    ASSERT_TRUE(wrapped) << wrapped.error().text();
    stream = std::move(*wrapped);
  }
  /// Turns both until neither moves.
  void run() {
    for (unsigned turn = 0; turn < 20'000 && !error; ++turn) {
      const std::size_t before = said.size() + heard.size() + wire.moved;
      if (const auto count = stream->write(as_bytes(std::string_view{to_say}.substr(said.size()))); count) {
        said.append(to_say, said.size(), *count);
      } else {
        error = count.error();
      }
      std::uint8_t into[3000];
      if (const auto count = stream->read(MutableBytes{into}.first(read_bytes)); count) {
        heard.append(as_text(Bytes{into}.first(*count)));
      } else {
        error = count.error();
      }
      if (server) server->turn();
      still = before == said.size() + heard.size() + wire.moved ? still + 1 : 0;
      if (still > 5) return;
    }
  }
  std::string why() const { return error ? std::string{error->cause().name} : "no error"; }
  /// One exchange over the connection.
  void exchange() {
    to_say = "GET /";
    said.clear();
    heard.clear();
    server->to_say = "200";
    run();
    EXPECT_EQ(why(), "no error");
    EXPECT_EQ(server->received, "GET /");
    EXPECT_EQ(heard, "200");
  }
  static Credentials& elliptic() {
    static Credentials credentials;
    return credentials;
  }
  static Credentials& rsa() {
    static Credentials credentials{2048};
    return credentials;
  }

  testing::FakeEntropy noise;
  testing::FakeClock clock;
  FakeVerifier verifier;
  SessionCache sessions;
  Services services{verifier, sessions, clock, false};
  Wire wire;
  std::unique_ptr<TlsServer> server;
  std::unique_ptr<Stream> stream;
  std::string to_say, said, heard;
  std::optional<Error> error;
  std::size_t read_bytes = 3000;
  unsigned still = 0;
};

TEST(TlsClient, ExchangesDataWithEachKindOfServer) {
  for (const auto version : {tls12, tls13}) {
    for (const bool with_rsa : {false, true}) {
      TlsBench bench;
      bench.connect({.version = version}, with_rsa ? &bench.rsa() : &bench.elliptic());
      bench.exchange();
      EXPECT_EQ(mbedtls_ssl_get_version_number(&bench.server->ssl), version);
      EXPECT_STREQ(mbedtls_ssl_get_ciphersuite(&bench.server->ssl),
                   version == tls13 ? "TLS1-3-CHACHA20-POLY1305-SHA256"
                   : with_rsa       ? "TLS-ECDHE-RSA-WITH-CHACHA20-POLY1305-SHA256"
                                    : "TLS-ECDHE-ECDSA-WITH-CHACHA20-POLY1305-SHA256");
      EXPECT_EQ(bench.server->name, "server.example");
      EXPECT_EQ(bench.verifier.host, "server.example");
      ASSERT_EQ(bench.verifier.chain.size(), 1u);
      EXPECT_TRUE(same_bytes(bench.verifier.chain[0], (with_rsa ? bench.rsa() : bench.elliptic()).certificate_der()));
    }
  }
}

TEST(TlsClient, PrefersAesWhereItIsFast) {
  TlsBench bench;
  bench.services.aes_is_fast = true;
  bench.connect();
  bench.exchange();
  EXPECT_STREQ(mbedtls_ssl_get_ciphersuite(&bench.server->ssl), "TLS1-3-AES-128-GCM-SHA256");
}

TEST(TlsClient, ReadsWhatComesInSinglesAndWritesThroughANarrowGate) {
  for (const auto version : {tls12, tls13}) {
    TlsBench bench;
    bench.wire.piece_bytes = 1;
    bench.wire.room_bytes = 7;
    bench.read_bytes = 1;
    bench.connect({.version = version});
    bench.exchange();
  }
}

TEST(TlsClient, CarriesManyRecords) {
  TlsBench bench;
  bench.connect();
  for (int i = 0; i < 20'000; ++i) {
    bench.to_say += static_cast<char>(i * 7);
    bench.server->to_say += std::string(5, static_cast<char>(i));
  }
  const std::string expected = bench.server->to_say;
  bench.run();
  EXPECT_EQ(bench.why(), "no error");
  EXPECT_EQ(bench.heard, expected);
  EXPECT_EQ(bench.server->received, bench.to_say);
}

TEST(TlsClient, EndsOnlyWithCloseNotify) {
  for (const auto version : {tls12, tls13}) {
    TlsBench bench;
    bench.connect({.version = version});
    bench.exchange();
    EXPECT_FALSE(bench.stream->at_end());
    bench.server->close_notify();
    bench.wire.server_gone = true;
    bench.run();
    EXPECT_EQ(bench.why(), "no error");
    EXPECT_TRUE(bench.stream->at_end());
  }
}

TEST(TlsClient, CallsAnEndWithoutCloseNotifyAnError) {
  for (const auto version : {tls12, tls13}) {
    TlsBench bench;
    bench.connect({.version = version});
    bench.exchange();
    bench.wire.server_gone = true;
    bench.run();
    EXPECT_EQ(bench.why(), "tls.truncated");
    EXPECT_FALSE(bench.stream->at_end());
  }
}

TEST(TlsClient, CallsAnEndInsideARecordAnError) {
  TlsBench bench;
  bench.connect();
  bench.exchange();
  bench.server->to_say = std::string(1000, 'x');
  bench.server->turn();
  bench.wire.to_client.resize(500);
  bench.wire.server_gone = true;
  bench.run();
  EXPECT_EQ(bench.why(), "tls.truncated");
}

TEST(TlsClient, SaysCloseNotifyItself) {
  TlsBench bench;
  bench.connect();
  bench.exchange();
  bench.stream.reset();
  bench.server->turn();
  EXPECT_EQ(bench.server->result, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
}

TEST(TlsClient, SendsAndHandsOutNothingBeforeTheServerIsBelieved) {
  for (const auto version : {tls12, tls13}) {
    TlsBench bench;
    bench.verifier.turns = 1000;
    bench.connect({.version = version});
    bench.to_say = "secret";
    bench.server->to_say = "poison";
    bench.run();
    EXPECT_TRUE(mbedtls_ssl_is_handshake_over(&bench.server->ssl));
    EXPECT_EQ(bench.said + bench.heard + bench.server->received, "");
    EXPECT_EQ(bench.verifier.asked, 1u);
    bench.verifier.turns = 0;
    bench.run();
    EXPECT_EQ(bench.server->received, "secret");
    EXPECT_EQ(bench.heard, "poison");
  }
}

TEST(TlsClient, GivesUpAServerThatIsNotBelieved) {
  for (const auto version : {tls12, tls13}) {
    TlsBench bench;
    bench.verifier.refusal = Error{test_refusal};
    bench.connect({.version = version});
    bench.to_say = "secret";
    bench.server->to_say = "poison";
    bench.run();
    EXPECT_EQ(bench.why(), "test.refused");
    bench.server->turn();
    EXPECT_EQ(bench.server->result, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    EXPECT_EQ(bench.heard + bench.server->received, "");
    std::uint8_t octet;
    EXPECT_FALSE(bench.stream->read({&octet, 1}));  // and so it stays
    EXPECT_FALSE(bench.stream->write({&octet, 1}));
  }
}

TEST(TlsClient, DemandsThatTheServerHasTheKeyOfItsCertificate) {
  testing::FakeEntropy other_noise{99};
  testing::FakeClock clock;
  crypto::start(other_noise, clock);
  Credentials stranger, rsa_stranger{2048};
  for (const auto version : {tls12, tls13}) {
    for (const bool with_rsa : {false, true}) {
      TlsBench bench;
      bench.connect({.version = version, .other_key = with_rsa ? &rsa_stranger.key : &stranger.key}, with_rsa ? &bench.rsa() : nullptr);
      bench.to_say = "secret";
      bench.run();
      EXPECT_EQ(bench.why(), "tls.bad-signature");
      EXPECT_EQ(bench.verifier.asked, 0u);
      EXPECT_EQ(bench.server->received, "");
    }
  }
}

TEST(TlsClient, RefusesShortRsaKeys) {
  TlsBench bench;
  Credentials weak{1024};
  bench.connect({.version = tls12}, &weak);
  bench.run();
  EXPECT_EQ(bench.why(), "tls.weak-key");
  EXPECT_EQ(bench.error->detail(), 1024u);
}

TEST(TlsClient, ResumesASessionOnlyWithTheServerThatWasBelieved) {
  for (const auto version : {tls12, tls13}) {
    TlsBench bench;
    ServerTickets tickets;
    const ServerOptions options{.version = version, .tickets = &tickets};
    bench.connect(options);
    bench.exchange();
    EXPECT_EQ(bench.verifier.asked, 1u);
    for (int i = 0; i < 3; ++i) {
      bench.connect(options);
      bench.exchange();
      EXPECT_EQ(bench.verifier.asked, 1u);
    }
    bench.connect(options, nullptr, "server.example", 444);
    bench.exchange();
    EXPECT_EQ(bench.verifier.asked, 2u);
    bench.connect(options, nullptr, "other.example", 443);
    bench.exchange();
    EXPECT_EQ(bench.verifier.asked, 3u);

    ServerTickets others;  // a server that has forgotten it
    bench.connect({.version = version, .tickets = &others});
    bench.exchange();
    EXPECT_EQ(bench.verifier.asked, 4u);
    bench.sessions.clear();
    bench.connect({.version = version, .tickets = &others});
    bench.exchange();
    EXPECT_EQ(bench.verifier.asked, 5u);
  }
}

TEST(TlsClient, KeepsNoSessionOfAServerThatWasNotBelieved) {
  for (const auto version : {tls12, tls13}) {
    TlsBench bench;
    ServerTickets tickets;
    bench.verifier.refusal = Error{test_refusal};
    bench.connect({.version = version, .tickets = &tickets});
    bench.run();
    EXPECT_EQ(bench.why(), "test.refused");
    EXPECT_EQ(bench.sessions.find("server.example", 443), nullptr);
  }
}

TEST(SessionCache, ForgetsTheServerNotSeenForLongest) {
  SessionCache sessions;
  for (std::uint16_t port = 1; port <= 5; ++port) {
    EXPECT_NE(sessions.place("a", port), nullptr);
    if (port == 4) {
      EXPECT_NE(sessions.place("a", 1), nullptr);
    }
  }
  EXPECT_NE(sessions.find("a", 1), nullptr);
  EXPECT_EQ(sessions.find("a", 2), nullptr);
  EXPECT_NE(sessions.find("a", 5), nullptr);
  EXPECT_EQ(sessions.find("b", 5), nullptr);
}

TEST(TlsClient, ShowsItsCertificate) {
  for (const auto version : {tls12, tls13}) {
    TlsBench bench;
    const Bytes chain[] = {bench.elliptic().certificate_der()};
    const std::vector<std::uint8_t> key = bench.elliptic().key_der();
    bench.verifier.identity = {chain, key};
    bench.connect({.version = version, .wants_certificate = true});
    bench.exchange();
    EXPECT_NE(mbedtls_ssl_get_peer_cert(&bench.server->ssl), nullptr);
  }
}

TEST(TlsClient, RefusesAnIdentityThatIsNone) {
  TlsBench bench;
  const Bytes chain[] = {as_bytes("nonsense")};
  bench.verifier.identity = {chain, as_bytes("nonsense")};
  const auto wrapped = wrap(std::make_unique<WireStream>(bench.wire), "server.example", 443, bench.services);
  ASSERT_FALSE(wrapped);
  EXPECT_EQ(wrapped.error().cause().name, "tls.bad-identity");
}

TEST(TlsClient, SendsNoNameForAnAddress) {
  TlsBench bench;
  bench.connect({}, nullptr, "10.0.0.1");
  bench.exchange();
  EXPECT_EQ(bench.server->name, "");
  EXPECT_EQ(bench.verifier.host, "10.0.0.1");
}

TEST(TlsClient, TellsWhatAnswersInsteadOfTls) {
  struct Answer {
    std::string_view octets;
    std::string_view cause;
  };
  using namespace std::string_view_literals;
  const Answer answers[] = {
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "tls.not-tls"},
      {"SSH-2.0-OpenSSH_9.2p1\r\n", "tls.not-tls"},
      {"\x15\x03\x01\x00\x02\x02\x46"sv, "tls.old-version"},
      {"\x15\x03\x01\x00\x02\x02\x28"sv, "tls.nothing-in-common"},
      {"\x15\x03\x03\x00\x02\x02\x70"sv, "tls.unknown-name"},
      {"\x15\x03\x03\x00\x02\x02\x50"sv, "tls.server-failed"},
      {"\x15\x03\x03\x00\x02\x02\x30"sv, "tls.refused-certificate"},
      {"\x15\x03\x03\x00\x02\x02\x74"sv, "tls.wants-certificate"},
      {"\x15\x03\x03\x00\x02\x02\x78"sv, "tls.no-http"},
      {"\x15\x03\x03\x00\x02\x02\x63"sv, "tls.alert"},
      {"\x15\x03\x03\x00\x02\x01\x00"sv, "tls.closed-in-handshake"},
      // A ServerHello of TLS 1.1 and one of SSL 3.0.
      {"\x16\x03\x02\x00\x2a\x02\x00\x00\x26\x03\x02" "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\x00\xc0\x13\x00"sv, "tls.old-version"},
      {"\x16\x03\x00\x00\x2a\x02\x00\x00\x26\x03\x00" "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\x00\xc0\x13\x00"sv, "tls.old-version"},
      {"", "tls.closed-in-handshake"},
  };
  for (const Answer& answer : answers) {
    TlsBench bench;
    bench.open();
    bench.run();
    EXPECT_EQ(bench.why(), "no error");
    bench.wire.to_client = answer.octets;
    bench.wire.server_gone = true;
    bench.run();
    EXPECT_EQ(bench.why(), answer.cause) << answer.octets;
    EXPECT_EQ(bench.verifier.asked, 0u);
  }
}

TEST(TlsClient, ReportsAConnectionThatBreaks) {
  TlsBench bench;
  bench.wire.broken = Error{test_refusal};
  bench.open();
  bench.run();
  EXPECT_EQ(bench.why(), "test.refused");

  TlsBench later;
  later.connect();
  later.exchange();
  later.wire.broken = Error{test_refusal};
  later.run();
  EXPECT_EQ(later.why(), "test.refused");
}

TEST(TlsClient, HearsTheAlertOfAServerThatHasAlreadyClosed) {
  TlsBench bench;
  bench.open();
  bench.wire.to_client.assign("\x15\x03\x03\x00\x02\x02\x28", 7);
  bench.wire.broken = Error{test_refusal};
  bench.run();
  EXPECT_EQ(bench.why(), "tls.nothing-in-common");
}

TEST(TlsClient, NoticesEachOctetThatWasChanged) {
  for (const auto version : {tls12, tls13}) {
    for (std::size_t at = 0; at < 30; at += 3) {
      TlsBench bench;
      bench.connect({.version = version});
      bench.exchange();
      bench.server->to_say = "0123456789";
      bench.server->turn();
      ASSERT_GT(bench.wire.to_client.size(), 30u);
      bench.wire.to_client[at] = static_cast<char>(bench.wire.to_client[at] ^ 0x40);
      bench.wire.server_gone = true;
      bench.heard.clear();
      bench.run();
      EXPECT_NE(bench.why(), "no error") << at;
      EXPECT_EQ(bench.heard, "") << at;
    }
  }
}

TEST(TlsClient, NoticesAHandshakeThatWasChanged) {
  for (const auto version : {tls12, tls13}) {
    for (std::size_t at = 0; at < 1000; at += 13) {
      TlsBench bench;
      bench.connect({.version = version});
      std::uint8_t octet;
      ASSERT_TRUE(bench.stream->read({&octet, 1}));
      bench.server->turn();
      if (at >= bench.wire.to_client.size()) break;
      bench.wire.to_client[at] = static_cast<char>(bench.wire.to_client[at] ^ 0x04);
      bench.wire.server_gone = true;
      bench.to_say = "secret";
      bench.run();
      EXPECT_NE(bench.why(), "no error") << at;
      EXPECT_EQ(bench.said, "") << at;
    }
  }
}

}  // namespace
}  // namespace undine::tls
