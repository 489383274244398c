// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "config/shell_bench.h"
#include "protocols/host/testing/wire.h"
#include "protocols/icmp/echo.h"
#include "protocols/icmp/packet.h"

namespace undine {
namespace {

using namespace testing;

/// A neighbour that answers echo requests, except those whose numbers are in `deaf_to`.
class Answering final : public Ipv4Output {
public:
  Result<void> send_ipv4(Ipv4Address, Ipv4Address to, IpProtocol protocol, Bytes head, Bytes) override {
    EXPECT_EQ(protocol, IpProtocol::icmp);
    const auto request = IcmpPacket::parse(head);
    EXPECT_TRUE(request && request->type() == IcmpPacket::Type::echo_request);
    const Bytes message = request->behind_checksum();
    if (load_be16(message, 2) == interrupted_at) console->keys.push_back(Key::ctrl_c);
    if (std::ranges::find(deaf_to, load_be16(message, 2)) == deaf_to.end()) echo->accept(to, message);
    return {};
  }
  Result<Ipv4Address> source_for(Ipv4Address) const override { return Ipv4Address{0x0a00004d}; }
  std::size_t path_mtu(Ipv4Address) const override { return 1500; }
  std::size_t receive_ring_frames() const override { return 32; }

  IcmpEcho* echo = nullptr;
  std::vector<std::uint16_t> deaf_to;
  BenchConsole* console = nullptr;
  std::uint16_t interrupted_at = 0;
};

class OneName final : public Resolver {
public:
  class Answer final : public Lookup {
  public:
    Result<Progress> advance(Instant) override { return Progress{true, 0, {}}; }
    Ipv4Address address() const override { return {0x0a000001}; }
  };
  Result<std::unique_ptr<Lookup>> lookup(std::string_view host, Instant) override {
    if (host != "server.lab") return fail(no_server);
    return make_unique_nothrow<Answer>();
  }
};

class DiagnoseTest : public ::testing::Test {
protected:
  DiagnoseTest() : bench_network{tcp, bench.udp, resolver, bench.entropy, bench.log} {
    answering.echo = &echo;
    answering.console = &bench.console;
    bench_network.echo = &echo;
    bench_network.wall_clock = &bench.wall_clock;
    bench.clock.each_look = 1_ms;
  }
  std::string line(std::string_view text) {
    status = shell.run_line(text, Dialect::undine);
    return bench.console.take_text();
  }

  ShellBench bench;
  Answering answering;
  IcmpEcho echo{answering, 0x1234};
  OneName resolver;
  TcpTable tcp{answering, bench.entropy};
  Network bench_network;
  Shell shell{{bench.console, bench.clock, bench.loop, bench.log, bench.machine, bench.map, bench.images, bench_network, bench.interfaces, fake_protocols, bench.booter,
               {}, {}, {}, nullptr, nullptr, {}, {}, find_unless_hollow}};
  Result<void> status;
};

TEST_F(DiagnoseTest, PingCountsWhoAnswers) {
  answering.deaf_to = {2};
  const std::string shown = line("ping --count 3 server.lab");
  EXPECT_TRUE(status);
  EXPECT_NE(shown.find("64 bytes from 10.0.0.1: seq=1 time="), std::string::npos) << shown;
  EXPECT_NE(shown.find("no answer from 10.0.0.1: seq=2\n"), std::string::npos) << shown;
  EXPECT_TRUE(shown.ends_with("3 sent, 2 answered\n")) << shown;
}

TEST_F(DiagnoseTest, PingFailsWhenNobodyAnswers) {
  answering.deaf_to = {1, 2};
  EXPECT_TRUE(line("ping -q -c 2 server.lab || echo nobody").ends_with("[ping.silent]\nnobody\n"));
  EXPECT_NE(line("ping -s 1473 -c 1 server.lab").find("[ip.too-long]"), std::string::npos);
  EXPECT_NE(line("ping other.lab").find("other.lab"), std::string::npos);
}

TEST_F(DiagnoseTest, PingWithoutACountEndsWithCtrlC) {
  answering.interrupted_at = 2;
  answering.deaf_to = {2};
  const std::string shown = line("ping server.lab");
  EXPECT_TRUE(shown.ends_with("2 sent, 1 answered\n")) << shown;
  EXPECT_TRUE(status) << "somebody answered";
}

TEST_F(DiagnoseTest, PingSendsAsMuchAndWaitsAsLongAsItIsTold) {
  EXPECT_TRUE(line("ping --size 100 --count 1 server.lab").starts_with("100 bytes from 10.0.0.1: seq=1 "));
  EXPECT_EQ(line("ping --quiet --count 1 server.lab"), "");
  answering.deaf_to = {1};
  const Instant begun = bench.clock.time;
  line("ping --timeout 50 --count 1 server.lab");
  EXPECT_GE(bench.clock.time.since(begun), 50_ms);
  EXPECT_LT(bench.clock.time.since(begun), 500_ms);
}

TEST_F(DiagnoseTest, RepliesMustBeWholeAndToTheNewestRequest) {
  std::uint8_t reply[5] = {0x12, 0x34, 0, 1, 0};
  answering.deaf_to = {1};
  ASSERT_TRUE(echo.send({1}, 1, 1));
  reply[4] = 7;
  echo.accept({1}, reply);
  EXPECT_FALSE(echo.take()) << "other data";
  reply[4] = 0;
  reply[0] = 0;
  echo.accept({1}, reply);
  EXPECT_FALSE(echo.take()) << "somebody else's";
  reply[0] = 0x12;
  echo.accept({1}, Bytes{reply}.first(3));
  EXPECT_FALSE(echo.take()) << "too short";
  echo.accept({1}, reply);
  EXPECT_EQ(echo.take()->data_bytes, 1);
  echo.accept({1}, reply);
  EXPECT_FALSE(echo.take()) << "twice";
}

TEST_F(DiagnoseTest, NslookupPutsTheAddressIntoASetting) {
  EXPECT_EQ(line("nslookup there server.lab && echo ${there}"), "10.0.0.1\n");
  EXPECT_NE(line("nslookup there nobody.lab"), "");
  EXPECT_FALSE(status);
}

TEST_F(DiagnoseTest, TimeRunsACommandAndTellsHowLongItTook) {
  const std::string shown = line("time sleep 2");
  EXPECT_TRUE(shown.starts_with("sleep: 2.")) << shown;
  EXPECT_TRUE(shown.ends_with(" s\n"));
  EXPECT_NE(line("time nonsense || echo failed").find("failed\n"), std::string::npos);
}

TEST_F(DiagnoseTest, SyncReturnsWhenNothingIsGoingOn) {
  EXPECT_EQ(line("sync && echo quiet"), "quiet\n");
}

TEST_F(DiagnoseTest, SyncWaitsForConnectionsNoLongerThanItMay) {
  const auto stream = tcp.connect({{0x0a000001}, 80}, bench.clock.now());
  ASSERT_TRUE(stream);
  const Instant begun = bench.clock.time;
  EXPECT_EQ(line("sync --timeout 500 && echo enough"), "enough\n");
  EXPECT_GE(bench.clock.time.since(begun), 500_ms);
  bench.console.keys.push_back(Key::ctrl_c);
  EXPECT_EQ(line("sync"), "sync: cancelled by Ctrl-C [user.cancelled]\n");
}

TEST_F(DiagnoseTest, PciscanGoesFromDeviceToDevice) {
  bench.machine.pci[0x0000] = {0x12378086, 0, 0};
  bench.machine.pci[0x0008] = {0x70008086, 0x80'0000, 0};  // several functions
  bench.machine.pci[0x0009] = {0x70108086, 0, 0};
  bench.machine.pci[0x0100] = {0x12341af4, 0, 0};
  EXPECT_EQ(line("pciscan d && echo ${d}"), "0\n");
  EXPECT_EQ(line("pciscan d && echo ${d:busdevfn}"), "00:01.0\n");
  EXPECT_EQ(line("pciscan d && echo ${d:busdevfn}"), "00:01.1\n");
  EXPECT_EQ(line("pciscan d && echo ${d:busdevfn}"), "00:03.0\n");
  EXPECT_EQ(line("pciscan d && echo ${d:busdevfn}"), "01:00.0\n");
  EXPECT_EQ(line("pciscan d || echo no more"), "no more\n");
  EXPECT_EQ(line("isset ${d} || echo unset"), "unset\n");
}

TEST_F(DiagnoseTest, IflinkwaitOpensTheCardSinceNoRomTellsOfLinks) {
  bench.net0.nic_.close();
  EXPECT_EQ(line("iflinkwait --timeout 5000 net0 && echo open"), "open\n");
  EXPECT_TRUE(bench.net0.nic_.is_open());
  EXPECT_NE(line("iflinkwait net7"), "");
  EXPECT_FALSE(status);
}

TEST_F(DiagnoseTest, NstatShowsNeighboursAndIpstatWhatTheirInterfaceCounted) {
  Host stack{bench.net0.nic_, bench.entropy, bench.log};
  stack.configure(our_address, netmask);
  bench.net0.stack = &stack;
  const auto socket = *stack.udp().open(1000);
  ASSERT_TRUE(socket->send({server_address, 53}, as_bytes("one")));
  ASSERT_TRUE(socket->send({{server_address.value + 9}, 53}, as_bytes("two")));
  stack.turn({});
  bench.net0.nic_.deliver(arp_frame(ArpPacket::Operation::reply));
  for (int turn = 0; turn < 2; ++turn) stack.turn({});
  EXPECT_EQ(line("nstat"), "net0: 10.77.0.1 is 02:42:0a:4d:00:01\nnet0: 10.77.0.10 is not known yet\n");
  EXPECT_TRUE(line("ipstat").starts_with("net0: IPv4 received 0, of them 0 malformed, 0 for others, 0 fragments (0 put together); sent 2\nTCP received"));
}

TEST_F(DiagnoseTest, NstatAndIpstatTellWhatTheStackKnows) {
  EXPECT_EQ(line("nstat"), "") << "this interface has no stack behind it";
  EXPECT_EQ(line("ipstat"), "TCP received 0 segments, 0 B, of them 0 again, 0 out of order, 0 damaged; sent 0, of them 0 again\n");
}

}  // namespace
}  // namespace undine
