// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/trust.h"

#include <algorithm>

#include "core/memory.h"
#include "protocols/crypto/random.h"
#include "protocols/http/client.h"
#include "protocols/trust/causes.h"
#include "protocols/trust/names.h"
#include "protocols/trust/pem.h"
#include "protocols/trust/verification.h"

namespace undine::trust {
namespace {

constexpr FetchProtocol http_only[] = {http::protocol};

bool contains(const std::vector<Fingerprint>& list, const Fingerprint& wanted) { return std::find(list.begin(), list.end(), wanted) != list.end(); }

Result<void> append_fingerprints(std::vector<Fingerprint>& list, Bytes octets) {
  constexpr std::size_t size = std::tuple_size_v<Fingerprint>;
  if (octets.size() % size != 0) return fail(bad_fingerprints);
  if (list.size() + octets.size() / size > Trust::entries_max) return fail(store_full);
  for (std::size_t at = 0; at < octets.size(); at += size) copy_bytes(list.emplace_back(), octets.subspan(at, size));
  return {};
}

}  // namespace

Trust::Trust(Network& network, Bytes octets, tls::SessionCache* sessions) : issuer_protocols(http_only), network_(network), sessions_(sessions) {
  const Result<Store> store = Store::parse(octets);
  if (!store) return;
  store_ = *store;
  for (ByteReader own{store_.own_certificates()}; own.remaining() != 0;) {
    if (const auto added = add_certificates(own.take(own.be16()), {}); !added) network_.log.write(Level::error, {"trust: ", added.error().text()});
  }
  keep_for_good();
  if (const auto set = set_client(store_.client_certificates(), store_.client_key()); !set) network_.log.write(Level::error, {"trust: ", set.error().text()});
}

/// A session must not outlive the reasons to believe in its server.
void Trust::changed() const {
  if (sessions_) sessions_->clear();
}

bool Trust::is_trusted(const Fingerprint& fingerprint) const {
  if (contains(added_, fingerprint)) return true;
  return only_.empty() ? store_.is_pinned(fingerprint) : contains(only_, fingerprint);
}

const Certificate* Trust::keep(std::unique_ptr<Certificate>& certificate) {
  for (const auto& had : known_) {
    if (had->fingerprint == certificate->fingerprint) return had.get();
  }
  if (known_.size() + forgotten_.size() >= entries_max) return nullptr;
  return known_.emplace_back(std::move(certificate)).get();
}

Result<void> Trust::add_fingerprint(Bytes sha256) {
  if (sha256.size() != std::tuple_size_v<Fingerprint>) return fail(bad_fingerprints);
  changed();
  return append_fingerprints(added_, sha256);
}

template <typename IsMeant>
Result<std::vector<Fingerprint>> Trust::keep_those(Bytes file, const Cause& no_such, IsMeant is_meant) {
  const auto ders = der_of(file, "CERTIFICATE");
  if (ders.empty()) return fail(no_pem);
  std::vector<Fingerprint> kept;
  for (const auto& der : ders) {
    auto certificate = TRY(Certificate::parse(der));
    if (!is_meant(*certificate)) continue;
    kept.push_back(certificate->fingerprint);
    if (!keep(certificate)) return fail(store_full);
  }
  if (kept.empty()) return fail(no_such);
  return kept;
}

Result<Fingerprint> Trust::add_certificates(Bytes file, Bytes sha256) {
  if (!sha256.empty() && sha256.size() != std::tuple_size_v<Fingerprint>) return fail(bad_fingerprints);
  const auto is_meant = [&](const Certificate& certificate) { return sha256.empty() || same_bytes(sha256, certificate.fingerprint); };
  const auto kept = TRY(keep_those(file, other_fingerprint, is_meant));
  for (const Fingerprint& fingerprint : kept)
    if (!contains(added_, fingerprint)) TRY(append_fingerprints(added_, fingerprint));
  changed();
  return kept.back();
}

Result<void> Trust::add_intermediates(Bytes file, std::string_view subject) {
  TRY(keep_those(file, no_subject, [&](const Certificate& certificate) { return subject.empty() || is_named(certificate, subject); }));
  return {};
}

void Trust::keep_for_good() {
  added_for_good_ = added_.size();
  known_for_good_ = known_.size();
}

Result<void> Trust::forget(std::string_view subject) {
  const auto added = added_.begin() + static_cast<std::ptrdiff_t>(added_for_good_);
  std::size_t kept = known_for_good_;
  for (std::size_t i = kept; i < known_.size(); ++i) {
    if (subject.empty() || is_named(*known_[i], subject)) {
      added_.erase(std::remove(added, added_.end(), known_[i]->fingerprint), added_.end());
      forgotten_.push_back(std::move(known_[i]));
    } else {
      std::swap(known_[kept++], known_[i]);
    }
  }
  if (subject.empty()) {
    added_.resize(added_for_good_);
  } else if (kept == known_.size()) {
    return fail(not_remembered);
  }
  known_.resize(kept);
  if (searches_ == 0) forgotten_.clear();
  changed();
  return {};
}

void Trust::search_ended() {
  if (--searches_ == 0) forgotten_.clear();
}

Result<void> Trust::use_only(Bytes fingerprints) {
  std::vector<Fingerprint> list;
  TRY(append_fingerprints(list, fingerprints));
  if (list != only_) changed();
  only_ = std::move(list);
  return {};
}

Result<void> Trust::set_client(Bytes certificates, Bytes key) {
  auto chain = der_of(certificates, "CERTIFICATE");
  if (chain.empty() && !certificates.empty()) return fail(no_pem);
  std::unique_ptr<Certificate> first;
  for (std::size_t i = chain.size(); i-- != 0;) first = TRY(Certificate::parse(chain[i]));
  auto keys = der_of(key, "PRIVATE KEY");
  if (keys.empty() != chain.empty()) return fail(no_key);
  if (!keys.empty()) {
    mbedtls_pk_context parsed;
    mbedtls_pk_init(&parsed);
    const int bad = mbedtls_pk_parse_key(&parsed, keys[0].data(), keys[0].size(), nullptr, 0, crypto::random_for_mbedtls, nullptr);
    mbedtls_pk_free(&parsed);
    if (bad != 0) return fail(no_key);
  }
  changed();
  client_certificate_ = std::move(first);
  client_ = std::move(chain);
  client_key_ = keys.empty() ? std::vector<std::uint8_t>{} : std::move(keys[0]);
  return {};
}

Result<void> Trust::use_client(Bytes certificates, Bytes key) {
  if (same_bytes(certificates, used_certificates_) && same_bytes(key, used_key_)) return {};
  const Bytes chain = certificates.empty() ? store_.client_certificates() : certificates, private_key = key.empty() ? store_.client_key() : key;
  // Who has set one of them may need a server for the other.
  const bool is_whole = !chain.empty() && !private_key.empty();
  TRY(set_client(is_whole ? chain : Bytes{}, is_whole ? private_key : Bytes{}));
  used_certificates_.assign(certificates.begin(), certificates.end());
  used_key_.assign(key.begin(), key.end());
  return {};
}

tls::ClientIdentity Trust::client_identity() {
  client_views_.assign(client_.begin(), client_.end());
  return {client_views_, client_key_};
}

Result<std::unique_ptr<tls::Verification>> Trust::begin(const tls::PeerCertificates& peer, std::string_view host, Instant now) {
  return ChainVerification::open(*this, peer, host, now);
}

std::optional<Trust::Fact> Trust::fact(std::size_t index) const {
  using Kind = Fact::Kind;
  const bool built_in = only_.empty();
  if (index < store_.root_count()) {
    const auto root = store_.root(index);
    if (!root) return {};
    return Fact{Kind::built_in, std::string{root->name}, root->fingerprint, built_in};
  }
  index -= store_.root_count();
  if (index < store_.pin_count()) return Fact{Kind::pin, {}, store_.pin(index), built_in};
  index -= store_.pin_count();
  for (const auto* list : {&added_, &only_}) {
    if (index < list->size()) return Fact{Kind::added, {}, (*list)[index], true};
    index -= list->size();
  }
  if (index < known_.size()) {
    const Certificate& known = *known_[index];
    return Fact{Kind::known, known.name(), known.fingerprint, is_trusted(known.fingerprint), &known};
  }
  if (index > known_.size() || !client_certificate_) return {};
  return Fact{Kind::client, client_certificate_->name(), client_certificate_->fingerprint, false, client_certificate_.get()};
}

}  // namespace undine::trust
