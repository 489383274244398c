// SPDX-License-Identifier: Apache-2.0
// The other end, played for tests and fuzz targets: mbedTLS as a server, the wire between as two strings, a verifier that does as it is told.
#pragma once

#include <mbedtls/asn1write.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "core/testing/fakes.h"
#include "protocols/crypto/random.h"
#include "protocols/tls/client.h"

namespace undine::testing {

/// A wire in both directions. It outlives both ends.
struct Wire {
  std::string to_server, to_client;
  bool server_gone = false;             ///< the connection was closed
  std::optional<Error> broken;          ///< or reset
  std::size_t piece_bytes = 100'000;    ///< what one read or write carries at most
  std::size_t room_bytes = 100'000;     ///< what fits into the direction to the server
  std::size_t moved = 0;                ///< octets that entered or left, in both directions
};

/// The client's end of it.
class WireStream final : public Stream {
public:
  explicit WireStream(Wire& wire) : wire_(wire) {}
  Result<std::size_t> read(MutableBytes into) override {
    if (wire_.to_client.empty() && wire_.broken) return fail(*wire_.broken);
    if (into.size() > wire_.piece_bytes) into = into.first(wire_.piece_bytes);
    const std::size_t count = copy_bytes(into, as_bytes(wire_.to_client));
    wire_.to_client.erase(0, count);
    wire_.moved += count;
    return count;
  }
  Result<std::size_t> write(Bytes from) override {
    if (wire_.broken) return fail(*wire_.broken);
    const std::size_t room = wire_.room_bytes - std::min(wire_.room_bytes, wire_.to_server.size());
    from = from.first(std::min({from.size(), wire_.piece_bytes, room}));
    wire_.to_server += as_text(from);
    wire_.moved += from.size();
    return from.size();
  }
  bool at_end() const override { return wire_.server_gone && wire_.to_client.empty(); }
  void finish() override {}

private:
  Wire& wire_;
};

inline void must(int code) {
  if (code != 0) std::abort();
}

/// A key and a certificate for it, signed by itself.
class Credentials {
public:
  /// P-256, or RSA with so many bits.
  explicit Credentials(unsigned rsa_bits = 0) {
    mbedtls_pk_init(&key);
    mbedtls_x509_crt_init(&certificate);
    must(mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(rsa_bits != 0 ? MBEDTLS_PK_RSA : MBEDTLS_PK_ECKEY)));
    if (rsa_bits != 0) {
      must(mbedtls_rsa_gen_key(mbedtls_pk_rsa(key), crypto::random_for_mbedtls, nullptr, rsa_bits, 65537));
    } else {
      must(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), crypto::random_for_mbedtls, nullptr));
    }
    mbedtls_x509write_cert writer;
    mbedtls_x509write_crt_init(&writer);
    mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&writer, &key);
    mbedtls_x509write_crt_set_issuer_key(&writer, &key);
    must(mbedtls_x509write_crt_set_subject_name(&writer, "CN=server.example"));
    must(mbedtls_x509write_crt_set_issuer_name(&writer, "CN=server.example"));
    unsigned char serial[] = {1};
    must(mbedtls_x509write_crt_set_serial_raw(&writer, serial, sizeof serial));
    must(mbedtls_x509write_crt_set_validity(&writer, "20200101000000", "20991231235959"));
    unsigned char der[4096];
    const int length = mbedtls_x509write_crt_der(&writer, der, sizeof der, crypto::random_for_mbedtls, nullptr);
    if (length <= 0) std::abort();
    must(mbedtls_x509_crt_parse_der(&certificate, der + sizeof der - length, static_cast<std::size_t>(length)));
    mbedtls_x509write_crt_free(&writer);
  }
  ~Credentials() {
    mbedtls_pk_free(&key);
    mbedtls_x509_crt_free(&certificate);
  }
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;

  Bytes certificate_der() const { return {certificate.raw.p, certificate.raw.len}; }
  std::vector<std::uint8_t> key_der() {
    unsigned char der[4096];
    const int length = mbedtls_pk_write_key_der(&key, der, sizeof der);
    if (length <= 0) std::abort();
    return {der + sizeof der - length, der + sizeof der};
  }

  mbedtls_pk_context key;
  mbedtls_x509_crt certificate;
};

/// What servers have in common that resume each other's sessions.
struct ServerTickets {
  ServerTickets() {
    mbedtls_ssl_ticket_init(&context);
    must(mbedtls_ssl_ticket_setup(&context, crypto::random_for_mbedtls, nullptr, MBEDTLS_CIPHER_AES_256_GCM, 86400));
  }
  ~ServerTickets() { mbedtls_ssl_ticket_free(&context); }
  ServerTickets(const ServerTickets&) = delete;
  ServerTickets& operator=(const ServerTickets&) = delete;
  mbedtls_ssl_ticket_context context;
};

struct ServerOptions {
  mbedtls_ssl_protocol_version version = MBEDTLS_SSL_VERSION_TLS1_3;
  bool wants_certificate = false;
  mbedtls_pk_context* other_key = nullptr;  ///< to sign with, instead of that of the certificate
  ServerTickets* tickets = nullptr;
};

class TlsServer {
public:
  TlsServer(Wire& wire, Credentials& credentials, const ServerOptions& options = {}) {
    mbedtls_ssl_init(&ssl);
    mbedtls_ssl_config_init(&config_);
    must(mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_rng(&config_, crypto::random_for_mbedtls, nullptr);
    mbedtls_ssl_conf_min_tls_version(&config_, options.version);
    mbedtls_ssl_conf_max_tls_version(&config_, options.version);
    mbedtls_ssl_conf_authmode(&config_, options.wants_certificate ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_ca_chain(&config_, &credentials.certificate, nullptr);
    must(mbedtls_ssl_conf_own_cert(&config_, &credentials.certificate, options.other_key ? options.other_key : &credentials.key));
    mbedtls_ssl_conf_sni(&config_, note_name, this);
    mbedtls_ssl_conf_cert_profile(&config_, &mbedtls_x509_crt_profile_next);
    if (options.tickets) {
      mbedtls_ssl_conf_session_tickets_cb(&config_, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &options.tickets->context);
    }
    must(mbedtls_ssl_setup(&ssl, &config_));
    mbedtls_ssl_set_bio(&ssl, &wire, send, receive, nullptr);
  }
  ~TlsServer() {
    mbedtls_ssl_free(&ssl);
    mbedtls_ssl_config_free(&config_);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  /// Goes on as far as it can with what has come; then says what it has to say.
  void turn() {
    while (result == 0 && !mbedtls_ssl_is_handshake_over(&ssl)) {
      const int code = mbedtls_ssl_handshake(&ssl);
      if (code == MBEDTLS_ERR_SSL_WANT_READ) return;
      result = code;
    }
    while (result == 0) {
      unsigned char text[1000];
      const int code = mbedtls_ssl_read(&ssl, text, sizeof text);
      if (code == MBEDTLS_ERR_SSL_WANT_READ) break;
      if (code > 0) {
        received.append(reinterpret_cast<const char*>(text), static_cast<std::size_t>(code));
      } else {
        result = code;
      }
    }
    while (result == 0 && !to_say.empty()) {
      const int code = mbedtls_ssl_write(&ssl, reinterpret_cast<const unsigned char*>(to_say.data()), to_say.size());
      if (code < 0) {
        result = code;
      } else {
        to_say.erase(0, static_cast<std::size_t>(code));
      }
    }
  }
  void close_notify() { must(mbedtls_ssl_close_notify(&ssl)); }

  std::string to_say, received;
  std::string name;  ///< SNI
  int result = 0;    ///< of mbedTLS; 0 while all is well
  mbedtls_ssl_context ssl;

private:
  static int send(void* wire, const unsigned char* data, std::size_t length) {
    static_cast<Wire*>(wire)->to_client.append(reinterpret_cast<const char*>(data), length);
    return static_cast<int>(length);
  }
  static int receive(void* context, unsigned char* into, std::size_t length) {
    Wire& wire = *static_cast<Wire*>(context);
    if (wire.to_server.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
    const std::size_t count = copy_bytes({into, length}, as_bytes(wire.to_server));
    wire.to_server.erase(0, count);
    return static_cast<int>(count);
  }
  static int note_name(void* self, mbedtls_ssl_context*, const unsigned char* name, std::size_t length) {
    static_cast<TlsServer*>(self)->name.assign(reinterpret_cast<const char*>(name), length);
    return 0;
  }

  mbedtls_ssl_config config_;
};

/// Believes or not, after some turns.
class FakeVerifier final : public tls::ServerVerifier {
public:
  Result<std::unique_ptr<tls::Verification>> begin(const tls::PeerCertificates& peer, std::string_view asked_host, Instant) override {
    ++asked;
    host = asked_host;
    chain.clear();
    for (const Bytes certificate : peer.chain) chain.emplace_back(certificate.begin(), certificate.end());
    return std::make_unique<Decision>(*this);
  }
  tls::ClientIdentity client_identity() override { return identity; }

  unsigned asked = 0;
  std::string host;
  std::vector<std::vector<std::uint8_t>> chain;
  unsigned turns = 0;  ///< to think
  std::optional<Error> refusal;
  tls::ClientIdentity identity;

private:
  class Decision final : public tls::Verification {
  public:
    explicit Decision(FakeVerifier& verifier) : verifier_(verifier) {}
    Result<bool> advance(Instant) override {
      if (verifier_.turns != 0) {
        --verifier_.turns;
        return false;
      }
      if (verifier_.refusal) return fail(*verifier_.refusal);
      return true;
    }

  private:
    FakeVerifier& verifier_;
  };
};

}  // namespace undine::testing
