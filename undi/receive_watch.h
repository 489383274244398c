// SPDX-License-Identifier: Apache-2.0
// Watches what a ROM does and chooses how to receive from it.
//
// Some ROMs claim to interrupt and never do; some deny it and need to; some hang when asked without an interrupt; some go deaf after seconds.
// No list of devices covers that, so the choice follows what is seen: after an interrupt while interrupts come, then START and PROCESS,
// then PROCESS alone. Who received by polling is polled for good.
//
// No calls are made here: the NIC tells what happened (`Seen`) and does what comes back (`Action`).
#pragma once

#include <cstdint>

#include "core/time.h"
#include "undi/pump.h"

namespace undine {

class ReceiveWatch {
public:
  /// What has happened since the watch began: counters that only grow.
  struct Seen {
    std::uint32_t frames = 0;      ///< received, of any kind
    std::uint32_t directed = 0;    ///< of these, addressed to us
    std::uint32_t transmitted = 0;
    std::uint32_t claimed = 0;     ///< interrupts that the ROM said were its own
    std::uint32_t unclaimed = 0;   ///< and those that were not
    std::uint32_t isr_errors = 0;
  };

  enum class Action : std::uint8_t {
    none,
    wake,          ///< send a frame that nobody answers: it makes the ROM move
    look,          ///< ask once for frames as if polling
    reopen,        ///< CLOSE and OPEN
    reinitialise,  ///< SHUTDOWN, INITIALIZE and OPEN, hearing everything
  };

  struct Card {
    bool can_interrupt = false;    ///< a line of the interrupt controllers is known
    bool claims_interrupt = false; ///< the ROM says that it uses it
    bool always_adds_header = false;
  };

  ReceiveWatch() = default;
  ReceiveWatch(const Card& card, Instant now);

  /// Once a turn, behind the burst.
  Action advance(Instant now, const Seen& seen);

  Strategy strategy() const { return strategy_; }
  /// The line should be armed: interrupts are used, it is still open whether they have to be, or they come, and polling may work because of them.
  bool interrupts_wanted() const;
  /// Frames of protocols that the ROM knows leave without a header of ours.
  bool strip_header() const { return strip_header_; }
  /// Why the strategy is what it is; a phrase for the log.
  const char* reason() const { return reason_; }

private:
  Action watch_silence(Instant now, const Seen& seen);
  void watch_header(Instant now, const Seen& seen);
  void watch_stuck_line(Instant now, const Seen& seen);
  void watch_strategy(Instant now, const Seen& seen);
  void choose(Strategy strategy, Instant now, const Seen& seen, const char* reason);

  Card card_{};
  Strategy strategy_ = Strategy::start_first;
  const char* reason_ = "no interrupt line";
  bool settled_ = false;         ///< this strategy has brought frames
  bool line_barred_ = false;     ///< stuck or shared too much
  bool line_quiet_ = false;      ///< frames have left since the last interrupt came
  bool strip_header_ = false;
  bool header_settled_ = false;
  bool looked_ = false;          ///< the last action was a look: frames now come without an interrupt
  std::uint8_t wake_stage_ = 0;  ///< how many of the measures against deafness were taken
  std::uint8_t pause_stage_ = 0; ///< the same for traffic that broke off
  bool flow_reopened_ = false;
  std::uint32_t flow_transmitted_ = 0;  ///< frames sent when the last one came
  Seen last_{};
  Seen at_choice_{};             ///< when the strategy was chosen
  Seen at_silence_{};            ///< when the first unanswered frame left
  Seen at_line_quiet_{};
  Seen at_look_{};
  Instant chosen_at_{}, silent_since_{}, line_quiet_since_{}, last_frame_at_{}, header_since_{}, tick_began_{};
  std::uint32_t tick_unclaimed_ = 0;
  std::uint32_t flow_frames_ = 0;  ///< frames of the present flow, without a gap of a second
  bool unanswered_ = false;      ///< frames have left since the last one came
};

}  // namespace undine
