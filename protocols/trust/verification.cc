// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/verification.h"

#include "core/memory.h"
#include "core/wall_clock.h"
#include "protocols/http/client.h"
#include "protocols/trust/causes.h"
#include "protocols/trust/names.h"
#include "protocols/trust/ocsp.h"

namespace undine::trust {
namespace {

std::string day_of(const mbedtls_x509_time& moment) {
  const auto number = [](int value, unsigned digits) { return padded(static_cast<unsigned>(value), digits); };
  return join({number(moment.year, 4), '-', number(moment.mon, 2), '-', number(moment.day, 2)});
}

}  // namespace

Result<void> ChainVerification::Buffer::expect(std::uint64_t size_bytes) {
  if (size_bytes > certificate_bytes_max) return fail(too_many);
  return {};
}

Result<MutableBytes> ChainVerification::Buffer::room(std::uint64_t) {
  if (octets.size() + sizeof chunk_ > certificate_bytes_max) return fail(too_many);
  return MutableBytes{chunk_};
}

Result<void> ChainVerification::Buffer::commit(std::uint64_t, std::size_t length_bytes) {
  octets.insert(octets.end(), chunk_, chunk_ + length_bytes);
  return {};
}

Result<std::unique_ptr<tls::Verification>> ChainVerification::open(Trust& trust, const tls::PeerCertificates& peer, std::string_view host, Instant) {
  auto verification = make_unique_nothrow<ChainVerification>(trust, host);
  if (!verification) return fail(out_of_memory);
  TRY(verification->read(peer));
  return verification;
}

Result<void> ChainVerification::read(const tls::PeerCertificates& peer) {
  staple_ = peer.staple;
  if (peer.chain.empty()) return fail(no_certificate);
  if (peer.chain.size() > chain_max) return fail(too_many);
  for (const Bytes der : peer.chain) {
    auto certificate = Certificate::parse(der);
    if (certificate) {
      add_to_pool(**certificate);
      own_.push_back(std::move(*certificate));
    } else if (pool_.empty()) {
      return fail(certificate.error());
    }  // one of the others may not be needed at all
  }
  if (!is_for_host(*pool_[0], host_)) {
    explain(wrong_name);
    return fail(wrong_name);
  }
  for (const auto& known : trust_.known_) add_to_pool(*known);
  return {};
}

void ChainVerification::add_to_pool(const Certificate& certificate) {
  for (const Certificate* had : pool_) {
    if (had->fingerprint == certificate.fingerprint) return;
  }
  pool_.push_back(&certificate);
}

std::uint32_t ChainVerification::seconds(Instant now) const {
  const WallClock* const clock = trust_.network_.wall_clock;
  return clock ? static_cast<std::uint32_t>(clock->unix_seconds(now)) : 0;
}

/// Dates mean nothing to a machine whose battery is empty: then a time server is asked, once. False: later.
bool ChainVerification::advance_clock(Instant now) {
  WallClock* const clock = trust_.network_.wall_clock;
  if (!time_) {
    if (!clock || clock->is_corrected() || !clock->is_before_build(now) || clock->time_servers == trust_.time_servers_asked_) return true;
    trust_.time_servers_asked_ = clock->time_servers;
    trust_.network_.log.write(Level::notice, {"this machine's clock is wrong: a time server is asked, since certificates have dates"});
    time_ = make_unique_nothrow<ntp::Client>(trust_.network_, *clock, clock->time_servers);
    if (!time_) return true;
  }
  const Result<Progress> progress = time_->advance(now);
  if (progress && !progress->finished) return false;
  if (!progress) trust_.network_.log.write(Level::notice, {progress.error().text()});
  time_.reset();
  return true;
}

Result<bool> ChainVerification::advance(Instant now) {
  if (download_) return advance_fetch(now);
  if (!finder_) {
    if (!advance_clock(now)) return false;
    const WallClock* const clock = trust_.network_.wall_clock;
    finder_ = make_unique_nothrow<PathFinder>(static_cast<const Anchors&>(trust_), pool_, seconds(now), clock && clock->is_corrected());
    if (!finder_) return fail(out_of_memory);
  }
  const Result<bool> found = finder_->step();
  if (!found) return begin_fetch(found.error(), now);
  return *found ? finish(now) : Result<bool>{false};
}

/// The search came to nothing: whoever issued what it came to last may have what is missing.
Result<bool> ChainVerification::begin_fetch(const Error& why, Instant now) {
  for (std::size_t i = pool_.size(); i-- != 0 && fetches_ < fetches_max;) {
    const Certificate& certificate = *pool_[i];
    const std::uint64_t bit = std::uint64_t{1} << i;
    if (!finder_->has_visited(i) || (asked_ & bit) || certificate.issuer_uri.empty() || certificate.is_self_issued()) continue;
    asked_ |= bit;
    const Result<Uri> uri = Uri::parse(certificate.issuer_uri);
    if (!uri) continue;
    Log& log = trust_.network_.log;
    log.write(Level::info, {host_, ": asks ", printable(certificate.issuer_uri), " who issued the certificate of '", certificate.name(), "'"});
    buffer_.restart();
    FetchOptions options;
    options.user_agent = "Undine";
    options.attempts = 2;
    options.stall = 5'000_ms;
    auto download = open_download(trust_.issuer_protocols, trust_.network_, *uri, buffer_, options, now);
    if (!download) continue;
    ++fetches_;
    download_ = std::move(*download);
    fetch_end_.start(now, fetch_time_max);
    return false;
  }
  explain(why);
  return fail(why);
}

Result<bool> ChainVerification::advance_fetch(Instant now) {
  const Result<Progress> progress = download_->advance(now);
  if (progress && !progress->finished && !fetch_end_.due(now)) return false;
  const bool arrived = progress && progress->finished;
  const Result<bool> taken = arrived ? take_issuer() : Result<bool>{fail(progress ? Error{http::no_answer} : progress.error())};
  if (!taken) trust_.network_.log.write(Level::notice, {download_->final_uri().text(), ": ", taken.error().text()});
  download_.reset();
  // From the beginning, with or without it: what is left to be asked is found by the search.
  finder_.reset();
  return false;
}

Result<bool> ChainVerification::take_issuer() {
  auto certificate = Certificate::parse(buffer_.octets);
  if (!certificate) return fail(certificate.error().is(malformed) ? Error{not_der} : certificate.error());
  if (const Certificate* kept = trust_.keep(*certificate)) {
    add_to_pool(*kept);
  } else {
    add_to_pool(**certificate);
    own_.push_back(std::move(*certificate));
  }
  return true;
}

Result<bool> ChainVerification::finish(Instant now) {
  const Certificate& server = *pool_[0];
  if (staple_.empty()) {
    if (server.must_staple) return fail(must_staple);
    return true;
  }
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  const Certificate* const issuer = finder_->issuer();
  Result<bool> stapled = false;
  if (issuer) {
    stapled = check_staple(staple_, server, issuer, issuer->x509.pk, seconds(now));
  } else if (finder_->root() && finder_->root()->load(key)) {
    stapled = check_staple(staple_, server, nullptr, key, seconds(now));
  }
  mbedtls_pk_free(&key);
  if (!stapled) return fail(stapled.error());
  if (!*stapled && server.must_staple) return fail(must_staple);
  return true;
}

/// What no sentence can know.
void ChainVerification::explain(const Error& why) const {
  Log& log = trust_.network_.log;
  const Certificate* shown = pool_[0];
  if (why.is(wrong_name)) {
    log.write(Level::notice, {host_, ": its certificate is for ", names_of(*shown)});
  } else if (why.is(expired) || why.is(expired_or_clock) || why.is(not_yet_valid) || why.is(not_yet_valid_or_clock)) {
    log.write(Level::notice, {host_, ": its own certificate is valid from ", day_of(shown->x509.valid_from), " to ", day_of(shown->x509.valid_to)});
  } else if (why.is(unknown_root) || why.is(self_signed)) {
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      if (finder_->has_visited(i)) shown = pool_[i];
    }
    std::string fingerprint;
    for (const std::uint8_t octet : shown->fingerprint) append(fingerprint, {hex(octet, 2)});
    log.write(Level::notice, {host_, ": its certificates end at '", shown->name(), "', SHA-256 ", fingerprint});
  }
}

}  // namespace undine::trust
