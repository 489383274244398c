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

using Keys = std::vector<Key>;

TEST(Keys, AreWrittenWithBackslashes) {
  EXPECT_EQ(keys_of("ab\\n\\x03\\t\\\\c"), (Keys{Key{'a'}, Key{'b'}, Key::enter, Key::ctrl_c, Key::tab, Key{'\\'}, Key{'c'}}));
  EXPECT_EQ(keys_of("\\"), Keys{Key{'\\'}});
  EXPECT_EQ(keys_of("\\x4"), (Keys{Key{'x'}, Key{'4'}}));
}

TEST(Keys, AreWhatATerminalSendsForThem) {
  EXPECT_EQ(keys_of("\\e[B\\eOB\\e[5~\\e[24~x"), (Keys{Key::down, Key::down, Key::page_up, Key::f12, Key{'x'}}));
  EXPECT_EQ(keys_of("\\e"), Keys{Key::escape});
  EXPECT_EQ(keys_of("\\e\\eq[O"), (Keys{Key::escape, Key::escape, Key{'q'}, Key{'['}, Key{'O'}}));
}

}  // namespace
}  // namespace undine::tool
