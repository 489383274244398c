// SPDX-License-Identifier: Apache-2.0
// The adapting window against cards with small and large rings, short and long paths, and wires that lose.
#include <gtest/gtest.h>

#include "test-rig/sim/tcp_bench.h"

namespace undine::sim {
namespace {

constexpr std::uint32_t frame_bytes = 1448;

double resent_percent(const TcpServer& server) {
  return 100.0 * static_cast<double>(server.resent_bytes()) / static_cast<double>(server.sent_bytes());
}

double mb_per_s(const Download& done) { return static_cast<double>(done.bytes) / static_cast<double>(done.took_us); }

TEST(TcpWindow, GrowsToNinetyFramesAndMoreOnACleanPath) {
  TcpBench bench{{.server = {.response_bytes = 4'000'000}, .ring_frames = 32, .tap_frames = 500}};
  EXPECT_TRUE(download(bench, 1, 60_s).complete);
  EXPECT_GE(bench.server().largest_window(), 90 * frame_bytes);
  EXPECT_LE(bench.server().largest_window(), 181 * frame_bytes);
  EXPECT_EQ(bench.server().resent_bytes(), 0u);
}

TEST(TcpWindow, GrowsFromATinyRingThatIsReallyALargeOne) {
  TcpBench bench{{.server = {.response_bytes = 4'000'000}, .ring_frames = 32, .tap_frames = 500, .ring_frames_told = 4}};
  EXPECT_TRUE(download(bench, 1, 60_s).complete);
  EXPECT_GE(bench.server().largest_window(), 90 * frame_bytes);
}

TEST(TcpWindow, NeverPassesWhatACardNamesAsItsLimit) {
  TcpBench bench{{.server = {.response_bytes = 4'000'000}, .ring_frames = 32, .tap_frames = 500, .ring_frames_told = 3}};
  EXPECT_TRUE(download(bench, 1, 60_s).complete);
  EXPECT_LT(bench.server().largest_window(), 4 * frame_bytes);
}

/// What RTL8139 and pcnet have in QEMU, and what a card may claim that has less.
struct RingCase {
  std::size_t frames, told;
  bool sack, timestamps;
};
class TcpWindowOverRing : public ::testing::TestWithParam<RingCase> {};

TEST_P(TcpWindowOverRing, ResendsLessThanOnePercent) {
  const RingCase ring = GetParam();
  TcpBench bench{{.server = {.sack = ring.sack, .timestamps = ring.timestamps, .response_bytes = 24'000'000},
                  .ring_frames = ring.frames,
                  .ring_frames_told = ring.told}};
  const Download done = download(bench, 1, 60_s);
  EXPECT_TRUE(done.complete);
  EXPECT_LT(resent_percent(bench.server()), 1.0);
  EXPECT_LE(bench.server().timeouts(), 2u);
  EXPECT_GT(mb_per_s(done), 10);
}
INSTANTIATE_TEST_SUITE_P(Rings, TcpWindowOverRing,
                         ::testing::Values(RingCase{5, 0, true, true}, RingCase{5, 32, true, true}, RingCase{8, 0, true, true},
                                           RingCase{8, 32, true, true}, RingCase{16, 0, true, true}, RingCase{32, 0, true, true},
                                           RingCase{32, 180, true, true}, RingCase{64, 0, true, true}, RingCase{5, 0, false, true},
                                           RingCase{16, 0, false, true}, RingCase{32, 0, false, false}, RingCase{32, 0, true, false}, RingCase{5, 0, true, false}));

TEST(TcpWindow, NeedsNoTimeOutOfAServerThatKnowsNeitherSackNorCongestion) {
  TcpBench bench{{.server = {.sack = false, .response_bytes = 8'000'000, .congestion_control = false}, .ring_frames = 16}};
  const Download done = download(bench, 1, 60_s);
  EXPECT_TRUE(done.complete);
  EXPECT_LE(bench.server().timeouts(), 2u);
}

TEST(TcpWindow, FillsAPathOfFortyMilliseconds) {
  BenchTraits traits{.server = {.response_bytes = 30'000'000}, .ring_frames = 32, .tap_frames = 500};
  traits.down.latency_us = traits.up.latency_us = 20'000;
  TcpBench bench{traits};
  const Download done = download(bench, 1, 60_s);
  EXPECT_TRUE(done.complete);
  EXPECT_GE(bench.server().largest_window(), 800u << 10);
  EXPECT_LE(bench.server().largest_window(), (1u << 20) + 16);
  EXPECT_GT(mb_per_s(done), 15);
}

TEST(TcpWindow, DoesNotCollapseWhenTheWireLosesOnePercent) {
  // A server that does not take loss for congestion: the window alone decides.
  BenchTraits traits{.server = {.response_bytes = 16'000'000, .congestion_control = false}, .ring_frames = 32, .tap_frames = 500};
  TcpBench clean{traits};
  const Download without = download(clean, 1, 60_s);
  traits.down.lost = 100;
  TcpBench lossy{traits};
  const Download with = download(lossy, 1, 60_s);
  EXPECT_TRUE(with.complete);
  EXPECT_GT(mb_per_s(with), 0.8 * mb_per_s(without));
  EXPECT_GE(lossy.server().largest_window(), 90 * frame_bytes);
}

TEST(TcpWindow, StaysSmallWhileNobodyReads) {
  TcpBench bench{{.server = {.response_bytes = 2'000'000}, .ring_frames = 32, .tap_frames = 500}};
  std::uint64_t turns = 0;
  const Download done = download(bench, 1, 60_s, [&] { return ++turns % 50 == 0 ? std::size_t{40'000} : std::size_t{0}; });
  EXPECT_TRUE(done.complete);
  EXPECT_LE(bench.server().largest_window(), 64 * frame_bytes);
}

}  // namespace
}  // namespace undine::sim
