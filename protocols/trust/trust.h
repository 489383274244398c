// SPDX-License-Identifier: Apache-2.0
// Which servers are believed, and who we are to them. One for the whole program: TLS asks it about each server, commands change it.
//
// Believed is what leads to
//   - a root of the built-in store,
//   - a certificate whose fingerprint was given at run time: a root, or a server's own,
//   - only such a one, once use_only() has named some.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocols/fetch/fetch.h"
#include "protocols/tls/client.h"
#include "protocols/trust/path.h"
#include "protocols/trust/store.h"

namespace undine::trust {

class Trust final : public tls::ServerVerifier, private Anchors {
public:
  /// Each of: fingerprints given by commands; by use_only(); certificates given or fetched.
  static constexpr std::size_t entries_max = 32;

  /// `store` is what built_in_trust() returns; it and `network` must outlive this. A store that can't be read is an empty one.
  /// `sessions` are forgotten when what is believed changes.
  Trust(Network& network, Bytes store, tls::SessionCache* sessions = nullptr);

  // What commands do. Nothing here waits.

  /// Believes in the certificate with this SHA-256 (32 octets) wherever it is met: `bad_fingerprints`, `store_full`.
  Result<void> add_fingerprint(Bytes sha256);
  /// Believes in the certificates of a file that the user has had fetched, DER or PEM. With `sha256` (32 octets, else empty) the file must hold one with
  /// that fingerprint, and only this is believed. Returns the fingerprint of the last. `no_pem`, `malformed`, `other_fingerprint`, `store_full`.
  Result<Fingerprint> add_certificates(Bytes file, Bytes sha256);
  /// Remembers the certificates of a file, DER or PEM, that may lie between a server and its root; none is believed for that. With `subject` only those of that
  /// name: `no_pem`, `malformed`, `no_subject`, `store_full`.
  Result<void> add_intermediates(Bytes file, std::string_view subject);
  /// Forgets what commands and searches added since keep_for_good(), or of that the certificates of that name and their fingerprints: `not_remembered`. The
  /// setting's fingerprints and our own certificate stay. A search under way ends with the certificates that it began with.
  Result<void> forget(std::string_view subject);
  /// What was added so far belongs to the program, and forget() leaves it.
  void keep_for_good();
  /// For the setting `trust`: only these are believed, 32 octets each, and what was added by command. Empty: the built-in ones again.
  Result<void> use_only(Bytes fingerprints);
  /// Our own certificate, its issuers behind it, and its key, from files in DER or PEM; an empty file is none. `no_pem`, `malformed`, `no_key`.
  Result<void> set_client(Bytes certificates, Bytes key);
  /// For the settings `cert` and `privkey`, files like those: in the place of what the builder gave us, which one that is empty means again. With only one of them we are nobody.
  Result<void> use_client(Bytes certificates, Bytes key);
  /// The first of our own; nullptr without.
  const Certificate* client() const { return client_certificate_.get(); }

  /// What is believed, for `certstat`.
  struct Fact {
    enum class Kind : std::uint8_t {
      built_in,  ///< a root whose key is in the program
      pin,       ///< a fingerprint in the program; its certificate is fetched when needed
      added,     ///< a fingerprint that the user or a setting gave
      known,     ///< a certificate that the user gave or that was fetched; believed if its fingerprint is among the others
      client,    ///< our own, which servers may ask for
    };
    Kind kind;
    std::string name;    ///< printable; empty if only the fingerprint is known
    Bytes fingerprint;   ///< beginning of the SHA-256 of the certificate: 8 (built_in), 16 (pin) or 32 octets; lives until the next change
    bool trusted;
    const Certificate* certificate = nullptr;  ///< of `known` and `client`
  };
  /// Fact `index`; nothing behind the last.
  std::optional<Fact> fact(std::size_t index) const;

  /// For paths that do not begin at a server.
  const Anchors& anchors() const { return *this; }
  /// Adds the certificates that the user gave or that were fetched; they live as long as this does.
  void add_known(std::vector<const Certificate*>& pool) const {
    for (const auto& known : known_) pool.push_back(known.get());
  }

  /// How issuers are fetched: by HTTP, since what comes must carry the right signature, and TLS might need the same issuer.
  std::span<const FetchProtocol> issuer_protocols;

  // What TLS does.
  Result<std::unique_ptr<tls::Verification>> begin(const tls::PeerCertificates& peer, std::string_view host, Instant now) override;
  tls::ClientIdentity client_identity() override;

private:
  friend class ChainVerification;
  bool is_trusted(const Fingerprint& fingerprint) const override;
  std::size_t root_count() const override { return only_.empty() ? store_.root_count() : 0; }
  std::optional<RootKey> root(std::size_t index) const override { return store_.root(index); }
  /// Takes it over and returns where it is from now on, or the same certificate that was there before; nullptr if there is no room.
  const Certificate* keep(std::unique_ptr<Certificate>& certificate);
  void search_ended();
  /// Keeps the certificates of a file that are meant; what they are known by. `no_such`: there are others in it.
  template <typename IsMeant>
  Result<std::vector<Fingerprint>> keep_those(Bytes file, const Cause& no_such, IsMeant is_meant);

  void changed() const;

  Network& network_;
  tls::SessionCache* sessions_;
  Store store_;
  std::string time_servers_asked_;  ///< and silent, or else the clock were right
  std::vector<Fingerprint> added_, only_;
  std::size_t added_for_good_ = 0, known_for_good_ = 0;  ///< of each list the beginning
  std::vector<std::unique_ptr<Certificate>> known_;
  std::vector<std::unique_ptr<Certificate>> forgotten_;  ///< searches hold pointers: empty unless one is under way
  unsigned searches_ = 0;                                ///< ChainVerifications that there are
  std::unique_ptr<Certificate> client_certificate_;
  std::vector<std::vector<std::uint8_t>> client_;
  std::vector<Bytes> client_views_;
  std::vector<std::uint8_t> client_key_, used_certificates_, used_key_;
};

}  // namespace undine::trust
