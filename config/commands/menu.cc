// SPDX-License-Identifier: Apache-2.0
// Commands that ask a person on a whole screen: menus, forms, the settings; and the colours of these.
#include "config/commands/commands.h"
#include "config/screen/settings_screen.h"

namespace undine {
namespace {

constexpr Cause colour_unknown{"colour.unknown", "that is no colour: a basic one is 0 to 7, 9 for the console's own, or 15 for blue that lets a picture through", pxe_status_failure};

std::size_t index_of(Shell& shell, std::string_view name) {
  std::size_t i = 0;
  while (i < shell.menus.size() && shell.menus[i].name != name) ++i;
  return i;
}

void forget(Shell& shell, std::size_t index) { shell.menus.erase(shell.menus.begin() + static_cast<std::ptrdiff_t>(index)); }

/// The next key, or nothing when `end` has come. Ctrl-C is a key.
std::optional<Key> next_key(Shell& shell, std::optional<Instant> end) {
  if (!end) return shell.loop().wait_for_key();
  const Duration left = end->since(shell.clock().now());
  // Until the number of whole seconds that is shown changes.
  const Duration slice{left.ms == 0 ? 0 : (left.ms - 1) % 1000 + 1};
  const auto pressed = shell.loop().pause(slice, true);
  return pressed ? *pressed : Key::ctrl_c;
}

/// The index of the item that a person chose, or that was selected when the time was over.
std::optional<std::size_t> choose(Shell& shell, const Menu& menu, std::string_view label, Duration timeout, Duration retimeout) {
  MenuScreen screen(shell.console(), shell.theme, menu, label);
  std::optional<Instant> end;
  if (timeout.ms != 0) end = shell.clock().now() + timeout;
  for (;;) {
    const Instant now = shell.clock().now();
    if (end && now >= *end) return screen.selected();
    screen.tell(end ? std::optional(static_cast<unsigned>((end->since(now).ms + 999) / 1000)) : std::nullopt);
    const auto key = next_key(shell, end);
    if (!key) continue;
    const MenuScreen::State state = screen.feed(*key);
    if (state == MenuScreen::State::chosen) return screen.selected();
    if (state == MenuScreen::State::left) return {};
    end.reset();
    if (retimeout.ms != 0) end = shell.clock().now() + retimeout;
  }
}

/// A form on the screen; what was filled in becomes settings, all or none.
Result<void> fill_in(Shell& shell, const Menu& menu) {
  std::vector<std::string> values;
  for (const Menu::Item& item : menu.items) values.push_back(item.label.empty() ? std::string{} : shell.settings().text_or_empty(item.label));
  FormScreen screen(shell.console(), shell.theme, menu, std::move(values));
  if (screen.is_empty()) return fail(menu_empty);
  for (;;) {
    const FormScreen::State state = screen.feed(shell.loop().wait_for_key());
    if (state == FormScreen::State::left) return fail(cancelled);
    if (state == FormScreen::State::filling) continue;
    Result<void> done;
    for (std::size_t i = 0; done && i < menu.items.size(); ++i) {
      if (menu.items[i].label.empty()) continue;
      done = change_setting(shell, menu.items[i].label, screen.value(i));
      if (!done) screen.complain(i, done.error().text());
    }
    if (done) return {};
  }
}

}  // namespace

Result<void> run_menu(Shell& shell, const Invocation& call) {
  const std::string_view name = call.value('n').value_or(std::string_view{});
  const std::size_t i = index_of(shell, name);
  if (i < shell.menus.size()) forget(shell, i);
  else if (call.has('d')) return shell.fail_about(name, menu_unknown);
  if (call.has('d')) return {};
  if (shell.menus.size() == Menu::menus_max) return fail(menu_full);
  shell.menus.push_back({std::string(name), call.joined(0), {}});
  return {};
}

Result<void> run_item(Shell& shell, const Invocation& call) {
  const std::string_view name = call.value('m').value_or(call.value('f').value_or(std::string_view{}));
  const std::size_t i = index_of(shell, name);
  if (i == shell.menus.size()) return shell.fail_about(name, menu_unknown);
  Menu::Item item;
  const bool is_gap = call.has('g');
  if (!is_gap) item.label = call.operand(0);
  item.text = call.joined(is_gap ? 0 : 1);
  item.is_default = call.has('d');
  item.is_secret = call.has('s');
  if (const auto key = call.value('k')) item.key = TRY(key_code(shell, *key));
  if (!shell.menus[i].add(std::move(item))) return fail(menu_full);
  return {};
}

Result<void> run_choose(Shell& shell, const Invocation& call) {
  const std::string_view name = call.value('m').value_or(std::string_view{});
  const std::size_t i = index_of(shell, name);
  if (i == shell.menus.size()) return shell.fail_about(name, menu_unknown);
  const std::uint32_t timeout = TRY(call.number('t')).value_or(0), retimeout = TRY(call.number('r')).value_or(0);
  const Menu& menu = shell.menus[i];
  bool has_choice = false;
  for (const Menu::Item& item : menu.items) has_choice = has_choice || !item.label.empty();
  if (!has_choice) return fail(menu_empty);
  const auto chosen = choose(shell, menu, call.value('d').value_or(std::string_view{}), Duration{timeout}, Duration{retimeout});
  const std::string label = chosen ? menu.items[*chosen].label : std::string{};
  if (!call.has('k')) forget(shell, i);
  if (!chosen) return fail(cancelled);
  return change_setting(shell, shell.about(call.operand(0)), label);
}

Result<void> run_present(Shell& shell, const Invocation& call) {
  const std::string_view name = call.value('f').value_or(std::string_view{});
  const std::size_t i = index_of(shell, name);
  if (i == shell.menus.size()) return shell.fail_about(name, menu_unknown);
  const auto done = fill_in(shell, shell.menus[i]);
  if (!call.has('k')) forget(shell, i);
  return done;
}

Result<void> run_login(Shell& shell, const Invocation&) {
  return fill_in(shell, {{}, "Who are you?", {{"username", "Username"}, {"password", "Password", 0, false, true}}});
}

Result<void> run_config(Shell& shell, const Invocation& call) {
  SettingsScreen screen(shell.console(), shell.theme, shell.settings(), call.operand(0));
  for (;;) {
    const SettingsScreen::State state = screen.feed(shell.loop().wait_for_key());
    if (state == SettingsScreen::State::left) return {};
    if (state == SettingsScreen::State::edited) screen.stored(change_setting(shell, screen.name(), screen.value()));
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
