// SPDX-License-Identifier: Apache-2.0
// The boot log on its way to a log server: a service around the network's, so that lines leave whenever anybody waits.
#pragma once

#include <string>

#include "core/loop.h"
#include "protocols/syslog/client.h"

namespace undine {

class LogSender final : public Service {
public:
  /// Messages in one turn: a log that has waited for its server must not fill the card's queue.
  static constexpr unsigned messages_max = 4;

  /// All outlive it.
  LogSender(Service& network_service, Log& log, Network& network) : inner_(network_service), log_(log), network_(network), client_(network) {}
  /// To whom, as settings `syslog` and `syslogs` say, and who we are.
  void use(Ipv4Address by_udp, std::string_view by_tls, std::string_view own_name);
  /// Everything that is to be sent was sent, or nobody wants it.
  bool is_done() const;

  // Service
  bool turn(Instant now) override;
  bool may_rest() const override { return inner_.may_rest(); }

private:
  bool send_line(const Log::Line& line, Instant now);

  Service& inner_;
  Log& log_;
  Network& network_;
  syslog::Client client_;
  std::string own_name_;
  std::uint64_t next_ = 0;  ///< the line that is sent next
};

}  // namespace undine
