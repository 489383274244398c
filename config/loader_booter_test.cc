// SPDX-License-Identifier: Apache-2.0
#include "config/loader_booter.h"

#include <gtest/gtest.h>

#include "config/protocols.h"
#include "config/shell_bench.h"

namespace undine {
namespace {

class NoLauncher final : public Launcher {
public:
  Result<void> launch(const BootPlan&) override {
    ++launches;
    return {};
  }
  Result<void> keep_pxe(bool) override { return {}; }
  int launches = 0;
};

TEST(LoaderBooter, ListsTheTableAndRefusesWhatNobodyRecognises) {
  testing::ShellBench bench;
  NoLauncher launcher;
  LoaderBooter booter({bench.map, 0x9'0000, bench.map}, launcher, bench.log);
  EXPECT_NE(booter.kinds().find("bzImage"), std::string::npos);
  Image* image = *bench.images.add("photo", as_bytes("JFIF"));
  EXPECT_EQ(booter.kind(bench.images.contents(*image), image->name), "");
  const auto booted = booter.boot(*image, bench.images, {});
  ASSERT_FALSE(booted);
  EXPECT_TRUE(booted.error().is(boot_unknown_kind));
  EXPECT_EQ(launcher.launches, 0);
}

TEST(ProtocolTable, HasEachSchemeOnce) {
  for (const FetchProtocol& a : fetch_protocols) {
    EXPECT_NE(a.open, nullptr);
    for (const FetchProtocol& b : fetch_protocols)
      if (&a != &b) EXPECT_NE(a.scheme, b.scheme);
  }
}

}  // namespace
}  // namespace undine
