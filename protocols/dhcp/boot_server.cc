// SPDX-License-Identifier: Apache-2.0
#include "protocols/dhcp/boot_server.h"

#include <algorithm>

#include "core/memory.h"

namespace undine {
namespace {

/// PXE 2.1 2.2.3 asks four times; three times with 1, 2 and 4 seconds between are as patient on a network that works.
constexpr unsigned rounds_max = 3;
constexpr Duration first_pause = 1'000_ms;
constexpr std::uint8_t tag_boot_item = 71;

class Search final : public BootServerSearch {
public:
  Search(Host& host, Log& log, DhcpIdentity identity, BootServerWish wish, std::uint32_t transaction, Instant now)
      : host_(host), log_(log), identity_(std::move(identity)), wish_(std::move(wish)), transaction_(transaction), started_(now) {}

  Result<void> begin(Instant now) {
    if (wish_.servers.empty() && wish_.multicast.is_unspecified() && !wish_.by_broadcast) return fail(boot_server_nobody);
    socket_ = TRY(host_.udp().open(dhcp_client_port));
    return ask(now);
  }
  Result<Progress> advance(Instant now) override;
  DhcpReply& reply() override { return *reply_; }

private:
  Result<void> ask(Instant now);
  bool is_answer(const DhcpReply& reply, Ipv4Address from) const;

  Host& host_;
  Log& log_;
  DhcpIdentity identity_;
  BootServerWish wish_;
  std::uint32_t transaction_;
  Instant started_;
  std::unique_ptr<UdpSocket> socket_;
  Timer retry_;
  Duration pause_ = first_pause;
  unsigned rounds_ = 0;
  std::optional<Error> send_error_;  ///< why nothing could leave in the last round
  std::optional<DhcpReply> reply_;
};

Result<void> Search::ask(Instant now) {
  DhcpQuestion question;
  question.message_type = dhcp_message::request;
  question.transaction = transaction_;
  question.seconds = static_cast<std::uint16_t>(std::min<std::uint32_t>(now.since(started_).ms / 1000, 0xffff));
  question.hardware_address = host_.nic().address();
  question.client_address = host_.address();
  question.boot_item = wish_.type;
  std::uint8_t packet[dhcp_question_max];
  const Bytes written = TRY(emit(question, identity_, packet));

  bool any = false;
  const auto send = [&](Ipv4Address to, std::uint16_t port) {
    const auto sent = socket_->send_from(host_.address(), {to, port}, written);
    if (sent) any = true;
    else send_error_ = sent.error();
  };
  if (!wish_.multicast.is_unspecified()) send(wish_.multicast, pxe_server_port);
  if (wish_.by_broadcast) send(ipv4_broadcast, dhcp_server_port);
  for (const Ipv4Address server : wish_.servers) send(server, pxe_server_port);
  if (any) send_error_.reset();
  retry_.start(now, pause_);
  pause_ = pause_ * 2;
  ++rounds_;
  return {};
}

bool Search::is_answer(const DhcpReply& reply, Ipv4Address from) const {
  if (!reply.is_reply() || reply.transaction() != transaction_ || reply.hardware_address() != host_.nic().address()) return false;
  if (reply.message_type() != dhcp_message::ack || reply.boot_file().empty()) return false;
  if (wish_.only_listed && std::ranges::find(wish_.servers, from) == wish_.servers.end()) return false;
  // The type comes back; servers exist that leave it out.
  const auto item = reply.sub_option(dhcp_option::vendor_options, tag_boot_item);
  return !item || item->size() < 2 || load_be16(*item, 0) == wish_.type;
}

Result<Progress> Search::advance(Instant now) {
  // More than its queue holds cannot wait in the socket.
  for (std::size_t i = 0; i < UdpSocket::queue_max && socket_; ++i) {
    const auto datagram = socket_->receive();
    if (!datagram) break;
    if (datagram->from.port != dhcp_server_port && datagram->from.port != pxe_server_port) continue;
    auto reply = DhcpReply::parse(datagram->payload);
    if (!reply || !is_answer(*reply, datagram->from.address)) continue;
    log_.write(Level::info, {"pxebs: ", datagram->from.address, " answers, boot file \"", printable(reply->boot_file()), "\""});
    reply_ = std::move(*reply);
    socket_.reset();
  }
  if (!reply_ && retry_.due(now)) {
    if (rounds_ == rounds_max) return fail(send_error_.value_or(boot_server_silent));
    TRY(ask(now));
  }
  return Progress{.finished = reply_.has_value(), .done_bytes = 0, .total_bytes = {}};
}

}  // namespace

BootServerWish BootServerWish::from(const DhcpReply* menu, std::uint16_t type) {
  BootServerWish wish{.type = type, .servers = {}, .multicast = {}};
  const auto discovery = menu == nullptr ? std::nullopt : PxeDiscovery::from(*menu);
  if (!discovery) return wish;
  for (const Ipv4Address server : pxe_boot_servers(*menu, type))
    if (is_assignable(server)) wish.servers.push_back(server);
  wish.only_listed = (discovery->control & PxeDiscovery::only_listed) != 0;
  // Whom nobody may believe need not be asked.
  wish.by_broadcast = (discovery->control & (PxeDiscovery::no_broadcast | PxeDiscovery::only_listed)) == 0;
  if ((discovery->control & (PxeDiscovery::no_multicast | PxeDiscovery::only_listed)) == 0) wish.multicast = discovery->multicast;
  return wish;
}

Result<std::unique_ptr<BootServerSearch>> BootServerSearch::start(Host& host, Entropy& entropy, Log& log, DhcpIdentity identity, BootServerWish wish, Instant now) {
  auto search = make_unique_nothrow<Search>(host, log, std::move(identity), std::move(wish), entropy.u32(), now);
  if (!search) return fail(out_of_memory);
  TRY(search->begin(now));
  return search;
}

}  // namespace undine
