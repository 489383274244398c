// SPDX-License-Identifier: Apache-2.0
// Files from the network, and what relative addresses mean.
#include "config/shell.h"
#include "config/version.h"

namespace undine {
namespace {

constexpr Cause fetch_no_progress{"fetch.timeout", "nothing came for as long as --timeout allows", 0x3c};

/// A transfer that is given up when nothing comes for a while, if there is a limit to patience.
class Impatient final : public Transfer {
public:
  Impatient(Transfer& inner, std::optional<Duration> patience) : inner_(inner), patience_(patience) {}

  Result<Progress> advance(Instant now) override {
    const Progress progress = TRY(inner_.advance(now));
    if (!patience_) return progress;
    if (progress.done_bytes != done_bytes_ || !timer_.running()) {
      done_bytes_ = progress.done_bytes;
      timer_.start(now, *patience_);
    }
    if (!progress.finished && timer_.due(now)) return fail(fetch_no_progress);
    return progress;
  }

private:
  Transfer& inner_;
  std::optional<Duration> patience_;
  Timer timer_;
  std::uint64_t done_bytes_ = 0;
};

/// The address with its password, which Uri::text hides: for our own use, never for the screen.
std::string text_with_password(const Uri& uri) {
  std::string text = uri.text();
  const std::size_t hidden = text.find(":***@");
  const std::size_t start = text.find("//");
  if (uri.user_info.empty() || hidden == text.npos || start == text.npos || hidden < start) return text;
  return text.replace(start + 2, hidden + 4 - (start + 2), uri.user_info);
}

}  // namespace

Uri Shell::base() const {
  if (!scripts_.empty() && !scripts_.back()->base().scheme.empty()) return scripts_.back()->base();
  Uri uri;
  if (const auto server = settings_.address("next-server")) {
    uri.scheme = "tftp";
    uri.has_authority = true;
    uri.host = server->text();
    uri.path = "/";
  }
  return uri;
}

Result<Uri> Shell::resolve(std::string_view address) const {
  Uri uri = TRY(Uri::parse(address));
  // "tftp:/path": the server that DHCP named, as gPXE had it.
  const bool is_serverless_tftp = uri.scheme == "tftp" && uri.host.empty();
  if (uri.scheme.empty()) uri = uri.resolved_against(base());
  if (is_serverless_tftp) {
    const auto server = settings_.address("next-server");
    if (!server) return fail(no_server);
    uri.has_authority = true;
    uri.host = server->text();
    if (!uri.path.starts_with('/')) uri.path.insert(0, "/");
  }
  if (uri.scheme.empty()) return fail(no_server);
  return uri;
}

Result<Image*> Shell::fetch(std::string_view address, const FetchWish& wish) {
  const auto uri = resolve(address);
  if (!uri) return fail_about(address, uri.error());
  const std::string shown(about(uri->text()));
  bool is_known = false;
  for (const FetchProtocol& row : protocols()) is_known = is_known || row.scheme == uri->scheme;
  if (!is_known) return fail(unknown_scheme);
  // A script that set an address and forgot `ifopen` means it.
  for (Interface* interface : interfaces())
    if (!interface->nic().is_open()) TRY(open(*interface));

  std::string own_name = uri->file_name();
  if (own_name.empty()) own_name = uri->host;
  Sink* sink = TRY(images().begin(wish.name.empty() ? std::string_view(own_name) : wish.name));
  const auto origin = download(*uri, *sink, wish, shown);
  if (!origin) {
    images().abandon();
    return fail(origin.error());
  }
  Image& image = images().finish();
  image.uri = *origin;
  return &image;
}

Result<std::string> Shell::download(const Uri& uri, Sink& sink, const FetchWish& wish, std::string_view shown) {
  FetchOptions options;
  options.user_agent = user_agent_text;
  const auto transfer = TRY(open_download(protocols(), environment_.network, uri, sink, options, clock().now()));
  Impatient impatient(*transfer, wish.timeout);
  TRY(loop().wait(impatient, shown));
  // Relative addresses in a script go to the same server with the same password.
  return text_with_password(transfer->final_uri());
}

Result<Image*> Shell::acquire(std::string_view name_or_address, const FetchWish& wish, bool& is_fresh) {
  is_fresh = false;
  if (Image* image = images().find(name_or_address)) return image;
  is_fresh = true;
  return fetch(name_or_address, wish);
}

}  // namespace undine
