// SPDX-License-Identifier: Apache-2.0
// The table of connections: whose segment is it, and what becomes of those that are nobody's.
#include "protocols/tcp/connections.h"

#include "core/memory.h"
#include "protocols/tcp/connection.h"

namespace undine {
namespace {

using tcp::Connection;
using tcp::State;
using tcp::TcpSegment;

/// What the owner of a connection holds. The connection itself stays in the table until it is closed.
class ConnectionStream final : public Stream {
public:
  explicit ConnectionStream(Connection& connection) : connection_(connection) {}
  ~ConnectionStream() override { connection_.abandon(); }
  Result<std::size_t> read(MutableBytes into) override { return connection_.read(into); }
  Result<std::size_t> write(Bytes from) override { return connection_.write(from); }
  bool at_end() const override { return connection_.at_end(); }
  void finish() override { connection_.finish(); }

private:
  Connection& connection_;
};

// RFC 6335 section 6: the ephemeral ports.
constexpr std::uint16_t first_port = 49152;
constexpr std::uint32_t ports = 65536 - first_port;
// Those that only root may use on Unix begin at 1; services that are known by their number are rare from 600 on.
constexpr std::uint16_t first_privileged_port = 600;
constexpr std::uint32_t privileged_ports = 1024 - first_privileged_port;

}  // namespace

TcpTable::TcpTable(Ipv4Output& output, Entropy& entropy) : output_(output), entropy_(entropy) {}
TcpTable::~TcpTable() = default;

/// A random port (RFC 6056 3.3.1) that no connection has. There are far fewer connections than ports, so the second try nearly always fits.
Result<std::uint16_t> TcpTable::free_port(LocalPort kind) {
  const bool privileged = kind == LocalPort::privileged;
  for (std::size_t tries = 0; tries < 2 * connections_max; ++tries) {
    const auto port = static_cast<std::uint16_t>((privileged ? first_privileged_port : first_port) + entropy_.u32() % (privileged ? privileged_ports : ports));
    bool used = false;
    for (const auto& connection : connections_) used = used || connection->local_port() == port;
    if (!used) return port;
  }
  return fail(tcp_too_many);
}

void TcpTable::drop_finished() {
  std::erase_if(connections_, [](const auto& connection) { return connection->is_over(); });
}

/// Drops what is over, and the oldest in TIME-WAIT if that is not enough.
void TcpTable::make_room() {
  drop_finished();
  if (connections_.size() < connections_max) return;
  for (auto at = connections_.begin(); at != connections_.end(); ++at) {
    if ((*at)->state() != State::time_wait || !(*at)->is_abandoned()) continue;
    connections_.erase(at);
    return;
  }
}

Result<std::unique_ptr<Stream>> TcpTable::connect(Endpoint to, Instant now, LocalPort local_port) {
  make_room();
  if (connections_.size() >= connections_max) return fail(tcp_too_many);
  const Ipv4Address local = TRY(output_.source_for(to.address));
  const std::uint16_t port = TRY(free_port(local_port));
  auto connection = make_unique_nothrow<Connection>(output_, counters_, local, port, to);
  if (!connection) return fail(out_of_memory);
  auto stream = make_unique_nothrow<ConnectionStream>(*connection);
  if (!stream) return fail(out_of_memory);
  connection->open(entropy_.u32(), entropy_.u32(), tcp::Tick::from(now));
  connections_.push_back(std::move(connection));
  return stream;
}

void TcpTable::accept(Ipv4Address from, Ipv4Address to, Bytes bytes, Instant now) {
  ++counters_.segments_in;
  TcpSegment segment;
  if (!segment.parse(bytes) || !tcp::checksum_is_right(from, to, bytes)) {
    ++counters_.bad_checksums;
    return;
  }
  for (const auto& connection : connections_)
    if (connection->is_for(from, to, segment) && connection->accept(segment, tcp::Tick::from(now))) return;
  if (segment.has(tcp::flag_rst) || to.is_broadcast() || to.is_multicast()) return;
  // One reset a turn is enough: a peer that is owed another sends again, and a flood of strays gets no flood of answers.
  const bool acknowledges = segment.has(tcp::flag_ack);
  reset_ = {to, from, segment.destination_port, segment.source_port, acknowledges ? segment.acknowledgement : 0,
            segment.sequence + segment.length(), !acknowledges};
  reset_due_ = true;
}

void TcpTable::unreachable(std::uint16_t local_port, Endpoint to) {
  for (const auto& connection : connections_)
    if (connection->local_port() == local_port && connection->peer() == to) connection->unreachable();
}

void TcpTable::path_mtu_changed(Endpoint to) {
  for (const auto& connection : connections_)
    if (connection->peer().address == to.address) connection->path_mtu_changed();
}

void TcpTable::keep_unread() {
  for (const auto& connection : connections_) connection->keep_unread();
}

void TcpTable::output(Instant now) {
  for (const auto& connection : connections_) connection->output(tcp::Tick::from(now));
  drop_finished();
  if (!reset_due_) return;
  reset_due_ = false;
  TcpSegment segment;
  segment.source_port = reset_.source_port;
  segment.destination_port = reset_.destination_port;
  segment.sequence = reset_.sequence;
  segment.acknowledgement = reset_.with_acknowledgement ? reset_.acknowledgement : 0;
  segment.flags = reset_.with_acknowledgement ? tcp::flag_rst | tcp::flag_ack : tcp::flag_rst;
  std::uint8_t header[tcp::header_max_bytes];
  // If the link does not take it, the peer asks again.
  if (output_.send_ipv4(reset_.from, reset_.to, IpProtocol::tcp, segment.emit_header(header, reset_.from, reset_.to), {})) ++counters_.segments_out;
}

bool TcpTable::idle() const {
  for (const auto& connection : connections_)
    if (!connection->is_idle()) return false;
  return !reset_due_;
}

bool TcpTable::has_output() const {
  for (const auto& connection : connections_)
    if (connection->has_output()) return true;
  return reset_due_;
}

}  // namespace undine
