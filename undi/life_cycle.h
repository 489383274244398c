// SPDX-License-Identifier: Apache-2.0
// The states of the boot ROM's two parts, UNDI (the driver) and the base code, and the order in which calls lead from one to the other
// (PXE 2.1 section 4.1).
//
// We are entered with both parts up and UNDI perhaps open. An ordinary start changes nothing: UNDI_OPEN works at once, while CLOSE and INITIALIZE
// make some cards deaf for a second, cost the link, and on a few ROMs lose large frames ever after. The base code goes when its memory is
// wanted, UNDI goes at the end.
#pragma once

#include <cstdint>

#include "core/boot_rom.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "undi/base_memory.h"
#include "undi/find.h"

namespace undine {

inline constexpr Cause undi_initialize_failed{"undi.initialize-failed",
    "the boot ROM cannot start its network card again; check the cable, then power the machine off and on; status", 0x6a, Detail::hex};
inline constexpr Cause undi_gone{"undi.gone", "the boot ROM's driver was given up and is not in memory any more; restart the machine", 0x6a};

/// How much of the boot ROM stays.
enum class KeepLevel : std::uint8_t {
  none,  ///< nothing: for an operating system that needs the memory
  undi,  ///< the driver alone
  all,   ///< everything, as we found it
};

class LifeCycle {
public:
  /// All of them outlive this object. `is_etherboot`: see RomInformation.
  LifeCycle(BootRom& rom, LowMemory& memory, Clock& clock, Log& log, const RomStack& stack)
      : rom_(rom), memory_(memory), clock_(clock), log_(log), stack_(stack) {}

  /// Etherboot's ROM takes UNLOAD_STACK for the end of everything and unhooks INT 15h.
  void set_etherboot() { is_etherboot_ = true; }

  /// Removes the base code and keeps UNDI, which is shut down by this and has to be closed before: call `initialise` and open it again.
  /// Memory that cannot be had is leaked, and the log says how much.
  Freed unload_base_code();
  /// INITIALIZE until it works: up to ten times, 200 ms apart. Does nothing while UNDI is initialised, and fails when the driver is gone.
  Result<void> initialise();
  /// Shuts the card down, so that `initialise` starts it afresh.
  void shut_down();
  /// The end of our use of the ROM. UNDI has to be closed before. Nothing can fail that would help to know: what goes wrong is logged.
  Freed leave(KeepLevel keep);

  bool initialised() const { return initialised_; }
  /// Nothing was done to the ROM yet: UNDI may still be open from the base code's time.
  bool untouched() const { return untouched_; }
  bool base_code_present() const { return base_code_present_; }

private:
  bool call_patiently(std::uint16_t function, std::uint16_t size_bytes, const char* name);
  void pause(Duration length);
  Freed report(const char* what, Freed freed);

  BootRom& rom_;
  LowMemory& memory_;
  Clock& clock_;
  Log& log_;
  const RomStack& stack_;
  bool is_etherboot_ = false;
  bool untouched_ = true;
  bool initialised_ = true;
  bool gone_ = false;  ///< `leave` gave its memory away
  bool base_code_present_ = true;
};

}  // namespace undine
