// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/files.h"

#include <gtest/gtest.h>

#include "test-rig/host/doors.h"

namespace undine::tool {
namespace {

std::string path(const Files& files, std::string_view address) { return files.path(*Uri::parse(address)); }

TEST(Files, OfTheLongestPrefixAreTaken) {
  Files files;
  files.map("http://a/", "/srv/a");
  files.map("http://a/deb/", "/srv/deb");
  files.map("", "/srv/all");
  EXPECT_EQ(path(files, "http://a/x"), "/srv/a/x");
  EXPECT_EQ(path(files, "http://a/deb/pool/x"), "/srv/deb/pool/x");
  EXPECT_EQ(path(files, "tftp://10.0.0.1/pxe/x"), "/srv/all/pxe/x");
}

TEST(Files, AreNowhereWithoutAFolder) {
  Files files;
  files.map("http://a/", "/srv/a");
  EXPECT_EQ(path(files, "http://b/x"), "");
}

TEST(Files, NeverLieOutsideOfTheirFolder) {
  Files files;
  files.map("", "/srv");
  EXPECT_EQ(path(files, "http://a/../../etc/passwd"), "/srv/etc/passwd");
  EXPECT_EQ(path(files, "http://a/%2e%2e/%2e%2e/etc/passwd"), "/srv/etc/passwd");
  EXPECT_EQ(path(files, "http://a/x%2f..%2fy"), "/srv/x/y");
}

TEST(Files, AreFoundWithoutTheQuery) {
  Files files;
  files.map("http://a/", "/srv");
  EXPECT_EQ(path(files, "http://a/menu%20one.ipxe?mac=52:54:00"), "/srv/menu one.ipxe");
}

TEST(Keys, AreWrittenAsInC) {
  EXPECT_EQ(unescaped("ab\\n\\x03\\e\\\\c"), "ab\n\x03\x1b\\c");
  EXPECT_EQ(unescaped("\\"), "\\");
  EXPECT_EQ(unescaped("\\x4"), "x4");
}

}  // namespace
}  // namespace undine::tool
