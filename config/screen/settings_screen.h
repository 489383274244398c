// SPDX-License-Identifier: Apache-2.0
// `config`: every named setting of a scope with its value, and what the user set besides; to look at and to change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/screen/menu.h"

namespace undine {

class SettingsScreen final : public List {
public:
  SettingsScreen(Console& console, const Theme& theme, const Settings& settings, std::string_view scope);

  enum class State : std::uint8_t { looking, edited, left };
  /// After `edited` the caller stores `value()` as `name()` and says how that went.
  State feed(Key key);
  const std::string& name() const { return names_[selected()]; }
  const std::string& value() const { return typed_->text(); }
  void stored(const Result<void>& done);

protected:
  std::size_t count() const override { return names_.size(); }
  void draw_row(std::size_t index, unsigned row, bool is_selected) override;

private:
  void tell();

  const Settings& settings_;
  Fields fields_;
  std::vector<std::string> names_;
  std::optional<TypedLine> typed_;  ///< while one is being edited
};

}  // namespace undine
