// SPDX-License-Identifier: Apache-2.0
#include "protocols/tftp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/fetch/testing/fakes.h"

namespace undine::tftp {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::StartsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Ipv4Address server{0x0a000001};

std::string be16(std::size_t number) { return {static_cast<char>(number >> 8), static_cast<char>(number)}; }
std::string data(std::size_t block, std::string_view bytes) { return "\0\3"s + be16(block) + std::string{bytes}; }
std::string ack(std::size_t block) { return "\0\4"s + be16(block); }
std::string error(std::size_t code, std::string_view text) { return "\0\5"s + be16(code) + std::string{text} + '\0'; }
std::string oack(std::initializer_list<std::string> words) {
  std::string packet = "\0\6"s;
  for (const std::string& word : words) packet += word + '\0';
  return packet;
}

/// A client that asks 10.0.0.1 and a server that is the test.
class TftpClient : public ::testing::Test {
protected:
  void open(std::string_view uri = "tftp://10.0.0.1/boot/x") {
    auto client = Client::open(net.network, *Uri::parse(uri), sink, options, limits);
    ASSERT_TRUE(client);
    client_ = std::move(*client);
    sink.contents.clear();
    at(0);
  }
  /// What the client sends when it is that late.
  std::vector<std::string> at(std::uint64_t ms) {
    now = {ms};
    return turn();
  }
  std::vector<std::string> turn() {
    const Result<Progress> result = client_->advance(now);
    if (result) {
      progress = *result;
    } else {
      failure = result.error();
    }
    return sent();
  }
  std::vector<std::string> sent() {
    std::vector<std::string> packets;
    for (const auto& packet : net.output.sent) {
      const Bytes bytes{packet.bytes};
      EXPECT_EQ(packet.to, server);
      our_port = load_be16(bytes, 0);
      to_port = load_be16(bytes, 2);
      packets.emplace_back(as_text(bytes.subspan(8)));
    }
    net.output.sent.clear();
    if (!packets.empty() && packets.back().starts_with("\0\1"s)) request = packets.back();
    return packets;
  }
  void deliver(std::string_view packet, std::uint16_t port = 4000) { net.deliver({server, port}, our_port, as_bytes(packet)); }
  /// The server sends and the client answers.
  std::vector<std::string> exchange(std::string_view packet, std::uint16_t port = 4000) {
    deliver(packet, port);
    return turn();
  }
  /// A window of 4 blocks of 8 bytes.
  void agree_on_small_window() {
    limits.window_blocks_max = 4;
    limits.block_bytes_max = 8;
    open();
    EXPECT_THAT(exchange(oack({"blksize", "8", "windowsize", "4"})), ElementsAre(ack(0)));
  }
  bool failed_with(const Cause& cause) const { return failure && failure->is(cause); }

  testing::FakeNetwork net;
  testing::FakeSink sink;
  FetchOptions options{.user_agent = "x", .attempts = 3};
  Limits limits;
  std::unique_ptr<Client> client_;
  Instant now;
  std::uint16_t our_port = 0, to_port = 0;
  std::string request;
  Progress progress;
  std::optional<Error> failure;
};

TEST_F(TftpClient, AsksTheServerForThePathWithoutItsFirstSlash) {
  open("tftp://10.0.0.1/boot/my%20file");
  EXPECT_THAT(request, StartsWith("\0\1boot/my file\0octet\0"s));
  EXPECT_EQ(to_port, 69);
  open("tftp://10.0.0.1//abs");
  EXPECT_THAT(request, StartsWith("\0\1/abs\0octet\0"s));
  open("tftp://10.0.0.1:6969/x");
  EXPECT_EQ(to_port, 6969);
}

TEST_F(TftpClient, WishesForBlocksThatFitThePathAndAWindowThatFitsTheCard) {
  net.output.mtu = 1400;
  net.output.ring_frames = 5;
  open();
  EXPECT_THAT(request, HasSubstr("blksize\0001368\0"s));
  EXPECT_THAT(request, HasSubstr("windowsize\0005\0"s));
  net.output = {};
  open();
  EXPECT_THAT(request, HasSubstr("blksize\0001468\0"s));
  EXPECT_THAT(request, HasSubstr("windowsize\00016\0"s));
}

TEST_F(TftpClient, ReadsAFileBlockByBlockFromAServerWithoutOptions) {
  open();
  EXPECT_THAT(exchange(data(1, std::string(512, 'a'))), ElementsAre(ack(1)));
  EXPECT_EQ(to_port, 4000);
  EXPECT_EQ(progress.done_bytes, 512u);
  EXPECT_FALSE(progress.finished);
  EXPECT_THAT(exchange(data(2, "end")), ElementsAre(ack(2)));
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, std::string(512, 'a') + "end");
  EXPECT_EQ(sink.expectations, 0u);
}

TEST_F(TftpClient, TakesAnEmptyLastBlockAsTheEnd) {
  open();
  exchange(data(1, std::string(512, 'a')));
  EXPECT_THAT(exchange(data(2, "")), ElementsAre(ack(2)));
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents.size(), 512u);
}

TEST_F(TftpClient, AcknowledgesOptionsAndTellsTheSinkTheSize) {
  open();
  EXPECT_THAT(exchange(oack({"tsize", "1003", "blksize", "1000"})), ElementsAre(ack(0)));
  EXPECT_EQ(sink.expected, 1003u);
  EXPECT_EQ(progress.total_bytes, 1003u);
  EXPECT_THAT(exchange(data(1, std::string(1000, 'a'))), ElementsAre(ack(1)));
  EXPECT_THAT(exchange(data(2, "end")), ElementsAre(ack(2)));
  EXPECT_TRUE(progress.finished);
}

TEST_F(TftpClient, TakesASizeOfZeroAsUnknown) {
  open();
  exchange(oack({"tsize", "0"}));
  EXPECT_EQ(sink.expectations, 0u);
  exchange(data(1, "abc"));
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, "abc");
}

TEST_F(TftpClient, PutsABlockIntoASinkThatHasLittleRoomAtATime) {
  sink.room_bytes = 5;
  open();
  exchange(data(1, "0123456789ab"));
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, "0123456789ab");
}

TEST_F(TftpClient, AsksAgainWhenTheServerIsSilentAndThenGivesUp) {
  open();
  const std::string first = request;
  EXPECT_THAT(at(999), IsEmpty());
  EXPECT_THAT(at(1000), ElementsAre(first));
  EXPECT_THAT(at(2999), IsEmpty());
  EXPECT_THAT(at(3000), ElementsAre(first));
  EXPECT_THAT(at(7000), ElementsAre(first));
  EXPECT_THAT(at(11000), ElementsAre(first));
  EXPECT_FALSE(failure);
  at(20000);
  EXPECT_TRUE(failed_with(silent));
}

TEST_F(TftpClient, GivesUpSoonWhenNothingListens) {
  open();
  for (const std::uint64_t ms : {1, 1001, 3001}) {
    EXPECT_FALSE(failure);
    at(ms - 1);
    net.udp.unreachable(our_port, {server, 69});
    at(ms);
  }
  EXPECT_TRUE(failed_with(udp_port_unreachable));
}

TEST_F(TftpClient, GivesUpAtOnceWithoutARoute) {
  net.output.error = Error{no_route, server.value};
  open();
  EXPECT_TRUE(failed_with(no_route));
}

TEST_F(TftpClient, FailsForANameThatNobodyKnows) {
  open("tftp://nobody/x");
  EXPECT_TRUE(failed_with(testing::fake_no_such_name));
}

TEST_F(TftpClient, WaitsForTheResolver) {
  net.resolver.names = {{"boothost", server}};
  net.resolver.turns = 2;
  open("tftp://boothost/x");
  EXPECT_EQ(request, "");
  turn();
  turn();
  EXPECT_NE(request, "");
}

TEST_F(TftpClient, RefusesAnAddressWithoutServerAndAnEncodedZero) {
  EXPECT_TRUE(Client::open(net.network, *Uri::parse("tftp:/x"), sink, options, limits).error().is(no_server));
  EXPECT_TRUE(Client::open(net.network, *Uri::parse("tftp://10.0.0.1/x%00y"), sink, options, limits).error().is(uri_malformed));
}

TEST_F(TftpClient, RefusesANameThatNoRequestHolds) {
  open("tftp://10.0.0.1/" + std::string(2000, 'x'));
  EXPECT_TRUE(failed_with(name_too_long));
}

TEST_F(TftpClient, AcknowledgesAWindowOnce) {
  agree_on_small_window();
  for (unsigned block = 1; block <= 3; ++block) EXPECT_THAT(exchange(data(block, "12345678")), IsEmpty());
  EXPECT_THAT(exchange(data(4, "12345678")), ElementsAre(ack(4)));
  EXPECT_THAT(exchange(data(5, "12345678")), IsEmpty());
  EXPECT_THAT(exchange(data(6, "123")), ElementsAre(ack(6)));
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents.size(), 5 * 8 + 3u);
}

TEST_F(TftpClient, AsksOnceForAWindowFromTheBlockThatIsMissing) {
  agree_on_small_window();
  exchange(data(1, "aaaaaaaa"));
  EXPECT_THAT(exchange(data(3, "cccccccc")), ElementsAre(ack(1)));
  EXPECT_THAT(exchange(data(4, "dddddddd")), IsEmpty());
  EXPECT_THAT(exchange(data(2, "bbbbbbbb")), IsEmpty());
  EXPECT_THAT(exchange(data(3, "cccccccc")), IsEmpty());
  EXPECT_THAT(exchange(data(4, "dddddddd")), IsEmpty());
  EXPECT_THAT(exchange(data(5, "eeeeeeee")), ElementsAre(ack(5)));
  EXPECT_EQ(sink.contents, "aaaaaaaabbbbbbbbccccccccddddddddeeeeeeee");
}

TEST_F(TftpClient, AsksForTheRestOfAWindowThatStops) {
  agree_on_small_window();
  now = {5000};
  exchange(data(1, "aaaaaaaa"));
  exchange(data(2, "bbbbbbbb"));
  EXPECT_THAT(at(5999), IsEmpty());
  EXPECT_THAT(at(6000), ElementsAre(ack(2)));
  EXPECT_THAT(at(7999), IsEmpty());
  EXPECT_THAT(at(8000), ElementsAre(ack(2)));
}

TEST_F(TftpClient, NeverAnswersABlockThatCameTwice) {
  open();
  exchange(data(1, std::string(512, 'a')));
  EXPECT_THAT(exchange(data(1, std::string(512, 'a'))), IsEmpty());
  EXPECT_THAT(exchange(data(2, std::string(512, 'b'))), ElementsAre(ack(2)));
  EXPECT_THAT(exchange(data(1, std::string(512, 'a'))), IsEmpty());
  EXPECT_THAT(exchange(data(7, std::string(512, 'a'))), IsEmpty());
  EXPECT_EQ(sink.contents, std::string(512, 'a') + std::string(512, 'b'));
}

TEST_F(TftpClient, AcknowledgesAgainWhenTheAcknowledgementMayBeLost) {
  open();
  exchange(data(1, std::string(512, 'a')));
  EXPECT_THAT(at(1000), ElementsAre(ack(1)));
}

TEST_F(TftpClient, LetsBlockNumbersWrapToZero) {
  limits.block_bytes_max = 8;
  limits.window_blocks_max = 1;
  open();
  exchange(oack({"blksize", "8"}));
  for (std::size_t block = 1; block <= 0xffff; ++block) exchange(data(block, "12345678"));
  EXPECT_THAT(exchange(data(0, "abcdefgh")), ElementsAre(ack(0)));
  EXPECT_THAT(exchange(data(1, "x")), ElementsAre(ack(1)));
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents.size(), 0x10000u * 8 + 1);
  EXPECT_THAT(sink.contents, EndsWith("12345678abcdefghx"));
}

TEST_F(TftpClient, LetsAWindowReachOverTheWrap) {
  agree_on_small_window();
  for (std::size_t block = 1; block <= 0xfffe; ++block) exchange(data(block, "12345678"));
  EXPECT_THAT(exchange(data(0, "bbbbbbbb")), ElementsAre(ack(0xfffe)));
  exchange(data(0xffff, "aaaaaaaa"));
  exchange(data(0, "bbbbbbbb"));
  exchange(data(1, "c"));
  EXPECT_TRUE(progress.finished);
  EXPECT_THAT(sink.contents, EndsWith("8aaaaaaaabbbbbbbbc"));
}

TEST_F(TftpClient, AsksWithoutOptionsWhenTheyAreRefused) {
  for (const unsigned code : {8, 0, 4}) {
    open();
    const std::uint16_t first_port = our_port;
    EXPECT_THAT(exchange(error(code, "no options")), ElementsAre("\0\1boot/x\0octet\0"s)) << code;
    EXPECT_NE(our_port, first_port);
    exchange(data(1, "abc"), 4001);
    EXPECT_TRUE(progress.finished);
    EXPECT_FALSE(failure);
    sink.restart();
    progress = {};
  }
}

TEST_F(TftpClient, GivesUpWhenAPlainRequestIsRefusedToo) {
  open();
  exchange(error(8, "no"));
  exchange(error(8, "no"), 4001);
  EXPECT_TRUE(failed_with(server_error));
  EXPECT_EQ(failure->detail(), 8u);
}

TEST_F(TftpClient, RefusesOptionValuesLargerThanItsOwn) {
  for (const std::string& answer : {oack({"blksize", "1469"}), oack({"windowsize", "17"}), oack({"blksize", "x"}), oack({"blksize"})}) {
    open();
    const auto answers = exchange(answer);
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_THAT(answers[0], StartsWith("\0\5\0\10"s));
    EXPECT_EQ(answers[1], "\0\1boot/x\0octet\0"s);
  }
}

TEST_F(TftpClient, ShowsWhatTheServerSays) {
  open();
  exchange(error(1, "File \x1b[2Jnot found"));
  EXPECT_TRUE(failed_with(no_such_file));
  EXPECT_THAT(net.console.text, HasSubstr("tftp://10.0.0.1/boot/x: the server says \"File \\x1b[2Jnot found\""));
}

TEST_F(TftpClient, TellsErrorsApart) {
  open();
  exchange(error(2, "no"));
  EXPECT_TRUE(failed_with(access_denied));
  open();
  exchange(data(1, std::string(512, 'a')));
  exchange(error(3, "disk"));
  EXPECT_TRUE(failed_with(server_error));
  EXPECT_EQ(failure->detail(), 3u);
}

TEST_F(TftpClient, TellsAnotherTransferThatItIsNotMeant) {
  open();
  exchange(data(1, std::string(512, 'a')), 4000);
  EXPECT_THAT(exchange(data(1, std::string(512, 'a')), 4001), ElementsAre(StartsWith("\0\5\0\5"s)));
  EXPECT_EQ(to_port, 4001);
  EXPECT_THAT(exchange(error(5, "not mine"), 4001), IsEmpty());
  EXPECT_THAT(exchange(data(2, "b"), 4000), ElementsAre(ack(2)));
  EXPECT_TRUE(progress.finished);
}

TEST_F(TftpClient, StartsAgainWhenTheServerFallsSilentInTheMiddle) {
  open();
  exchange(data(1, std::string(512, 'a')));
  for (std::uint64_t ms = 1000; ms < 20000; ms += 500) at(ms);
  EXPECT_EQ(sink.restarts, 0u);
  const auto packets = at(20000);
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_THAT(packets[0], StartsWith("\0\5"s));
  EXPECT_THAT(packets[1], StartsWith("\0\1boot/x\0"s));
  EXPECT_EQ(sink.restarts, 1u);
  EXPECT_THAT(net.console.text, HasSubstr("starting again after 512 B (2nd attempt)"));
  exchange(data(1, "abc"), 4001);
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.contents, "abc");
}

TEST_F(TftpClient, StartsAgainAtMostAsOftenAsItMay) {
  open();
  for (std::uint64_t ms = 0; ms <= 100'000 && !failure; ms += 1000) {
    at(ms);
    if (ms % 20'000 == 1000) exchange(data(1, std::string(512, 'a')), static_cast<std::uint16_t>(4000 + ms / 1000));
  }
  EXPECT_TRUE(failed_with(went_silent));
  EXPECT_EQ(sink.restarts, 2u);
}

TEST_F(TftpClient, StartsAgainWithASmallerWindowWhenTheCardLosesTheEndOfEach) {
  agree_on_small_window();
  std::uint64_t ms = 0;
  unsigned block = 0;
  for (unsigned window = 0; window < 3; ++window) {
    exchange(data(++block, "12345678"));
    exchange(data(++block, "12345678"));
    ms += 1000;
    at(ms);
  }
  EXPECT_EQ(sink.restarts, 1u);
  EXPECT_THAT(request, HasSubstr("windowsize\0002\0"s));
}

TEST_F(TftpClient, KeepsItsWindowWhenOnlySomeAreCut) {
  agree_on_small_window();
  unsigned block = 0;
  for (unsigned window = 0; window < 6; ++window) {
    exchange(data(++block, "12345678"));
    now.ms += 1000;
    turn();
    for (unsigned i = 0; i < 4; ++i) exchange(data(++block, "12345678"));
  }
  EXPECT_EQ(sink.restarts, 0u);
}

TEST_F(TftpClient, RefusesAFileOfAnotherSizeThanAnnounced) {
  open();
  exchange(oack({"tsize", "4"}));
  exchange(data(1, "12345"));
  EXPECT_TRUE(failed_with(wrong_size));
  open();
  exchange(oack({"tsize", "4"}));
  exchange(data(1, "123"));
  EXPECT_TRUE(failed_with(wrong_size));
}

TEST_F(TftpClient, RefusesABlockThatIsTooLong) {
  open();
  EXPECT_THAT(exchange(data(1, std::string(513, 'a'))), ElementsAre(StartsWith("\0\5\0\4"s)));
  EXPECT_TRUE(failed_with(malformed));
}

TEST_F(TftpClient, TellsTheServerWhenThereIsNoRoom) {
  sink.size_max = 100;
  open();
  EXPECT_THAT(exchange(data(1, std::string(512, 'a'))), ElementsAre(StartsWith("\0\5\0\3"s)));
  EXPECT_TRUE(failed_with(out_of_memory));
}

TEST_F(TftpClient, TellsTheServerWhenItIsAbandoned) {
  open();
  exchange(data(1, std::string(512, 'a')));
  client_.reset();
  EXPECT_THAT(sent(), ElementsAre(error(0, "abandoned")));
  open();
  client_.reset();
  sent();
  open();
  exchange(data(1, "end"));
  client_.reset();
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(TftpClient, IgnoresWhatIsNoAnswer) {
  open();
  for (const std::string& packet : {""s, "\0"s, "\0\3"s, "\0\3\0"s, "\0\5"s, "\0\7xx"s, ack(0), data(2, "x"), data(0, "x")}) {
    EXPECT_THAT(exchange(packet), IsEmpty());
  }
  EXPECT_FALSE(failure);
  exchange(data(1, "abc"));
  EXPECT_TRUE(progress.finished);
}

}  // namespace
}  // namespace undine::tftp
