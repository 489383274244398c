// SPDX-License-Identifier: Apache-2.0
// A server that answers anything: the input says what it holds and how it breaks, and then has a reply for each command. However it goes, the
// client ends within its limits, and the sink holds what it said.
#include <cstdlib>

#include "protocols/ftp/client.h"
#include "protocols/ftp/testing/played_server.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  using Server = testing::PlayedFtpServer;
  testing::FakeNetwork net;
  Server server;
  ByteReader input{{octets, size}};
  server.file = std::string(input.be16(), 'f');
  server.piece_bytes = std::size_t{input.u8()} * 16 + 1;
  const std::uint8_t how = input.u8();
  server.cut_is = static_cast<Server::Cut>((how & 3) % 3);
  server.cut_takes_control = (how & 4) != 0;
  server.closes_control_at_retrieval = (how & 8) != 0;
  server.refuses_data = (how & 16) != 0;
  if ((how & 32) != 0) server.completion.clear();
  for (unsigned cut = 0; cut < how >> 6; ++cut) server.cuts.push_back(input.be16());
  const auto text = [&input] {
    const std::size_t length = input.be16();
    return std::string{as_text(input.take(length < input.remaining() ? length : input.remaining()))};
  };
  constexpr const char* words[] = {"", "USER", "PASS", "TYPE", "SIZE", "MDTM", "EPSV", "PASV", "REST", "RETR"};
  while (input.remaining() != 0) {
    const std::string word = words[input.u8() % std::size(words)];
    if (word.empty()) {
      server.greeting = text();
    } else {
      server.replies[word].push_back(text());
    }
  }

  testing::FakeSink sink;
  sink.size_max = 1 << 20;
  auto client = ftp::Client::open(Server::connect, net.network, *Uri::parse("ftp://u:p@10.0.0.1/a/f"), sink, FetchOptions{.user_agent = "fuzz", .attempts = 3});
  if (!client) std::abort();
  Instant now;
  Result<Progress> progress = (*client)->advance(now);
  // Each 16 KiB of progress allows three more attempts, each with nine replies that take 20 s, eight times "wait" before each, and pauses.
  for (unsigned second = 0; progress && !progress->finished; ++second) {
    if (second > 100'000) std::abort();
    now = now + 1_s;
    progress = (*client)->advance(now);
  }
  if (progress && (progress->done_bytes != sink.contents.size() || (progress->total_bytes && *progress->total_bytes != sink.contents.size()))) std::abort();
  client->reset();
  if (server.open != 0) std::abort();
  for (const std::string& command : server.commands)
    if (command.find_first_of("\r\n") != command.npos) std::abort();
  return 0;
}
