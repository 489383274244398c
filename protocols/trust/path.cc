// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/path.h"

#include <mbedtls/oid.h>

#include "protocols/trust/causes.h"
#include "protocols/trust/names.h"

namespace undine::trust {
namespace {

/// A clock that nobody confirmed and that is so far from what a certificate says may be the one that is wrong.
constexpr std::uint32_t doubtful_s = 400 * 86400;
constexpr std::uint32_t day_s = 86400;

bool sent_elsewhere(const mbedtls_x509_buf& wanted, const mbedtls_x509_buf& found) {
  return wanted.len != 0 && found.len != 0 && !same_bytes(view(wanted), view(found));
}

/// The key identifiers say at once that it was another key of the same name.
bool names_issuer(const Certificate& child, const Certificate& candidate) {
  return same_bytes(child.issuer(), candidate.subject()) && !sent_elsewhere(child.x509.authority_key_id.keyIdentifier, candidate.x509.subject_key_id);
}

}  // namespace

PathFinder::PathFinder(const Anchors& anchors, std::span<const Certificate* const> pool, std::uint32_t now, bool clock_known, std::uint8_t purpose)
    : anchors_(anchors), pool_(pool.first(pool.size() < pool_max ? pool.size() : pool_max)), now_(now), clock_known_(clock_known), purpose_(purpose),
      why_(pool_[0]->is_self_issued() ? self_signed : unknown_root) {
  if (const auto usable = check_use(*pool_[0]); usable) {
    enter(0);
  } else {
    why_ = usable.error();
  }
}

void PathFinder::enter(std::size_t pool_index) {
  levels_[depth_++] = {pool_[pool_index], 0};
  visited_ |= std::uint64_t{1} << pool_index;
}

void PathFinder::note(const Error& error) {
  if (why_.is(unknown_root) || why_.is(self_signed)) why_ = error;
}

Result<bool> PathFinder::step() {
  for (;;) {
    if (depth_ == 0) return fail(why_);
    Level& top = levels_[depth_ - 1];
    const std::size_t candidate = top.next++;
    if (candidate == 0) {
      if (!anchors_.is_trusted(top.certificate->fingerprint)) continue;
      if (const auto good = check_path(); !good) {
        note(good.error());
        continue;
      }
      return true;
    }
    const std::size_t roots = anchors_.root_count();
    if (candidate <= roots) {
      const std::optional<RootKey> root = anchors_.root(candidate - 1);
      if (!root || root->subject_hash != subject_hash_of(top.certificate->issuer())) continue;
      const Result<bool> found = consider_root(*root);
      if (!found) note(found.error());
      return found.value_or(false);
    }
    if (const std::size_t i = candidate - 1 - roots; i < pool_.size()) {
      if (is_on_path(*pool_[i]) || !names_issuer(*top.certificate, *pool_[i])) continue;
      if (const auto good = consider(*pool_[i]); good) {
        enter(i);
      } else {
        note(good.error());
      }
      return false;
    }
    --depth_;
  }
}

/// Round in a circle.
bool PathFinder::is_on_path(const Certificate& certificate) const {
  for (std::size_t i = 0; i < depth_; ++i) {
    if (levels_[i].certificate == &certificate) return true;
  }
  return false;
}

Result<void> PathFinder::count_signature() {
  if (signatures_++ < signatures_max) return {};
  depth_ = 0;
  why_ = too_much_work;
  return fail(too_much_work);
}

Result<bool> PathFinder::consider_root(const RootKey& root) {
  TRY(check_date(0, (root.last_day + 1u) * day_s));
  TRY(count_signature());
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  Result<void> good = root.load(key) ? check_issued(*levels_[depth_ - 1].certificate, key) : Result<void>{fail(out_of_memory)};
  mbedtls_pk_free(&key);
  if (good) good = check_path();
  if (!good) return fail(good.error());
  root_ = root;
  return true;
}

Result<void> PathFinder::consider(const Certificate& candidate) {
  if (depth_ == length_max) return fail(path_too_long);
  TRY(check_use(candidate));
  TRY(check_issuer(candidate));
  TRY(count_signature());
  return check_issued(*levels_[depth_ - 1].certificate, candidate.x509.pk);
}

/// What holds for each certificate of a path.
Result<void> PathFinder::check_use(const Certificate& certificate) const {
  if (certificate.unknown_critical) return fail(unknown_extension);
  TRY(check_date(seconds_of(certificate.x509.valid_from), seconds_of(certificate.x509.valid_to)));
  if (!is_strong(certificate.x509.pk)) return fail(weak_key);
  if (!certificate.is_for(purpose_, true)) return fail(wrong_purpose);
  return {};
}

Result<void> PathFinder::check_date(std::uint32_t from, std::uint32_t to) const {
  if (now_ > to) return fail(!clock_known_ && now_ - to > doubtful_s ? expired_or_clock : expired);
  if (now_ < from) return fail(!clock_known_ && from - now_ > doubtful_s ? not_yet_valid_or_clock : not_yet_valid);
  return {};
}

/// Whether it may sign the last certificate of the path so far.
Result<void> PathFinder::check_issuer(const Certificate& candidate) const {
  // Certificates before version 3 could not say so; those that somebody trusts are meant.
  const bool old_root = candidate.x509.version < 3 && anchors_.is_trusted(candidate.fingerprint);
  if (!old_root && !candidate.is_ca()) return fail(issuer_not_ca);
  if ((candidate.x509.ext_types & MBEDTLS_X509_EXT_KEY_USAGE) && !(candidate.x509.key_usage & MBEDTLS_X509_KU_KEY_CERT_SIGN)) return fail(issuer_not_ca);
  // RFC 5280 4.2.1.9: those that only renew a key do not count. mbedTLS counts one more, so that 0 is no limit.
  int between = 0;
  for (std::size_t i = 1; i < depth_; ++i) between += levels_[i].certificate->is_self_issued() ? 0 : 1;
  if (candidate.x509.max_pathlen != 0 && between >= candidate.x509.max_pathlen) return fail(path_too_long);
  return {};
}

/// What can be told only of a whole path: each issuer's limits hold for all certificates below it.
Result<void> PathFinder::check_path() const {
  for (std::size_t i = 1; i < depth_; ++i) {
    const Bytes constraints = levels_[i].certificate->name_constraints;
    for (std::size_t below = 0; !constraints.empty() && below < i; ++below) {
      if (below == 0 || !levels_[below].certificate->is_self_issued()) TRY(check_names(*levels_[below].certificate, constraints));
    }
  }
  return {};
}

}  // namespace undine::trust
