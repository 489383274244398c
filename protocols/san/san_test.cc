// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/san.h"

#include <gtest/gtest.h>

#include "protocols/fetch/testing/fakes.h"

namespace undine {
namespace {

constexpr Cause opened_a{"test.a", "a", pxe_status_failure}, opened_b{"test.b", "b", pxe_status_failure};
Result<std::unique_ptr<BlockDevice>> open_a(Network&, std::string_view, const SanOptions&, Instant) { return fail(opened_a); }
Result<std::unique_ptr<BlockDevice>> open_b(Network&, std::string_view, const SanOptions&, Instant) { return fail(opened_b); }
constexpr SanProtocol protocols[] = {{"a", open_a}, {"bee", open_b}};

TEST(OpenSanDisk, ChoosesTheProtocolByWhatStandsBeforeTheFirstColon) {
  testing::FakeNetwork net;
  const auto open = [&](std::string_view path) { return open_san_disk(protocols, net.network, path, {}, {}).error(); };
  EXPECT_TRUE(open("a:b:c").is(opened_a));
  EXPECT_TRUE(open("BEE://server/x").is(opened_b));
  for (const std::string_view path : {"", ":", "a", "bee", "be:x", "fcp:x"}) EXPECT_TRUE(open(path).is(san_unknown_path)) << path;
}

}  // namespace
}  // namespace undine
