// SPDX-License-Identifier: Apache-2.0
#include "config/boot_menu.h"

namespace undine {
namespace {

bool is_cancel(Key key) { return key == Key::ctrl_c || key == Key::escape; }

std::string label(const PxeBootItem& item) {
  if (!item.description.empty()) return printable(item.description, 70);
  return item.type == PxeDiscovery::local_boot ? "local disk" : join({"boot server of type ", item.type});
}

/// True if the menu is to be shown, false when the time is over or Enter was pressed.
Result<bool> wait_at_prompt(Shell& shell, const PxeDiscovery& discovery) {
  for (unsigned seconds = discovery.prompt_seconds; seconds != 0; --seconds) {
    shell.print({"\r", printable(discovery.prompt, 50), " [F8 or m: menu] ", padded(seconds, 3), " s "});
    const auto pressed = TRY(shell.loop().pause(1_s, true));
    if (!pressed) continue;
    if (is_cancel(*pressed)) return fail(*pressed == Key::ctrl_c ? cancelled : left_by_escape);
    if (*pressed == Key::enter) break;
    if (*pressed == Key::f8 || *pressed == Key{'m'}) return true;
    ++seconds;  // any other key costs nothing
  }
  return false;
}

/// The place in the menu.
Result<std::size_t> ask_for_number(Shell& shell, const PxeDiscovery& discovery) {
  const std::size_t count = discovery.menu.size();
  for (std::size_t i = 0; i < count; ++i) shell.print({i < 9 ? "  " : " ", i + 1, "  ", label(discovery.menu[i]), "\n"});
  shell.print({"number, or Enter for 1: "});
  std::size_t number = 0;
  for (;;) {
    const Key key = shell.loop().wait_for_key();
    if (is_cancel(key)) return fail(key == Key::ctrl_c ? cancelled : left_by_escape);
    if (key == Key::enter) return number == 0 ? 0 : number - 1;
    if (number != 0 && (key == Key::backspace || key == Key::del)) {
      number /= 10;
      shell.print({"\b \b"});
    }
    const auto code = static_cast<std::uint16_t>(key);
    if (code < '0' || code > '9') continue;
    const std::size_t longer = number * 10 + (code - '0');
    if (longer == 0 || longer > count) continue;
    number = longer;
    shell.print({static_cast<char>(code)});
  }
}

}  // namespace

Result<std::uint16_t> choose_boot_item(Shell& shell, const PxeDiscovery& discovery) {
  bool shows_menu = discovery.prompt_seconds == PxeDiscovery::wait_for_ever;
  if (shows_menu) {
    shell.print({"PXE boot menu: ", printable(discovery.prompt), "\n"});
  } else if (discovery.prompt_seconds != 0) {
    auto waited = wait_at_prompt(shell, discovery);
    shell.print({"\n"});
    shows_menu = TRY(waited);
  }
  std::size_t chosen = 0;
  if (shows_menu) {
    auto answer = ask_for_number(shell, discovery);
    shell.print({"\n"});
    chosen = TRY(answer);
  }
  shell.print({"PXE boot menu: ", label(discovery.menu[chosen]), "\n"});
  return discovery.menu[chosen].type;
}

Result<bool> use_boot_menu(Shell& shell, Interface& interface, const PxeDiscovery& discovery) {
  const std::uint16_t type = TRY(choose_boot_item(shell, discovery));
  if (type == PxeDiscovery::local_boot) return false;
  TRY(shell.find_boot_server(interface, type));
  return true;
}

}  // namespace undine
