// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/store.h"

#include <mbedtls/ecp.h>
#include <mbedtls/rsa.h>

#include "protocols/trust/causes.h"

namespace undine::trust {
namespace {

struct KeyKind {
  mbedtls_ecp_group_id curve;  ///< none: RSA
  std::uint16_t bytes;
};
constexpr KeyKind key_kinds[] = {{MBEDTLS_ECP_DP_SECP256R1, 33}, {MBEDTLS_ECP_DP_SECP384R1, 49}, {MBEDTLS_ECP_DP_NONE, 256}, {MBEDTLS_ECP_DP_NONE, 384}, {MBEDTLS_ECP_DP_NONE, 512}};

std::optional<RootKey> take_root(ByteReader& reader) {
  RootKey root{};
  root.kind = static_cast<std::uint8_t>(reader.u8() - 1);
  if (root.kind >= std::size(key_kinds)) return {};
  root.last_day = reader.be16();
  root.subject_hash = reader.be32();
  root.fingerprint = reader.take(8);
  root.name = as_text(reader.take(reader.u8()));
  root.key = reader.take(key_kinds[root.kind].bytes);
  if (reader.failed()) return {};
  return root;
}

}  // namespace

std::uint32_t subject_hash_of(Bytes subject) { return load_be32(fingerprint_of(subject), 0); }

bool RootKey::load(mbedtls_pk_context& into) const {
  const mbedtls_ecp_group_id curve = key_kinds[kind].curve;
  const mbedtls_pk_type_t type = curve == MBEDTLS_ECP_DP_NONE ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY;
  if (mbedtls_pk_setup(&into, mbedtls_pk_info_from_type(type)) != 0) return false;
  if (type == MBEDTLS_PK_RSA) {
    static constexpr std::uint8_t exponent[] = {1, 0, 1};
    mbedtls_rsa_context* const rsa = mbedtls_pk_rsa(into);
    return mbedtls_rsa_import_raw(rsa, key.data(), key.size(), nullptr, 0, nullptr, 0, nullptr, 0, exponent, sizeof exponent) == 0 &&
           mbedtls_rsa_complete(rsa) == 0;
  }
  mbedtls_ecp_keypair* const pair = mbedtls_pk_ec(into);
  return mbedtls_ecp_group_load(&pair->grp, curve) == 0 && mbedtls_ecp_point_read_binary(&pair->grp, &pair->Q, key.data(), key.size()) == 0 &&
         mbedtls_ecp_check_pubkey(&pair->grp, &pair->Q) == 0;
}

Result<Store> Store::parse(Bytes octets) {
  ByteReader reader{octets};
  Store store;
  const auto skip_counted = [&](auto&& take) {
    const std::uint16_t count = reader.be16();
    const Bytes before = reader.rest();
    for (unsigned i = 0; i < count && !reader.failed(); ++i) take();
    return reader.failed() ? Bytes{} : before.first(before.size() - reader.remaining());
  };
  bool good = true;
  store.roots_ = skip_counted([&] {
    good = good && take_root(reader);
    ++store.root_count_;
  });
  store.own_ = skip_counted([&] { reader.take(reader.be16()); });
  store.client_ = reader.take(reader.be16());
  store.key_ = reader.take(reader.be16());
  store.pins_ = reader.rest();
  if (!good || reader.failed() || store.pins_.size() % pin_bytes != 0) return fail(malformed);
  return store;
}

std::optional<RootKey> Store::root(std::size_t index) const {
  ByteReader reader{roots_};
  while (reader.remaining() != 0) {
    const std::optional<RootKey> root = take_root(reader);
    if (!root || index-- == 0) return root;
  }
  return {};
}

bool Store::is_pinned(const Fingerprint& fingerprint) const {
  for (std::size_t i = 0; i < pin_count(); ++i) {
    if (same_bytes(pin(i), Bytes{fingerprint}.first(pin_bytes))) return true;
  }
  return false;
}

}  // namespace undine::trust
