// SPDX-License-Identifier: Apache-2.0
// What a TLS client asks of whoever decides which servers are believed. It is asked after the handshake, which has proved that the server has
// the key of its certificate, and before any octet of the application's is sent or handed out.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "core/bytes.h"
#include "core/error.h"
#include "core/time.h"

namespace undine::tls {

/// What the server sent in its Certificate message (RFC 8446 4.4.2, RFC 5246 7.4.2): certificates in DER in its order, its own first, nothing
/// checked. Certificates with algorithms that mbedTLS does not know are left out, but never the first. At least one.
struct PeerCertificates {
  std::span<const Bytes> chain;
  Bytes staple;  ///< an OCSPResponse for the first (RFC 6960 4.2.1), if the server sent one; nothing checked
};

/// One decision under way; it may have to fetch something.
class Verification {
public:
  virtual ~Verification() = default;
  /// True: the server is believed. False: ask again. An error: it is not, or that could not be found out; final.
  virtual Result<bool> advance(Instant now) = 0;
};

/// What we show to a server that asks who we are. Empty: nothing.
struct ClientIdentity {
  std::span<const Bytes> chain;  ///< certificates in DER, ours first; together below 4000 octets
  Bytes key;                     ///< its private key in DER, not encrypted: PKCS #1, SEC 1 or PKCS #8
};

class ServerVerifier {
public:
  virtual ~ServerVerifier() = default;
  /// `host` is the name or the address that the user wrote. What `peer` views lives as long as the Verification; `peer.chain` itself (the list) and
  /// `host` only during the call.
  virtual Result<std::unique_ptr<Verification>> begin(const PeerCertificates& peer, std::string_view host, Instant now) = 0;
  /// Asked as each connection is opened; it is copied.
  virtual ClientIdentity client_identity() { return {}; }
};

}  // namespace undine::tls
