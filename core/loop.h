// SPDX-License-Identifier: Apache-2.0
// The only place that waits. It turns what has to be served (the network), advances the one transfer that is wanted, draws its
// progress, and notices Ctrl-C, which ends the wait with `cancelled` and does nothing else.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/clock.h"
#include "core/console.h"
#include "core/transfer.h"

namespace undine {

/// Something served on each turn: the network host.
class Service {
public:
  virtual ~Service() = default;
  /// Does what can be done now; true if anything moved.
  virtual bool turn(Instant now) = 0;
  /// An interrupt will tell when there is something to do, so the processor may rest.
  virtual bool may_rest() const = 0;
};

class Loop {
public:
  /// Keys kept that were pressed while nobody asked for any: a command typed ahead fits, a book on the keyboard does not.
  static constexpr std::size_t typed_ahead_max = 32;

  Loop(Clock& clock, Console& console) : clock_(clock), console_(console) {}
  /// At most one service: the network. It must outlive the loop or be removed with nullptr.
  void serve(Service* service) { service_ = service; }

  /// Waits until `transfer` is finished, has failed, or the user presses Ctrl-C. `what` heads the progress line, which appears once
  /// the wait has lasted a second; empty draws none. Returns the final progress. Keys other than Ctrl-C are kept for the next reader;
  /// Ctrl-C forgets them, as terminals do. What the transfer sent last has left the card when this returns.
  Result<Progress> wait(Transfer& transfer, std::string_view what = {});
  /// The same for a transfer that nobody looks at, of a program that has the screen and the keyboard: nothing is drawn, no key is taken, and the
  /// limit is the transfer's own. `progress` is the last one, also when it fails.
  Result<void> wait_unattended(Transfer& transfer, Progress& progress);
  /// Serves the network for `length`, or until a key is pressed if `until_key`; the key, if one was.
  /// Ctrl-C is `cancelled`.
  Result<std::optional<Key>> pause(Duration length, bool until_key);
  /// Waits for a key for as long as it takes; the network is served meanwhile.
  Key wait_for_key();
  /// A key that was pressed and not asked for yet, those typed ahead first. All reading of keys goes through here, not to the console.
  std::optional<Key> key();
  /// Keys were taken that nobody has asked for.
  bool has_typed_ahead() const { return typed_ahead_count_ != 0; }
  /// One turn for callers with their own loop around it (a shell's line editor): serves the network, rests if nothing moved.
  Instant turn();

private:
  bool turn_service(Instant now);
  void rest_unless(bool moved);
  /// Takes what was typed from the console; true if it was Ctrl-C.
  bool take_keys();

  Clock& clock_;
  Console& console_;
  Service* service_ = nullptr;
  bool waiting_ = false;  ///< a turn or a wait is going on: neither is begun inside
  std::array<Key, typed_ahead_max> typed_ahead_{};
  std::size_t typed_ahead_count_ = 0;
};

}  // namespace undine
