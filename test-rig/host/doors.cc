// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/doors.h"

#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "core/text.h"

namespace undine::tool {
namespace {

/// A played rest is a tick of the PC's timer; after a while of nothing a second, so that waiting for ever comes to an end soon.
constexpr Duration tick = 55_ms, long_tick = 1_s, patient_for = 10_s;
/// Who waits for so long, and nothing happens, waits for a key.
constexpr Duration idle_max{24 * 3600 * 1000};
constexpr int rest_ms = 55;
/// How often the time is asked before the real one is looked at.
constexpr unsigned looks_between = 1024;

termios terminal_before;

void restore_terminal() { tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before); }

std::uint64_t real_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

}  // namespace

void finish(ToolConsole& console, int status, std::string_view why) {
  console.flush();
  std::fflush(stdout);
  std::FILE* const into = status == status::good ? stdout : stderr;
  std::fprintf(into, "undine: %.*s\n", static_cast<int>(why.size()), why.data());
  std::fflush(into);
  std::exit(status);
}

ToolConsole::ToolConsole(const Options& options) : options_(options) {
  if (!options_.has_keyboard || tcgetattr(STDIN_FILENO, &terminal_before) != 0) return;
  termios raw = terminal_before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  raw.c_cc[VMIN] = raw.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  std::atexit(restore_terminal);
}

ToolConsole::~ToolConsole() {
  flush();
  if (options_.has_keyboard) restore_terminal();
}

void ToolConsole::write(std::string_view text) {
  active_ = true;
  if (options_.is_terminal) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return;
  }
  for (const char character : text) {
    if (character == '\n') {
      while (line_.ends_with(' ')) line_.pop_back();
      std::printf("%s\n", line_.c_str());
      line_.clear();
      column_ = 0;
    } else if (character == '\r') {
      column_ = 0;
    } else if (character == '\b') {
      if (column_ != 0) --column_;
    } else {
      if (column_ == line_.size()) line_ += ' ';
      line_[column_++] = character;
    }
  }
}

void ToolConsole::flush() {
  if (!line_.empty()) write("\n");
  std::fflush(stdout);
}

std::optional<Key> ToolConsole::key() {
  if (played_for_ != nullptr && next_key_ < options_.keys.size()) {
    if (played_for_->has_typed_ahead()) return {};
    active_ = true;
    return options_.keys[next_key_++];
  }
  if (!options_.has_keyboard) return {};
  const Instant now{real_ms()};
  for (unsigned char octet; read(STDIN_FILENO, &octet, 1) == 1;)
    if (const auto key = decoder_.take(octet, now)) return key;
  return decoder_.late_escape(now);
}

ToolClock::ToolClock(const Options& options, ToolConsole& console) : options_(options), console_(console), began_ms_(real_ms()) {}

Instant ToolClock::now() {
  const bool look = !options_.is_played || ++looks_ % looks_between == 0;
  const std::uint64_t real = look ? real_ms() - began_ms_ : 0;
  if (look && options_.limit_seconds != 0 && real > options_.limit_seconds * std::uint64_t{1000})
    finish(console_, status::takes_too_long, "the script did not come to an end in the time of --limit");
  return options_.is_played ? played_ : Instant{real};
}

void ToolClock::rest() {
  if (!options_.is_played) {
    descriptors_.clear();
    if (console_.has_keyboard()) descriptors_.push_back({STDIN_FILENO, POLLIN, 0});
    if (gateway_ != nullptr) gateway_->watch(descriptors_);
    ::poll(descriptors_.data(), descriptors_.size(), rest_ms);
    return;
  }
  if (console_.take_activity()) idle_ = {};
  const Duration step = idle_ > patient_for ? long_tick : tick;
  played_ = played_ + step;
  idle_ = Duration{idle_.ms + step.ms};
  if (idle_ > idle_max) finish(console_, status::waits_for_key, "the script waits for a key here; give what is pressed by --keys");
}

void ToolEntropy::fill(MutableBytes into) {
  while (!into.empty()) {
    const ssize_t count = getrandom(into.data(), into.size(), 0);
    if (count > 0) into = into.subspan(static_cast<std::size_t>(count));
  }
}

void ToolMachine::reboot() { finish(console_, status::good, "the machine would restart"); }

Error ToolMachine::power_off() { finish(console_, status::good, "the machine would be switched off"); }

std::array<std::uint32_t, 4> ToolMachine::cpuid(std::uint32_t function, std::uint32_t) {
  constexpr std::uint32_t extended = 0x8000'0000;
  // EDX: an i686 with PAE; with 64 bits MMX, FXSR, SSE and SSE2 too, and in the extended one SYSCALL, NX and LM.
  constexpr std::uint32_t i686 = 0x0000'8171, sse = 0x0780'0000, extensions = 0x2010'0800;
  switch (function) {
    case 0:
      return {1, 0, 0, 0};
    case 1:
      return {0, 0, 0, has_64_bits_ ? i686 | sse : i686};
    case extended:
      return {has_64_bits_ ? extended + 1 : 0, 0, 0, 0};
    case extended + 1:
      return {0, 0, 0, has_64_bits_ ? extensions : 0};
    default:
      return {};
  }
}

std::optional<CalendarTime> ToolMachine::calendar_time() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  if (gmtime_r(&now, &utc) == nullptr) return {};
  return CalendarTime{static_cast<std::uint16_t>(utc.tm_year + 1900), static_cast<std::uint8_t>(utc.tm_mon + 1), static_cast<std::uint8_t>(utc.tm_mday),
                      static_cast<std::uint8_t>(utc.tm_hour), static_cast<std::uint8_t>(utc.tm_min), static_cast<std::uint8_t>(utc.tm_sec)};
}

namespace {

/// Octets of a text in which a backslash stands before what cannot be typed.
std::string unescaped(std::string_view text) {
  std::string octets;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      octets += text[at];
      continue;
    }
    const char letter = text[++at];
    if (letter == 'x' && at + 2 < text.size() && hex_digit(text[at + 1]) && hex_digit(text[at + 2])) {
      octets += static_cast<char>(*hex_digit(text[at + 1]) << 4 | *hex_digit(text[at + 2]));
      at += 2;
    } else {
      octets += letter == 'n' ? '\n' : letter == 't' ? '\t' : letter == 'e' ? '\x1b' : letter;
    }
  }
  return octets;
}

}  // namespace

std::vector<Key> keys_of(std::string_view text) {
  // Escape alone is a key too: what cannot go on with it comes a while later.
  constexpr Duration a_while = 1_s;
  std::vector<Key> keys;
  KeyDecoder decoder;
  Instant now{};
  const auto add = [&keys](std::optional<Key> key) {
    if (key) keys.push_back(*key);
  };
  for (const char octet : unescaped(text)) {
    if (octet != '[' && octet != 'O') now = now + a_while;
    add(decoder.late_escape(now));
    add(decoder.take(static_cast<std::uint8_t>(octet), now));
  }
  add(decoder.late_escape(now + a_while));
  return keys;
}

}  // namespace undine::tool
