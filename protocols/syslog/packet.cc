// SPDX-License-Identifier: Apache-2.0
#include "protocols/syslog/packet.h"

#include "core/text.h"
#include "core/wall_clock.h"

namespace undine::syslog {
namespace {

constexpr unsigned facility_local0 = 16;  // RFC 5424 table 1: for what the site decides
constexpr std::size_t name_length_max = 64;

/// PRINTUSASCII, or "-" for nothing (RFC 5424 section 6).
void append_word(std::string& line, std::string_view word) {
  line += ' ';
  if (word.empty()) line += '-';
  for (const char character : word.substr(0, name_length_max)) line += character > ' ' && character < 0x7f ? character : '-';
}

}  // namespace

std::string Message::encoded() const {
  std::string line;
  append(line, {"<", facility_local0 * 8 + static_cast<unsigned>(severity), ">1 "});
  if (unix_seconds) {
    const CalendarTime time = calendar_time_of(*unix_seconds);
    append(line, {padded(time.year, 4), "-", padded(time.month, 2), "-", padded(time.day, 2), "T", padded(time.hour, 2), ":", padded(time.minute, 2), ":",
                  padded(time.second, 2), "Z"});
  } else {
    line += '-';
  }
  append_word(line, host);
  line += " undine -";
  append_word(line, id);
  line += " - ";
  for (const char character : text) {
    if (line.size() == message_bytes_max) break;
    line += static_cast<unsigned char>(character) < ' ' ? ' ' : character;
  }
  return line;
}

}  // namespace undine::syslog
