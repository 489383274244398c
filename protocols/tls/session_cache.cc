// SPDX-License-Identifier: Apache-2.0
#include <mbedtls/ssl.h>

#include "core/memory.h"
#include "protocols/tls/client.h"

namespace undine::tls {

void SessionCache::empty(Entry& entry) {
  if (entry.session == nullptr) return;
  mbedtls_ssl_session_free(entry.session);
  delete entry.session;
  entry.session = nullptr;
}

void SessionCache::clear() {
  for (Entry& entry : entries_) empty(entry);
}

const mbedtls_ssl_session* SessionCache::find(std::string_view host, std::uint16_t port) const {
  for (const Entry& entry : entries_) {
    if (entry.session && entry.port == port && entry.host == host) return entry.session;
  }
  return nullptr;
}

mbedtls_ssl_session* SessionCache::place(std::string_view host, std::uint16_t port) {
  forget(host, port);
  Entry* oldest = &entries_[0];
  for (Entry& entry : entries_) {
    ++entry.age;
    if (oldest->session && (!entry.session || entry.age > oldest->age)) oldest = &entry;
  }
  empty(*oldest);
  oldest->session = make_unique_nothrow<mbedtls_ssl_session>().release();
  if (oldest->session == nullptr) return nullptr;
  mbedtls_ssl_session_init(oldest->session);
  oldest->host = host;
  oldest->port = port;
  oldest->age = 0;
  return oldest->session;
}

void SessionCache::forget(std::string_view host, std::uint16_t port) {
  for (Entry& entry : entries_) {
    if (entry.port == port && entry.host == host) empty(entry);
  }
}

}  // namespace undine::tls
