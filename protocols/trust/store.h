// SPDX-License-Identifier: Apache-2.0
// The built-in trust as it lies in the program, in the form that built-in/make_store.py describes.
#pragma once

#include <optional>
#include <string_view>

#include "protocols/trust/certificate.h"

namespace undine::trust {

/// A root of which only the key is known.
struct RootKey {
  std::uint8_t kind;
  std::uint16_t last_day;      ///< since 1970
  std::uint32_t subject_hash;  ///< the first octets of the SHA-256 of the subject
  Bytes fingerprint;           ///< the first 8 octets, to be shown
  std::string_view name;
  Bytes key;

  /// Fills `into`, which must be new; false if it is no key.
  bool load(mbedtls_pk_context& into) const;
};
std::uint32_t subject_hash_of(Bytes subject);

/// Views the octets; nothing is copied.
class Store {
public:
  static constexpr std::size_t pin_bytes = 16;
  /// The parts of it. `malformed` if it is not of that form.
  static Result<Store> parse(Bytes octets);

  std::size_t root_count() const { return root_count_; }
  /// The root at `index`; nothing behind the last.
  std::optional<RootKey> root(std::size_t index) const;
  std::size_t pin_count() const { return pins_.size() / pin_bytes; }
  Bytes pin(std::size_t index) const { return pins_.subspan(index * pin_bytes, pin_bytes); }
  bool is_pinned(const Fingerprint& fingerprint) const;
  /// Certificates of the builder's own: each behind two octets of length.
  Bytes own_certificates() const { return own_; }
  /// For servers that want to know who we are; empty without.
  Bytes client_certificates() const { return client_; }
  Bytes client_key() const { return key_; }

private:
  std::size_t root_count_ = 0;
  Bytes roots_, own_, client_, key_, pins_;
};

}  // namespace undine::trust
