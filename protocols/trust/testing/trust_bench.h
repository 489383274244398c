// SPDX-License-Identifier: Apache-2.0
// A Trust with a network, a clock and web servers that are played.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/wall_clock.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/trust/testing/authority.h"
#include "protocols/trust/trust.h"

namespace undine::testing {

/// Files by address, for the row `http` below; what is not there is an error.
inline std::map<std::string, std::string>& web() {
  static std::map<std::string, std::string> files;
  return files;
}
inline unsigned web_requests = 0;
inline constexpr Cause no_such_page{"test.no-such-page", "no such page", pxe_status_failure};

class WebDownload final : public Download {
public:
  WebDownload(const Uri& uri, Sink& sink) : uri_(uri), sink_(sink) {}
  const Uri& final_uri() const override { return uri_; }
  Result<Progress> advance(Instant) override {
    const auto page = web().find(uri_.text());
    if (page == web().end()) return fail(no_such_page);
    const Bytes contents = as_bytes(page->second);
    if (done_ == 0) TRY(sink_.expect(contents.size()));
    if (done_ < contents.size()) {
      const std::size_t count = copy_bytes(TRY(sink_.room(done_)), contents.subspan(done_));
      TRY(sink_.commit(done_, count));
      done_ += count;
    }
    return Progress{done_ == contents.size(), done_, contents.size()};
  }

private:
  Uri uri_;
  Sink& sink_;
  std::size_t done_ = 0;
};

inline Result<std::unique_ptr<Download>> open_web(Network&, const Uri& uri, Sink& sink, const FetchOptions&, Instant) {
  ++web_requests;
  return std::make_unique<WebDownload>(uri, sink);
}
inline constexpr FetchProtocol web_rows[] = {{"http", open_web}};

struct TrustBench {
  explicit TrustBench(std::string_view octets = {}) : store(octets) {
    crypto::start(fake.entropy, fake.clock);
    fake.network.wall_clock = &wall_clock;
    wall_clock.start({2026, 11, 24, 12, 0, 0}, {});
    wall_clock.correct(wall_clock.unix_ms({}), {});
    web().clear();
    web_requests = 0;
    trust = std::make_unique<trust::Trust>(fake.network, as_bytes(store));
    trust->issuer_protocols = web_rows;
  }

  /// "believed", or the name of the reason why not.
  std::string verdict(const std::vector<std::string>& chain, std::string_view host = "server.example", std::string_view staple = {}) {
    std::vector<Bytes> views;
    for (const std::string& der : chain) views.push_back(as_bytes(der));
    auto verification = trust->begin({views, as_bytes(staple)}, host, fake.clock.now());
    views.clear();
    if (!verification) return std::string{verification.error().cause().name};
    for (unsigned turn = 0; turn < 2000; ++turn) {
      const Result<bool> believed = (*verification)->advance(fake.clock.now());
      if (!believed) return std::string{believed.error().cause().name};
      if (*believed) return "believed";
      fake.clock.time = fake.clock.time + 10_ms;
    }
    return "never ends";
  }
  /// Makes this certificate a root.
  void believe(const std::string& der) {
    if (!trust->add_certificates(as_bytes(der), {})) std::abort();
  }
  std::string log() {
    std::string text;
    fake.log.for_each([&](const Log::Line& line) { text += line.text + "\n"; });
    return text;
  }

  std::string store;
  FakeNetwork fake;
  WallClock wall_clock;
  std::unique_ptr<trust::Trust> trust;
};

/// Keys are made once, since that takes long, and all at once, since randomness begins anew with each bench.
inline SigningKey& key(unsigned number) {
  static SigningKey keys[9];
  return keys[number];
}
inline SigningKey& rsa_key(unsigned bits) {
  static std::map<unsigned, SigningKey> keys;
  return keys.try_emplace(bits, bits).first->second;
}

/// The usual papers: a root, an authority below it, a server below that.
inline Paper root_paper() { return {.subject = "Root", .issuer = "Root", .ca = true, .key_usage = 0x04}; }
inline Paper middle_paper() { return {.subject = "Middle", .issuer = "Root", .ca = true, .key_usage = 0x04}; }
inline Paper server_paper() {
  return {.subject = "server", .issuer = "Middle", .names = {dns("server.example")}, .key_usage = 0x80, .purposes = {1}};
}
inline std::string root() { return certificate(root_paper(), key(0), key(0)); }
inline std::string middle(const Paper& paper = middle_paper()) { return certificate(paper, key(1), key(0)); }
inline std::string server(const Paper& paper = server_paper()) { return certificate(paper, key(2), key(1)); }

}  // namespace undine::testing
