// SPDX-License-Identifier: Apache-2.0
#include "protocols/aoe/packet.h"

#include <gtest/gtest.h>

#include <vector>

namespace undine::aoe {
namespace {

TEST(AoePath, NamesAShelfAndASlot) {
  EXPECT_EQ(*parse_path("aoe:e1.3"), (Address{1, 3}));
  EXPECT_EQ(*parse_path("aoe:e65534.254"), (Address{65534, 254}));
  EXPECT_EQ(*parse_path("aoe:0.0"), (Address{0, 0}));
  for (const std::string_view path : {"aoe:", "aoe:e", "aoe:e1", "aoe:e1.", "aoe:e.1", "aoe:e65535.1", "aoe:e1.255", "aoe:e1.2.3", "aoe:f1.2", "aoe:e-1.2"})
    EXPECT_TRUE(parse_path(path).error().is(bad_path)) << path;
}

TEST(AoeQuestion, IsWrittenAsTheSpecificationHasIt) {
  std::uint8_t head[ata_head_bytes];
  std::fill(std::begin(head), std::end(head), std::uint8_t{0xa5});
  const Question write{.to = {0x0102, 3}, .tag = 0xdeadbeef, .ata_command = ata::write_extended, .sectors = 2, .first_sector = 0x060504030201, .is_extended = true, .is_write = true};
  const std::vector<std::uint8_t> expected{0x10, 0, 1, 2, 3, 0, 0xde, 0xad, 0xbe, 0xef, 0x41, 0, 2, 0x34, 1, 2, 3, 4, 5, 6, 0, 0};
  EXPECT_TRUE(same_bytes(write.emit(head), expected));
  std::fill(std::begin(head), std::end(head), std::uint8_t{0xa5});
  const Question query{.to = {1, 0}, .tag = 7, .command = Command::query};
  const std::vector<std::uint8_t> asked{0x10, 0, 0, 1, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_TRUE(same_bytes(query.emit(head), asked));
}

TEST(AoeAnswer, IsTakenApart) {
  const std::vector<std::uint8_t> query{0x18, 0, 1, 2, 3, 1, 0, 0, 0, 7, 0, 16, 0x40, 1, 2, 0x11, 0, 0};
  const auto answer = Answer::parse(query);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->from(), (Address{0x0102, 3}));
  EXPECT_EQ(answer->tag(), 7u);
  EXPECT_EQ(answer->buffers(), 16u);
  EXPECT_EQ(answer->sectors_max(), 2u);
  EXPECT_FALSE(answer->refusal());
  const std::vector<std::uint8_t> read{0x18, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0x40, 4, 1, 0x41, 0, 0, 0, 0, 0, 0, 0, 0, 'd'};
  EXPECT_EQ(Answer::parse(read)->ata_error(), 4u);
  EXPECT_EQ(Answer::parse(read)->ata_status(), 0x41u);
  EXPECT_EQ(as_text(Answer::parse(read)->data()), "d");
}

TEST(AoeAnswer, IsNoQuestionOfAnotherVersionOrCutShort) {
  std::vector<std::uint8_t> frame{0x18, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_TRUE(Answer::parse(frame));
  frame[0] = 0x10;
  EXPECT_FALSE(Answer::parse(frame));
  frame[0] = 0x28;
  EXPECT_FALSE(Answer::parse(frame));
  frame[0] = 0x18;
  for (std::size_t size = 0; size < frame.size(); ++size) EXPECT_FALSE(Answer::parse(Bytes{frame}.first(size))) << size;
  // A refusal has no more than the common head.
  frame[0] = 0x1c;
  frame[1] = 3;
  EXPECT_EQ(Answer::parse(Bytes{frame}.first(common_bytes))->refusal(), 3);
}

TEST(AoeIdentity, CountsSectorsInBothWays) {
  std::vector<std::uint8_t> words(512);
  words[120] = 0xff, words[121] = 0xff, words[122] = 0xff, words[123] = 0x0f;
  EXPECT_EQ(parse_identity(words).sectors, 0x0fffffffu);
  EXPECT_FALSE(parse_identity(words).is_extended);
  words[167] = 4;
  words[200] = 1, words[205] = 2, words[206] = 9;
  EXPECT_EQ(parse_identity(words).sectors, 0x020000000001u);
  EXPECT_TRUE(parse_identity(words).is_extended);
}

}  // namespace
}  // namespace undine::aoe
