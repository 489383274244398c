// SPDX-License-Identifier: Apache-2.0
#include "protocols/ftp/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/ftp/testing/played_server.h"

namespace undine::ftp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Server = testing::PlayedFtpServer;

const std::string file_100k = [] {
  std::string file;
  for (unsigned i = 0; file.size() < 100'000; ++i) file += std::to_string(i) + ' ';
  file.resize(100'000);
  return file;
}();

class FtpClient : public ::testing::Test {
protected:
  Result<std::unique_ptr<Client>> make(std::string_view uri) { return Client::open(Server::connect, net.network, *Uri::parse(uri), sink, options); }
  /// One turn of the loop.
  void turn() {
    const Result<Progress> result = client_->advance(now);
    if (result) {
      progress = *result;
    } else {
      failure = result.error();
    }
  }
  bool over() const { return failure || progress.finished; }
  /// Turns in steps of 100 ms until the end, at most for so long; how long it took.
  std::uint64_t run(std::uint64_t most_ms = 1'000'000) {
    const Instant start = now;
    for (;;) {
      for (unsigned i = 0; i < 3 && !over(); ++i) turn();
      if (over() || now.since(start).ms >= most_ms) return now.since(start).ms;
      now = now + 100_ms;
    }
  }
  void open(std::string_view uri = "ftp://10.0.0.1/f") {
    auto client = make(uri);
    ASSERT_TRUE(client);
    client_ = std::move(*client);
    sink.contents.clear();
    progress = {};
    failure.reset();
    server.commands.clear();
  }
  std::uint64_t fetch(std::string_view uri = "ftp://10.0.0.1/f") {
    open(uri);
    return run();
  }
  void expect_fetched() {
    EXPECT_TRUE(progress.finished) << (failure ? failure->text() : "");
    EXPECT_EQ(sink.contents, server.file);
    EXPECT_EQ(server.open, 0u);
  }
  bool failed_with(const Cause& cause) const { return failure && failure->is(cause); }
  std::string console() { return net.console.take_text(); }

  testing::FakeNetwork net;
  Server server;
  testing::FakeSink sink;
  FetchOptions options{.user_agent = "Undine/1", .attempts = 4};
  std::unique_ptr<Client> client_;
  Instant now;
  Progress progress;
  std::optional<Error> failure;
};

TEST_F(FtpClient, FetchesAFileAsAnonymous) {
  server.file = file_100k;
  EXPECT_EQ(fetch("ftp://10.0.0.1/boot/vmlinuz"), 0u);
  expect_fetched();
  EXPECT_EQ(sink.expected, file_100k.size());
  EXPECT_EQ(progress.total_bytes, file_100k.size());
  EXPECT_THAT(server.commands, ElementsAre("USER anonymous", "PASS undine@", "TYPE I", "SIZE boot/vmlinuz", "MDTM boot/vmlinuz", "EPSV",
                                           "RETR boot/vmlinuz", "QUIT"));
}

TEST_F(FtpClient, FetchesAFileHoweverItIsCutIntoPieces) {
  for (const std::size_t piece : {1, 2, 7, 511, 100'000}) {
    server.piece_bytes = piece;
    fetch();
    expect_fetched();
  }
}

TEST_F(FtpClient, FetchesAnEmptyFile) {
  server.file.clear();
  fetch();
  expect_fetched();
}

TEST_F(FtpClient, SendsTheUserAndThePasswordOfTheAddressDecoded) {
  fetch("ftp://ra%63k:a%3ab%40@10.0.0.1/f");
  EXPECT_EQ(server.commands.at(0), "USER rack");
  EXPECT_EQ(server.commands.at(1), "PASS a:b@");
}

TEST_F(FtpClient, SendsTheUserAndThePasswordOfTheSettingsIfTheAddressHasNone) {
  options.username = "rack";
  options.password = "a%41";
  fetch();
  EXPECT_EQ(server.commands.at(0), "USER rack");
  EXPECT_EQ(server.commands.at(1), "PASS a%41");
  fetch("ftp://other@10.0.0.1/f");
  EXPECT_EQ(server.commands.at(0), "USER other");
  EXPECT_EQ(server.commands.at(1), "PASS ");
  options.username = "rack\r\nDELE f";
  EXPECT_FALSE(make("ftp://10.0.0.1/f"));
}

TEST_F(FtpClient, SendsNoPasswordToWhomNoneIsAsked) {
  server.replies["USER"] = {"230 come in\r\n"};
  fetch();
  expect_fetched();
  EXPECT_EQ(server.count("PASS"), 0u);
}

TEST_F(FtpClient, ReadsThePathAsRfc1738Says) {
  const std::pair<const char*, const char*> paths[] = {
      {"ftp://10.0.0.1/a/b", "RETR a/b"},       {"ftp://10.0.0.1/%2Fa/b", "RETR /a/b"}, {"ftp://10.0.0.1//a/b", "RETR /a/b"},
      {"ftp://10.0.0.1/a%20b", "RETR a b"},     {"ftp://10.0.0.1/a b", "RETR a b"},     {"ftp://10.0.0.1/a?b", "RETR a?b"},
      {"ftp://10.0.0.1/f;type=i", "RETR f"},    {"ftp://10.0.0.1/f;type=", "RETR f;type="},
  };
  for (const auto& [uri, command] : paths) {
    fetch(uri);
    expect_fetched();
    EXPECT_EQ(server.commands.at(server.commands.size() - 2), command);
  }
}

TEST_F(FtpClient, NeverLetsAnAddressAddACommand) {
  for (const char* uri : {"ftp://10.0.0.1/f%0d%0aDELE%20f", "ftp://10.0.0.1/f%0a", "ftp://10.0.0.1/f%00", "ftp://u%0ax@10.0.0.1/f", "ftp://u:p%0d@10.0.0.1/f"}) {
    EXPECT_FALSE(make(uri)) << uri;
  }
  EXPECT_FALSE(make("ftp:f"));
}

TEST_F(FtpClient, ReadsGreetingsOfManyLinesThatComeLate) {
  server.greeting = "120 in a minute\r\n220-Welcome\r\n220-to\r\n rules\r\n220 go\r\n";
  fetch();
  expect_fetched();
  server.greeting.clear();
  open();
  run(30'000);
  EXPECT_FALSE(over());
  run();
  EXPECT_TRUE(failed_with(stalled));
  EXPECT_EQ(now.ms, 40'000u);
}

TEST_F(FtpClient, AsksForAPortInTheOldWayIfTheServerKnowsNoOther) {
  server.replies["EPSV"] = {"500 what?\r\n"};
  fetch();
  expect_fetched();
  // The server's address is that of the control connection, whatever PASV says.
  EXPECT_EQ(server.connects.at(1), (Endpoint{Ipv4Address{0x0a000001}, 2000}));
}

TEST_F(FtpClient, TriesTheOtherWayIfTheDataConnectionIsRefused) {
  server.refuses_data = true;
  open();
  run(500);
  EXPECT_EQ(server.count("EPSV"), 1u);
  server.refuses_data = false;
  run();
  expect_fetched();
  EXPECT_EQ(server.count("PASV"), 1u);
  EXPECT_THAT(console(), HasSubstr("[tcp.refused]; trying again"));
}

TEST_F(FtpClient, GivesUpIfNoDataConnectionEverWorks) {
  server.refuses_data = true;
  fetch();
  EXPECT_TRUE(failed_with(tcp_refused));
  EXPECT_EQ(server.count("RETR"), 1 + options.attempts);
  EXPECT_EQ(server.open, 0u);
}

TEST_F(FtpClient, DoesWithoutSizeAndTime) {
  server.replies["SIZE"] = {"500 what?\r\n"};
  server.replies["MDTM"] = {"500 what?\r\n"};
  fetch();
  expect_fetched();
  EXPECT_EQ(sink.expectations, 0u);
}

TEST_F(FtpClient, WithoutASizeOnlyTheServersWordMakesAFileComplete) {
  server.replies["SIZE"] = {"500 what?\r\n"};
  server.file = file_100k;
  server.cuts = {50'000};
  server.cut_is = Server::Cut::close;
  fetch();
  expect_fetched();
  EXPECT_EQ(server.count("REST"), 1u);
  EXPECT_THAT(console(), HasSubstr("[ftp.closed-early]; going on after 48.8 KiB (2nd attempt)"));
}

TEST_F(FtpClient, GoesOnWhereItWasCut) {
  server.file = file_100k;
  for (const auto how : {Server::Cut::reset, Server::Cut::close, Server::Cut::silence}) {
    for (const bool control_too : {false, true}) {
      server.cut_is = how;
      server.cut_takes_control = control_too;
      server.cuts = {20'000, 30'000};
      fetch();
      expect_fetched();
      EXPECT_EQ(sink.restarts, 0u);
      EXPECT_EQ(server.count("RETR"), 3u);
      EXPECT_THAT(server.commands, ::testing::Contains("REST 20000"));
      EXPECT_THAT(server.commands, ::testing::Contains("REST 50000"));
    }
  }
}

TEST_F(FtpClient, PausesLongerAndLonger) {
  server.cuts = {2, 1, 1, 1, 1};
  EXPECT_EQ(fetch(), 1000u + 2000 + 4000 + 8000);
  EXPECT_TRUE(failed_with(tcp_reset));
}

TEST_F(FtpClient, BeginsAgainIfTheServerCannotSendAPart) {
  server.file = file_100k;
  server.cuts = {50'000};
  server.replies["REST"] = {"502 no\r\n"};
  fetch();
  expect_fetched();
  EXPECT_EQ(sink.restarts, 1u);
  EXPECT_THAT(console(), HasSubstr("it comes from the beginning"));
}

TEST_F(FtpClient, BeginsAgainIfTheFileHasChanged) {
  server.file = file_100k;
  for (const bool by_time : {false, true}) {
    sink.restarts = 0;
    server.cuts = {50'000};
    server.replies.clear();
    open();
    if (by_time) server.replies["MDTM"] = {"213 20260101120000\r\n", "213 20260101120001\r\n"};
    run(500);
    server.file = by_time ? std::string(100'000, 'x') : file_100k + "more";
    run();
    expect_fetched();
    EXPECT_EQ(sink.restarts, 1u);
    EXPECT_EQ(server.count("REST"), 0u);
  }
}

TEST_F(FtpClient, TriesAgainIfLessComesThanWasAnnounced) {
  server.replies["SIZE"] = {"213 15\r\n"};
  EXPECT_EQ(fetch(), 1000u + 2000 + 4000);
  EXPECT_TRUE(failed_with(wrong_size));
  server.replies["SIZE"] = {"213 15\r\n", "213 10\r\n"};
  fetch();  // the file has become shorter
  expect_fetched();
}

TEST_F(FtpClient, NeverTakesMoreThanWasAnnounced) {
  server.replies["SIZE"] = {"213 5\r\n"};
  fetch();
  EXPECT_TRUE(failed_with(wrong_size));
  EXPECT_EQ(sink.contents, "");
  server.replies["SIZE"] = {"213 5\r\n", "213 10\r\n"};
  fetch();
  expect_fetched();
}

TEST_F(FtpClient, IsContentWithAWholeFileIfTheServerNeverSaysSo) {
  server.completion.clear();
  EXPECT_EQ(fetch(), 5000u);
  expect_fetched();
}

TEST_F(FtpClient, FetchesOnWhenTheControlConnectionCloses) {
  server.file = file_100k;
  server.closes_control_at_retrieval = true;
  EXPECT_EQ(fetch(), 0u);
  expect_fetched();
}

TEST_F(FtpClient, SaysWhatIsWrongWithTheLogin) {
  server.replies["PASS"] = {"530 Login incorrect.\r\n"};
  fetch();
  EXPECT_TRUE(failed_with(no_anonymous));
  EXPECT_THAT(console(), HasSubstr("\"530 Login incorrect.\""));
  fetch("ftp://rack:secret@10.0.0.1/f");
  EXPECT_TRUE(failed_with(wrong_password));
  EXPECT_THAT(console(), Not(HasSubstr("secret")));
}

TEST_F(FtpClient, SaysThatAFileIsMissing) {
  server.replies["SIZE"] = server.replies["MDTM"] = server.replies["RETR"] = {"550 No such file\x1b[2J\r\n"};
  EXPECT_EQ(fetch(), 0u);
  EXPECT_TRUE(failed_with(unavailable));
  EXPECT_THAT(console(), HasSubstr("\"550 No such file\\x1b[2J\""));
}

TEST_F(FtpClient, PassesOtherRefusalsOn) {
  server.replies["TYPE"] = {"504 no\r\n"};
  fetch();
  ASSERT_TRUE(failed_with(status_error));
  EXPECT_EQ(failure->detail(), 504u);
}

TEST_F(FtpClient, ComesBackToAServerThatIsBusy) {
  server.greeting = "421 too many\r\n";
  open();
  run(1500);
  server.greeting = "220 go\r\n";
  run();
  expect_fetched();
  EXPECT_THAT(console(), HasSubstr("\"421 too many\""));
  server.greeting = "421 too many\r\n";
  EXPECT_EQ(fetch(), 1000u + 2000 + 4000);
  EXPECT_TRUE(failed_with(status_error));
}

TEST_F(FtpClient, ComesBackAfterAFailureThatIsTemporary) {
  server.replies["RETR"] = {"425 can't open data connection\r\n", "426 aborted\r\n", "451 local error\r\n", "450 busy\r\n"};
  fetch();
  EXPECT_TRUE(failed_with(status_error));
  server.replies["RETR"] = {"425 can't open data connection\r\n", "150 here\r\n226 done\r\n"};
  fetch();
  expect_fetched();
}

TEST_F(FtpClient, IsSoonDoneWithAServerThatIsNotThere) {
  server.refuses_control = true;
  EXPECT_EQ(fetch(), 3000u);
  EXPECT_TRUE(failed_with(tcp_refused));
}

TEST_F(FtpClient, DoesNotWaitForSilence) {
  for (const char* command : {"USER", "TYPE", "EPSV", "RETR"}) {
    server.replies = {{command, {""}}};
    const std::uint64_t time = fetch();
    EXPECT_TRUE(failed_with(stalled)) << command;
    EXPECT_EQ(time, 5 * 20'000u + 15'000);
  }
  server.replies.clear();
  server.sends_data = false;
  server.completion.clear();
  EXPECT_EQ(fetch(), 5 * 20'000u + 15'000);
  EXPECT_TRUE(failed_with(stalled));
}

TEST_F(FtpClient, NoticesWhoIsNoFtpServer) {
  server.greeting = "SSH-2.0-OpenSSH_9.2\r\n";
  fetch();
  EXPECT_TRUE(failed_with(no_ftp));
  server.greeting.clear();
  for (unsigned i = 0; i < 100; ++i) server.greeting += "120 wait\r\n";
  fetch();
  EXPECT_TRUE(failed_with(no_ftp));
}

TEST_F(FtpClient, NeedsAPort) {
  server.replies["EPSV"] = {"229 ok (|||0|)\r\n"};
  fetch();
  EXPECT_TRUE(failed_with(bad_passive));
}

TEST_F(FtpClient, StopsWhenThereIsNoRoom) {
  sink.size_max = 5;
  fetch();
  EXPECT_TRUE(failed_with(out_of_memory));
  server.replies["SIZE"] = {"500 what?\r\n"};
  fetch();
  EXPECT_TRUE(failed_with(out_of_memory));
}

}  // namespace
}  // namespace undine::ftp
