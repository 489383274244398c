// SPDX-License-Identifier: Apache-2.0
// Commands that ask a person on a whole screen: menus, forms, the settings; and the colours of these.
#include "config/commands/commands.h"
#include "config/screen/settings_screen.h"

namespace undine {
namespace {

using MenuPlace = std::list<Menu>::iterator;

/// The menu or form of that name, or the end.
MenuPlace find(Shell& shell, std::string_view name) {
  MenuPlace place = shell.menus.begin();
  while (place != shell.menus.end() && place->name != name) ++place;
  return place;
}

/// The same, an error if there is none.
Result<MenuPlace> the(Shell& shell, std::string_view name) {
  const MenuPlace place = find(shell, name);
  if (place == shell.menus.end()) return shell.fail_about(name, menu_unknown);
  return place;
}

std::string_view name_in(const Invocation& call, char letter) { return call.value(letter).value_or(std::string_view{}); }

/// The next key, or nothing when `end` has come. Ctrl-C is a key.
std::optional<Key> next_key(Shell& shell, std::optional<Instant> end) {
  if (!end) return shell.loop().wait_for_key();
  const Duration left = end->since(shell.clock().now());
  // Until the number of whole seconds that is shown changes.
  const Duration slice{left.ms == 0 ? 0 : (left.ms - 1) % 1000 + 1};
  const auto pressed = shell.loop().pause(slice, true);
  return pressed ? *pressed : Key::ctrl_c;
}

/// The label that a person chose, or that was selected when the time was over.
Result<std::string> choose(Shell& shell, const Menu& menu, std::string_view label, Duration timeout, Duration retimeout) {
  if (!menu.has_choice()) return fail(menu_empty);
  MenuScreen screen(shell.console(), shell.theme, menu, label);
  const auto end_of = [&](Duration time) { return time.ms != 0 ? std::optional(shell.clock().now() + time) : std::nullopt; };
  for (std::optional<Instant> end = end_of(timeout);;) {
    const Instant now = shell.clock().now();
    if (end && now >= *end) break;
    screen.tell(end ? std::optional(static_cast<unsigned>((end->since(now).ms + 999) / 1000)) : std::nullopt);
    const auto key = next_key(shell, end);
    if (!key) continue;
    const MenuScreen::State state = screen.feed(*key);
    if (state == MenuScreen::State::chosen) break;
    if (state == MenuScreen::State::left) return fail(*key == Key::ctrl_c ? cancelled : left_by_escape);
    end = end_of(retimeout);
  }
  return screen.item(screen.selected()).label;
}

/// A form on the screen; what was filled in becomes settings.
Result<void> fill_in(Shell& shell, const Menu& menu) {
  if (!menu.has_choice()) return fail(menu_empty);
  FormScreen screen(shell.console(), shell.theme, menu, shell.settings());
  for (;;) {
    const Key key = shell.loop().wait_for_key();
    const FormScreen::State state = screen.feed(key);
    if (state == FormScreen::State::left) return fail(key == Key::ctrl_c ? cancelled : left_by_escape);
    if (state == FormScreen::State::filling) continue;
    Result<void> done;
    for (std::size_t i = 0; done && i < menu.items.size(); ++i) {
      if (screen.item(i).label.empty()) continue;
      done = change_setting(shell, screen.item(i).label, screen.value(i), true);
      if (!done) screen.complain(i, done.error().text());
    }
    if (done) return {};
  }
}

}  // namespace

Result<void> run_menu(Shell& shell, const Invocation& call) {
  const std::string_view name = name_in(call, 'n');
  if (call.has('d')) {
    shell.menus.erase(TRY(the(shell, name)));
    return {};
  }
  if (const MenuPlace old = find(shell, name); old != shell.menus.end()) shell.menus.erase(old);
  if (shell.menus.size() == Menu::menus_max) return fail(menu_full);
  Menu& menu = shell.menus.emplace_back();
  menu.name = name;
  menu.title = call.joined(0);
  return {};
}

Result<void> run_item(Shell& shell, const Invocation& call) {
  const MenuPlace menu = TRY(the(shell, name_in(call, call.has('m') ? 'm' : 'f')));
  std::uint16_t key = 0;
  if (const auto text = call.value('k')) key = TRY(key_code(shell, *text));
  const bool is_gap = call.has('g');
  Menu::Item* const item = menu->add(std::string(is_gap ? std::string_view{} : call.operand(0)), call.joined(is_gap ? 0 : 1));
  if (item == nullptr) return fail(menu_full);
  item->key = key;
  item->is_default = call.has('d');
  item->is_secret = call.has('s');
  return {};
}

Result<void> run_choose(Shell& shell, const Invocation& call) {
  const MenuPlace menu = TRY(the(shell, name_in(call, 'm')));
  const std::uint32_t timeout = TRY(call.number('t')).value_or(0), retimeout = TRY(call.number('r')).value_or(0);
  auto label = choose(shell, *menu, name_in(call, 'd'), Duration{timeout}, Duration{retimeout});
  if (!call.has('k')) shell.menus.erase(menu);
  const std::string chosen = TRY(label);
  return change_setting(shell, shell.about(call.operand(0)), chosen);
}

Result<void> run_present(Shell& shell, const Invocation& call) {
  const MenuPlace form = TRY(the(shell, name_in(call, 'f')));
  const auto done = fill_in(shell, *form);
  if (!call.has('k')) shell.menus.erase(form);
  return done;
}

Result<void> run_login(Shell& shell, const Invocation&) {
  Menu form;
  form.title = "Who are you?";
  form.add("username", "Username");
  form.add("password", "Password")->is_secret = true;
  return fill_in(shell, form);
}

Result<void> run_config(Shell& shell, const Invocation& call) {
  SettingsScreen screen(shell.console(), shell.theme, shell.settings(), call.operand(0));
  for (;;) {
    const SettingsScreen::State state = screen.feed(shell.loop().wait_for_key());
    if (state == SettingsScreen::State::left) return {};
    if (state == SettingsScreen::State::edited) screen.stored(change_setting(shell, screen.name(), screen.value(), true));
  }
}

Result<void> run_colour(Shell& shell, const Invocation& call) {
  const std::uint32_t index = TRY(number_of(shell, call.operand(0), Theme::colours_max - 1));
  Theme::Colour colour;
  if (const auto basic = TRY(call.number('b'))) {
    if (*basic > 7 && *basic != Theme::own && *basic != Theme::blue_or_picture) return fail(colour_unknown);
    colour.basic = static_cast<std::uint8_t>(*basic);
  }
  if (const auto rgb = TRY(call.number('r', 0xff'ffff))) colour.rgb = *rgb;
  shell.theme.colours[index] = colour;
  return {};
}

Result<void> run_cpair(Shell& shell, const Invocation& call) {
  const std::uint32_t index = TRY(number_of(shell, call.operand(0), Theme::pairs_max - 1));
  const auto colour = [&](char letter) -> Result<std::uint8_t> { return static_cast<std::uint8_t>(TRY(call.number(letter, Theme::own)).value_or(Theme::own)); };
  const std::uint8_t foreground = TRY(colour('f')), background = TRY(colour('b'));
  shell.theme.pairs[index] = {foreground, background};
  if (index == 0) shell.print({shell.theme.sequence(Pair::plain, shell.console().shows_picture())});
  return {};
}

}  // namespace undine
