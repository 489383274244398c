// SPDX-License-Identifier: Apache-2.0
// From a server's certificate to one that is trusted (RFC 5280 6.1, RFC 4158): depth first through all certificates at hand, in whatever order they
// came, so that an expired or cross-signed one does not hide another way. One step checks one signature at most: on a slow machine that
// takes a tenth of a second, and the network wants to be served.
#pragma once

#include <span>

#include "protocols/trust/certificate.h"
#include "protocols/trust/store.h"

namespace undine::trust {

/// Whom to believe.
class Anchors {
public:
  virtual ~Anchors() = default;
  virtual bool is_trusted(const Fingerprint& fingerprint) const = 0;
  /// Roots of which only the key is known.
  virtual std::size_t root_count() const = 0;
  virtual std::optional<RootKey> root(std::size_t index) const = 0;
};

class PathFinder {
public:
  /// Certificates of one path, the server's own and the root included; public ones have three or four.
  static constexpr std::size_t length_max = 8;
  /// Certificates at hand.
  static constexpr std::size_t pool_max = 64;
  /// Signatures that are tried before we give up: enough for each way in any honest set of certificates.
  static constexpr unsigned signatures_max = 40;

  /// The first of `pool` is the server's own; all outlive the search. `now` is in seconds since 1970. `clock_known`: a time server said so.
  /// `purpose` is what all of the path must be for, unless they do not say (Certificate::is_for).
  PathFinder(const Anchors& anchors, std::span<const Certificate* const> pool, std::uint32_t now, bool clock_known,
             std::uint8_t purpose = Certificate::server_authentication);

  /// True when a path is found; an error when there is none.
  Result<bool> step();

  /// Of the path that was found: whose key signed the server's certificate; nullptr if it is trusted itself or a root's key did.
  const Certificate* issuer() const { return depth_ > 1 ? levels_[1].certificate : nullptr; }
  /// The root at the end, if only its key is known.
  const std::optional<RootKey>& root() const { return root_; }
  /// Whether the search came to this certificate of the pool, by a way of good signatures.
  bool has_visited(std::size_t index) const { return visited_ >> index & 1; }

private:
  struct Level {
    const Certificate* certificate;
    std::size_t next = 0;  ///< candidate for its issuer: 0 it is trusted itself, then the roots, then the pool
  };
  Result<bool> consider_root(const RootKey& root);
  Result<void> consider(const Certificate& candidate);
  Result<void> check_use(const Certificate& certificate) const;
  Result<void> check_issuer(const Certificate& candidate) const;
  Result<void> check_date(std::uint32_t from, std::uint32_t to) const;
  Result<void> check_path() const;
  Result<void> count_signature();
  bool is_on_path(const Certificate& certificate) const;
  void note(const Error& error);
  void enter(std::size_t pool_index);

  const Anchors& anchors_;
  std::span<const Certificate* const> pool_;
  std::uint32_t now_;
  bool clock_known_;
  std::uint8_t purpose_;
  Level levels_[length_max]{};
  std::size_t depth_ = 0;
  std::uint64_t visited_ = 0;  ///< bit n: pool_[n]
  unsigned signatures_ = 0;
  std::optional<RootKey> root_;
  Error why_;  ///< the first that was wrong with a way that might have led somewhere
};

}  // namespace undine::trust
