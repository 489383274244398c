// SPDX-License-Identifier: Apache-2.0
// Commands that are given several interfaces.
#include <gtest/gtest.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using testing::FakeInterface;
using testing::PacketDraft;
using testing::ShellBench;

DhcpLease lease() { return {PacketDraft{}.reply(), std::nullopt, std::nullopt}; }

TEST(Interfaces, OneCardWithALeaseIsEnough) {
  FakeInterface net1;
  net1.own_name = "net1";
  net1.answers.emplace("Undine", lease());
  ShellBench bench({}, {}, {}, nullptr, {}, nullptr, &net1);
  const std::string shown = bench.line("dhcp net9 net0 net1 && echo done");
  EXPECT_TRUE(shown.starts_with("net9: there is no such interface; 'ifstat' lists them [network.no-interface]\n"
                                "net0: asking for an address as 'Undine'\n"
                                "net0: no DHCP server answered [dhcp.no-offer]\n"
                                "net1: asking for an address as 'Undine'\n"
                                "net1: 10.0.0.77 mask")) << shown;
  EXPECT_TRUE(shown.ends_with("done\n")) << shown;
  EXPECT_EQ(bench.line("dhcp net0 net9"), "net0: asking for an address as 'Undine'\nnet0: no DHCP server answered [dhcp.no-offer]\n"
                                          "dhcp: net9: there is no such interface; 'ifstat' lists them [network.no-interface]\n");
  bench.line("dhcp");
  EXPECT_TRUE(bench.status) << "the second has one";
  bench.net0.answers.emplace("Undine", lease());
  net1.identities.clear();
  for (const char* command : {"dhcp", "ifconf", "dhcp net0 net1"}) {
    bench.line(command);
    EXPECT_TRUE(bench.status) << command;
    EXPECT_TRUE(net1.identities.empty()) << command << ": the first was enough";
  }
  bench.line("ifclose ; iflinkwait net9 net0 net1");
  EXPECT_TRUE(bench.status && bench.net0.nic().is_open() && !net1.nic().is_open());
  EXPECT_EQ(bench.line("dhcp --timeout soon"), "dhcp: a number is needed here, from 0 to 4294967295 [usage.number]\n") << "once";
}

TEST(Interfaces, WhatIsNotThereKeepsNoOtherCardClosed) {
  FakeInterface net1;
  net1.own_name = "net1";
  ShellBench bench({}, {}, {}, nullptr, {}, nullptr, &net1);
  constexpr std::string_view sentence = ": there is no such interface; 'ifstat' lists them [network.no-interface]\n";
  EXPECT_EQ(bench.line("ifopen net8 net0 net9 net1"), join({"net8", sentence, "ifopen: net9", sentence}));
  EXPECT_TRUE(bench.net0.nic().is_open() && net1.nic().is_open());
  const std::string shown = bench.line("ifstat net9 net1");
  EXPECT_TRUE(shown.starts_with("net1: ") && shown.ends_with(join({"ifstat: net9", sentence}))) << shown;
  EXPECT_EQ(bench.line("ifclose net9 net0"), join({"ifclose: net9", sentence}));
  EXPECT_FALSE(bench.net0.nic().is_open());
}

}  // namespace
}  // namespace undine
