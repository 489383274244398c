// SPDX-License-Identifier: Apache-2.0
// The text screen of the BIOS, as INT 10h has it.
#pragma once

#include "core/terminal.h"

namespace undine {

class BiosTextScreen final : public TextDisplay {
public:
  void put(char character, const Style& style) override;
  unsigned rows() const override;
  unsigned columns() const override;
  Position cursor() const override;
  void move_to(Position to) override;
  void blank(unsigned count, const Style& style) override;
  void clear(const Style& style) override;
  void show_cursor(bool shown) override;
};

}  // namespace undine
