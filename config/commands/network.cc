// SPDX-License-Identifier: Apache-2.0
// Commands about network interfaces.
#include "config/commands/commands.h"
#include "config/version.h"
#include "protocols/ntp/client.h"

namespace undine {
namespace {

/// Does something with each interface that is named, or with all. Stops at the first error.
Result<void> for_named(Shell& shell, const Invocation& call, Result<void> (*action)(Shell& shell, const Invocation& call, Interface& interface)) {
  if (call.operands().empty()) {
    if (shell.interfaces().empty()) return shell.fail_about("net0", network_no_interface);
    for (Interface* interface : shell.interfaces()) TRY(action(shell, call, *interface));
  }
  for (const std::string& name : call.operands()) {
    Interface* interface = TRY(shell.interface(name));
    TRY(action(shell, call, *interface));
  }
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
  return for_named(shell, call, ask_dhcp);
}

Result<void> run_ifopen(Shell& shell, const Invocation& call) {
  return for_named(shell, call, [](Shell& opener, const Invocation&, Interface& interface) { return opener.open(interface); });
}

Result<void> run_iflinkwait(Shell& shell, const Invocation& call) {
  TRY(call.number('t'));
  return run_ifopen(shell, call);
}

Result<void> run_ifclose(Shell& shell, const Invocation& call) {
  return for_named(shell, call, [](Shell& closer, const Invocation&, Interface& interface) -> Result<void> {
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
  return for_named(shell, call, [](Shell& destroyer, const Invocation&, Interface& interface) { return destroyer.destroy_vlan(interface); });
}

Result<void> run_ifstat(Shell& shell, const Invocation& call) {
  return for_named(shell, call, show_card);
}

Result<void> run_profstat(Shell& shell, const Invocation& call) {
  return for_named(shell, call, show_call_times);
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
