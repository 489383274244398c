// SPDX-License-Identifier: Apache-2.0
#include "config/screen/settings_screen.h"

namespace undine {
namespace {

constexpr Key ctrl_d{'d' & 0x1f}, ctrl_x{'x' & 0x1f};

}  // namespace

SettingsScreen::SettingsScreen(Console& console, const Theme& theme, const Settings& settings, std::string_view scope)
    : List(console, theme, scope.empty() ? "Settings" : join({"Settings of ", scope})), settings_(settings) {
  fields_.name_width = columns() / 4;
  const std::string before = join({scope, scope.empty() ? "" : "/"});
  for (const Setting& row : settings_table) names_.push_back(before + std::string(row.name));
  for (const Settings::Variable& variable : settings.variables())
    if (variable.scope == scope && find_setting(variable.key.name) == nullptr) names_.push_back(before + variable.key.name);
  select(0);
  tell();
}

void SettingsScreen::tell() {
  const auto found = settings_.find(name());
  status(join({"Enter: edit   Ctrl-D: forget   Esc: leave   ", found ? found->full_name() : std::string{}}));
}

void SettingsScreen::draw_row(std::size_t index, unsigned row, bool is_selected) {
  if (is_selected && typed_) return fields_.draw_typed(*this, row, names_[index], *typed_, false, true);
  const auto found = settings_.find(names_[index]);
  std::string value;
  if (found) value = shown_value(found->type(), found->raw, found->key);
  fields_.draw(*this, row, names_[index], value, is_selected ? Pair::selected : Pair::normal);
}

SettingsScreen::State SettingsScreen::feed(Key key) {
  const bool leaves = key == Key::escape || key == Key::ctrl_c || key == ctrl_x;
  if (typed_) {
    if (key == Key::enter) return State::edited;
    if (leaves) stored({});
    else if (typed_->feed(key)) draw_selected();
    return State::looking;
  }
  if (leaves) return State::left;
  if (key == Key::enter || key == ctrl_d) {
    typed_.emplace(key == Key::enter ? settings_.text_or_empty(name()) : std::string{});
    if (key == ctrl_d) return State::edited;
    draw_selected();
  } else if (move(key)) {
    tell();
  }
  return State::looking;
}

void SettingsScreen::stored(const Result<void>& done) {
  if (!done) status(done.error().text(), Pair::alert);
  else typed_.reset();
  if (done) tell();
  hide_cursor();
  draw_selected();
}

}  // namespace undine
