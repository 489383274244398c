// SPDX-License-Identifier: Apache-2.0
// VLANs as commands make them, and what the switch says, over the real IP stack and a card whose wire the test holds.
#include <gtest/gtest.h>

#include <map>

#include "config/shell_bench.h"
#include "protocols/ethernet/packet.h"
#include "protocols/http/connections.h"

namespace undine {
namespace {

using namespace testing;

class VlanTest : public ::testing::Test {
protected:
  VlanTest() {
    bench.loop.serve(&stack);
    bench.network.http_connections = &connections;
    (void)bench.shell.open(net0);
  }
  ~VlanTest() override { bench.loop.serve(nullptr); }
  std::string line(std::string_view text) { return bench.line(text); }
  std::string value(std::string_view name) { return bench.shell.settings().text_or_empty(name); }
  std::string newest() { return std::string((*bench.shell.interface("netX"))->name()); }
  /// The VLANs whose tags the frames had that were sent since the last call, 0 for none, and how many of each.
  std::map<unsigned, unsigned> sent() {
    std::map<unsigned, unsigned> tags;
    for (const auto& frame : card.take_sent()) ++tags[load_be16(frame, 12) == ethernet::type_vlan ? load_be16(frame, 14) & 0xfffu : 0];
    return tags;
  }
  void send_to(Ipv4Address neighbour) {
    EXPECT_TRUE(host.echo().send(neighbour, 1, 16));
    stack.turn(bench.clock.now());
  }
  Interface& interface(std::string_view name) { return **bench.shell.interface(name); }
  void use_static_address(std::string_view name, std::string_view address) {
    line(join({"set ", name, "/ip ", address}));
    line(join({"set ", name, "/netmask 255.255.255.0"}));
    line(join({"ifopen ", name}));
  }

  FakeClock clock;
  FakeConsole console;
  FakeEntropy entropy;
  Log log{clock, console};
  FakeNic card;
  Host host{card, entropy, log};
  DnsResolver resolver{host.udp(), host.tcp(), entropy};
  IpStack stack{host, resolver, entropy, log};
  HostInterface net0{"net0", card, stack, PciIdentity{0x18, 0x8086, 0x100e}};
  HttpConnections connections;
  ShellBench bench{{}, {}, {}, nullptr, {}, &net0};
};

TEST_F(VlanTest, IsAnInterfaceWithSettingsOfItsOwn) {
  EXPECT_EQ(line("vcreate --tag 42 --priority 5 net0"), "");
  EXPECT_EQ(line("isset ${net0-42/mac} && echo ${net0-42/mac} ${net0-42/mtu} ${net0-42/ifname} ${net0/mtu}"), "52:54:00:12:34:56 1496 net0-42 1500\n");
  EXPECT_EQ(line("ifstat net0-42"), "net0-42: 52:54:00:12:34:56 closed, VLAN 42, priority 5, payload of 1496 bytes\n  sent 0 frames, 0 B, 0 errors\n"
                                    "  received 0 frames, 0 B, 0 errors\n");
  EXPECT_EQ(value("ifname"), "net0");  // nothing else has changed so far
  EXPECT_EQ(newest(), "net0");
  EXPECT_EQ(line("ifopen net0-42"), "");
  EXPECT_EQ(newest(), "net0-42");
  EXPECT_EQ(value("netX/ifname"), "net0-42");
  EXPECT_EQ(value("ifname"), "net0-42");
}

TEST_F(VlanTest, TakesTheNetworkOverWhenItIsConfigured) {
  use_static_address("net0", "10.0.0.7");
  line("vcreate -t 42 net0");
  EXPECT_EQ(net0.address().text(), "10.0.0.7");
  use_static_address("net0-42", "10.42.0.7");
  EXPECT_TRUE(net0.address().is_unspecified());
  EXPECT_EQ(interface("net0-42").address().text(), "10.42.0.7");
  EXPECT_EQ(line("route"), "net0: no address\nnet0-42: 10.42.0.7 mask 255.255.255.0\n  10.42.0.0 mask 255.255.255.0\n");
  (void)sent();
  send_to({0x0a2a0001});
  const auto tags = sent();
  EXPECT_EQ(tags.size(), 1u);
  EXPECT_TRUE(tags.contains(42));
  // And back.
  line("ifopen net0");
  EXPECT_EQ(net0.address().text(), "10.0.0.7");
  send_to({0x0a000001});
  EXPECT_TRUE(sent().contains(0));
}

TEST_F(VlanTest, HearsOnlyItsOwnFrames) {
  line("vcreate -t 42 net0");
  use_static_address("net0-42", "10.42.0.7");
  constexpr MacAddress peer{{2, 0, 0, 0, 0, 9}};
  const auto ask = [&](std::uint16_t control) {  // who has 10.42.0.7?
    std::vector<std::uint8_t> frame(64);
    emit_ethernet_header(frame, mac_broadcast, peer, ethernet::type_vlan);
    store_be16(frame, 14, control);
    constexpr std::uint8_t question[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9, 10, 42, 0, 1, 0, 0, 0, 0, 0, 0, 10, 42, 0, 7};
    copy_bytes(MutableBytes(frame).subspan(16), question);
    card.deliver(frame);
    for (int i = 0; i < 2; ++i) stack.turn(bench.clock.now());
    return sent();
  };
  EXPECT_TRUE(ask(41).empty());
  EXPECT_TRUE(ask(0).empty());
  EXPECT_EQ(ask(42), (std::map<unsigned, unsigned>{{42, 1}}));
  EXPECT_EQ(ask(7 << 13 | 42), (std::map<unsigned, unsigned>{{42, 1}}));
}

TEST_F(VlanTest, FollowsTheAddressThatItsCardWasGiven) {
  line("vcreate -t 42 net0");
  line("set net0/mac 02:00:00:12:34:78");
  EXPECT_EQ(line("ifopen net0-42 ; ifstat net0-42").substr(0, 32), "net0-42: 52:54:00:12:34:56 open,") << "the card is open";
  line("ifclose ; ifopen net0-42");
  EXPECT_EQ(value("net0-42/mac"), "02:00:00:12:34:78");
  use_static_address("net0-42", "10.42.0.7");
  (void)sent();
  send_to({0x0a2a0001});
  ASSERT_TRUE(bench.status);
  EXPECT_EQ(card.mac, (MacAddress{{0x02, 0, 0, 0x12, 0x34, 0x78}}));
  line("clear net0/mac ; ifclose ; ifopen net0-42");
  EXPECT_EQ(value("net0-42/mac"), "52:54:00:12:34:56");
}

TEST_F(VlanTest, LeavesTheNetworkWhereItWorkedIfNoServerAnswers) {
  use_static_address("net0", "10.0.0.7");
  line("vcreate -t 42 net0");
  (void)sent();
  EXPECT_NE(line("dhcp -t 3000 net0-42").find("net0-42: "), std::string::npos);
  EXPECT_FALSE(bench.status);
  EXPECT_TRUE(sent().contains(42));
  EXPECT_EQ(net0.address().text(), "10.0.0.7");
  EXPECT_EQ(newest(), "net0");
  line("set net0/ip 10.0.0.8");
  EXPECT_EQ(net0.address().text(), "10.0.0.8") << "an address by hand is for what is in use";
}

TEST_F(VlanTest, ALeaseThereAnswersFirst) {
  PacketDraft trunk_lease, lease;
  trunk_lease.file = "trunk.ipxe";
  lease.your_address = "10.42.0.9";
  lease.file = "vlan.ipxe";
  DhcpLease of_trunk{trunk_lease.reply(), {}, {}}, of_vlan{lease.reply(), {}, {}};
  bench.shell.adopt(net0, of_trunk);
  line("vcreate -t 42 net0");
  line("ifopen net0-42");
  bench.shell.adopt(interface("net0-42"), of_vlan);
  EXPECT_EQ(value("filename"), "vlan.ipxe");
  EXPECT_EQ(value("net0/filename"), "trunk.ipxe");
  EXPECT_EQ(value("netX.dhcp/ip"), "10.42.0.9");
  // What a boot program is told.
  EXPECT_EQ(DhcpReply::parse(bench.shell.boot_packets(1500)[1])->your_address().text(), "10.42.0.9");
  line("ifclose net0-42");
  EXPECT_EQ(value("filename"), "trunk.ipxe");
  EXPECT_EQ(net0.address().text(), "10.0.0.77");
}

TEST_F(VlanTest, IsDestroyedWithItsSettings) {
  use_static_address("net0", "10.0.0.7");
  line("vcreate -t 42 net0");
  line("vcreate -t 43 net0");
  use_static_address("net0-42", "10.42.0.7");
  EXPECT_EQ(line("vdestroy net0-42"), "");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(net0.address().text(), "10.0.0.7");
  EXPECT_EQ(newest(), "net0");
  EXPECT_EQ(value("net0-42/ip"), "");
  EXPECT_EQ(line("ifopen net0-42"), "ifopen: net0-42: there is no such interface; 'ifstat' lists them [network.no-interface]\n");
  EXPECT_EQ(line("show"), "groups: net0 net0-43 pxebs proxydhcp net0.dhcp net0-43.dhcp net0-43.lldp net0.lldp smbios pci cpuid memmap builtin\nnet0/ip:ipv4 = 10.0.0.7\n"
                          "net0/netmask:ipv4 = 255.255.255.0\n");
  EXPECT_EQ(line("vdestroy net0"), "vdestroy: net0: that is no VLAN that 'vcreate' made; 'ifstat' lists them [vlan.not-made]\n");
  // The card was closed in between, so nothing is there to go back to.
  line("ifopen net0-43");
  line("ifclose net0");
  line("vdestroy net0-43");
  EXPECT_EQ(newest(), "net0");
  stack.turn(bench.clock.now());
}

TEST_F(VlanTest, TheSwitchIsAskedForByNumbers) {
  EXPECT_TRUE(card.groups.empty());
  EXPECT_EQ(line("isset ${netX.lldp/5.0.0.0} || echo not yet"), "not yet\n");
  stack.turn(bench.clock.now());
  EXPECT_EQ(card.groups, std::vector{LldpNeighbour::group}) << "now it matters";
  constexpr std::uint8_t unit[] = {2, 7, 4, 2, 0, 0, 0, 0, 7, 4, 4, 5, 'g', 'e', '1', 6, 2, 0, 120, 10, 5, 'r', 'a', 'c', 'k', '7',
                                   254, 6, 0, 0x80, 0xc2, 1, 0, 42, 16, 5, 5, 1, 10, 0, 9, 0, 0};
  std::vector<std::uint8_t> frame(ethernet::header_size);
  emit_ethernet_header(frame, LldpNeighbour::group, {{2, 0, 0, 0, 0, 7}}, LldpNeighbour::ethernet_type);
  frame.insert(frame.end(), std::begin(unit), std::end(unit));
  card.deliver(frame);
  for (int i = 0; i < 2; ++i) stack.turn(bench.clock.now());
  EXPECT_EQ(line("echo ${netX.lldp/5.0.0.0} ${net0.lldp/0x0080c2.1.127.0.4.2:uint16} ${net0.lldp/5.2.0.1.0:string}"), "rack7 0x2a ge1\n");
  EXPECT_EQ(line("echo ${net0.lldp/4.1.0.1.0:hex} ${net0.lldp/5.0.1.1} ${net0.lldp/0.0.0.5.2.0.1.0}"), "02:00:00:00:00:07 61 ge1\n");
  EXPECT_EQ(line("isset ${net0.lldp/6.0.0.0} || isset ${net0.lldp/x} || isset ${net0.lldp/5..0} || isset ${5.0.0.0} || echo no"), "no\n");
  line("vcreate -t 42 net0");
  line("ifopen net0-42");
  EXPECT_EQ(line("echo ${netX.lldp/5.0.0.0}"), "rack7\n") << "it is the same cable";
}

TEST_F(VlanTest, SaysWhatIsWrong) {
  EXPECT_EQ(line("vcreate net0"), "vcreate: a VLAN has a tag from 1 to 4094, as in: vcreate --tag 42 net0 [vlan.bad-tag]\n");
  for (const char* tag : {"0", "4095", "x", "-1"}) {
    EXPECT_NE(line(join({"vcreate -t ", tag, " net0"})).find(join({tag, ": a VLAN has a tag from 1 to 4094"})), std::string::npos);
  }
  EXPECT_NE(line("vcreate -t 1 -p 8 net0").find("8: a VLAN's priority is a number from 0 to 7 [vlan.bad-priority]"), std::string::npos);
  EXPECT_NE(line("vcreate -t 1 net7").find("net7: there is no such interface"), std::string::npos);
  EXPECT_EQ(line("vcreate -t 4094 net0"), "");
  EXPECT_EQ(line("vcreate -t 4094 net0"), "vcreate: net0-4094: there is such a VLAN already; 'ifstat' shows it [vlan.exists]\n");
  EXPECT_EQ(line("vcreate -t 1 net0-4094"), "vcreate: net0-4094: this interface takes no VLANs; a VLAN is made on a network card, such as net0 [vlan.no-trunk]\n");
  for (unsigned tag = 2; tag < 2 + Shell::vlans_max - 1; ++tag) EXPECT_EQ(line(join({"vcreate -t ", tag, " net0"})), "");
  EXPECT_NE(line("vcreate -t 99 net0").find("[vlan.too-many]"), std::string::npos);
  card.any_type = false;
  line("vdestroy net0-2");
  EXPECT_NE(line("vcreate -t 2 net0").find("[vlan.own-header]"), std::string::npos);
}

}  // namespace
}  // namespace undine
