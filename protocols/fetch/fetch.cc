// SPDX-License-Identifier: Apache-2.0
// One download whatever its scheme, and across schemes.

#include "protocols/fetch/fetch.h"

#include "core/memory.h"

namespace undine {
namespace {

/// From http to https and to a mirror's ftp is a real path; a longer one is a loop.
constexpr unsigned scheme_changes_max = 5;

class FollowingDownload final : public Download {
public:
  FollowingDownload(std::span<const FetchProtocol> protocols, Network& network, Sink& sink, const FetchOptions& options)
      : protocols_(protocols), network_(network), sink_(sink), options_(options) {}

  Result<void> open(const Uri& uri, Instant now) {
    for (const FetchProtocol& protocol : protocols_) {
      if (protocol.scheme != uri.scheme) continue;
      inner_ = TRY(protocol.open(network_, uri, sink_, options_, now));
      return {};
    }
    return fail(unknown_scheme);
  }

  Result<Progress> advance(Instant now) override {
    const Result<Progress> progress = inner_->advance(now);
    if (progress || !progress.error().is(redirected)) return progress;
    if (++scheme_changes_ > scheme_changes_max) return fail(redirected_too_often);
    const Uri target = inner_->final_uri();
    // What was meant for one server is not for the next; the content is where the server says so (RFC 9110 15.4.8 and 9).
    options_.username.clear();
    options_.password.clear();
    options_.fields.clear();
    if (progress.error().detail() != 307 && progress.error().detail() != 308) options_.form.reset();
    if (secure_ && target.scheme != "https") return fail(redirect_insecure);
    secure_ = target.scheme == "https";
    TRY(open(target, now));
    return Progress{};
  }

  const Uri& final_uri() const override { return inner_->final_uri(); }
  void require_security() { secure_ = true; }

private:
  std::span<const FetchProtocol> protocols_;
  Network& network_;
  Sink& sink_;
  FetchOptions options_;
  std::unique_ptr<Download> inner_;
  unsigned scheme_changes_ = 0;
  bool secure_ = false;
};

}  // namespace

Result<std::unique_ptr<Download>> open_download(std::span<const FetchProtocol> protocols, Network& network, const Uri& uri, Sink& sink,
                                                const FetchOptions& options, Instant now) {
  auto download = make_unique_nothrow<FollowingDownload>(protocols, network, sink, options);
  if (!download) return fail(out_of_memory);
  if (uri.scheme == "https") download->require_security();
  TRY(download->open(uri, now));
  return download;
}

}  // namespace undine
