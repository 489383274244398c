// SPDX-License-Identifier: Apache-2.0
// A ROM that answers anything at all, in control calls and in the pump: nothing is overrun and nothing hangs.
#include <cstddef>
#include <cstdlib>

#include "core/testing/fakes.h"
#include "undi/cached_packets.h"
#include "undi/testing/scripted_rom.h"
#include "undi/undi_nic.h"

using namespace undine;

namespace {

/// Calls one run may take: 40 turns of at most 200 ISR calls and some for sending, and the life cycle. More is a hang.
constexpr unsigned calls_max = 40 * 2 * 260 * 5 + 1000;

/// Hands out the input, again from the beginning when it is used up.
class Answers {
public:
  explicit Answers(Bytes input) : input_(input) {}
  std::uint8_t u8() {
    if (at_ == input_.size()) at_ = 0;
    return input_[at_++];
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(u8() | u8() << 8); }

private:
  Bytes input_;
  std::size_t at_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  static testing::FakeLowMemory memory;
  testing::FakeClock clock;
  testing::FakeConsole console;
  Log log{clock, console};
  testing::ScriptedRom rom{memory};
  RomStack stack;
  LifeCycle life{rom, memory, clock, log, stack};
  Answers answers{{data, size}};
  unsigned calls = 0;
  rom.instead = [&](std::uint16_t function, MutableBytes block) -> std::uint16_t {
    if (++calls > calls_max) std::abort();
    const std::uint8_t how = answers.u8();
    if ((how & 0x80) != 0) {  // as good as any
      for (std::uint8_t& octet : block) octet = answers.u8();
      return static_cast<std::uint16_t>(how & 1);
    }
    store_le16(block, 0, (how & 0x40) != 0 ? answers.u8() : 0);
    if (function == pxe::undi_isr) {
      store_le16(block, 2, how & 7);
      // Lengths that are nearly right get further.
      const std::uint16_t frame = (how & 0x20) != 0 ? answers.u16() : static_cast<std::uint16_t>(1514 + (how & 8));
      store_le16(block, 4, (how & 0x10) != 0 ? answers.u16() % 2048 : frame);
      store_le16(block, 6, frame);
      store_le16(block, 10, answers.u16());
      store_le16(block, 12, answers.u16());
    } else if (function == pxe::undi_get_information && block.size() >= 50) {
      store_le16(block, 4, how & 15);
      store_le16(block, 8, 1);
      block[12] = 2;
    } else if (function == pxe::get_cached_info && block.size() >= 12) {
      store_le16(block, 4, answers.u16());
      store_le16(block, 8, answers.u16());
    }
    return 0;
  };
  rom.knobs.line_stuck = (data[0] & 1) != 0;
  {
    UndiNic nic{rom, rom, life, clock, log};
    (void)rom_boot(fetch_cached_packets(rom, memory, {0, 0x6000}));
    if (nic.open()) {
      const std::vector<std::uint8_t> frame(1514, 0xff);
      for (unsigned turn = 0; turn < 40; ++turn) {
        for (unsigned i = 0; i < (data[1] & 7u); ++i) (void)nic.send(frame);
        nic.service(clock.time);
        for (Bytes got = nic.receive(); !got.empty(); got = nic.receive()) {
          if (got.size() < 14 || got.size() > slot_bytes || got.data() < rom.ring().data() ||
              got.data() + got.size() > rom.ring().data() + rom.ring().size()) {
            std::abort();
          }
        }
        if (nic.mtu() < 576 || nic.mtu() > 1500) std::abort();
        clock.time = clock.time + Duration{data[2] * 10u};
      }
      (void)nic.description();
    }
  }
  life.unload_base_code();
  life.leave(KeepLevel::none);
  for (const std::string& complaint : rom.complaints) {
    if (complaint == "a copy past the end of the ring") std::abort();
  }
  return 0;
}
