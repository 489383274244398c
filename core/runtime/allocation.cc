// SPDX-License-Identifier: Apache-2.0
// operator new and delete, and malloc for foreign code, over the program's heap. In the program only.
//
// Plain new cannot say no without exceptions: it panics. Code that can live without the memory uses make_unique_nothrow.
#include <stdlib.h>
#include <string.h>

#include <new>

#include "core/panic.h"
#include "core/runtime/heap.h"

namespace undine {

namespace {
constinit Heap heap;

void* allocate_or_panic(std::size_t size, std::size_t alignment) {
  void* const memory = heap.allocate(size, alignment);
  if (memory == nullptr) [[unlikely]]
    panic("the program's own memory is exhausted; the machine needs more RAM below 4 GiB");
  return memory;
}

constexpr std::size_t usual_alignment = 8;
}  // namespace

Heap& program_heap() { return heap; }

}  // namespace undine

using undine::allocate_or_panic;
using undine::heap;
using undine::usual_alignment;

void* operator new(std::size_t size) { return allocate_or_panic(size, usual_alignment); }
void* operator new[](std::size_t size) { return allocate_or_panic(size, usual_alignment); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate_or_panic(size, static_cast<std::size_t>(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return allocate_or_panic(size, static_cast<std::size_t>(alignment)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap.allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return heap.allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return heap.allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return heap.allocate(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* memory) noexcept { heap.free(memory); }
void operator delete[](void* memory) noexcept { heap.free(memory); }
void operator delete(void* memory, std::size_t) noexcept { heap.free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { heap.free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { heap.free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { heap.free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { heap.free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { heap.free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { heap.free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { heap.free(memory); }

namespace std {
const nothrow_t nothrow{};  // libc++ declares it; the rest of its new.cpp is not needed
}

extern "C" {

void* malloc(size_t size) { return heap.allocate(size); }

void* calloc(size_t count, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(count, size, &total)) return nullptr;
  void* const memory = heap.allocate(total);
  if (memory != nullptr) memset(memory, 0, total);
  return memory;
}

void* realloc(void* memory, size_t size) {
  if (memory == nullptr) return heap.allocate(size);
  const size_t had = heap.size_of(memory);
  if (size <= had) return memory;
  void* const moved = heap.allocate(size);
  if (moved == nullptr) return nullptr;
  memcpy(moved, memory, had);
  heap.free(memory);
  return moved;
}

void free(void* memory) { heap.free(memory); }

}  // extern "C"
