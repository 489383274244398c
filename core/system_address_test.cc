// SPDX-License-Identifier: Apache-2.0
#include "core/system_address.h"

#include <gtest/gtest.h>

#include <string>

#include "core/testing/fake_memory.h"

namespace undine {
namespace {

using testing::FakeMemory;

/// A method that returns the string: its name, the length of its package, its flags, the opcodes of Return and of a string (ACPI 6.5 section 20.2).
std::string method(std::string_view name, std::string_view text) {
  return std::string("\x14\x1b") + std::string(name) + std::string("\0\xa4\x0d", 3) + std::string(text) + std::string(1, '\0');
}
std::string address_in(std::string_view contents) {
  const auto address = system_address_in(as_bytes(contents));
  return address ? address->text() : "none";
}
std::string table(std::string_view signature, std::string_view contents) {
  std::string octets = std::string(signature) + std::string(32, '\0') + std::string(contents);
  store_le32(MutableBytes{reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()}, 4, static_cast<std::uint32_t>(octets.size()));
  return octets;
}
std::string number(std::uint64_t value, std::size_t bytes) {
  std::string octets;
  for (std::size_t i = 0; i < bytes; ++i) octets += static_cast<char>(value >> (8 * i));
  return octets;
}

TEST(SystemAddress, IsTheStringBehindTheMethodsName) {
  EXPECT_EQ(address_in("DSDT" + method("AMAC", "_AUXMAC_#0A1b2C334455#") + "more"), "0a:1b:2c:33:44:55");
  EXPECT_EQ(address_in(method("MACA", "_AUXMAC_#001122334455#")), "00:11:22:33:44:55");
  EXPECT_EQ(address_in(method("RTMA", std::string("_RTXMAC_#\x00\x11\x22\x33\x44\x55#", 16))), "00:11:22:33:44:55");
  EXPECT_EQ(address_in("AMAC of something else" + method("AMAC", "_AUXMAC_#001122334455#")), "00:11:22:33:44:55");
}

TEST(SystemAddress, IsNothingThatOnlyLooksLikeOne) {
  for (const std::string& contents : {std::string{}, std::string{"AMAC"}, std::string{"AMAC\1"}, std::string{"_AUXMAC_#001122334455#\0", 23}, method("AMAC", "_AUXMAC_#001122334455"),
                                      method("AMAC", "_AUXMAC_#00112233445#"), method("AMAC", "_AUXMAC_#00112233445g#"), method("AMAC", "_AUXMAC_#XXXXXXXXXXXX#"),
                                      method("AMAC", "_AUXMAC_#000000000000#"), method("AMAC", "_AUXMAC_#010000000001#"), method("RTMA", "_AUXMAC_#001122334455#"),
                                      method("AMAC", "far behind it _AUXMAC_#001122334455#"), method("AMAC", "_AUXMAC_#001122334455#x"), std::string{"AMAC\1_AUXMAC_#"}})
    EXPECT_EQ(address_in(contents), "none") << contents;
}

struct FirmwareBench {
  static constexpr std::uint32_t list = 0x1000, fadt = 0x2000, dsdt = 0x3000, ssdt = 0x4000;
  void put(std::uint64_t at, std::string_view octets) { copy_bytes(memory.at(at, octets.size()), as_bytes(octets)); }
  std::string address(std::string_view root) {
    const auto found = find_system_address(as_bytes(root), memory);
    return found ? found->text() : "none";
  }
  FakeMemory memory{0x10000};
};
std::string old_root() { return std::string(16, '\0') + number(FirmwareBench::list, 4); }
std::string new_root() { return std::string(24, '\0') + number(FirmwareBench::list, 8) + std::string(4, '\0'); }

TEST(SystemAddress, IsFoundThroughEitherListAndInEitherKindOfTable) {
  FirmwareBench bench;
  bench.put(bench.list, table("RSDT", number(bench.fadt, 4) + number(bench.ssdt, 4)));
  bench.put(bench.fadt, table("FACP", std::string(4, '\0') + number(bench.dsdt, 4)));
  bench.put(bench.dsdt, table("DSDT", "nothing"));
  bench.put(bench.ssdt, table("SSDT", method("AMAC", "_AUXMAC_#020000000001#")));
  EXPECT_EQ(bench.address(old_root()), "02:00:00:00:00:01");
  bench.put(bench.dsdt, table("DSDT", method("MACA", "_AUXMAC_#020000000002#")));
  EXPECT_EQ(bench.address(old_root()), "02:00:00:00:00:02");
  bench.put(bench.list, table("XSDT", number(bench.fadt, 8)));
  bench.put(bench.fadt, table("FACP", std::string(104, '\0') + number(bench.ssdt, 8)));
  EXPECT_EQ(bench.address(new_root()), "none") << "that is no DSDT";
  bench.put(bench.ssdt, table("DSDT", method("AMAC", "_AUXMAC_#020000000001#")));
  EXPECT_EQ(bench.address(new_root()), "02:00:00:00:00:01") << "the wide address counts";
}

TEST(SystemAddress, TablesThatLeadNowhereAreNone) {
  FirmwareBench bench;
  EXPECT_EQ(bench.address({}), "none");
  EXPECT_EQ(bench.address(old_root()), "none") << "a list of no length";
  bench.put(bench.list, table("RSDT", number(0xffff'fff0, 4) + number(bench.fadt, 4) + number(bench.ssdt, 3)));
  bench.put(bench.fadt, table("FACP", "\1"));
  EXPECT_EQ(bench.address(old_root()), "none");
  std::string endless = table("SSDT", method("AMAC", "_AUXMAC_#020000000001#"));
  endless.replace(4, 4, number(0xffff'ffff, 4));
  bench.put(bench.fadt, endless);
  EXPECT_EQ(bench.address(old_root()), "none") << "longer than any";
}

}  // namespace
}  // namespace undine
