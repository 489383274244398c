// SPDX-License-Identifier: Apache-2.0
#include "config/embedded.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "config/shell_bench.h"
#include "protocols/trust/trust.h"

namespace undine::testing {
namespace {

std::string entry(int kind, std::string_view contents) {
  std::string octets(5, '\0');
  octets[0] = static_cast<char>(kind);
  octets[1] = static_cast<char>(contents.size());
  octets[2] = static_cast<char>(contents.size() >> 8);
  return octets + std::string(contents);
}

bool is_malformed(std::string_view block) {
  const auto parsed = parse_embedded(as_bytes(block));
  return !parsed && parsed.error().is(embedded_malformed);
}

TEST(Embedded, EntriesFollowEachOther) {
  const std::string block = entry(3, "a=b") + entry(1, "#!undine\n") + entry(2, "");
  const auto entries = parse_embedded(as_bytes(block));
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ((*entries)[0].kind, EmbeddedKind::setting);
  EXPECT_EQ(as_text((*entries)[0].contents), "a=b");
  EXPECT_EQ(as_text((*entries)[1].contents), "#!undine\n");
  EXPECT_TRUE((*entries)[2].contents.empty());
  EXPECT_TRUE(parse_embedded({})->empty());
}

TEST(Embedded, WhatMakesNoSenseIsRefusedAsAWhole) {
  EXPECT_TRUE(is_malformed(entry(0, "x")));
  EXPECT_TRUE(is_malformed(entry(4, "x")));
  EXPECT_TRUE(is_malformed(entry(1, "x") + entry(1, "y")));
  EXPECT_TRUE(is_malformed(entry(3, "a=b") + "\x03"));
  EXPECT_TRUE(is_malformed(std::string_view("\x03\x02\x00\x00\x00x", 6)));
  EXPECT_TRUE(is_malformed(std::string_view("\x03\xff\xff\xff\xffx", 6)));
  std::string many;
  for (std::size_t i = 0; i <= embedded_entries_max; ++i) many += entry(3, "a=b");
  EXPECT_TRUE(is_malformed(many));
  EXPECT_TRUE(is_malformed(std::string(embedded_bytes_max + 1, '\1')));
}

/// A whole run with that block in the program.
std::string run_with(const std::string& block, std::string_view built_in = {}) {
  ShellBench bench({}, built_in, {}, nullptr, block);
  bench.console.at_prompt = "exit\r";
  run(bench.shell);
  return bench.console.take_text();
}

TEST(Embedded, CertificatesAreTheProgramsAndCertfreeLeavesThem) {
  std::ifstream stream("../protocols/cms/corpus/signature_fuzz/root.crt", std::ios::binary);
  const std::string root{std::istreambuf_iterator<char>(stream), {}};
  const std::string block = entry(1, "#!undine\ncertfree\ncertstat\n") + entry(2, root);
  ShellBench bench({}, {}, {}, nullptr, block);
  trust::Trust trust{bench.network, {}};
  bench.network.trust = &trust;
  run(bench.shell);
  EXPECT_NE(bench.console.take_text().find("  certificate, trusted: Test root\n"), std::string::npos);
}

TEST(Embedded, TheScriptRunsInsteadOfThatOfTheBuild) {
  EXPECT_NE(run_with(entry(1, "#!undine\necho from the block\n"), "#!undine\necho from the build\n").find("\nfrom the block\nleaving"), std::string::npos);
}

TEST(Embedded, SettingsAreThereBeforeTheScript) {
  EXPECT_NE(run_with(entry(1, "#!undine\necho ${greeting} ${n:uint8}\n") + entry(3, "greeting=good day = hello") + entry(3, "n:uint8=7")).find("\ngood day = hello 0x7\n"),
            std::string::npos);
  EXPECT_NE(run_with(entry(3, "greeting=good day"), "#!undine\necho ${greeting}\n").find("\ngood day\n"), std::string::npos);
}

TEST(Embedded, ASettingThatIsNoneIsNamedAndTheRestCounts) {
  const std::string text = run_with(entry(3, "x:nothing=1") + entry(3, "y=2") + entry(1, "#!undine\necho y is ${y}\n"));
  EXPECT_NE(text.find("embedded: x:nothing: there is no such type; 'help set' lists the types [value.type-unknown]\n"), std::string::npos);
  EXPECT_NE(text.find("\ny is 2\n"), std::string::npos);
}

TEST(Embedded, ABlockThatMakesNoSenseIsNamedAndNothingOfItCounts) {
  const std::string text = run_with(entry(3, "y=2") + entry(9, ""), "#!undine\necho y is ${y}\n");
  EXPECT_NE(text.find("[embedded.malformed]"), std::string::npos);
  EXPECT_NE(text.find("\ny is \n"), std::string::npos);
}

}  // namespace
}  // namespace undine::testing
