// SPDX-License-Identifier: Apache-2.0
#include "protocols/rpc/xdr.h"

#include <gtest/gtest.h>

namespace undine::rpc {
namespace {

TEST(Xdr, WritesAndReadsWithPadding) {
  std::uint8_t memory[64];
  std::fill(std::begin(memory), std::end(memory), std::uint8_t{0xa5});
  XdrWriter out{memory};
  out.u32(7);
  out.u64(0x0102030405060708);
  out.opaque(as_bytes("abcde"));
  out.fixed(as_bytes("xy"));
  ASSERT_FALSE(out.failed());
  EXPECT_EQ(as_text(out.written()), std::string_view("\0\0\0\7\1\2\3\4\5\6\7\10\0\0\0\5abcde\0\0\0xy\0\0", 28));
  XdrReader in{out.written()};
  EXPECT_EQ(in.u32(), 7u);
  EXPECT_EQ(in.u64(), 0x0102030405060708u);
  EXPECT_EQ(as_text(in.opaque(5)), "abcde");
  EXPECT_EQ(as_text(in.fixed(2)), "xy");
  EXPECT_TRUE(in.rest().empty());
  EXPECT_FALSE(in.failed());
}

TEST(Xdr, LeavesOutWhatDoesNotFit) {
  std::uint8_t memory[8];
  XdrWriter out{memory};
  out.opaque(as_bytes("abcde"));
  EXPECT_TRUE(out.failed());
  EXPECT_LE(out.written().size(), sizeof memory);
}

TEST(Xdr, StopsAtTheEndAndAtLiesAboutLengths) {
  const std::string_view cases[] = {
      {"\0\0\0", 3},                      // no number
      {"\0\0\0\5abcde\0\0", 11},          // padding missing
      {"\0\0\0\6abcde\0\0\0", 12},        // longer than allowed
      {"\xff\xff\xff\xff" "abcd", 8},     // wraps with its padding
      {"\xff\xff\xff\xfd" "abcd", 8},
  };
  for (const std::string_view text : cases) {
    XdrReader in{as_bytes(text)};
    EXPECT_TRUE(in.opaque(5).empty());
    EXPECT_TRUE(in.failed());
    EXPECT_EQ(in.u32(), 0u);
    EXPECT_EQ(in.u64(), 0u);
  }
  XdrReader in{as_bytes(cases[3])};
  EXPECT_TRUE(in.opaque(SIZE_MAX).empty());
  EXPECT_TRUE(in.failed());
}

}  // namespace
}  // namespace undine::rpc
