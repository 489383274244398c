// SPDX-License-Identifier: Apache-2.0
#include "config/log_sender.h"

#include "core/wall_clock.h"
#include "protocols/syslog/packet.h"

namespace undine {
namespace {

/// What decides this or that in the program stays at home; `bootlog` shows it.
constexpr Level sent_from = Level::info;

syslog::Severity severity_of(Level level) {
  return level == Level::error ? syslog::Severity::error : level == Level::notice ? syslog::Severity::notice : syslog::Severity::informational;
}

}  // namespace

void LogSender::use(Ipv4Address by_udp, std::string_view by_tls, std::string_view own_name) {
  client_.use(by_udp, by_tls);
  own_name_ = own_name;
}

bool LogSender::is_done() const { return !client_.is_wanted() || (next_ == log_.written() && client_.is_done()); }

bool LogSender::send_line(const Log::Line& line, Instant now) {
  if (line.level < sent_from) return true;
  syslog::Message message{severity_of(line.level), {}, own_name_, line.phase, line.text};
  if (const WallClock* clock = network_.wall_clock; clock && !clock->is_before_build(line.at)) message.unix_seconds = static_cast<std::uint32_t>(clock->unix_seconds(line.at));
  return client_.send(message.encoded(), now);
}

bool LogSender::turn(Instant now) {
  bool moved = inner_.turn(now);
  if (!client_.is_wanted()) return moved;
  if (const auto advanced = client_.advance(now); !advanced)
    log_.write(Level::notice, {"the log server can't be reached: ", advanced.error().text()});
  for (unsigned sent = 0; sent < messages_max && next_ != log_.written() && client_.is_ready(); ++sent) {
    const Log::Line* const line = log_.line(next_);
    // Lines that were dropped from the log before they could be sent are lost.
    if (line != nullptr && !send_line(*line, now)) break;
    ++next_;
    moved = true;
  }
  return moved;
}

}  // namespace undine
