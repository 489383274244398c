// SPDX-License-Identifier: Apache-2.0
#include "undi/base_memory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "undi/testing/scripted_rom.h"

namespace undine {
namespace {

using testing::FakeLowMemory;

constexpr BaseRegion base_code{0x9a000, 0x9d000};
constexpr BaseRegion driver{0x9d000, 0x9f000};

class BaseMemoryTest : public ::testing::Test {
protected:
  BaseMemoryTest() {
    std::fill(memory.bytes.begin() + 0x90000, memory.bytes.begin() + 0xa0000, std::uint8_t{0xcc});
    set_kib(0x9a000 / 1024);
    set_int_1a({0, 0xf000});
  }
  void set_kib(unsigned kib) { store_le16(memory.bytes, 0x413, static_cast<std::uint16_t>(kib)); }
  unsigned kib() const { return load_le16(memory.bytes, 0x413); }
  void set_int_1a(RealPointer to) {
    store_le16(memory.bytes, 0x68, to.offset);
    store_le16(memory.bytes, 0x6a, to.segment);
  }
  FakeLowMemory memory;
};

TEST_F(BaseMemoryTest, FreesAndClearsTheLowestRegion) {
  const Freed freed = free_base_memory(memory, base_code, driver);
  EXPECT_EQ(freed.bytes, 0x3000u);
  EXPECT_EQ(freed.leaked_bytes, 0u);
  EXPECT_EQ(kib(), 0x9d000u / 1024);
  EXPECT_TRUE(std::all_of(memory.bytes.begin() + 0x9a000, memory.bytes.begin() + 0x9d000, [](auto octet) { return octet == 0; }));
  EXPECT_EQ(memory.bytes[0x99fff], 0xcc);
  EXPECT_EQ(memory.bytes[0x9d000], 0xcc);
}

TEST_F(BaseMemoryTest, LeaksWhatIsNotLowest) {
  set_kib(0x98000 / 1024);
  EXPECT_EQ(free_base_memory(memory, base_code, driver).leaked_bytes, 0x3000u);
  EXPECT_EQ(kib(), 0x98000u / 1024);
  EXPECT_EQ(memory.bytes[0x9a000], 0xcc);
}

TEST_F(BaseMemoryTest, LeaksWhatInt1AhLeadsInto) {
  set_int_1a({0x10, 0x9b00});
  EXPECT_EQ(free_base_memory(memory, base_code, driver).leaked_bytes, 0x3000u);
  EXPECT_EQ(kib(), 0x9a000u / 1024);
  set_int_1a({0x10, 0x9d00});  // the driver may
  EXPECT_EQ(free_base_memory(memory, base_code, driver).bytes, 0x3000u);
}

TEST_F(BaseMemoryTest, TouchesNothingThatStays) {
  EXPECT_EQ(free_base_memory(memory, {0x9a000, 0x9d001}, driver).leaked_bytes, 0x3001u);
  EXPECT_EQ(memory.bytes[0x9d000], 0xcc);
}

TEST_F(BaseMemoryTest, KeepsTheLastKibWhenItIsShared) {
  EXPECT_EQ(free_base_memory(memory, {0x9a000, 0x9cf00}, driver).bytes, 0x2c00u);
  EXPECT_EQ(memory.bytes[0x9cc00], 0xcc);
}

TEST_F(BaseMemoryTest, HasNothingToDoForAnEmptyRegion) {
  const Freed freed = free_base_memory(memory, {}, driver);
  EXPECT_EQ(freed.bytes + freed.leaked_bytes, 0u);
}

}  // namespace
}  // namespace undine
