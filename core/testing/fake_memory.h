// SPDX-License-Identifier: Apache-2.0
// Physical memory for tests: addresses 0 to `size`, all zero, of which the host spends only the pages that are touched.
#pragma once

#include <sys/mman.h>

#include "core/memory_map.h"
#include "core/panic.h"

namespace undine::testing {

class FakeMemory final : public PhysicalMemory {
public:
  explicit FakeMemory(std::uint64_t size = std::uint64_t{1} << 32) : size_(size) {
    void* const mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    expect(mapped != MAP_FAILED, "the host has no address space for the fake memory");
    memory_ = static_cast<std::uint8_t*>(mapped);
  }
  ~FakeMemory() override { munmap(memory_, size_); }
  FakeMemory(const FakeMemory&) = delete;
  FakeMemory& operator=(const FakeMemory&) = delete;

  MutableBytes at(std::uint64_t address, std::uint64_t length) override {
    if (address > size_ || length > size_ - address) return {};
    return {memory_ + address, static_cast<std::size_t>(length)};
  }

private:
  std::uint64_t size_;
  std::uint8_t* memory_;
};

}  // namespace undine::testing
