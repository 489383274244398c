// SPDX-License-Identifier: Apache-2.0
#include "config/screen/list.h"

namespace undine {

std::size_t List::nearest(std::size_t index, bool downwards) const {
  for (int direction = 0; direction < 2; ++direction, downwards = !downwards)
    for (std::size_t i = index; i < count(); i = downwards ? i + 1 : i - 1)  // before 0 comes what is not below count()
      if (can_select(i)) return i;
  return count();
}

void List::draw(std::size_t index) {
  if (index < count() && index >= top_ && index - top_ < rows_between()) draw_row(index, first_row + static_cast<unsigned>(index - top_), index == selected_);
}

void List::go(std::size_t index, bool downwards) {
  const std::size_t old = selected_, old_top = top_, visible = rows_between();
  selected_ = nearest(index, downwards);
  if (selected_ < top_) top_ = selected_;
  if (selected_ - top_ >= visible) top_ = selected_ - visible + 1;
  // What stands above the first row, and cannot be selected, is seen with it.
  for (std::size_t i = top_; i > 0 && !can_select(i - 1) && selected_ - i + 1 < visible; --i) top_ = i - 1;
  if (is_drawn_ && top_ == old_top) {
    draw(old);
    return draw(selected_);
  }
  is_drawn_ = true;
  for (std::size_t i = 0; i < visible; ++i) {
    if (top_ + i < count()) draw(top_ + i);
    else if (old_top != 0) put(first_row + static_cast<unsigned>(i), 0, columns(), Pair::normal, {});
  }
  draw(selected_);  // once more, for its cursor
}

void List::select(std::size_t index) { go(index < count() ? index : 0, true); }

bool List::move(Key key) {
  const std::size_t last = count() - 1, page = rows_between();
  switch (key) {
    case Key::up:
      go(selected_ == 0 ? 0 : selected_ - 1, false);
      return true;
    case Key::down:
      go(selected_ == last ? last : selected_ + 1, true);
      return true;
    case Key::page_up:
      go(selected_ < page ? 0 : selected_ - page, false);
      return true;
    case Key::page_down:
      go(last - selected_ < page ? last : selected_ + page, true);
      return true;
    case Key::home:
      go(0, true);
      return true;
    case Key::end:
      go(last, false);
      return true;
    default:
      return false;
  }
}

}  // namespace undine
