// SPDX-License-Identifier: Apache-2.0
#include "config/screen/menu.h"

namespace undine {
namespace {

constexpr std::string_view menu_help = "Enter: choose   Esc: leave";
constexpr std::string_view form_help = "Enter: next   Up, Down: move   Esc: leave";
/// Columns left and right of everything.
constexpr unsigned margin = 2;

std::size_t index_of(const Menu& menu, std::string_view label) {
  std::size_t chosen = menu.items.size();
  for (std::size_t i = 0; i < menu.items.size(); ++i) {
    const Menu::Item& item = menu.items[i];
    if (item.label.empty()) continue;
    if (item.label == label) return i;
    if (item.is_default) chosen = i;
  }
  return chosen;
}

}  // namespace

bool Menu::add(Item item) {
  std::size_t bytes = item.label.size() + item.text.size();
  for (const Item& other : items) bytes += other.label.size() + other.text.size();
  if (items.size() == items_max || bytes > bytes_max) return false;
  items.push_back(std::move(item));
  return true;
}

MenuScreen::MenuScreen(Console& console, const Theme& theme, const Menu& menu, std::string_view label) : List(console, theme, menu.title), menu_(menu) {
  select(index_of(menu, label));
}

void MenuScreen::draw_row(std::size_t index, unsigned row, bool is_selected) {
  const Menu::Item& item = menu_.items[index];
  put(row, margin - 1, columns() - 2 * (margin - 1), is_selected ? Pair::selected : item.label.empty() ? Pair::separator : Pair::normal, join({" ", item.text}));
}

void MenuScreen::tell(std::optional<unsigned> seconds) {
  if (!seconds) return status(menu_help);
  status(join({menu_help, "   ", *seconds, " s"}));
}

MenuScreen::State MenuScreen::feed(Key key) {
  if (key == Key::enter) return State::chosen;
  if (key == Key::escape || key == Key::ctrl_c) return State::left;
  if (move(key)) return State::choosing;
  for (std::size_t i = 0; i < menu_.items.size(); ++i) {
    if (!can_select(i) || menu_.items[i].key != static_cast<std::uint16_t>(key)) continue;
    select(i);
    return State::chosen;
  }
  return State::choosing;
}

void FieldList::draw_field(unsigned row, std::string_view name, std::string_view value, Pair pair) {
  put(row, margin, name_width, Pair::normal, name);
  put(row, margin + name_width + 1, columns() - name_width - 2 * margin - 1, pair, value);
}

void FieldList::draw_typed(unsigned row, std::string_view name, TypedLine& typed, bool is_secret, bool has_cursor) {
  // One column is for the cursor behind the text.
  const std::string shown(typed.shown(columns() - name_width - 2 * margin - 2));
  draw_field(row, name, is_secret ? std::string(shown.size(), '*') : shown, Pair::editable);
  if (has_cursor) show_cursor(row, margin + name_width + 1 + static_cast<unsigned>(typed.cursor_shown()));
}

FormScreen::FormScreen(Console& console, const Theme& theme, const Menu& menu, std::vector<std::string> values)
    : FieldList(console, theme, menu.title), menu_(menu) {
  for (const Menu::Item& item : menu.items)
    if (!item.label.empty() && item.text.size() > name_width) name_width = static_cast<unsigned>(item.text.size());
  if (name_width > columns() / 2 - margin) name_width = columns() / 2 - margin;
  for (std::string& value : values) lines_.emplace_back(std::move(value));
  status(form_help);
  select(index_of(menu, {}));
}

void FormScreen::draw_row(std::size_t index, unsigned row, bool is_selected) {
  const Menu::Item& item = menu_.items[index];
  if (item.label.empty()) return put(row, margin, columns() - 2 * margin, Pair::separator, item.text);
  draw_typed(row, item.text, lines_[index], item.is_secret, is_selected);
}

FormScreen::State FormScreen::feed(Key key) {
  if (key == Key::escape || key == Key::ctrl_c) return State::left;
  if (key == Key::enter || key == Key::tab) {
    const std::size_t before = selected();
    move(Key::down);
    return selected() == before && key == Key::enter ? State::done : State::filling;
  }
  // Home and End are of the line, not of the list.
  if (lines_[selected()].feed(key)) draw_selected();
  else move(key);
  return State::filling;
}

void FormScreen::complain(std::size_t index, std::string_view sentence) {
  status(sentence, Pair::alert);
  select(index);
}

}  // namespace undine
