// SPDX-License-Identifier: Apache-2.0
// Commands about network interfaces.
#include "config/commands/commands.h"
#include "config/version.h"
#include "protocols/ntp/client.h"

namespace undine {
namespace {

enum class Until : std::uint8_t { all, one };

/// Does something with each interface that is named, or with all; or only until it was done with one. What fails is passed over with its sentence, and
/// the last error is that of the command, unless one was enough.
Result<void> for_named(Shell& shell, const Invocation& call, Until until, Result<void> (*action)(Shell& shell, const Invocation& call, Interface& interface)) {
  const Invocation::Words names = call.operands();
  const std::size_t count = names.empty() ? shell.interfaces().size() : names.size();
  if (count == 0) return shell.fail_about("net0", network_no_interface);
  std::string failed;
  std::optional<Error> why;
  const auto tell = [&] {
    if (why) shell.log().write(Level::error, {printable(failed), ": ", why->text()});
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name(names.empty() ? shell.interfaces()[i]->name() : std::string_view(names[i]));
    if (until == Until::one) tell();
    const auto interface = shell.interface(name);
    const auto done = interface ? action(shell, call, **interface) : fail(interface.error());
    if (done && until == Until::one) return {};
    if (done) continue;
    if (done.error().is(cancelled)) return done;
    if (until == Until::all) tell();
    failed = name;
    why = done.error();
  }
  if (why) return shell.fail_about(failed, *why);
  return {};
}

std::string count(std::uint64_t frames, std::uint64_t bytes, std::uint64_t errors) {
  return join({frames, " frames, ", human_size(bytes), ", ", errors, " errors"});
}

Result<void> ask_dhcp(Shell& shell, const Invocation& call, Interface& interface) {
  const auto timeout = TRY(call.number('t'));
  std::string user_class = shell.settings().text_or_empty("user-class");
  if (user_class.empty()) user_class = user_class_text;
  return shell.dhcp(interface, user_class, Duration{timeout.value_or(0)});
}

Result<void> open_card(Shell& shell, const Invocation&, Interface& interface) { return shell.open(interface); }

Result<void> show_card(Shell& shell, const Invocation&, Interface& interface) {
  const Nic& nic = interface.nic();
  const NicCounters& counters = nic.counters();
  shell.print({interface.name(), ": ", nic.address(), nic.is_open() ? " open" : " closed", ", ", nic.description(), "\n  sent ",
               count(counters.sent_frames, counters.sent_bytes, counters.send_errors), "\n  received ",
               count(counters.received_frames, counters.received_bytes, counters.receive_errors), "\n"});
  return {};
}

/// A VLAN makes no calls of its own.
Result<void> show_call_times(Shell& shell, const Invocation&, Interface& interface) {
  if (const std::string times = interface.nic().call_times(); !times.empty()) shell.print({interface.name(), ":\n", times});
  return {};
}

}  // namespace

Result<void> run_dhcp(Shell& shell, const Invocation& call) {
  if (const auto name = call.value('c'); name && *name != "dhcp") return shell.fail_about(*name, network_no_configurator);
  TRY(call.number('t'));  // once, not at each card
  return for_named(shell, call, Until::one, ask_dhcp);
}

Result<void> run_ifopen(Shell& shell, const Invocation& call) { return for_named(shell, call, Until::all, open_card); }

Result<void> run_iflinkwait(Shell& shell, const Invocation& call) {
  TRY(call.number('t'));
  return for_named(shell, call, Until::one, open_card);
}

Result<void> run_ifclose(Shell& shell, const Invocation& call) {
  return for_named(shell, call, Until::all, [](Shell& closer, const Invocation&, Interface& interface) -> Result<void> {
    closer.close(interface);
    return {};
  });
}

Result<void> run_vcreate(Shell& shell, const Invocation& call) {
  const std::string_view tag_text = call.value('t').value_or(""), priority_text = call.value('p').value_or("0");
  const auto tag = typed_number(tag_text, VlanNic::tag_max), priority = typed_number(priority_text, VlanNic::priority_max);
  if (!tag || *tag == 0) return shell.fail_about(tag_text, vlan_bad_tag);
  if (!priority) return shell.fail_about(priority_text, vlan_bad_priority);
  return shell.create_vlan(*TRY(shell.interface(call.operand(0))), static_cast<std::uint16_t>(*tag), static_cast<std::uint8_t>(*priority));
}

Result<void> run_vdestroy(Shell& shell, const Invocation& call) {
  return for_named(shell, call, Until::all, [](Shell& destroyer, const Invocation&, Interface& interface) { return destroyer.destroy_vlan(interface); });
}

Result<void> run_ifstat(Shell& shell, const Invocation& call) {
  return for_named(shell, call, Until::all, show_card);
}

Result<void> run_profstat(Shell& shell, const Invocation& call) {
  return for_named(shell, call, Until::all, show_call_times);
}

Result<void> run_route(Shell& shell, const Invocation&) {
  for (Interface* interface : shell.interfaces()) {
    shell.print({interface->name(), ": "});
    if (interface->address().is_unspecified()) {
      shell.print({"no address\n"});
      continue;
    }
    shell.print({interface->address(), " mask ", interface->mask(), "\n"});
    for (const Ipv4Route& route : interface->routes()) {
      shell.print({"  ", route.network, " mask ", route.mask});
      if (!route.gateway.is_unspecified()) shell.print({" gateway ", route.gateway});
      shell.print({"\n"});
    }
  }
  return {};
}

Result<void> run_startpxe(Shell& shell, const Invocation& call) {
  TRY(shell.interface(call.operands().empty() ? "netX" : call.operand(0)));
  return shell.booter().keep_pxe(true);
}

Result<void> run_stoppxe(Shell& shell, const Invocation&) { return shell.booter().keep_pxe(false); }

/// `pxebs [INTERFACE] TYPE`, as iPXE has it.
Result<void> run_pxebs(Shell& shell, const Invocation& call) {
  const auto& operands = call.operands();
  Interface* interface = TRY(shell.interface(operands.size() == 1 ? "netX" : call.operand(0)));
  const std::uint32_t type = TRY(number_of(shell, operands.back(), 0xffff));
  return shell.find_boot_server(*interface, static_cast<std::uint16_t>(type));
}

Result<void> run_ntp(Shell& shell, const Invocation& call) {
  Network& network = shell.environment().network;
  std::string servers;
  for (const std::string& server : call.operands()) append(servers, {server, ' '});
  if (servers.empty()) servers = network.wall_clock->time_servers;
  ntp::Client client{network, *network.wall_clock, servers};
  if (const auto asked = shell.loop().wait(client, {}); !asked) return shell.fail_about(client.server(), asked.error());
  const std::int64_t ms = client.correction_ms();
  shell.print({client.server(), ": the clock was ", static_cast<std::uint64_t>(ms < 0 ? -ms : ms) / 1000, ms < 0 ? " s fast\n" : " s slow\n"});
  return {};
}

}  // namespace undine
