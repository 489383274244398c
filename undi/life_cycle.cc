// SPDX-License-Identifier: Apache-2.0
#include "undi/life_cycle.h"

#include <algorithm>
#include <array>

#include "undi/rom_call.h"

namespace undine {
namespace {

/// Realtek's r8169 ROM fails with 61h, "media test", at random after each warm reboot.
constexpr unsigned initialize_tries_max = 10;
constexpr Duration initialize_pause = 200_ms;
/// SHUTDOWN and UNLOAD_STACK may fail the first time (seen by OpenBSD's loader, which does the same).
constexpr unsigned stop_tries_max = 3;
constexpr Duration stop_pause = 1_s;
/// A clock that stands still must not hang us: more rests than any pause takes with the timer's 55 ms.
constexpr unsigned rests_max = 1000;
/// From here on the driver is left by STOP_UNDI, before by UNDI_CLEANUP.
constexpr std::uint16_t version_with_stop_undi = 0x0200;

}  // namespace

void LifeCycle::pause(Duration length) {
  const Instant end = clock_.now() + length;
  for (unsigned rests = 0; rests < rests_max && clock_.now() < end; ++rests) clock_.rest();
}

/// A call without arguments, repeated when it fails.
bool LifeCycle::call_patiently(std::uint16_t function, std::uint16_t size_bytes, const char* name) {
  std::array<std::uint8_t, sizeof(pxe::UnloadStack)> block;
  for (unsigned tries = 1;; ++tries) {
    block.fill(0);
    const std::uint16_t status = call_rom_bytes(rom_, function, MutableBytes{block}.first(size_bytes));
    if (status == pxe::status_success) return true;
    log_.write(Level::detail, {"undi: ", name, " failed with status 0x", hex(status)});
    if (tries == stop_tries_max) return false;
    pause(stop_pause);
  }
}

Freed LifeCycle::report(const char* what, Freed freed) {
  if (freed.bytes != 0) log_.write(Level::info, {"undi: ", what, " gone, ", freed.bytes / 1024, " KiB of base memory freed"});
  if (freed.leaked_bytes != 0) {
    log_.write(Level::info, {"undi: ", freed.leaked_bytes / 1024, " KiB of base memory of the ", what, " stay taken: ", freed.reason});
  }
  return freed;
}

void LifeCycle::shut_down() {
  if (!initialised_) return;
  untouched_ = false;
  initialised_ = false;
  call_patiently(pxe::undi_shutdown, sizeof(pxe::StatusOnly), "UNDI_SHUTDOWN");
}

Freed LifeCycle::unload_base_code() {
  if (!base_code_present_) return {};
  const std::uint32_t length = stack_.base_code.is_empty() ? 0 : stack_.base_code.end - stack_.base_code.start;
  if (is_etherboot_) return report("base code", {.leaked_bytes = length, .reason = "Etherboot's driver does not work without it"});
  // The base code may have left its UDP port open; success or not does not matter.
  call_rom(rom_, pxe::udp_close);
  untouched_ = false;
  initialised_ = false;
  // STOP_UNDI would be wrong here: some ROMs do not survive STARTUP after it.
  const bool unloaded = call_patiently(pxe::undi_shutdown, sizeof(pxe::StatusOnly), "UNDI_SHUTDOWN") &&
                        call_patiently(pxe::unload_stack, sizeof(pxe::UnloadStack), "UNLOAD_STACK");
  if (!unloaded) return report("base code", {.leaked_bytes = length, .reason = "it refused to be unloaded"});
  base_code_present_ = false;
  return report("base code", free_base_memory(memory_, stack_.base_code, stack_.undi));
}

Result<void> LifeCycle::initialise() {
  if (initialised_) return {};
  if (gone_) return fail(undi_gone);
  std::uint16_t status = 0;
  for (unsigned tries = 0; tries < initialize_tries_max; ++tries) {
    if (tries != 0) pause(initialize_pause);
    pxe::Initialize block{};
    status = call_rom(rom_, pxe::undi_initialize, block);
    if (status == pxe::status_success) {
      if (tries != 0) log_.write(Level::info, {"undi: INITIALIZE worked at try ", tries + 1});
      initialised_ = true;
      return {};
    }
    log_.write(Level::detail, {"undi: INITIALIZE failed with status 0x", hex(status)});
  }
  return fail(undi_initialize_failed, status);
}

Freed LifeCycle::leave(KeepLevel keep) {
  if (keep == KeepLevel::all || gone_) return {};
  const bool was_up = initialised_;
  const bool shut = !was_up || call_patiently(pxe::undi_shutdown, sizeof(pxe::StatusOnly), "UNDI_SHUTDOWN");
  untouched_ = false;
  initialised_ = false;
  if (keep == KeepLevel::undi) return {};
  gone_ = true;

  bool gone = shut;
  const bool unload = base_code_present_;
  if (unload) {
    call_rom(rom_, pxe::udp_close);
    gone = call_patiently(pxe::unload_stack, sizeof(pxe::UnloadStack), "UNLOAD_STACK") && gone;
    base_code_present_ = false;
  }
  // With the base code still there, UNLOAD_STACK has left the driver to STOP_UNDI or, before 2.0, to CLEANUP; without it both are ours to call.
  const bool has_stop = stack_.version >= version_with_stop_undi;
  if (!unload || !has_stop) {
    if (call_rom(rom_, pxe::undi_cleanup) != 0) log_.write(Level::detail, {"undi: UNDI_CLEANUP failed"});
  }
  std::uint16_t status = pxe::status_success;
  if (has_stop) status = call_rom(rom_, pxe::stop_undi);

  const BaseRegion everything = unload && !stack_.base_code.is_empty() && !stack_.undi.is_empty()
                                    ? BaseRegion{std::min(stack_.base_code.start, stack_.undi.start),
                                                 std::max(stack_.base_code.end, stack_.undi.end)}
                                    : stack_.undi;
  const std::uint32_t length = everything.is_empty() ? 0 : everything.end - everything.start;
  if (!gone) return report("boot ROM", {.leaked_bytes = length, .reason = "it refused to stop"});
  if (status == pxe::status_keep_undi) {
    // Its code stays in use (it could not unhook an interrupt); what lies below it can go.
    if (!unload) return report("boot ROM", {.leaked_bytes = length, .reason = "the driver asks to stay"});
    return report("base code", free_base_memory(memory_, stack_.base_code, stack_.undi));
  }
  if (status != pxe::status_success) return report("boot ROM", {.leaked_bytes = length, .reason = "STOP_UNDI failed"});
  return report("boot ROM", free_base_memory(memory_, everything, {}));
}

}  // namespace undine
