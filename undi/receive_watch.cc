// SPDX-License-Identifier: Apache-2.0
#include "undi/receive_watch.h"

namespace undine {
namespace {

/// HP's and ASUS's Intel and Broadcom cards claim an interrupt and raise none; three seconds cover a slow first answer.
constexpr Duration interrupt_patience = 3_s;
/// How long a way of polling may bring nothing while frames of ours go unanswered.
constexpr Duration poll_patience = 2_s;
/// ISR calls that may fail, while nothing has come, before the other way of polling is tried at once.
constexpr std::uint32_t poll_errors_max = 8;
/// A line with more interrupts of others in one timer tick than this is stuck, or shared with something too busy.
constexpr std::uint32_t unclaimed_max = 100;
constexpr Duration timer_tick = 55_ms;
/// Frames that make a flow: when it breaks off, something may be wrong here.
constexpr std::uint32_t flow_frames_min = 8;
constexpr Duration flow_gap = 1_s;
/// After this long with frames of ours unanswered the card is reopened; much later it is another matter.
constexpr Duration flow_patience = 3_s;
/// Unanswered frames that say something; one may have been lost.
constexpr std::uint32_t unanswered_min = 3;
/// Without an answer for this long the other way to write headers is tried.
constexpr Duration header_patience = 6_s;
/// A card that has heard something before and is silent now is reopened after 20 s. One that has never heard anything gets a minute: opening it
/// again costs the link, and a switch that runs the spanning tree protocol then blocks its port for 30 s from the beginning.
constexpr Duration deaf_patience = 20_s;
constexpr Duration first_patience = 60_s;

}  // namespace

ReceiveWatch::ReceiveWatch(const Card& card, Instant now)
    : card_(card), strip_header_(card.always_adds_header), chosen_at_(now), last_frame_at_(now), header_since_(now), tick_began_(now) {
  if (!card.can_interrupt) return;
  // A hint to begin with: some ROMs deny their interrupt and need it.
  strategy_ = card.claims_interrupt ? Strategy::after_interrupt : Strategy::start_first;
  reason_ = card.claims_interrupt ? "the ROM uses interrupts" : "the ROM says that it uses none";
}

bool ReceiveWatch::interrupts_wanted() const {
  return card_.can_interrupt && !line_barred_ && (strategy_ == Strategy::after_interrupt || !settled_ || last_.claimed != 0);
}

void ReceiveWatch::choose(Strategy strategy, Instant now, const Seen& seen, const char* reason) {
  strategy_ = strategy;
  reason_ = reason;
  settled_ = false;
  chosen_at_ = now;
  at_choice_ = seen;
}

ReceiveWatch::Action ReceiveWatch::advance(Instant now, const Seen& seen) {
  if (seen.frames != last_.frames) {
    if (looked_ && seen.claimed == at_look_.claimed) {
      choose(Strategy::start_first, now, seen, "its interrupts stopped: frames were waiting without one");
    }
    settled_ = true;
    unanswered_ = false;
    wake_stage_ = 0;
    pause_stage_ = 0;
    flow_reopened_ = false;
    flow_transmitted_ = seen.transmitted;
    flow_frames_ = now.since(last_frame_at_) < flow_gap ? flow_frames_ + (seen.frames - last_.frames) : 0;
    last_frame_at_ = now;
  }
  looked_ = false;
  if (seen.transmitted != last_.transmitted && !unanswered_) {
    unanswered_ = true;
    silent_since_ = now;
    at_silence_ = last_;
  }
  if (seen.claimed != last_.claimed) {
    line_quiet_ = false;
  } else if (seen.transmitted != last_.transmitted && !line_quiet_) {
    line_quiet_ = true;
    line_quiet_since_ = now;
    at_line_quiet_ = last_;
  }
  last_ = seen;
  watch_stuck_line(now, seen);
  watch_header(now, seen);
  watch_strategy(now, seen);
  return watch_silence(now, seen);
}

void ReceiveWatch::watch_stuck_line(Instant now, const Seen& seen) {
  if (now.since(tick_began_) >= timer_tick) {
    tick_began_ = now;
    tick_unclaimed_ = seen.unclaimed;
  }
  if (line_barred_ || seen.unclaimed - tick_unclaimed_ <= unclaimed_max) return;
  line_barred_ = true;
  if (strategy_ == Strategy::after_interrupt) choose(Strategy::start_first, now, seen, "its interrupt line is stuck or shared with a busy device");
}

void ReceiveWatch::watch_header(Instant now, const Seen& seen) {
  if (header_settled_) return;
  if (seen.directed != 0) {
    header_settled_ = true;
  } else if (seen.transmitted < unanswered_min) {
    header_since_ = now;
  } else if (now.since(header_since_) >= header_patience) {
    strip_header_ = !strip_header_;
    header_since_ = now;
  }
}

void ReceiveWatch::watch_strategy(Instant now, const Seen& seen) {
  if (!unanswered_) return;
  const auto since = [&](Instant moment) { return now.since(moment > chosen_at_ ? moment : chosen_at_); };
  const Duration silent = since(silent_since_);
  switch (strategy_) {
    case Strategy::after_interrupt:
      // A frame that left should have interrupted even if nobody answered; ROMs that do not tell of it are polled, which works as well.
      // Once interrupts have come, one frame without an answer is no sign: the last acknowledgement of a download has none.
      if (line_quiet_ && since(line_quiet_since_) >= interrupt_patience &&
          (seen.claimed == 0 || seen.transmitted - at_line_quiet_.transmitted > 1)) {
        choose(Strategy::start_first, now, seen,
               seen.claimed == 0 ? "no interrupt came within 3 s of sending" : "its interrupts stopped");
      }
      break;
    case Strategy::start_first:
      if (!settled_ && (silent >= poll_patience || seen.isr_errors - at_choice_.isr_errors > poll_errors_max)) {
        choose(Strategy::process_only, now, seen, "START and PROCESS brought nothing");
      }
      break;
    case Strategy::process_only:
      if (!settled_ && (silent >= poll_patience || seen.isr_errors - at_choice_.isr_errors > poll_errors_max)) {
        if (!line_barred_ && seen.claimed != 0) {
          choose(Strategy::after_interrupt, now, seen, "polling brought nothing, but interrupts came");
        } else {
          choose(Strategy::start_first, now, seen, "PROCESS alone brought nothing");
        }
      }
      break;
  }
}

ReceiveWatch::Action ReceiveWatch::watch_silence(Instant now, const Seen& seen) {
  // A flow that breaks off. Nothing is asked of a ROM whose interrupts still answer: some hang when asked without one.
  if (strategy_ == Strategy::after_interrupt && flow_frames_ >= flow_frames_min) {
    if (pause_stage_ == 0 && now.since(last_frame_at_) >= flow_gap) {
      pause_stage_ = 1;
      at_look_ = seen;
      return Action::wake;
    }
    if (pause_stage_ == 1 && now.since(last_frame_at_) >= flow_gap * 2) {
      pause_stage_ = 2;
      if (seen.claimed == at_look_.claimed) {
        looked_ = true;
        return Action::look;
      }
    }
  }
  // Frames of ours were sent into a flow that broke off just now, and nobody answers: the receiver has stopped. (QEMU's i82559er with its own
  // ROM does, when its ring of four was full; with interrupts at once, polled now and then.)
  if (flow_frames_ >= flow_frames_min && !flow_reopened_ && now.since(last_frame_at_) >= flow_patience &&
      now.since(last_frame_at_) < flow_patience * 4 && seen.transmitted - flow_transmitted_ >= unanswered_min) {
    flow_reopened_ = true;
    if (strategy_ == Strategy::after_interrupt) choose(Strategy::start_first, now, seen, "its receiver stopped in the middle of a flow");
    return Action::reopen;
  }
  if (!unanswered_ || seen.transmitted - at_silence_.transmitted < unanswered_min) return Action::none;
  const Duration patience = seen.frames != 0 ? deaf_patience : first_patience;
  const Duration silent = now.since(silent_since_);
  if (wake_stage_ == 0 && silent >= patience) {
    wake_stage_ = 1;
    return Action::reopen;
  }
  if (wake_stage_ == 1 && silent >= patience * 2) {
    wake_stage_ = 2;
    return Action::reinitialise;
  }
  return Action::none;
}

}  // namespace undine
