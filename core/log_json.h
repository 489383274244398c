// SPDX-License-Identifier: Apache-2.0
// The boot log for machines: one JSON object (RFC 8259) a line, `{"at":1.234,"level":"info","text":"..."}`. Lines that tell of a part of the boot also
// have "phase", "began" and members of their own. Times are seconds since the program started.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "core/log.h"

namespace undine {

/// Adds `"name":"value"`, with a comma if there is something before. Octets outside of printable ASCII are escaped as the characters of those numbers,
/// so the result is JSON whatever the value holds.
void add_member(std::string& members, std::string_view name, std::string_view value);
void add_member(std::string& members, std::string_view name, std::uint64_t value);

/// "error", "notice", "info" or "detail".
std::string_view name_of(Level level);

/// The object and the end of the line.
std::string json_line(const Log::Line& line);

}  // namespace undine
