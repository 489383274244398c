// SPDX-License-Identifier: Apache-2.0
// A screen with rows of which one is selected; one can be at least. It is fed keys and draws; it never waits.
#pragma once

#include <cstddef>

#include "config/screen/screen.h"

namespace undine {

class List : public Screen {
public:
  using Screen::Screen;
  virtual ~List() = default;

  std::size_t selected() const { return selected_; }
  /// Selects the row, or the nearest one that can be, and draws.
  void select(std::size_t index);
  /// False if the key does not move.
  bool move(Key key);
  void draw_selected() { draw(selected_); }

protected:
  virtual std::size_t count() const = 0;
  virtual bool can_select(std::size_t) const { return true; }
  virtual void draw_row(std::size_t index, unsigned row, bool is_selected) = 0;
  /// Which row of the screen the selected one is in.
  unsigned selected_row() const { return first_row + static_cast<unsigned>(selected_ - top_); }

private:
  /// The nearest row from `index` on that can be selected, downwards first or upwards first; `count()` if there is none.
  std::size_t nearest(std::size_t index, bool downwards) const;
  void go(std::size_t index, bool downwards);
  void draw(std::size_t index);

  std::size_t selected_ = 0, top_ = 0;
  bool is_drawn_ = false;
};

}  // namespace undine
