// SPDX-License-Identifier: Apache-2.0
// Waiting.
#include "core/loop.h"

#include "core/panic.h"
#include "core/progress_line.h"

namespace undine {

namespace {

/// Holds Loop::waiting_ for the length of a wait or a turn.
class Guard {
public:
  explicit Guard(bool& waiting) : waiting_(waiting) {
    expect(!waiting, "the loop was turned from inside of the loop");
    waiting_ = true;
  }
  Guard(Guard&&) = delete;
  ~Guard() { waiting_ = false; }

private:
  bool& waiting_;
};

}  // namespace

bool Loop::turn_service(Instant now) { return service_ != nullptr && service_->turn(now); }

void Loop::rest_unless(bool moved) {
  if (!moved && (service_ == nullptr || service_->may_rest())) clock_.rest();
}

bool Loop::take_keys() {
  while (const auto pressed = console_.key()) {
    if (*pressed == Key::ctrl_c) {
      typed_ahead_count_ = 0;
      return true;
    }
    // The keyboard's own buffer beeps when it is full; ours drops what comes last.
    if (typed_ahead_count_ < typed_ahead_max) typed_ahead_[typed_ahead_count_++] = *pressed;
  }
  return false;
}

std::optional<Key> Loop::key() {
  if (typed_ahead_count_ == 0) return console_.key();
  const Key first = typed_ahead_[0];
  --typed_ahead_count_;
  for (std::size_t i = 0; i < typed_ahead_count_; ++i) typed_ahead_[i] = typed_ahead_[i + 1];
  return first;
}

Result<Progress> Loop::wait(Transfer& transfer, std::string_view what) {
  const Guard guard{waiting_};
  ProgressLine line{console_, what, clock_.now()};
  Progress progress;
  for (;;) {
    const Instant now = clock_.now();
    bool moved = turn_service(now);
    const std::uint64_t done_before = progress.done_bytes;
    Result<Progress> advanced = transfer.advance(now);
    if (advanced) progress = *advanced;
    const bool stopped = take_keys();
    if (!advanced || advanced->finished || stopped) {
      line.end(now, progress);
      // An acknowledgement or a farewell of the transfer's is still queued.
      turn_service(clock_.now());
      // Ctrl-C that comes with the last byte stops nothing.
      if (stopped && advanced && !advanced->finished) return fail(cancelled);
      return advanced;
    }
    line.update(now, progress);
    moved = moved || progress.done_bytes != done_before;
    rest_unless(moved);
  }
}

Result<void> Loop::wait_unattended(Transfer& transfer, Progress& progress) {
  const Guard guard{waiting_};
  for (;;) {
    const Instant now = clock_.now();
    const bool moved = turn_service(now);
    const std::uint64_t done_before = progress.done_bytes;
    const Progress advanced = TRY(transfer.advance(now));
    progress = advanced;
    if (progress.finished) break;
    rest_unless(moved || progress.done_bytes != done_before);
  }
  turn_service(clock_.now());
  return {};
}

Result<std::optional<Key>> Loop::pause(Duration length, bool until_key) {
  const Guard guard{waiting_};
  const Instant end = clock_.now() + length;
  for (;;) {
    const Instant now = clock_.now();
    const bool moved = turn_service(now);
    if (take_keys()) return fail(cancelled);
    if (until_key) {
      if (const auto pressed = key()) return pressed;
    }
    if (now >= end) return std::nullopt;
    rest_unless(moved);
  }
}

Key Loop::wait_for_key() {
  const Guard guard{waiting_};
  for (;;) {
    if (const auto pressed = key()) return *pressed;
    rest_unless(turn_service(clock_.now()));
  }
}

Instant Loop::turn() {
  const Guard guard{waiting_};
  const Instant now = clock_.now();
  rest_unless(turn_service(now));
  return now;
}

}  // namespace undine
