// SPDX-License-Identifier: Apache-2.0
#include "config/boot_log.h"

#include "config/log_sender.h"
#include "config/version.h"
#include "core/log_json.h"

namespace undine {
namespace {

constexpr Cause log_answer_endless{"boot-log.answer", "the log server's answer does not end", pxe_status_failure};

/// Nobody waits longer for a log: without a word from the server, for its answer, for the lines that are still to be sent.
constexpr Duration post_patience = 5'000_ms, answer_patience = 5'000_ms, send_patience = 1'000_ms;
constexpr std::uint64_t answer_bytes_max = 64 * 1024;

/// What the server says is read and forgotten.
class Nowhere final : public Sink {
public:
  explicit Nowhere(Clock& clock) : clock_(clock) {}
  Result<void> expect(std::uint64_t) override { return {}; }
  Result<MutableBytes> room(std::uint64_t) override { return MutableBytes{room_}; }
  Result<void> commit(std::uint64_t offset, std::size_t) override {
    if (!patience_.running()) patience_.start(clock_.now(), answer_patience);
    if (offset >= answer_bytes_max || patience_.due(clock_.now())) return fail(log_answer_endless);
    return {};
  }
  void restart() override {}

private:
  Clock& clock_;
  Timer patience_;
  std::uint8_t room_[256];
};

class Sending final : public Transfer {
public:
  Sending(const LogSender& sender, Instant now) : sender_(sender) { patience_.start(now, send_patience); }
  Result<Progress> advance(Instant now) override { return Progress{sender_.is_done() || patience_.due(now), 0, {}}; }

private:
  const LogSender& sender_;
  Timer patience_;
};

}  // namespace

std::string boot_log_lines(const Shell& shell) {
  std::string members;
  add_member(members, "program", user_agent_text);
  for (const std::string_view name : {"mac", "ip", "uuid", "hostname", "manufacturer", "product", "serial"})
    if (const std::string value = shell.settings().text_or_empty(name); !value.empty()) add_member(members, name, value);
  std::string lines = join({"{", members, "}\n"});
  shell.environment().log.for_each([&](const Log::Line& line) { lines += json_line(line); });
  return lines;
}

Result<void> post_boot_log(Shell& shell, std::string_view uri) {
  FetchOptions options;
  options.attempts = 1;
  options.form = boot_log_lines(shell);
  options.form_type = "application/x-ndjson";
  Nowhere nowhere(shell.clock());
  return shell.post(uri, nowhere, options, post_patience);
}

void deliver_boot_log(Shell& shell) {
  if (const std::string uri = shell.settings().text_or_empty("boot-log"); !uri.empty())
    if (const auto posted = post_boot_log(shell, uri); !posted) shell.log().write(Level::notice, {"boot-log: ", posted.error().text()});
  if (const LogSender* sender = shell.environment().log_sender) {
    Sending sending{*sender, shell.clock().now()};
    (void)shell.loop().wait(sending);
  }
}

}  // namespace undine
