// SPDX-License-Identifier: Apache-2.0
// The API of SYSLINUX (its doc/comboot.txt) as PXELINUX gives it to COMBOOT and COM32 programs: INT 20h and 21h in the manner of DOS, INT 22h for files of
// any address, the PXE API, and what is to be started next. Registers that are not named there stay.
//
// Pointers come from the program and are not trusted, as in PxeApi. A program ends by a call: `interrupt` says so, and `ending` what comes then.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/console.h"
#include "core/loop.h"
#include "pxe-api/api.h"

namespace undine {

/// Of whoever made an interrupt, as they are and as they are to be. `carry` is the flag on return.
struct CallerRegisters {
  std::uint32_t eax, ebx, ecx, edx, esi, edi;
  std::uint16_t ds, es, fs, gs;
  bool carry;
};

/// What the API needs of whoever has started the program.
class SyslinuxKeeper {
public:
  virtual ~SyslinuxKeeper() = default;
  struct NetworkFacts {
    Ipv4Address address, server, gateway, mask;
    std::string hardware_address;  ///< "01-52-54-00-..."
    std::string uuid;              ///< 32 digits and hyphens; empty if there is none
  };
  virtual NetworkFacts network_facts() = 0;
  /// Fetches what is to be booted once the program has been given up, and its initrds. An error was printed already.
  virtual Result<void> fetch_next(const Uri& uri, std::string_view command_line, std::string_view name) = 0;
  virtual void use_text_mode() = 0;
  /// Where the !PXE structure is.
  virtual RealPointer pxe_structure() = 0;
};

/// What a program has left to be done.
struct Ending {
  enum class Kind : std::uint8_t {
    returned,  ///< nothing; `status` tells
    next,      ///< boot what was fetched
    local,     ///< the BIOS's next boot device
    shuffle,   ///< move memory and jump
  };
  Kind kind = Kind::returned;
  std::uint8_t status = 0;

  // Of a shuffle.
  struct Step {
    std::uint32_t destination, length;
    std::optional<std::uint32_t> source;  ///< nothing: zeros
  };
  enum class Mode : std::uint8_t { bootstrap, real, flat };
  std::vector<Step> steps;
  Mode mode = Mode::bootstrap;
  std::uint32_t entry = 0;       ///< linear; in mode real the base of the segments
  bool keeps_pxe = false;
  std::uint32_t edx = 0, esi = 0;  ///< of a bootstrap
  std::uint16_t ds = 0;
};

class SyslinuxApi {
public:
  /// Base memory for what programs are shown by pointers.
  static constexpr std::size_t shown_bytes = 768;

  struct Parts {
    PxeApi& pxe;
    Console& console;
    SyslinuxKeeper& keeper;
    const PxeParts& common;
  };
  explicit SyslinuxApi(const Parts& parts) : parts_(parts) {}

  /// A program is about to start; PxeApi::begin was called already. `shown`: shown_bytes of base memory.
  void begin(RealPointer shown, const Uri& uri);
  /// INT 20h, 21h or 22h. False if the program is to be given up.
  bool interrupt(std::uint8_t number, CallerRegisters& registers);
  /// The program has ended, also by itself.
  Ending& ending() { return ending_; }
  /// It was given up or has returned: the screen is text again.
  void end();

  /// The functions of INT 22h by their numbers, from 0 on; for tests.
  using Function = bool (SyslinuxApi::*)(CallerRegisters&);
  static std::span<const Function> functions();

private:
  bool dos(CallerRegisters& registers);
  // What is not here, or does nothing.
  bool refuse(CallerRegisters& registers);
  bool succeed(CallerRegisters&) { return true; }
  // syslinux.cc
  bool get_version(CallerRegisters& registers);
  bool write_string(CallerRegisters& registers);
  bool force_text_mode(CallerRegisters&);
  bool open_file(CallerRegisters& registers);
  bool read_file(CallerRegisters& registers);
  bool close_file(CallerRegisters& registers);
  bool call_pxe(CallerRegisters& registers);
  bool get_derivative_information(CallerRegisters& registers);
  bool get_serial_configuration(CallerRegisters& registers);
  bool get_configuration_name(CallerRegisters& registers);
  bool get_append_strings(CallerRegisters& registers);
  bool resolve_name(CallerRegisters& registers);
  bool idle(CallerRegisters&);
  bool get_features(CallerRegisters& registers);
  bool report_video_mode(CallerRegisters& registers);
  bool query_font(CallerRegisters& registers);
  bool get_folder(CallerRegisters& registers);
  // syslinux_boot.cc
  bool run_command(CallerRegisters& registers);
  bool run_default(CallerRegisters&);
  bool run_kernel(CallerRegisters& registers);
  bool local_boot(CallerRegisters&);
  bool clean_up(CallerRegisters& registers);
  bool replace_bootstrap(CallerRegisters& registers);
  bool get_shuffler_parameters(CallerRegisters& registers);
  bool shuffle(CallerRegisters& registers);

  Result<Uri> uri_of(std::string_view name) const;
  bool start(std::string_view name, std::string command_line, std::uint32_t append_flags, std::uint32_t type);
  bool may_be_written(std::uint32_t address, std::uint32_t length) const;
  std::uint8_t next_key();
  RealPointer shown(std::size_t at) const { return {static_cast<std::uint16_t>(shown_.offset + at), shown_.segment}; }
  MutableBytes shown_bytes_at(std::size_t at, std::size_t length) const;
  void show(std::size_t at, std::size_t room, std::string_view text) const;

  Parts parts_;
  RealPointer shown_{};
  Uri uri_;
  Ending ending_;
  std::optional<std::uint8_t> scan_code_;  ///< of a key without a character, for the next read
  std::optional<Key> pressed_;             ///< seen by a check for keys
  bool graphics_ = false;
};

}  // namespace undine
