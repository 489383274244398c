// SPDX-License-Identifier: Apache-2.0
#include "protocols/lldp/neighbour.h"

#include <gtest/gtest.h>

#include <string>

namespace undine {
namespace {

using Octets = std::vector<std::uint8_t>;

/// What a switch sends, fact by fact.
class Unit {
public:
  Unit& fact(unsigned type, const Octets& value) {
    const auto header = static_cast<std::uint16_t>(type << 9 | value.size());
    octets.push_back(static_cast<std::uint8_t>(header >> 8));
    octets.push_back(static_cast<std::uint8_t>(header));
    octets.insert(octets.end(), value.begin(), value.end());
    return *this;
  }
  Unit& fact(unsigned type, const std::string& text) { return fact(type, Octets(text.begin(), text.end())); }
  Octets octets;
};

Unit usual(std::uint8_t seconds = 120) {
  return Unit{}.fact(1, Octets{4, 2, 0, 0, 0, 0, 7}).fact(2, Octets{5, 'g', 'e', '1'}).fact(3, Octets{0, seconds});
}

std::string text(std::optional<Bytes> value) { return value ? std::string(value->begin(), value->end()) : "(nothing)"; }

TEST(Lldp, TellsWhatTheSwitchSaid) {
  LldpNeighbour neighbour;
  EXPECT_FALSE(neighbour.is_wanted());
  EXPECT_EQ(text(neighbour.find({.type = 5})), "(nothing)");
  EXPECT_TRUE(neighbour.is_wanted());
  Octets unit = usual().fact(5, "rack7").fact(127, Octets{0, 0x80, 0xc2, 3, 0, 9, 1, 'a'}).fact(127, Octets{0, 0x80, 0xc2, 3, 0, 10, 1, 'b'}).fact(0, "").octets;
  unit.resize(unit.size() + 20, 0xee);  // padding
  neighbour.accept(unit);
  EXPECT_EQ(text(neighbour.find({.type = 5})), "rack7");
  EXPECT_EQ(text(neighbour.find({.type = 5, .offset = 4})), "7");
  EXPECT_EQ(text(neighbour.find({.type = 5, .offset = 1, .length = 2})), "ac");
  EXPECT_EQ(text(neighbour.find({.type = 2, .offset = 1, .prefix = 5})), "ge1");
  EXPECT_EQ(text(neighbour.find({.type = 2, .offset = 1, .prefix = 7})), "(nothing)") << "another subtype";
  EXPECT_EQ(text(neighbour.find({.type = 127, .offset = 7, .prefix = 0x0080c203})), "a");
  EXPECT_EQ(text(neighbour.find({.type = 127, .index = 1, .offset = 7, .prefix = 0x0080c203})), "b");
  EXPECT_EQ(text(neighbour.find({.type = 127, .index = 2, .offset = 7, .prefix = 0x0080c203})), "(nothing)");
  EXPECT_EQ(text(neighbour.find({.type = 127, .offset = 7, .prefix = 0x0080c201})), "(nothing)");
}

TEST(Lldp, HasNoOctetsBehindAValue) {
  LldpNeighbour neighbour;
  neighbour.accept(usual().fact(5, "rack7").octets);
  EXPECT_EQ(text(neighbour.find({.type = 5, .offset = 5})), "");
  EXPECT_EQ(text(neighbour.find({.type = 5, .offset = 6})), "(nothing)");
  EXPECT_EQ(text(neighbour.find({.type = 5, .offset = 3, .length = 3})), "(nothing)");
  EXPECT_EQ(text(neighbour.find({.type = 5, .offset = 200, .prefix = 0x7261636b})), "(nothing)");
}

TEST(Lldp, KeepsWhatItHasThroughUnitsThatAreNotWellFormed) {
  LldpNeighbour neighbour;
  neighbour.accept(usual().fact(5, "rack7").octets);
  Octets cut = usual().fact(5, "other").octets;
  cut.pop_back();
  const Octets wrong[] = {{},
                          {2},
                          cut,
                          Unit{}.fact(0, "").octets,
                          Unit{}.fact(5, "other").octets,
                          Unit{}.fact(1, "ab").fact(3, Octets{0, 9}).fact(2, "ab").fact(5, "other").octets,
                          Unit{}.fact(1, "ab").fact(2, "ab").fact(3, Octets{9}).fact(5, "other").octets,
                          Unit{}.fact(1, "ab").fact(2, "ab").fact(0, "").octets};
  for (const Octets& unit : wrong) {
    neighbour.accept(unit);
    EXPECT_EQ(text(neighbour.find({.type = 5})), "rack7");
  }
}

TEST(Lldp, ForgetsANeighbourThatGoesOrHasAnother) {
  LldpNeighbour neighbour;
  neighbour.accept(usual().fact(5, "rack7").octets);
  neighbour.accept(usual().fact(6, "another").octets);
  EXPECT_EQ(text(neighbour.find({.type = 5})), "(nothing)");
  EXPECT_EQ(text(neighbour.find({.type = 6})), "another");
  neighbour.accept(usual(0).octets);
  EXPECT_EQ(text(neighbour.find({.type = 6})), "(nothing)");
  EXPECT_EQ(text(neighbour.find({.type = 1})), "(nothing)");
}

}  // namespace
}  // namespace undine
