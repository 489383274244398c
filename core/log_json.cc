// SPDX-License-Identifier: Apache-2.0
#include "core/log_json.h"

namespace undine {
namespace {

void begin_member(std::string& members, std::string_view name) { append(members, {members.empty() ? "\"" : ",\"", name, "\":"}); }

/// Seconds with three decimals.
void add_seconds(std::string& members, std::string_view name, Instant at) {
  begin_member(members, name);
  append(members, {at.ms / 1000, ".", padded(at.ms % 1000, 3)});
}

}  // namespace

void add_member(std::string& members, std::string_view name, std::string_view value) {
  begin_member(members, name);
  members += '"';
  for (const char character : value) {
    const auto octet = static_cast<std::uint8_t>(character);
    if (octet < 0x20 || octet > 0x7e) {
      append(members, {"\\u", hex(octet, 4)});
      continue;
    }
    if (character == '"' || character == '\\') members += '\\';
    members += character;
  }
  members += '"';
}

void add_member(std::string& members, std::string_view name, std::uint64_t value) {
  begin_member(members, name);
  append(members, {value});
}

std::string_view name_of(Level level) {
  constexpr std::string_view names[] = {"detail", "info", "notice", "error"};
  return names[static_cast<std::size_t>(level)];
}

std::string json_line(const Log::Line& line) {
  std::string members;
  add_seconds(members, "at", line.at);
  add_member(members, "level", name_of(line.level));
  if (!line.phase.empty()) {
    add_member(members, "phase", line.phase);
    add_seconds(members, "began", line.began);
  }
  add_member(members, "text", line.text);
  return join({"{", members, line.members.empty() ? "" : ",", line.members, "}\n"});
}

}  // namespace undine
