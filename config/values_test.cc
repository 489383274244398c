// SPDX-License-Identifier: Apache-2.0
#include "config/values.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

std::string shown(ValueType type, std::string_view raw) {
  const auto text = format_value(type, as_bytes(raw));
  return text ? *text : std::string(text.error().cause().name);
}

std::string stored(ValueType type, std::string_view text) {
  const auto raw = parse_value(type, text);
  return raw ? std::string(raw->begin(), raw->end()) : std::string(raw.error().cause().name);
}

using std::string_view_literals::operator""sv;
using std::string_literals::operator""s;

TEST(Values, TextEndsAtTheZeroThatSomeServersAppend) {
  EXPECT_EQ(shown(ValueType::text, "pxelinux.0\0"sv), "pxelinux.0");
  EXPECT_EQ(stored(ValueType::text, "a b"), "a b");
}

TEST(Values, SignedNumbersAreDecimalAndUnsignedOnesHexadecimal) {
  EXPECT_EQ(shown(ValueType::int8, "\xff"), "-1");
  EXPECT_EQ(shown(ValueType::int16, "\x05\xdc"sv), "1500");
  EXPECT_EQ(shown(ValueType::uint8, "\x1f"), "0x1f");
  EXPECT_EQ(shown(ValueType::uint32, "\0\0\0\0"sv), "0x0");
  EXPECT_EQ(shown(ValueType::int32, "\x80\0\0\0"sv), "-2147483648");
  EXPECT_EQ(shown(ValueType::uint32, "\1\0\0\0\0"sv), "value.out-of-range");
  EXPECT_EQ(shown(ValueType::int32, "\xff\xff\xff\xff\xff\xfe"sv), "-2");
}

TEST(Values, NumbersAreStoredInTheWidthOfTheirType) {
  EXPECT_EQ(stored(ValueType::int8, "-1"), "\xff");
  EXPECT_EQ(stored(ValueType::int16, "0x102"), "\x01\x02");
  EXPECT_EQ(stored(ValueType::uint32, "10"), "\0\0\0\x0a"s);
  EXPECT_EQ(stored(ValueType::int16, "010"), "\0\x08"s);
  EXPECT_EQ(stored(ValueType::int16, "-010"), "\xff\xf8");
  EXPECT_EQ(stored(ValueType::int16, "+10"), "\0\x0a"s);
  EXPECT_EQ(stored(ValueType::int32, "08"), "value.malformed");
  EXPECT_EQ(stored(ValueType::int32, "ten"), "value.malformed");
}

TEST(Values, NumbersOfScriptsAreReadAsInC) {
  EXPECT_EQ(parse_script_number("0"), 0u);
  EXPECT_EQ(parse_script_number("1500"), 1500u);
  EXPECT_EQ(parse_script_number("010"), 8u);
  EXPECT_EQ(parse_script_number("0x1F"), 31u);
  EXPECT_EQ(parse_script_number("+5"), 5u);
  EXPECT_EQ(parse_script_number("010", 7), std::nullopt);
  EXPECT_EQ(parse_script_number("01777777777777777777777"), UINT64_MAX);
  for (const char* wrong : {"", "+", "++1", "-1", "08", "0x", "1f", "02000000000000000000000"}) EXPECT_EQ(parse_script_number(wrong), std::nullopt) << wrong;
}

TEST(Values, HexadecimalHasThreeForms) {
  EXPECT_EQ(shown(ValueType::hex, "\x52\x54\0"sv), "52:54:00");
  EXPECT_EQ(shown(ValueType::hex_hyphen, "\x52\x54\0"sv), "52-54-00");
  EXPECT_EQ(shown(ValueType::hex_raw, "\x52\x54\0"sv), "525400");
  EXPECT_EQ(stored(ValueType::hex, "1:2:aB"), "\x01\x02\xab");
  EXPECT_EQ(stored(ValueType::hex_hyphen, "20-20"), "  ");
  EXPECT_EQ(stored(ValueType::hex_raw, "2021"), " !");
  EXPECT_EQ(stored(ValueType::hex_raw, "202"), "value.malformed");
  EXPECT_EQ(stored(ValueType::hex, "20:"), "value.malformed");
  EXPECT_EQ(stored(ValueType::hex, "203"), "value.malformed");
}

TEST(Values, AddressesAreTheFirstOfAList) {
  EXPECT_EQ(shown(ValueType::ipv4, "\x0a\0\0\1\x0a\0\0\2"sv), "10.0.0.1");
  EXPECT_EQ(shown(ValueType::ipv4, "\x0a\0\0"sv), "value.wrong-length");
  EXPECT_EQ(stored(ValueType::ipv4, "10.0.0.256"), "value.malformed");
  EXPECT_EQ(shown(ValueType::ipv6, "0123456789abcdef"), "3031:3233:3435:3637:3839:6162:6364:6566");
  EXPECT_EQ(shown(ValueType::ipv6, std::string(16, '\0')), "::");
  EXPECT_EQ(shown(ValueType::ipv6, std::string(15, '\0') + "\1"), "::1");
  EXPECT_EQ(shown(ValueType::ipv6, "\xfe\x80" + std::string(14, '\0')), "fe80::");
  EXPECT_EQ(shown(ValueType::ipv6, std::string("\x20\1\0\0\0\1\0\0\0\0\0\0\0\0\0\1", 16)), "2001:0:1::1") << "the longest run";
  EXPECT_EQ(shown(ValueType::ipv6, std::string("\0\1\0\0\0\2\0\3\0\4\0\5\0\6\0\7", 16)), "1:0:2:3:4:5:6:7") << "one group is no run";
  EXPECT_EQ(shown(ValueType::ipv6, "0123456789abcde"), "value.wrong-length");
}

TEST(Values, Base64IsReadAndWritten) {
  EXPECT_EQ(shown(ValueType::base64, "f"), "Zg==");
  EXPECT_EQ(shown(ValueType::base64, "foobar"), "Zm9vYmFy");
  EXPECT_EQ(stored(ValueType::base64, "Zm9vYg=="), "foob");
  EXPECT_EQ(stored(ValueType::base64, "Z"), "value.malformed");
  EXPECT_EQ(stored(ValueType::base64, "Zm 9"), "value.malformed");
}

TEST(Values, AUuidAndAGuidDifferInTheirFirstThreeFields) {
  const std::string_view octets = "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"sv;
  EXPECT_EQ(shown(ValueType::uuid, octets), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(shown(ValueType::guid, octets), "33221100-5544-7766-8899-aabbccddeeff");
  EXPECT_EQ(stored(ValueType::guid, "33221100-5544-7766-8899-aabbccddeeff"), octets);
  EXPECT_EQ(shown(ValueType::uuid, "short"), "value.wrong-length");
  EXPECT_EQ(stored(ValueType::uuid, "00112233-4455-6677-8899-aabbccddeef"), "value.malformed");
}

TEST(Values, DomainListsFollowPointersBackwardsOnly) {
  EXPECT_EQ(shown(ValueType::dns_names, "\3lab\7example\0\3org\0"sv), "lab.example org");
  EXPECT_EQ(shown(ValueType::dns_names, "\3lab\7example\0\3eng\xc0\x04"sv), "lab.example eng.example");
  EXPECT_EQ(shown(ValueType::dns_names, "\xc0\x00"sv), "value.malformed");
  EXPECT_EQ(shown(ValueType::dns_names, "\1a\xc0\x00"sv), "value.malformed");
  EXPECT_EQ(shown(ValueType::dns_names, "\5ab"), "value.malformed");
  EXPECT_EQ(stored(ValueType::dns_names, "lab.example org"), "\3lab\7example\0\3org\0"s);
}

TEST(Values, Ipv6AddressesAreReadInAnyOfTheirForms) {
  const std::string one = std::string(15, '\0') + "\1";
  EXPECT_EQ(stored(ValueType::ipv6, "::1"), one);
  EXPECT_EQ(stored(ValueType::ipv6, "0:0:0:0:0:0:0:1"), one);
  EXPECT_EQ(stored(ValueType::ipv6, "FE80::1:2"), "\xfe\x80" + std::string(11, '\0') + "\1" + std::string(1, '\0') + "\2");
  EXPECT_EQ(stored(ValueType::ipv6, "1::"), std::string("\0\1", 2) + std::string(14, '\0'));
  EXPECT_EQ(stored(ValueType::ipv6, "::"), std::string(16, '\0'));
  for (const char* wrong : {"", ":", ":1", "1:", "1:2:3", "1::2::3", ":::", "1:2:3:4:5:6:7:8:9", "::1:2:3:4:5:6:7:8", "12345::", "g::", "1:2:3:4:5:6:7:8::"})
    EXPECT_EQ(stored(ValueType::ipv6, wrong), "value.malformed") << wrong;
}

TEST(Values, PlacesOnThePciBusHaveTheirOwnForm) { EXPECT_EQ(shown(ValueType::bus_device, "\0\0\x00\xfa"sv), "00:1f.2"); }

TEST(Values, EveryTypeIsFoundByItsName) {
  for (unsigned i = 0; i <= static_cast<unsigned>(ValueType::dns_names); ++i) {
    const auto type = static_cast<ValueType>(i);
    EXPECT_EQ(value_type(name_of(type)), type);
  }
  EXPECT_FALSE(value_type("float"));
}

}  // namespace
}  // namespace undine
