// SPDX-License-Identifier: Apache-2.0
// Plan, then act. A loader decides everything that can fail and writes it down here; whoever carries the plan out cannot fail any more.
#pragma once

#include <cstdint>
#include <vector>

#include "core/boot_rom.h"
#include "core/bytes.h"
#include "core/error.h"
#include "core/memory_map.h"

namespace undine {

class Image;

/// Bytes that go to a physical address; source and destination may overlap.
struct Move {
  std::uint64_t destination;
  Bytes source;
};

/// Memory that is to be zero.
struct ZeroFill {
  std::uint64_t start;
  std::uint64_t length;
  std::size_t after_moves = SIZE_MAX;  ///< cleared when so many moves are done; as a rule after all
};

/// The processor's state at a program's first instruction in real mode. Interrupts are off.
struct RealEntry {
  RealPointer code;
  RealPointer stack;
  std::uint16_t data_segment;  ///< DS, ES, FS and GS
  std::uint32_t edx = 0, esi = 0;
};

/// The same in protected mode: flat segments of 4 GiB, no paging, A20 open, interrupts off, and a small stack below 640 KiB.
struct ProtectedEntry {
  std::uint32_t code;
  std::uint32_t eax, ebx;
  std::uint32_t stack = 0;  ///< ESP; 0: that small one
  bool is_16_bit = false;   ///< segments are of 16 bits and begin at `code`, for a program that goes to real mode by itself
};

/// What becomes of us when a program is started.
enum class Farewell : std::uint8_t {
  leave,         ///< nothing of us stays
  boot_program,  ///< called as a boot ROM calls one, with the PXE API behind it; it may return
  call,          ///< called with the stack as the plan has made it, the return address still to come; it may return
  comboot,       ///< jumped to, with the API of SYSLINUX behind it, which may end it
  com32,         ///< the same in flat 32-bit mode, with addresses of helpers on its stack (comboot/comboot.h); it may return
};

/// Room for our real-mode part, wherever it is.
inline constexpr std::uint32_t resident_bytes_max = 0x5000;

struct BootPlan {
  BootPlan() = default;
  BootPlan(BootPlan&&) = default;  // no copies: `moves` points into `made`
  BootPlan& operator=(BootPlan&&) = default;

  /// Bytes made by the loader (a header with our fields filled in, a command line); `moves` may point into them.
  std::vector<std::uint8_t> made;
  /// Carried out in this order, which the loader chose so that no source is overwritten before it is moved; then the zeros, which are in the order of `after_moves`.
  std::vector<Move> moves;
  std::vector<ZeroFill> zeros;
  RealEntry entry{};
  ProtectedEntry protected_entry{};  ///< used instead of `entry` if its code is not at 0
  Farewell farewell = Farewell::leave;
  const Image* program = nullptr;  ///< the image of a program that may return
  /// Not 0: the page of base memory where our real-mode part goes before the moves, since something wants its place.
  std::uint32_t resident_at = 0;
};

/// Moves the bytes and fills the zeros. The plan's addresses are all within `memory`.
void carry_out(const BootPlan& plan, PhysicalMemory& memory);

/// Carries plans out. Written for the machine; a test looks at the plan instead.
class Launcher {
public:
  virtual ~Launcher() = default;
  /// Closes the network, gives the memory that we hold back, moves and jumps. Does not come back for an operating system; a boot program may return,
  /// and then the network is open again.
  virtual Result<void> launch(const BootPlan& plan) = 0;
  /// From now on, whatever starts in real mode gets the PXE API, as boot programs do, and we stay in memory behind it; false ends that.
  virtual Result<void> keep_pxe(bool kept) = 0;
  /// Something of ours stays in memory behind what is started: it has to be told so of the memory.
  virtual bool stays_resident() const { return false; }
};

}  // namespace undine
