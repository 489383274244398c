// SPDX-License-Identifier: Apache-2.0
// Files from the network, and what relative addresses mean.
#include "config/impatient.h"
#include "config/shell.h"
#include "config/version.h"
#include "core/log_json.h"
#include "protocols/fetch/retries.h"
#include "protocols/trust/causes.h"
#include "protocols/trust/trust.h"

namespace undine {
namespace {

constexpr Cause fetch_other_digest{"fetch.sha256", "what came is not the file with that SHA-256: it was changed or damaged, or the number is of another version; it was freed", 0x3c};
constexpr Cause params_none{"params.none", "there is no such list of parameters; 'params' begins one, and a request uses it up", pxe_status_failure};
constexpr Cause image_untrusted{"image.untrusted", "only verified files may be run now ('imgtrust'); 'imgverify' verifies one", 0x3c};

/// More addresses of one file than this are not tried.
constexpr std::size_t sources_max = 8;
/// How often a broken transfer is taken up again while there is another mirror to go to.
constexpr std::uint32_t attempts_with_others = 1;

/// A transfer of its own, so that a person can stop it and the network goes on.
class Hashing final : public Transfer {
public:
  Hashing(Bytes contents, crypto::HashAlgorithm algorithm) : hash_(algorithm), contents_(contents) {}

  Result<Progress> advance(Instant) override {
    const std::size_t left = contents_.size() - done_;
    const std::size_t count = left < slice_bytes ? left : slice_bytes;
    hash_.update(contents_.subspan(done_, count));
    done_ += count;
    return Progress{done_ == contents_.size(), done_, contents_.size()};
  }
  crypto::Digest finish() { return hash_.finish(); }

private:
  /// A hundredth of a second on an old machine.
  static constexpr std::size_t slice_bytes = 128 * 1024;
  crypto::Hash hash_;
  Bytes contents_;
  std::size_t done_ = 0;
};

}  // namespace

Uri Shell::base() const {
  if (!frames_.empty() && !frames_.back()->script.base().scheme.empty()) return frames_.back()->script.base();
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
  Uri uri = TRY(Uri::parse_address(address));
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

/// Takes "##params" or "##params=NAME" off the address; the list of that name is used up.
Result<void> Shell::take_parameters(std::string_view& address, FetchOptions& options) {
  const std::size_t at = address.find("##params");
  if (at == address.npos) return {};
  std::string_view name = address.substr(at + 8);
  if (name.starts_with('=')) name.remove_prefix(1);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].name != name) continue;
    options.form = std::move(parameters[i].form);
    options.fields = std::move(parameters[i].fields);
    parameters.erase(parameters.begin() + static_cast<std::ptrdiff_t>(i));
    address = address.substr(0, at);
    return {};
  }
  return fail(params_none);
}

/// The addresses to try, in their order.
Result<std::vector<Uri>> Shell::sources(std::string_view address, std::string_view mirrors) {
  std::vector<Uri> list;
  std::string_view next = address;
  do {
    Uri uri = TRY(resolve(about(next)));
    const bool is_inside = !uri.inside.empty();
    bool is_known = is_inside && disk_files_.knows(uri.scheme);
    for (const FetchProtocol& row : protocols()) is_known = is_known || (!is_inside && row.scheme == uri.scheme);
    if (!is_known) {
      about(uri.text());
      return fail(is_inside ? disk_unknown_scheme : unknown_scheme);
    }
    std::string& path = is_inside ? uri.inside : uri.path;
    if (!list.empty() && path.ends_with('/')) {
      const Uri& first = list[0];
      const std::string_view first_path = first.inside.empty() ? first.path : first.inside;
      path += first_path.substr(first_path.rfind('/') + 1);
      if (!is_inside) {
        uri.has_query = first.has_query;
        uri.query = first.query;
      }
    }
    list.push_back(std::move(uri));
    mirrors = trimmed(mirrors);
    next = split_first(mirrors, ' ');
  } while (!next.empty() && list.size() < sources_max);
  return list;
}

Result<void> Shell::fill_options(FetchOptions& options) {
  // A script that set an address and forgot `ifopen` means it.
  bool is_open = false;
  for (const Interface* interface : interfaces_) is_open = is_open || interface->nic().is_open();
  if (!is_open && !interfaces_.empty()) {
    Interface* const newest = TRY(interface("netX"));
    TRY(open(*newest));
  }
  options.user_agent = user_agent_text;
  options.username = settings_.text_or_empty("username");
  options.password = settings_.text_or_empty("password");
  options.proxy = settings_.text_or_empty("proxy");
  options.no_proxy = settings_.text_or_empty("no-proxy");
  trust::Trust* const trust = environment_.network.trust;
  if (trust == nullptr) return {};
  if (!trust_is_permanent) TRY(trust->use_only(settings_.octets("trust")));
  return use_identity(*trust);
}

Result<void> Shell::use_identity(trust::Trust& trust) {
  const auto used = trust.use_client(settings_.octets("cert"), settings_.octets("privkey"));
  if (used) return {};
  return used.error().is(trust::no_key) ? fail_about("privkey", used.error()) : fail_about("cert", trust::no_pem);
}

Result<void> Shell::post(std::string_view address, Sink& sink, FetchOptions& options, Duration patience) {
  const Uri uri = TRY(resolve(about(address)));
  about(uri.text());
  TRY(fill_options(options));
  Beginning beginning;
  options.beginning = &beginning;
  FetchWish wish;
  wish.timeout = patience;
  TRY(download(uri, sink, wish, {}, options));
  return {};
}

Result<Image*> Shell::fetch(std::string_view address, const FetchWish& wish) {
  const Instant began = clock().now();
  const std::uint64_t first_line = log().written();
  const auto image = fetch_from_any(address, wish);
  std::uint64_t retries = 0;
  for (std::uint64_t number = first_line; number < log().written(); ++number)
    if (const Log::Line* line = log().line(number); line != nullptr && line->phase == phase_retry) ++retries;
  std::string members;
  add_member(members, "uri", image ? Uri::parse((*image)->uri).value_or(Uri{}).text() : subject_);
  if (image) add_member(members, "bytes", (*image)->length);
  if (!image) add_member(members, "error", image.error().cause().name);
  add_member(members, "retries", retries);
  log().write_phase(Level::info, "fetch", began, std::move(members), {subject_, image ? "" : ": ", image ? std::string{} : image.error().text()});
  return image;
}

Result<Image*> Shell::fetch_from_any(std::string_view address, const FetchWish& wish) {
  about(address);
  FetchOptions options;
  TRY(take_parameters(address, options));
  const std::vector<Uri> uris = TRY(sources(address, wish.mirrors));
  TRY(fill_options(options));

  std::string own_name = uris[0].file_name();
  if (own_name.empty()) own_name = uris[0].host;
  const std::uint32_t attempts = options.attempts;
  Beginning beginning;
  options.beginning = &beginning;
  Sink* sink = nullptr;
  for (std::size_t i = 0;;) {
    if (sink == nullptr) sink = TRY(images().begin(wish.name.empty() ? std::string_view(own_name) : wish.name));
    std::string shown(about(uris[i].text()));
    if (uris.size() > 1) append(shown, {" (", i + 1, " of ", uris.size(), ")"});
    // While there is another mirror, nobody waits long for one that is down.
    options.attempts = i + 1 < uris.size() ? attempts_with_others : attempts;
    const bool is_continued = beginning.done_bytes != 0;
    const auto origin = download(uris[i], *sink, wish, wish.is_quiet ? std::string_view{} : shown, options);
    Error why = cancelled;
    bool is_hopeless = false;
    if (origin) {
      Image& image = images().finish();
      image.uri = *origin;
      const auto good = check_sha256(image, wish.sha256);
      if (good) return &image;
      images().remove(image);
      sink = nullptr;
      beginning = {};
      why = good.error();
      // Pieces of two servers: each by itself may have the right file.
      if (is_continued && !why.is(cancelled)) continue;
    } else {
      why = origin.error();
      is_hopeless = why.is(image_too_large) || why.is(out_of_memory);
    }
    if (why.is(cancelled) || is_hopeless || ++i == uris.size()) {
      if (sink != nullptr) images().abandon();
      return fail(why);
    }
    log().write(Level::notice, {printable(shown), ": ", why.text(), "; going on at the next mirror"});
    if (sink == nullptr) continue;
    // With a digest to compare, any server of a file of that size may go on; else one whose file is of the same version and size.
    if (!wish.sha256.empty()) {
      beginning.validator.clear();
    } else if (beginning.validator.empty()) {
      beginning = {};
    }
    if (why.is(fetch_no_progress) || !beginning.total_bytes || beginning.done_bytes == 0 || !uris[i].scheme.starts_with("http") ||
        !uris[i].inside.empty()) {
      beginning = {};
      sink->restart();
    }
  }
}

Result<crypto::Digest> Shell::digest(const Image& image, crypto::HashAlgorithm algorithm) {
  Hashing hashing(images().contents(image), algorithm);
  TRY(loop().wait(hashing));
  return hashing.finish();
}

Result<void> Shell::check_trusted(const Image& image) {
  if (!only_trusted || image.is_trusted) return {};
  return fail_about(image.name, image_untrusted);
}

Result<void> Shell::check_sha256(const Image& image, const RawValue& wanted) {
  if (wanted.empty()) return {};
  const crypto::Digest found = TRY(digest(image, crypto::HashAlgorithm::sha256));
  if (!same_bytes(found, wanted)) return fail(fetch_other_digest);
  return {};
}

Result<std::string> Shell::download(const Uri& uri, Sink& sink, const FetchWish& wish, std::string_view shown, FetchOptions& options) {
  if (!uri.inside.empty()) return read_from_disk(uri, sink, wish, shown, options);
  const auto transfer = TRY(open_download(protocols(), environment_.network, uri, sink, options, clock().now()));
  Impatient impatient(*transfer, wish.timeout);
  TRY(loop().wait(impatient, shown));
  // Relative addresses in a script go to the same server with the same password.
  return transfer->final_uri().text_with_password();
}

Result<Image*> Shell::acquire(std::string_view name_or_address, const FetchWish& wish, bool& is_fresh) {
  is_fresh = false;
  if (Image* image = images().find(name_or_address)) return image;
  is_fresh = true;
  return fetch(name_or_address, wish);
}

}  // namespace undine
