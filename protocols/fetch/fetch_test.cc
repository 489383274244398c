// SPDX-License-Identifier: Apache-2.0
#include "protocols/fetch/fetch.h"

#include <gtest/gtest.h>

#include "protocols/fetch/retries.h"
#include "protocols/fetch/testing/fakes.h"

namespace undine {
namespace {

/// Redirects to the address that its query names, or finishes.
class Hop final : public Download {
public:
  explicit Hop(const Uri& uri) : uri_(uri) {}
  Result<Progress> advance(Instant) override {
    if (!uri_.has_query) return Progress{true, 7, std::nullopt};
    uri_ = *Uri::parse(uri_.query);
    return fail(redirected);
  }
  const Uri& final_uri() const override { return uri_; }

private:
  Uri uri_;
};

Result<std::unique_ptr<Download>> open_hop(Network&, const Uri& uri, Sink&, const FetchOptions&, Instant) { return make_unique_nothrow<Hop>(uri); }

Result<std::unique_ptr<Download>> open_nothing(Network&, const Uri&, Sink&, const FetchOptions&, Instant) { return fail(no_server); }

constexpr FetchProtocol protocols[] = {{"a", open_hop}, {"https", open_hop}, {"broken", open_nothing}};

class OpenDownload : public ::testing::Test {
protected:
  /// Until it is finished or fails.
  Result<Progress> run(std::string_view uri) {
    auto download = open_download(protocols, net.network, *Uri::parse(uri), sink, {}, {});
    if (!download) return fail(download.error());
    for (unsigned turn = 0; turn < 100; ++turn) {
      const Result<Progress> progress = (*download)->advance({});
      final_uri = (*download)->final_uri().text();
      if (!progress || progress->finished) return progress;
    }
    ADD_FAILURE() << "never ends";
    return Progress{};
  }

  testing::FakeNetwork net;
  testing::FakeSink sink;
  std::string final_uri;
};

TEST_F(OpenDownload, ChoosesTheProtocolByItsScheme) {
  EXPECT_EQ(run("a://h/x")->done_bytes, 7u);
  EXPECT_EQ(final_uri, "a://h/x");
  EXPECT_TRUE(run("broken://h/x").error().is(no_server));
}

TEST_F(OpenDownload, FailsForASchemeThatNobodyHas) {
  EXPECT_TRUE(run("gopher://h/x").error().is(unknown_scheme));
  EXPECT_TRUE(run("relative/x").error().is(unknown_scheme));
}

TEST_F(OpenDownload, FollowsToAnotherScheme) {
  EXPECT_TRUE(run("a://h/x?https://g/y"));
  EXPECT_EQ(final_uri, "https://g/y");
  EXPECT_TRUE(run("a://h/x?gopher://g/y").error().is(unknown_scheme));
}

TEST_F(OpenDownload, NeverFollowsFromHttpsToAnInsecureScheme) {
  EXPECT_TRUE(run("https://h/x?a://g/y").error().is(redirect_insecure));
  EXPECT_TRUE(run("a://h/x?https://g/y?a://f/z").error().is(redirect_insecure));
}

TEST_F(OpenDownload, EndsAnEndlessChain) {
  std::string uri = "a://h/x";
  for (unsigned hop = 0; hop < 5; ++hop) uri += "?a://h/x";
  EXPECT_TRUE(run(uri));
  EXPECT_TRUE(run(uri + "?a://h/x").error().is(redirected_too_often));
}

TEST(Retries, PauseLongerEachTimeUpToALimit) {
  Retries retries;
  std::uint64_t now = 0;
  for (const std::uint64_t pause : {1000, 2000, 4000, 8000, 8000}) {
    ASSERT_TRUE(retries.failed(10, {now}));
    EXPECT_FALSE(retries.due({now + pause - 1}));
    EXPECT_TRUE(retries.due({now + pause}));
    now += pause;
  }
  EXPECT_EQ(retries.attempt(), 6u);
}

TEST(Retries, CountAnewAfterProgress) {
  Retries retries;
  EXPECT_TRUE(retries.failed(2, {}));
  EXPECT_TRUE(retries.failed(2, {}));
  EXPECT_FALSE(retries.failed(2, {}));
  retries.progressed();
  EXPECT_TRUE(retries.failed(2, {}));
  EXPECT_TRUE(retries.due({1000}));
  EXPECT_EQ(retries.attempt(), 4u);
}

TEST(Retries, CountAnewOnlyBeyondTheFurthestPlace) {
  Retries retries;
  retries.arrived(16 * 1024);
  EXPECT_TRUE(retries.failed(1, {}));
  retries.arrived(32 * 1024 - 1);
  EXPECT_FALSE(retries.failed(1, {}));
  retries.arrived(32 * 1024);
  EXPECT_TRUE(retries.failed(1, {}));
}

TEST(Retries, WaitAsLongAsTheServerAsks) {
  Retries retries;
  EXPECT_TRUE(retries.failed(2, {}, 30'000_ms));
  EXPECT_FALSE(retries.due({29'999}));
  EXPECT_TRUE(retries.due({30'000}));
}

}  // namespace
}  // namespace undine
