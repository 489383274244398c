// SPDX-License-Identifier: Apache-2.0
// Whether one server is believed: its name, a path to a root, issuers fetched that it did not send (RFC 5280 4.2.2.1), a stapled OCSP response.
//
//   the server's name -> time -> search -> found: staple -> believed
//                                  ^   |
//                                  |   v none
//                                 fetch an issuer
#pragma once

#include <memory>
#include <vector>

#include "protocols/ntp/client.h"
#include "protocols/trust/trust.h"

namespace undine::trust {

class ChainVerification final : public tls::Verification {
public:
  /// Certificates that a server may send; more than it needs are common, twice as many are not.
  static constexpr std::size_t chain_max = 12;
  /// Issuers fetched for one server, and how long each may take.
  static constexpr unsigned fetches_max = 4;
  static constexpr Duration fetch_time_max = 10'000_ms;

  static Result<std::unique_ptr<tls::Verification>> open(Trust& trust, const tls::PeerCertificates& peer, std::string_view host, Instant now);
  Result<bool> advance(Instant now) override;

  /// For make_unique; use open().
  ChainVerification(Trust& trust, std::string_view host) : trust_(trust), host_(host) { ++trust.searches_; }
  ~ChainVerification() override { trust_.search_ended(); }
  ChainVerification(const ChainVerification&) = delete;
  ChainVerification& operator=(const ChainVerification&) = delete;

private:
  /// Where a fetched certificate arrives.
  class Buffer final : public Sink {
  public:
    Result<void> expect(std::uint64_t size_bytes) override;
    Result<MutableBytes> room(std::uint64_t offset) override;
    Result<void> commit(std::uint64_t offset, std::size_t length_bytes) override;
    void restart() override { octets.clear(); }
    std::vector<std::uint8_t> octets;  ///< what has arrived

  private:
    std::uint8_t chunk_[1024];
  };

  Result<void> read(const tls::PeerCertificates& peer);
  void add_to_pool(const Certificate& certificate);
  std::uint32_t seconds(Instant now) const;
  bool advance_clock(Instant now);
  Result<bool> begin_fetch(const Error& why, Instant now);
  Result<bool> advance_fetch(Instant now);
  Result<bool> take_issuer();
  Result<bool> finish(Instant now);
  void explain(const Error& why) const;

  Trust& trust_;
  std::string host_;
  std::vector<std::unique_ptr<Certificate>> own_;
  std::vector<const Certificate*> pool_;  ///< the server's first, then what was known before and what was fetched
  std::unique_ptr<ntp::Client> time_;
  std::unique_ptr<PathFinder> finder_;
  Bytes staple_;
  std::uint64_t asked_ = 0;  ///< bit n: the issuer of pool_[n] was asked for
  unsigned fetches_ = 0;
  Buffer buffer_;
  std::unique_ptr<Download> download_;
  Timer fetch_end_;
};

}  // namespace undine::trust
