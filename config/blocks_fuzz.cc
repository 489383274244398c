// SPDX-License-Identifier: Apache-2.0
// Any text as a script with blocks: where nothing is wrong, each block is whole and lies within the one around it, and no jump enters one.
#include <cstdlib>

#include "config/script.h"

using namespace undine;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

bool begins(Keyword keyword) { return keyword == Keyword::if_ || keyword == Keyword::while_ || keyword == Keyword::for_ || keyword == Keyword::function; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto script = Script::parse({data, size}, "fuzz", Uri{});
  if (!script) return 0;
  if (script->wrong_block()) {
    demand(script->wrong_block()->place.line != 0 && script->wrong_block()->place.column != 0);
    return 0;
  }
  const auto& blocks = script->blocks();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Script::BlockLine& block = blocks[i];
    demand(block.next < blocks.size() && block.at.at < block.behind.at && script->block_at(block.at) == i);
    if (block.keyword == Keyword::end) {
      demand(begins(blocks[block.next].keyword) && blocks[block.next].outer == block.outer);
    } else {
      demand(block.next > i && blocks[block.next].outer == block.outer);
    }
    if (block.outer != Script::no_block) demand(begins(blocks[block.outer].keyword) && block.outer < i);
  }
  // From each line to each label that can be reached: what is around the target is around the line.
  Script::Line line;
  while (true) {
    const auto more = script->next(line);
    if (!more) continue;
    if (!*more) break;
    const Script::Position here = script->line_position(), behind = script->position();
    std::size_t around = script->block_around(here);
    if (script->go_to("a")) {
      const std::size_t target = script->block_around(script->position());
      while (around != target) {
        demand(around != Script::no_block && blocks[around].keyword != Keyword::function);
        around = blocks[around].outer;
      }
    }
    script->move_to(behind);
  }
  return 0;
}
