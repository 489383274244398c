// SPDX-License-Identifier: Apache-2.0
// What a download protocol is given, played for tests and fuzz targets: a network whose datagrams are lists, a resolver that knows what it
// is told, a sink in memory that sees whoever breaks its contract.
#pragma once

#include <cstdlib>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/memory.h"
#include "core/testing/fakes.h"
#include "protocols/fetch/fetch.h"

namespace undine::testing {

/// Keeps the file; may be told to have no room, or little at a time. Aborts on bytes that leave a gap.
class FakeSink final : public Sink {
public:
  Result<void> expect(std::uint64_t size_bytes) override {
    expected = size_bytes;
    ++expectations;
    if (size_bytes > size_max) return fail(out_of_memory);
    return {};
  }
  Result<MutableBytes> room(std::uint64_t offset) override {
    demand(offset == contents.size());
    if (contents.size() >= size_max) return fail(out_of_memory);
    const std::size_t left = size_max - contents.size();
    buffer_.assign(left < room_bytes ? left : room_bytes, 0xa5);
    return MutableBytes{buffer_};
  }
  Result<void> commit(std::uint64_t offset, std::size_t length_bytes) override {
    demand(offset == contents.size() && length_bytes != 0 && length_bytes <= buffer_.size());
    contents.append(reinterpret_cast<const char*>(buffer_.data()), length_bytes);
    return {};
  }
  void restart() override {
    contents.clear();
    expected.reset();
    ++restarts;
  }

  std::string contents;
  std::optional<std::uint64_t> expected;
  unsigned expectations = 0;
  unsigned restarts = 0;
  std::size_t room_bytes = 4096;
  std::size_t size_max = std::size_t{1} << 30;

private:
  static void demand(bool holds) {
    if (!holds) std::abort();
  }
  std::vector<std::uint8_t> buffer_;
};

/// Takes what is sent down to IP.
class FakeOutput final : public Ipv4Output {
public:
  struct Packet {
    Ipv4Address to;
    IpProtocol protocol;
    std::vector<std::uint8_t> bytes;  ///< head and body
  };
  Result<void> send_ipv4(Ipv4Address, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes body) override {
    if (error) return std::unexpected{*error};
    Packet packet{to, protocol, {head.begin(), head.end()}};
    packet.bytes.insert(packet.bytes.end(), body.begin(), body.end());
    if (sent.size() < sent_max) sent.push_back(std::move(packet));
    return {};
  }
  Result<Ipv4Address> source_for(Ipv4Address) const override { return Ipv4Address{0x0a000002}; }
  std::size_t path_mtu(Ipv4Address) const override { return mtu; }
  std::size_t receive_ring_frames() const override { return ring_frames; }

  static constexpr std::size_t sent_max = 10'000;
  std::list<Packet> sent;
  std::optional<Error> error;
  std::size_t mtu = 1500;
  std::size_t ring_frames = 32;
};

inline constexpr Cause fake_no_such_name{"dns.fake", "no such name", pxe_status_failure};

/// Knows literals and `names`.
class FakeResolver final : public Resolver {
public:
  class Answer final : public Lookup {
  public:
    Answer(std::optional<Ipv4Address> address, unsigned turns) : address_(address), turns_(turns) {}
    Result<Progress> advance(Instant) override {
      if (turns_ != 0) {
        --turns_;
        return Progress{};
      }
      if (!address_) return fail(fake_no_such_name);
      return Progress{true, 0, std::nullopt};
    }
    Ipv4Address address() const override { return *address_; }

  private:
    std::optional<Ipv4Address> address_;
    unsigned turns_;
  };
  Result<std::unique_ptr<Lookup>> lookup(std::string_view host, Instant) override {
    ++lookups;
    std::optional<Ipv4Address> address = Ipv4Address::parse(host);
    for (const auto& [name, known] : names) {
      if (name == host) address = known;
    }
    return make_unique_nothrow<Answer>(address, turns);
  }

  std::vector<std::pair<std::string, Ipv4Address>> names;
  unsigned turns = 0;  ///< how often an answer says that it is not there yet
  unsigned lookups = 0;
};

/// All of it in one.
struct FakeNetwork {
  FakeClock clock;
  FakeConsole console;
  FakeEntropy entropy;
  Log log{clock, console};
  FakeOutput output;
  UdpSockets udp{output};
  TcpTable tcp{output, entropy};
  FakeResolver resolver;
  Network network{tcp, udp, resolver, entropy, log};

  /// A datagram comes from `from` to our `port`.
  bool deliver(Endpoint from, std::uint16_t port, Bytes payload) {
    // A heap copy of its exact size, freed at once, so that the sanitizer sees whoever reads too far or keeps a view for too long.
    std::vector<std::uint8_t> datagram(8 + payload.size());
    store_be16(datagram, 0, from.port);
    store_be16(datagram, 2, port);
    store_be16(datagram, 4, static_cast<std::uint16_t>(datagram.size()));
    store_be16(datagram, 6, 0);  // no checksum, RFC 768
    copy_bytes(MutableBytes{datagram}.subspan(8), payload);
    const bool taken = udp.accept(from.address, {0x0a000002}, datagram);
    udp.keep_unread();
    return taken;
  }
};

}  // namespace undine::testing
