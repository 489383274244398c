// SPDX-License-Identifier: Apache-2.0
// The doors of core/ on the host: its clock or a played one, its terminal or a text, its randomness, a machine that is only told of.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/console.h"
#include "core/keyboard.h"
#include "core/loop.h"
#include "core/machine.h"
#include "core/terminal.h"
#include "test-rig/host/wire/gateway.h"

namespace undine::tool {

/// Statuses with which the program ends.
namespace status {
inline constexpr int good = 0, failed = 1, usage = 2, waits_for_key = 3, takes_too_long = 4;
}

/// Where text goes that a machine's screen would show. As a record, which is no terminal, a line is written when it ends, as it stands then: what was
/// drawn over is gone.
class ToolConsole final : public Console {
public:
  struct Options {
    bool is_terminal = false;  ///< text is passed on as it comes
    bool has_keyboard = false; ///< keys come from standard input, which is raw until the end
    std::vector<Key> keys{};   ///< what a person presses, see `play_keys`
  };
  explicit ToolConsole(const Options& options);
  ~ToolConsole() override;
  void write(std::string_view text) override;
  std::optional<Key> key() override;
  unsigned columns() const override { return 80; }
  bool use_serial(unsigned) override { return true; }
  /// Keys are what the terminal says they are, whatever the keyboard.
  bool use_keyboard(std::string_view name) override { return find_keyboard(name) != nullptr; }

  bool has_keyboard() const { return options_.has_keyboard; }
  /// The person of `Options::keys` sits down, and presses each key when `loop` has given away all before it: none of them is ever lost, and Ctrl-C stops
  /// what comes behind the last one that was asked for. `loop` outlives the last question for a key.
  void play_keys(const Loop& loop) { played_for_ = &loop; }
  /// Writes what has no line end yet.
  void flush();
  /// Something was written or a key was taken since the last call.
  bool take_activity() { return std::exchange(active_, false); }

private:
  Options options_;
  std::string line_;
  std::size_t column_ = 0;
  const Loop* played_for_ = nullptr;
  std::size_t next_key_ = 0;
  KeyDecoder decoder_;  ///< of standard input
  bool active_ = false;
};

/// Real time; or, for a run in which nobody outside takes part, time that passes only while the program rests: a script that sleeps an hour takes none.
class ToolClock final : public Clock {
public:
  struct Options {
    bool is_played = true;
    unsigned limit_seconds = 0;  ///< of real time; then the program ends. 0: no limit
  };
  ToolClock(const Options& options, ToolConsole& console);
  Instant now() override;
  void rest() override;
  /// What may end a rest.
  void watch(const Gateway& gateway) { gateway_ = &gateway; }

private:
  Options options_;
  ToolConsole& console_;
  const Gateway* gateway_ = nullptr;
  std::uint64_t began_ms_;
  Instant played_{};
  Duration idle_{};
  unsigned looks_ = 0;
  std::vector<pollfd> descriptors_;
};

class ToolEntropy final : public Entropy {
public:
  void fill(MutableBytes into) override;
};

class ToolMachine final : public Machine {
public:
  explicit ToolMachine(const Answers& answers, ToolConsole& console)
      : smbios_(answers.smbios_table()), has_64_bits_(answers.text("machine/bits") != "32"), console_(console) {}
  [[noreturn]] void reboot() override;
  [[noreturn]] Error power_off() override;
  Bytes smbios_table() override { return smbios_; }
  std::uint32_t pci_config(std::uint16_t, std::uint8_t) override { return 0xffff'ffff; }  // nothing there
  /// What every processor of its kind has, and no more; nobody made it.
  std::array<std::uint32_t, 4> cpuid(std::uint32_t function, std::uint32_t subfunction) override;
  std::optional<CalendarTime> calendar_time() override;

private:
  std::vector<std::uint8_t> smbios_;
  bool has_64_bits_;
  ToolConsole& console_;
};

/// Ends the program at a point from which a machine would not come back either: says why, on standard output if it is a result.
[[noreturn]] void finish(ToolConsole& console, int status, std::string_view why);

/// "a\n\e\x03" as keys: \n is Enter, \e Escape, \t, \\, \xNN any other octet. What a terminal sends for one key is that key: \e[B is Down.
std::vector<Key> keys_of(std::string_view text);

}  // namespace undine::tool
