// SPDX-License-Identifier: Apache-2.0
// What this program calls itself.
#pragma once

#include <cstdint>
#include <string_view>

namespace undine {

inline constexpr std::string_view version_text = "0.1.0";
/// The same as three octets, as DHCP option 175.235 carries it.
inline constexpr std::uint8_t version_octets[] = {0, 1, 0};
/// The user class in our DHCP requests (option 77), by which a server knows that Undine asks and not the ROM.
inline constexpr std::string_view user_class_text = "Undine";
/// HTTP's User-Agent.
inline constexpr std::string_view user_agent_text = "Undine/0.1.0";
/// The first line on the screen.
inline constexpr std::string_view banner_text = "Undine 0.1.0 -- network boot over the card's own ROM -- Ctrl-B opens the shell\n";

}  // namespace undine
