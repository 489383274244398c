// SPDX-License-Identifier: Apache-2.0
// INT 15h while we are resident: the BIOS's memory map without what we occupy.
#pragma once

#include "core/memory_map.h"

namespace undine {

class MemoryHook {
public:
  /// Programs that ask the BIOS now see `map`.
  explicit MemoryHook(const MemoryMap& map);
  ~MemoryHook();
  MemoryHook(const MemoryHook&) = delete;
  MemoryHook& operator=(const MemoryHook&) = delete;
  /// The same from now on, of a map that has changed above base memory.
  void show(const MemoryMap& map);
  /// Base memory is free up to this linear address: changed while a boot program runs.
  void set_base_memory_end(std::uint32_t end);
  /// The BIOS answers itself again, unless somebody has hooked over us. Called by the destructor, and before a jump that does not return.
  void undo();

private:
  bool hooked_ = false;
};

}  // namespace undine
