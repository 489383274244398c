// SPDX-License-Identifier: Apache-2.0
// Ten thousand downloads and uploads over networks that do everything a network may do, each from its seed: every octet must be right.
// UNDINE_SEED=n plays one of them.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "test-rig/sim/tcp_bench.h"

namespace undine::sim {
namespace {

constexpr std::uint64_t seeds_per_shard = 1000;

LinkTraits random_link(Random& random) {
  LinkTraits link;
  link.latency_us = random.chance(7000) ? random.between(20, 1000) : random.between(1000, 60000);
  link.bytes_per_ms = random.chance(5000) ? 125'000 : random.between(1'000, 125'000);
  link.queue_bytes = random.chance(8000) ? 1 << 22 : random.between(20'000, 200'000);
  if (random.chance(5000)) link.lost = random.below(500);
  if (random.chance(3000)) link.duplicated = random.below(500);
  if (random.chance(3000)) link.reordered = random.below(2000);
  if (random.chance(2000)) link.corrupted = random.below(300);
  if (random.chance(2000)) link.cut = random.below(200);
  link.reordered_by_us = random.between(10, 3000);
  return link;
}

struct Case {
  BenchTraits traits;
  std::size_t request_bytes;
  std::size_t read_most;  ///< octets read in one turn; 0: all
};

Case random_case(std::uint64_t seed) {
  Random random{seed};
  Case made;
  BenchTraits& traits = made.traits;
  traits.seed = seed;
  traits.down = random_link(random);
  traits.up = random_link(random);
  traits.ring_frames = random.between(4, 64);
  traits.tap_frames = random.chance(5000) ? 500 : 0;
  traits.ring_frames_told = random.chance(3000) ? random.between(1, 200) : 0;
  traits.quota_frames = random.between(1, 32);
  traits.mtu = random.chance(8000) ? 1500 : random.between(300, 9000);
  ServerTraits& server = traits.server;
  server.sack = random.chance(7000);
  server.timestamps = random.chance(7000);
  server.scale = random.chance(8000);
  server.mss = static_cast<std::uint16_t>(random.chance(7000) ? 1460 : random.between(200, 1460));
  server.initial_sequence = random.chance(5000) ? static_cast<std::uint32_t>(0 - random.below(150'000)) : static_cast<std::uint32_t>(random.next());
  server.response_bytes = random.chance(1000) ? 0 : random.between(8, random.chance(7000) ? 60 : 200) * 1024 + random.below(1000);
  made.request_bytes = random.chance(7000) ? random.between(1, 2000) : random.between(2000, 60'000);
  if (server.response_bytes > 100'000 && made.request_bytes > 20'000) server.response_bytes /= 4;
  server.request_bytes = random.chance(5000) ? made.request_bytes : 1 + random.below(static_cast<std::uint32_t>(made.request_bytes));
  server.receive_window_bytes = random.between(1000, 65536);
  if (random.chance(2000)) server.reads_from_us = 1'000'000 + random.below(2'000'000);
  server.closes = random.chance(8000);
  server.congestion_control = random.chance(9000);
  made.read_most = random.chance(8000) ? 0 : random.between(1000, 5000);
  return made;
}

/// Empty if all went well.
std::string play(std::uint64_t seed) {
  const Case made = random_case(seed);
  TcpBench bench{made.traits};
  auto stream = bench.table().connect(bench.server_endpoint(), bench.now());
  if (!stream) return "connect failed";
  std::vector<std::uint8_t> buffer(65536);
  std::uint64_t got = 0, written = 0;
  std::string wrong;
  bool finished = false;
  const std::size_t expected = made.traits.server.response_bytes;
  // Five minutes: some of these networks lose a frame in twenty both ways.
  const bool ended = bench.run(Duration{300'000}, [&] {
    std::uint8_t piece[1000];
    while (written < made.request_bytes) {
      const std::size_t length = std::min<std::size_t>(sizeof piece, made.request_bytes - written);
      for (std::size_t i = 0; i < length; ++i) piece[i] = pattern(written + i);
      const auto count = (*stream)->write({piece, length});
      if (!count) {
        wrong = "write: " + std::string{count.error().cause().name};
        return true;
      }
      if (*count == 0) break;
      written += *count;
    }
    if (!finished && written == made.request_bytes && !made.traits.server.closes && got == expected) {
      (*stream)->finish();
      finished = true;
    }
    const auto count = (*stream)->read({buffer.data(), made.read_most == 0 ? buffer.size() : made.read_most});
    if (!count) {
      wrong = "read: " + std::string{count.error().cause().name};
      return true;
    }
    for (std::size_t i = 0; i < *count; ++i, ++got) {
      if (buffer[i] == pattern(got)) continue;
      wrong = "octet " + std::to_string(got) + " is wrong";
      return true;
    }
    return (*stream)->at_end() && written == made.request_bytes;
  });
  if (!wrong.empty()) return wrong;
  if (!ended) return "not finished: " + std::to_string(got) + " of " + std::to_string(expected) + " octets, " + std::to_string(written) + " written";
  if (got != expected) return "ended after " + std::to_string(got) + " of " + std::to_string(expected) + " octets";
  // The rest of the upload, and both FINs. A server that has forgotten the connection may leave our last FIN unanswered.
  stream->reset();
  bench.run(Duration{15'000}, [&] { return bench.server().closed() && bench.table().idle(); });
  const std::vector<std::uint8_t>& received = bench.server().received();
  for (std::size_t i = 0; i < received.size(); ++i)
    if (received[i] != pattern(i)) return "the server got octet " + std::to_string(i) + " wrong";
  if (received.size() < made.traits.server.request_bytes) return "the server got " + std::to_string(received.size()) + " octets";
  if (!bench.table().idle()) return "the connection does not end";
  return {};
}

class TcpOverAnyNetwork : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(TcpOverAnyNetwork, DeliversEveryOctetOnce) {
  if (const char* only = std::getenv("UNDINE_SEED")) {
    const std::uint64_t seed = std::strtoull(only, nullptr, 0);
    if (seed / seeds_per_shard == GetParam()) EXPECT_EQ(play(seed), "") << "seed " << seed;
    return;
  }
  for (std::uint64_t seed = GetParam() * seeds_per_shard; seed < (GetParam() + 1) * seeds_per_shard; ++seed) {
    const std::string wrong = play(seed);
    EXPECT_EQ(wrong, "") << "UNDINE_SEED=" << seed << " plays it again";
  }
}
INSTANTIATE_TEST_SUITE_P(Shard, TcpOverAnyNetwork, ::testing::Range<std::uint64_t>(0, 10));

}  // namespace
}  // namespace undine::sim
