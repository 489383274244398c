// SPDX-License-Identifier: Apache-2.0
#include "protocols/syslog/client.h"

#include "core/text.h"
#include "protocols/http/connections.h"
#include "protocols/ipv4/packet.h"
#include "protocols/syslog/packet.h"
#include "protocols/tls/client.h"
#include "protocols/udp/packet.h"

namespace undine::syslog {

Result<std::unique_ptr<Stream>> open_tls(Network& network, Endpoint server, std::string_view host, Instant now) {
  return tls::wrap(TRY(open_tcp(network, server, now)), host, server.port, *network.tls);
}

void Client::use(Ipv4Address by_udp, std::string_view by_tls) {
  if (by_udp == by_udp_ && by_tls == by_tls_) return;
  by_udp_ = by_udp;
  by_tls_ = by_tls;
  socket_.reset();
  lookup_.reset();
  stream_.reset();
  unsent_.clear();
  pause_.stop();
}

void Client::give_up(Instant now) {
  lookup_.reset();
  stream_.reset();
  unsent_.clear();
  pause_.start(now, pause);
}

Result<void> Client::advance(Instant now) {
  if (!is_wanted() || (pause_.running() && !pause_.due(now))) return {};
  pause_.stop();
  const auto moved = step(now);
  if (!moved) give_up(now);
  return moved;
}

Result<void> Client::step(Instant now) {
  if (by_tls_.empty()) {
    if (!socket_) socket_ = TRY(network_.udp.open());
    return {};
  }
  if (!stream_) {
    if (!lookup_) lookup_ = TRY(network_.resolver.lookup(by_tls_, now));
    const Progress found = TRY(lookup_->advance(now));
    if (!found.finished) return {};
    stream_ = TRY(open_(network_, {lookup_->address(), tls_port}, by_tls_, now));
    lookup_.reset();
  }
  // Reading moves the handshake on, and tells of a connection that is lost; a log server says nothing.
  std::uint8_t ignored[16];
  TRY(stream_->read(ignored));
  if (stream_->at_end()) return fail(tcp_reset);
  if (unsent_.empty()) return {};
  const std::size_t sent = TRY(stream_->write(as_bytes(unsent_)));
  unsent_.erase(0, sent);
  if (sent != 0) patience_.start(now, patience);
  if (!unsent_.empty() && patience_.due(now)) return fail(stalled);
  return {};
}

bool Client::is_ready() const {
  if (pause_.running()) return false;
  return by_tls_.empty() ? socket_ != nullptr : stream_ != nullptr && unsent_.empty();
}

bool Client::send(std::string_view message, Instant now) {
  if (!is_ready()) return false;
  if (!by_tls_.empty()) {
    unsent_ = join({message.size(), " ", message});  // RFC 5425 4.3
    patience_.start(now, patience);
    return true;
  }
  // It would fail as long each time it is given again, and all behind it would wait.
  const std::size_t room = network_.udp.output().path_mtu(by_udp_) - Ipv4Packet::header_size - UdpPacket::header_size;
  if (socket_->send({by_udp_, udp_port}, as_bytes(message.substr(0, room)))) return true;
  give_up(now);
  return false;
}

}  // namespace undine::syslog
