// SPDX-License-Identifier: Apache-2.0
// A target that answers anything: the input is a list of frames, each of which may get the tag of the last question. However it goes, each command
// ends within its limits, and nothing is written but where it was asked for.
#include <cstdlib>
#include <deque>
#include <vector>

#include "core/testing/fakes.h"
#include "protocols/aoe/disk.h"
#include "protocols/san/testing/fuzzed_disk.h"

namespace {

using namespace undine;

struct Peer {
  testing::FakeClock clock;
  testing::FakeConsole console;
  Log log{clock, console};
  testing::FakeNic nic;
  EthernetSockets sockets{nic};
  std::deque<std::vector<std::uint8_t>> frames;
  Instant now;

  /// One turn. Each frame that leaves is answered by the next of the input.
  Result<Progress> turn(BlockDevice& disk) {
    sockets.forget_unread();
    nic.service(now);
    for (Bytes frame = nic.receive(); !frame.empty(); frame = nic.receive()) {
      if (const auto parsed = EthernetFrame::parse(frame)) sockets.accept(*parsed);
    }
    const Result<Progress> moved = disk.advance(now);
    nic.service(now);
    for (const auto& question : nic.take_sent()) {
      if (question.size() < 60) std::abort();
      if (frames.empty()) continue;
      std::vector<std::uint8_t> frame(14);
      emit_ethernet_header(frame, nic.address(), {{2, 0, 0, 0, 0, 1}}, aoe::ethernet_type);
      frame.insert(frame.end(), frames.front().begin() + 1, frames.front().end());
      if ((frames.front()[0] & 1) != 0 && frame.size() >= 24) std::copy(question.begin() + 16, question.begin() + 24, frame.begin() + 16);
      frames.pop_front();
      nic.deliver(std::move(frame));
    }
    now = now + 100_ms;
    return moved;
  }
  bool ends(BlockDevice& disk) {
    // Each frame may put the end off by the patience of a command, and so may each attempt.
    for (unsigned i = 0; i < 200'000; ++i) {
      const Result<Progress> moved = turn(disk);
      if (!moved || moved->finished) return moved.has_value();
    }
    std::abort();
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  constexpr std::size_t frames_max = 60;
  Peer peer;
  (void)peer.nic.open();
  ByteReader input{{octets, size}};
  const std::uint8_t how = input.u8();
  while (input.remaining() > 3 && peer.frames.size() < frames_max) {
    const std::uint8_t tagged = input.u8();
    const std::size_t wanted = input.be16() % 1600u, length = wanted < input.remaining() ? wanted : input.remaining();
    const Bytes bytes = input.take(length);
    std::vector<std::uint8_t> frame{tagged};
    frame.insert(frame.end(), bytes.begin(), bytes.end());
    peer.frames.push_back(std::move(frame));
  }
  SanOptions options;
  options.attempts = 2;
  auto disk = aoe::Disk::open(peer.sockets, peer.log, "aoe:e1.0", options, 7);
  if (!disk) std::abort();
  testing::give_commands(**disk, how % 8 + 1, peer.now, [&peer](BlockDevice& device, Instant&) { return peer.ends(device); });
  return 0;
}
