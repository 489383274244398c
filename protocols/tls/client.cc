// SPDX-License-Identifier: Apache-2.0
#include "protocols/tls/client.h"

#include <mbedtls/ssl.h>

#include <optional>
#include <vector>

#include "core/address.h"
#include "core/memory.h"
#include "protocols/crypto/random.h"

namespace undine::tls {
namespace {

/// mbedTLS' calls in one turn, each of which takes a record or less: so that a server can't keep the loop from its other work.
constexpr unsigned calls_per_turn_max = 64;
/// What a server may send before it is believed: two long messages (certificates and a staple), the rest of the handshake and some tickets.
constexpr std::size_t handshake_bytes_max = 96 * 1024;
/// Records that the stream below does not take yet: a flight of the handshake and some alerts.
constexpr std::size_t unsent_bytes_max = 16 * 1024;
/// Certificates that the verifier gets to see.
constexpr std::size_t chain_max = 16;
constexpr std::size_t rsa_bits_min = 2048;

#define UNDINE_CHACHA \
  MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256, MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
#define UNDINE_AES                                                                                                                     \
  MBEDTLS_TLS1_3_AES_128_GCM_SHA256, MBEDTLS_TLS1_3_AES_256_GCM_SHA384, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,               \
      MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
constexpr int suites_aes_first[] = {UNDINE_AES, UNDINE_CHACHA, 0};
constexpr int suites_chacha_first[] = {UNDINE_CHACHA, UNDINE_AES, 0};

constexpr std::uint16_t groups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
constexpr std::uint16_t signatures[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384, MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,       MBEDTLS_TLS1_3_SIG_NONE};
const char* const applications[] = {"http/1.1", nullptr};

class Client final : public Stream {
public:
  Client(std::unique_ptr<Stream> lower, std::string_view host, std::uint16_t port, Services& services);
  ~Client() override;
  Result<void> set_up();

  Result<std::size_t> read(MutableBytes into) override;
  Result<std::size_t> write(Bytes from) override;
  bool at_end() const override { return closed_; }
  void finish() override;

private:
  static int send(void* self, const unsigned char* data, std::size_t length) { return static_cast<Client*>(self)->send({data, length}); }
  static int receive(void* self, unsigned char* into, std::size_t length) { return static_cast<Client*>(self)->receive({into, length}); }
  static int keep_staple(void* self, const unsigned char* response, std::size_t length) {
    static_cast<Client*>(self)->staple_.assign(response, response + length);  // no longer than the handshake's message
    return 0;
  }
  int send(Bytes record);
  int receive(MutableBytes into);

  Result<void> show(const ClientIdentity& identity);
  Result<bool> ready();
  Result<bool> shake_hands();
  Result<void> ask_verifier();
  void remember_session();
  void flush();
  bool is_open() const { return believed_ && !error_ && !finished_; }
  std::unexpected<Error> give_up(int code);
  std::unexpected<Error> give_up(const Error& error);

  std::unique_ptr<Stream> lower_;
  const std::string host_;
  const std::uint16_t port_;
  Services& services_;

  mbedtls_ssl_context ssl_;
  mbedtls_ssl_config config_;
  mbedtls_x509_crt own_certificates_;
  mbedtls_pk_context own_key_;
  std::vector<std::uint8_t> staple_;
  std::unique_ptr<Verification> verification_;  ///< views the certificates in ssl_, and staple_

  std::vector<std::uint8_t> unsent_;
  std::optional<Error> error_, lower_read_error_, lower_write_error_;
  bool dry_ = false;           ///< the stream below had nothing, in this turn
  std::size_t shaken_bytes_ = 0;  ///< received until the server was believed
  bool lower_ended_ = false;
  bool offered_ = false;       ///< a session to resume
  bool certified_ = false;     ///< the server came with a certificate instead
  bool believed_ = false;
  bool closed_ = false;        ///< its close_notify came
  bool finished_ = false;      ///< ours went
};

Client::Client(std::unique_ptr<Stream> lower, std::string_view host, std::uint16_t port, Services& services)
    : lower_(std::move(lower)), host_(host), port_(port), services_(services) {
  mbedtls_ssl_init(&ssl_);
  mbedtls_ssl_config_init(&config_);
  mbedtls_x509_crt_init(&own_certificates_);
  mbedtls_pk_init(&own_key_);
}

Client::~Client() {
  if (is_open()) mbedtls_ssl_close_notify(&ssl_);
  verification_.reset();
  mbedtls_ssl_free(&ssl_);
  mbedtls_ssl_config_free(&config_);
  mbedtls_x509_crt_free(&own_certificates_);
  mbedtls_pk_free(&own_key_);
}

Result<void> Client::set_up() {
  constexpr int mode = MBEDTLS_SSL_IS_CLIENT;
  if (const int code = mbedtls_ssl_config_defaults(&config_, mode, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT); code != 0) return give_up(code);
  // The verifier judges the certificates, afterwards. That the server has the key of its certificate is checked by mbedTLS in any mode.
  mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_NONE);
  mbedtls_ssl_conf_rng(&config_, crypto::random_for_mbedtls, nullptr);
  mbedtls_ssl_conf_ciphersuites(&config_, services_.aes_is_fast ? suites_aes_first : suites_chacha_first);
  mbedtls_ssl_conf_groups(&config_, groups);
  mbedtls_ssl_conf_sig_algs(&config_, signatures);
  mbedtls_ssl_conf_alpn_protocols(&config_, const_cast<const char**>(applications));
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(&config_, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
  config_.MBEDTLS_PRIVATE(f_status) = keep_staple;
  config_.MBEDTLS_PRIVATE(p_status) = this;
  TRY(show(services_.verifier.client_identity()));
  if (const int code = mbedtls_ssl_setup(&ssl_, &config_); code != 0) return give_up(code);
  mbedtls_ssl_set_bio(&ssl_, this, &Client::send, &Client::receive, nullptr);
  // RFC 6066 3: no addresses, no dot at the end.
  if (!Ipv4Address::parse(host_)) {
    std::string name = host_;
    if (name.ends_with('.')) name.pop_back();
    if (mbedtls_ssl_set_hostname(&ssl_, name.c_str()) != 0) return fail(name.size() > MBEDTLS_SSL_MAX_HOST_NAME_LEN ? bad_name : out_of_memory);
  }
  if (const mbedtls_ssl_session* const session = services_.sessions.find(host_, port_)) offered_ = mbedtls_ssl_set_session(&ssl_, session) == 0;
  return {};
}

Result<void> Client::show(const ClientIdentity& identity) {
  if (identity.chain.empty()) return {};
  int code = 0;
  for (const Bytes certificate : identity.chain) {
    if (code == 0) code = mbedtls_x509_crt_parse_der(&own_certificates_, certificate.data(), certificate.size());
  }
  if (code == 0) {
    code = mbedtls_pk_parse_key(&own_key_, identity.key.data(), identity.key.size(), nullptr, 0, crypto::random_for_mbedtls, nullptr);
  }
  if (code == 0) code = mbedtls_ssl_conf_own_cert(&config_, &own_certificates_, &own_key_);
  if (code != 0) return fail(bad_identity, static_cast<std::uint32_t>(-code));
  return {};
}

/// Takes all, always: what the stream below does not take now waits in unsent_. If that stream is broken, the reason comes from reading: the
/// server may have said it in an alert.
int Client::send(Bytes record) {
  flush();
  const auto length = static_cast<int>(record.size());
  if (unsent_.empty() && !lower_write_error_) {
    if (const Result<std::size_t> sent = lower_->write(record)) {
      record = record.subspan(*sent);
    } else {
      lower_write_error_ = sent.error();
    }
  }
  if (lower_write_error_) return length;
  if (unsent_.size() + record.size() > unsent_bytes_max) return MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;  // it makes us answer again and again
  unsent_.insert(unsent_.end(), record.begin(), record.end());
  return length;
}

void Client::flush() {
  if (unsent_.empty() || lower_write_error_) return;
  if (const Result<std::size_t> sent = lower_->write(unsent_)) {
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(*sent));
    if (finished_ && unsent_.empty()) lower_->finish();
  } else {
    lower_write_error_ = sent.error();
  }
}

int Client::receive(MutableBytes into) {
  const Result<std::size_t> count = lower_->read(into);
  if (!count) {
    lower_read_error_ = count.error();
    return MBEDTLS_ERR_SSL_CONN_EOF;
  }
  if (*count != 0) {
    // Until the handshake is over mbedTLS takes warnings for nothing, however many there are.
    if (!believed_ && (shaken_bytes_ += *count) > handshake_bytes_max) return MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
    return static_cast<int>(*count);
  }
  lower_ended_ = lower_->at_end();
  if (lower_ended_) return 0;
  dry_ = true;
  return MBEDTLS_ERR_SSL_WANT_READ;
}

std::unexpected<Error> Client::give_up(int code) {
  if (lower_read_error_) return give_up(*lower_read_error_);
  if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE && ssl_.MBEDTLS_PRIVATE(in_msgtype) == MBEDTLS_SSL_MSG_ALERT) {
    return give_up(error_of_alert(ssl_.MBEDTLS_PRIVATE(in_msg)[1]));
  }
  return give_up(error_of(code, !believed_));
}

std::unexpected<Error> Client::give_up(const Error& error) {
  // Perhaps the session was the reason; the next connection does without.
  if (!believed_) services_.sessions.forget(host_, port_);
  error_ = error;
  return fail(error);
}

/// True when the server is believed.
Result<bool> Client::ready() {
  if (error_) return fail(*error_);
  flush();
  if (believed_) return true;
  if (!verification_) {
    if (!TRY(shake_hands())) return false;
    if (offered_ && !certified_) {
      believed_ = true;  // as it was when it gave us the session
      return true;
    }
    TRY(ask_verifier());
  }
  const Result<bool> verified = verification_->advance(services_.clock.now());
  if (!verified) {
    mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_BAD_CERT);
    return give_up(verified.error());
  }
  if (!*verified) return false;
  verification_.reset();
  believed_ = true;
  // TLS 1.3 brings tickets later.
  if (mbedtls_ssl_get_version_number(&ssl_) == MBEDTLS_SSL_VERSION_TLS1_2) remember_session();
  return true;
}

Result<bool> Client::shake_hands() {
  dry_ = false;
  for (unsigned i = 0; !mbedtls_ssl_is_handshake_over(&ssl_); ++i) {
    if (i == calls_per_turn_max) return false;
    if (ssl_.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_CERTIFICATE) certified_ = true;
    const int code = mbedtls_ssl_handshake_step(&ssl_);
    if (code == MBEDTLS_ERR_SSL_WANT_READ && dry_) {
      if (lower_write_error_) return give_up(*lower_write_error_);
      return false;
    }
    if (code != 0 && code != MBEDTLS_ERR_SSL_WANT_READ) return give_up(code);
  }
  return true;
}

Result<void> Client::ask_verifier() {
  const mbedtls_x509_crt* const first = mbedtls_ssl_get_peer_cert(&ssl_);
  if (first == nullptr) return give_up(Error{broken_rules});
  if (const std::size_t bits = mbedtls_pk_get_bitlen(&first->pk); mbedtls_pk_can_do(&first->pk, MBEDTLS_PK_RSA) && bits < rsa_bits_min) {
    return give_up(Error{weak_key, static_cast<std::uint32_t>(bits)});
  }
  Bytes chain[chain_max];
  std::size_t count = 0;
  for (const mbedtls_x509_crt* at = first; at != nullptr && count < chain_max; at = at->next) chain[count++] = {at->raw.p, at->raw.len};
  auto verification = services_.verifier.begin({{chain, count}, staple_}, host_, services_.clock.now());
  if (!verification) return give_up(verification.error());
  verification_ = std::move(*verification);
  return {};
}

void Client::remember_session() {
  if (mbedtls_ssl_session* const place = services_.sessions.place(host_, port_)) {
    if (mbedtls_ssl_get_session(&ssl_, place) != 0) services_.sessions.forget(host_, port_);
  }
}

Result<std::size_t> Client::read(MutableBytes into) {
  if (!TRY(ready()) || closed_ || into.empty()) return 0u;
  dry_ = false;
  for (unsigned i = 0; i < calls_per_turn_max; ++i) {
    const int code = mbedtls_ssl_read(&ssl_, into.data(), into.size());
    if (code > 0) return static_cast<std::size_t>(code);
    switch (code) {
      case 0:  // the end of the stream below, or an empty record
        if (lower_ended_) return give_up(Error{truncated});
        if (lower_read_error_) return give_up(*lower_read_error_);
        break;
      case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: closed_ = true; return 0u;
      case MBEDTLS_ERR_SSL_WANT_READ:
        if (dry_) return 0u;
        break;
      case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET: remember_session(); break;
      default: return give_up(code);
    }
  }
  return 0u;
}

Result<std::size_t> Client::write(Bytes from) {
  if (!TRY(ready()) || finished_ || !unsent_.empty() || from.empty()) return 0u;
  if (lower_write_error_) return fail(*lower_write_error_);
  const int code = mbedtls_ssl_write(&ssl_, from.data(), from.size());
  if (code < 0) return give_up(code);
  return static_cast<std::size_t>(code);
}

void Client::finish() {
  if (!is_open()) return;
  mbedtls_ssl_close_notify(&ssl_);
  finished_ = true;
  if (unsent_.empty()) lower_->finish();
}

}  // namespace

Result<std::unique_ptr<Stream>> wrap(std::unique_ptr<Stream> lower, std::string_view host, std::uint16_t port, Services& services) {
  auto client = make_unique_nothrow<Client>(std::move(lower), host, port, services);
  if (!client) return fail(out_of_memory);
  TRY(client->set_up());
  return client;
}

}  // namespace undine::tls
