// SPDX-License-Identifier: Apache-2.0
// For broken promises of our own only: never for bytes from the network, the ROM, the BIOS or the user.
#pragma once

#include <string_view>

namespace undine {

/// Prints the sentence and what is known of the machine, then stops: there is nothing safe to go on with. Supplied by nbp/ (registers,
/// reboot on a key) and by the host's tests (abort).
[[noreturn]] void panic(std::string_view sentence);

/// Panics unless the promise holds.
inline void expect(bool promise, std::string_view sentence) {
  if (!promise) [[unlikely]]
    panic(sentence);
}

}  // namespace undine
