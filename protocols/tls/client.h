// SPDX-License-Identifier: Apache-2.0
// TLS 1.2 and 1.3 (RFC 5246, 8446) for clients: a Stream over a Stream, by mbedTLS.
//
// The handshake is driven by reads and writes, which never wait. Then the ServerVerifier is asked; before it believes the server, nothing of the
// application's is sent or handed out. The end is an end only after the server's close_notify; without it, it is `truncated`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/transfer.h"
#include "protocols/tls/errors.h"
#include "protocols/tls/verifier.h"

struct mbedtls_ssl_session;

namespace undine::tls {

/// Sessions to resume, each bound to the host name and the port of a server that was believed. Whoever changes what is believed clears it.
class SessionCache {
public:
  /// A script fetches from one server, rarely from two.
  static constexpr std::size_t sessions_max = 4;

  SessionCache() = default;
  ~SessionCache() { clear(); }
  SessionCache(const SessionCache&) = delete;
  SessionCache& operator=(const SessionCache&) = delete;
  void clear();

  // For the client:
  /// The newest session with that server, or nullptr.
  const mbedtls_ssl_session* find(std::string_view host, std::uint16_t port) const;
  /// A place for a new one: the one that this server had, or that of the server that was not seen for longest. Initialised; nullptr without memory.
  mbedtls_ssl_session* place(std::string_view host, std::uint16_t port);
  /// That server's was of no use.
  void forget(std::string_view host, std::uint16_t port);

private:
  struct Entry {
    std::string host;
    std::uint16_t port = 0;
    mbedtls_ssl_session* session = nullptr;  ///< owned
    unsigned age = 0;                        ///< 0 is the newest
  };
  static void empty(Entry& entry);
  std::array<Entry, sessions_max> entries_;
};

/// What connections share. All outlive every stream.
struct Services {
  ServerVerifier& verifier;
  SessionCache& sessions;
  Clock& clock;
  bool aes_is_fast = false;  ///< the processor has AES-NI and PCLMULQDQ: AES-GCM is preferred to ChaCha20
};

/// Puts TLS over `lower`, which may still be connecting. `host` is the name or the address that the user wrote: it is sent as SNI (a name
/// only) and given to the verifier. crypto::start() must have been called.
Result<std::unique_ptr<Stream>> wrap(std::unique_ptr<Stream> lower, std::string_view host, std::uint16_t port, Services& services);

}  // namespace undine::tls
