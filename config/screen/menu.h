// SPDX-License-Identifier: Apache-2.0
// Menus and forms: what scripts put together with `menu`, `form` and `item`, and the screens on which a person chooses and fills in. Screens are fed keys; they
// never wait.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/editor.h"
#include "config/screen/list.h"
#include "config/settings.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause menu_unknown{"menu.unknown", "there is no such menu or form; 'menu' and 'form' begin one, and 'choose' and 'present' use it up", pxe_status_failure};
inline constexpr Cause menu_empty{"menu.empty", "nothing can be chosen there; 'item' adds to a menu", pxe_status_failure};
inline constexpr Cause menu_full{"menu.full", "that is too much: 16 menus and forms are kept, of 512 items and 32 KiB each", pxe_status_failure};

struct Menu {
  static constexpr std::size_t menus_max = 16, items_max = 512, bytes_max = 32 * 1024;
  struct Item {
    std::string label;  ///< what is chosen, or the setting that is filled in; empty for what only separates
    std::string text;
    std::uint16_t key = 0;
    bool is_default = false, is_secret = false;
  };
  std::string name, title;
  std::list<Item> items;

  /// A new item at the end, or nullptr if there is no room.
  Item* add(std::string label, std::string text);
  /// Anything in it can be selected.
  bool has_choice() const;
};

/// A list whose rows are items of a menu.
class ItemList : public List {
public:
  ItemList(Console& console, const Theme& theme, const Menu& menu);
  const Menu::Item& item(std::size_t index) const { return *items_[index]; }

protected:
  std::size_t count() const override { return items_.size(); }
  bool can_select(std::size_t index) const override { return !item(index).label.empty(); }
  /// The item with that label, else the default one.
  void begin_at(std::string_view label);

private:
  std::vector<const Menu::Item*> items_;
};

class MenuScreen final : public ItemList {
public:
  /// Begins at the item with this label, else at the menu's own default.
  MenuScreen(Console& console, const Theme& theme, const Menu& menu, std::string_view label);

  enum class State : std::uint8_t { choosing, chosen, left };
  State feed(Key key);
  /// How long until the selected item counts as chosen; nothing: for ever.
  void tell(std::optional<unsigned> seconds);

protected:
  void draw_row(std::size_t index, unsigned row, bool is_selected) override;
};

/// Rows of a name and a text, which may be a line being typed.
struct Fields {
  unsigned name_width = 0;
  /// A name at the left and `value` in a box at the right.
  void draw(Screen& screen, unsigned row, std::string_view name, std::string_view value, Pair pair) const;
  void draw_typed(Screen& screen, unsigned row, std::string_view name, TypedLine& typed, bool is_secret, bool has_cursor) const;
};

class FormScreen final : public ItemList {
public:
  /// Fields begin with what the settings are.
  FormScreen(Console& console, const Theme& theme, const Menu& menu, const Settings& settings);

  enum class State : std::uint8_t { filling, done, left };
  /// Enter goes to the next field, and behind the last one the form is done.
  State feed(Key key);
  const std::string& value(std::size_t index) const { return lines_[index].text(); }
  /// Says what is wrong with the value of an item, and goes there.
  void complain(std::size_t index, std::string_view sentence);

protected:
  void draw_row(std::size_t index, unsigned row, bool is_selected) override;

private:
  Fields fields_;
  std::unique_ptr<TypedLine[]> lines_;
};

}  // namespace undine
