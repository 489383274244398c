// SPDX-License-Identifier: Apache-2.0
// Commands that look at the network and the machine: who answers, what was counted, what is there.
#include "config/commands/commands.h"
#include "core/loop.h"
#include "protocols/arp/cache.h"
#include "protocols/icmp/echo.h"

namespace undine {
namespace {

constexpr Cause ping_silent{"ping.silent", "nobody answered; check the address, the cable and whether echo requests are filtered", 0x3c};
constexpr Cause pci_no_more{"test.no-more-pci", "there is no further PCI device", pxe_status_failure};

/// A name's address; waits for it.
Result<Ipv4Address> resolve(Shell& shell, std::string_view name) {
  shell.about(name);
  const auto lookup = TRY(shell.environment().network.resolver.lookup(name, shell.clock().now()));
  TRY(shell.loop().wait(*lookup));
  return lookup->address();
}

/// One request, and the wait for its reply.
class Ping final : public Transfer {
public:
  Ping(IcmpEcho& echo, Instant sent, Duration timeout) : echo_(echo) { patience_.start(sent, timeout); }
  Result<Progress> advance(Instant now) override {
    reply_ = echo_.take();
    return Progress{reply_ || patience_.due(now), 0, {}};
  }
  const std::optional<EchoReply>& reply() const { return reply_; }

private:
  IcmpEcho& echo_;
  Timer patience_;
  std::optional<EchoReply> reply_;
};

/// Waits until no connection has anything to say, or for so long.
class Quiet final : public Transfer {
public:
  Quiet(const TcpTable& tcp, Instant begun, Duration timeout) : tcp_(tcp), is_bounded_(timeout != Duration{}) { patience_.start(begun, timeout); }
  Result<Progress> advance(Instant now) override {
    return Progress{tcp_.idle() || (is_bounded_ && patience_.due(now)), 0, {}};
  }

private:
  const TcpTable& tcp_;
  bool is_bounded_;
  Timer patience_;
};

bool pci_is_there(Machine& machine, std::uint32_t place) { return (machine.pci_config(static_cast<std::uint16_t>(place), 0) & 0xffff) != 0xffff; }

/// The next function that may exist behind `place`: those of a device with only one (PCI 3.0 section 6.2.1) are not asked.
std::uint32_t pci_next(Machine& machine, std::uint32_t place) {
  constexpr std::uint32_t functions = 8, header_type_word = 0x0c, many_functions = 0x80'0000;
  const std::uint32_t first = place & ~(functions - 1);
  const bool has_more = pci_is_there(machine, first) && (machine.pci_config(static_cast<std::uint16_t>(first), header_type_word) & many_functions) != 0;
  return has_more ? place + 1 : first + functions;
}

}  // namespace

Result<void> run_ping(Shell& shell, const Invocation& call) {
  constexpr std::uint32_t usual_bytes = 64, usual_timeout_ms = 1000;
  const std::uint32_t length = TRY(call.number('s')).value_or(usual_bytes);
  Duration timeout{TRY(call.number('t')).value_or(0)};
  if (timeout.ms == 0) timeout.ms = usual_timeout_ms;
  const std::uint32_t count = TRY(call.number('c')).value_or(0);
  const Ipv4Address to = TRY(resolve(shell, call.operand(0)));
  IcmpEcho& echo = *shell.environment().network.echo;
  std::uint32_t sent = 0, answered = 0;
  Result<void> waited;
  while (waited && (count == 0 || sent < count)) {
    const auto sequence = static_cast<std::uint16_t>(++sent);
    const Instant begun = shell.clock().now();
    TRY(echo.send(to, sequence, length));
    Ping ping{echo, begun, timeout};
    if (const auto ended = shell.loop().wait(ping); !ended) {
      waited = fail(ended.error());
      break;
    }
    const auto took_ms = static_cast<std::uint32_t>(shell.clock().now().since(begun).ms);
    if (ping.reply()) {
      ++answered;
      if (!call.has('q')) shell.print({ping.reply()->data_bytes, " bytes from ", ping.reply()->from, ": seq=", sequence, " time=", took_ms, " ms\n"});
    } else if (!call.has('q')) {
      shell.print({"no answer from ", to, ": seq=", sequence, "\n"});
    }
    if (took_ms < timeout.ms && sent != count)
      if (const auto paused = shell.loop().pause(Duration{timeout.ms - took_ms}, false); !paused) waited = fail(paused.error());
  }
  if (!call.has('q')) shell.print({sent, " sent, ", answered, " answered\n"});
  // Without a count only Ctrl-C ends it, and that is no failure if somebody answered.
  if (!waited && (count != 0 || answered == 0)) return waited;
  if (answered == 0) return fail(ping_silent);
  return {};
}

Result<void> run_nslookup(Shell& shell, const Invocation& call) {
  const Ipv4Address address = TRY(resolve(shell, call.operand(1)));
  return shell.settings().set(shell.about(call.operand(0)), join({address}));
}

Result<void> run_nstat(Shell& shell, const Invocation&) {
  for (const Interface* interface : shell.interfaces()) {
    if (const Host* host = interface->host())
      host->neighbours().for_each([&](Ipv4Address neighbour, const std::optional<MacAddress>& mac) {
        shell.print({interface->name(), ": ", neighbour, " is "});
        if (mac) shell.print({*mac, "\n"});
        else shell.print({"not known yet\n"});
      });
  }
  return {};
}

Result<void> run_ipstat(Shell& shell, const Invocation&) {
  for (const Interface* interface : shell.interfaces()) {
    const Host* const host = interface->host();
    if (host == nullptr) continue;
    const HostCounters& ip = host->counters();
    shell.print({interface->name(), ": IPv4 received ", ip.received_datagrams, ", of them ", ip.malformed, " malformed, ", ip.not_for_us, " for others, ", ip.fragments,
                 " fragments (", ip.reassembled, " put together); sent ", ip.sent_datagrams, "\n"});
  }
  const TcpCounters& tcp = shell.environment().network.tcp.counters();
  shell.print({"TCP received ", tcp.segments_in, " segments, ", human_size(tcp.bytes_in), ", of them ", tcp.duplicates_in, " again, ", tcp.out_of_order_in,
               " out of order, ", tcp.bad_checksums, " damaged; sent ", tcp.segments_out, ", of them ", tcp.retransmits_out, " again\n"});
  return {};
}

Result<void> run_sync(Shell& shell, const Invocation& call) {
  Quiet quiet{shell.environment().network.tcp, shell.clock().now(), Duration{TRY(call.number('t')).value_or(0)}};
  TRY(shell.loop().wait(quiet));
  return {};
}

Result<void> run_pciscan(Shell& shell, const Invocation& call) {
  constexpr std::uint32_t places = 0x1'0000;
  const std::string_view name = shell.about(call.operand(0));
  const auto before = shell.settings().number(name);
  Machine& machine = shell.machine();
  for (std::uint32_t place = before ? pci_next(machine, static_cast<std::uint16_t>(*before)) : 0; place < places; place = pci_next(machine, place)) {
    if (!pci_is_there(machine, place)) continue;
    return shell.settings().set_number(name, place);
  }
  TRY(shell.settings().clear(name));
  return fail(pci_no_more);
}

}  // namespace undine
