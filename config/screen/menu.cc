// SPDX-License-Identifier: Apache-2.0
#include "config/screen/menu.h"

#include <algorithm>

namespace undine {
namespace {

constexpr std::string_view menu_help = "Enter: choose   Esc: leave";
constexpr std::string_view form_help = "Enter: next   Up, Down: move   Esc: leave";
/// Columns left and right of everything.
constexpr unsigned margin = 2;

}  // namespace

Menu::Item* Menu::add(std::string label, std::string text) {
  std::size_t bytes = label.size() + text.size();
  for (const Item& other : items) bytes += other.label.size() + other.text.size();
  if (items.size() == items_max || bytes > bytes_max) return nullptr;
  Item& item = items.emplace_back();
  item.label = std::move(label);
  item.text = std::move(text);
  return &item;
}

bool Menu::has_choice() const {
  for (const Item& item : items)
    if (!item.label.empty()) return true;
  return false;
}

ItemList::ItemList(Console& console, const Theme& theme, const Menu& menu) : List(console, theme, menu.title) {
  for (const Menu::Item& item : menu.items) items_.push_back(&item);
}

void ItemList::begin_at(std::string_view label) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < count(); ++i) {
    if (!can_select(i)) continue;
    if (item(i).is_default) first = i;
    if (item(i).label != label) continue;
    first = i;
    break;
  }
  select(first);
}

MenuScreen::MenuScreen(Console& console, const Theme& theme, const Menu& menu, std::string_view label) : ItemList(console, theme, menu) { begin_at(label); }

void MenuScreen::draw_row(std::size_t index, unsigned row, bool is_selected) {
  put(row, margin - 1, columns() - 2 * (margin - 1), is_selected ? Pair::selected : can_select(index) ? Pair::normal : Pair::separator, join({" ", item(index).text}), true);
}

void MenuScreen::tell(std::optional<unsigned> seconds) {
  if (!seconds) return status(menu_help);
  status(join({menu_help, "   ", *seconds, " s"}));
}

MenuScreen::State MenuScreen::feed(Key key) {
  if (key == Key::enter) return State::chosen;
  if (key == Key::escape || key == Key::ctrl_c) return State::left;
  if (move(key)) return State::choosing;
  for (std::size_t i = 0; i < count(); ++i) {
    if (!can_select(i) || item(i).key == 0 || item(i).key != static_cast<std::uint16_t>(key)) continue;
    select(i);
    return State::chosen;
  }
  return State::choosing;
}

void Fields::draw(Screen& screen, unsigned row, std::string_view name, std::string_view value, Pair pair) const {
  screen.put(row, margin, name_width, Pair::normal, name, true);
  screen.put(row, margin + name_width + 1, screen.columns() - name_width - 2 * margin - 1, pair, value);
}

void Fields::draw_typed(Screen& screen, unsigned row, std::string_view name, TypedLine& typed, bool is_secret, bool has_cursor) const {
  // One column is for the cursor behind the text.
  std::string shown(typed.shown(screen.columns() - name_width - 2 * margin - 2));
  if (is_secret) shown.assign(shown.size(), '*');
  draw(screen, row, name, shown, Pair::editable);
  if (has_cursor) screen.show_cursor(row, margin + name_width + 1 + static_cast<unsigned>(typed.cursor_shown()));
}

FormScreen::FormScreen(Console& console, const Theme& theme, const Menu& menu, const Settings& settings)
    : ItemList(console, theme, menu), lines_(std::make_unique<TypedLine[]>(count())) {
  for (std::size_t i = 0; i < count(); ++i) {
    if (!can_select(i)) continue;
    fields_.name_width = std::max(fields_.name_width, columns_of(item(i).text));
    lines_[i] = TypedLine(settings.text_or_empty(item(i).label));
  }
  fields_.name_width = std::min(fields_.name_width, columns() / 2 - margin);
  status(form_help);
  begin_at({});
}

void FormScreen::draw_row(std::size_t index, unsigned row, bool is_selected) {
  if (!can_select(index)) return put(row, margin, columns() - 2 * margin, Pair::separator, item(index).text, true);
  fields_.draw_typed(*this, row, item(index).text, lines_[index], item(index).is_secret, is_selected);
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
