// SPDX-License-Identifier: Apache-2.0
#include "config/boot_log.h"

#include <gtest/gtest.h>

#include "config/log_sender.h"
#include "config/shell_bench.h"

namespace undine {
namespace {

using namespace testing;

/// The last line of that phase, as JSON.
std::string phase(ShellBench& bench, std::string_view name) {
  std::string found;
  bench.log.for_each([&](const Log::Line& line) {
    if (line.phase == name) found = line.members;
  });
  return found;
}

TEST(BootLog, TellsOfEachFetchWithItsSizeOrItsError) {
  ShellBench bench;
  bench.files.files["http://10.0.0.1/a"] = "12345";
  bench.line("imgfetch http://user:secret@10.0.0.1/b || imgfetch http://10.0.0.1/a");
  EXPECT_EQ(phase(bench, "fetch"), R"("uri":"http://10.0.0.1/a","bytes":5,"retries":0)");
  bench.line("imgfetch http://user:secret@10.0.0.1/b");
  EXPECT_EQ(phase(bench, "fetch"), R"("uri":"http://user:***@10.0.0.1/b","error":"http.status","retries":0)");
  EXPECT_EQ(boot_log_lines(bench.shell).find("secret"), std::string::npos);
}

TEST(BootLog, TellsOfDhcp) {
  ShellBench bench;
  PacketDraft draft;
  draft.file = "boot.ipxe";
  bench.net0.answers.emplace("Undine", DhcpLease{draft.reply(), std::nullopt, std::nullopt});
  bench.line("dhcp");
  const std::string members = phase(bench, "dhcp");
  EXPECT_NE(members.find(R"("user-class":"Undine")"), members.npos) << members;
  EXPECT_NE(members.find(R"("filename":"boot.ipxe")"), members.npos) << members;
}

TEST(BootLog, IsPostedBeforeAnythingIsStarted) {
  ShellBench bench;
  bench.files.files["http://10.0.0.1/kernel"] = "KERNEL";
  bench.files.files["http://10.0.0.1/log"] = "thank you";
  EXPECT_EQ(bench.run("#!ipxe\nset boot-log http://10.0.0.1/log\nkernel http://10.0.0.1/kernel one=1\nboot").find("boot-log"), std::string::npos);
  ASSERT_EQ(bench.files.options.size(), 2u);
  const FetchOptions& post = bench.files.options.back();
  EXPECT_EQ(post.form_type, "application/x-ndjson");
  ASSERT_TRUE(post.form);
  EXPECT_TRUE(post.form->starts_with(R"({"program":"Undine/)")) << *post.form;
  EXPECT_NE(post.form->find(R"("phase":"boot")"), std::string::npos);
  EXPECT_NE(post.form->find(R"("image":"kernel","kind":"kernel","arguments":"one=1"})"), std::string::npos) << *post.form;
  EXPECT_EQ(bench.booter.booted.size(), 1u);
}

TEST(BootLog, AServerThatIsNotThereStopsNothing) {
  ShellBench bench;
  bench.files.files["http://10.0.0.1/kernel"] = "KERNEL";
  const std::string shown = bench.run("#!ipxe\nset boot-log http://10.0.0.1/gone\nkernel http://10.0.0.1/kernel\nboot");
  EXPECT_NE(shown.find("boot-log: "), shown.npos);
  EXPECT_EQ(bench.booter.booted.size(), 1u);
}

TEST(BootLog, IsShownWithTimes) {
  ShellBench bench;
  bench.clock.time = {61'042};
  bench.log.write(Level::detail, {"something"});
  EXPECT_EQ(bench.line("bootlog"), "61.042 something\n");
  EXPECT_NE(bench.line("bootlog http://10.0.0.1/gone"), "");
  EXPECT_FALSE(bench.status);
}

/// A network that does nothing.
class NoService final : public Service {
public:
  bool turn(Instant) override { return false; }
  bool may_rest() const override { return true; }
};

TEST(LogSender, SendsWhatWasLoggedBeforeTheServerWasKnown) {
  class Wire final : public Ipv4Output {
  public:
    Result<void> send_ipv4(Ipv4Address, Ipv4Address, IpProtocol, Bytes, Bytes body) override {
      sent.emplace_back(as_text(body));
      return {};
    }
    Result<Ipv4Address> source_for(Ipv4Address) const override { return Ipv4Address{1}; }
    std::size_t path_mtu(Ipv4Address) const override { return 1500; }
    std::size_t receive_ring_frames() const override { return 32; }
    std::vector<std::string> sent;
  } wire;
  ShellBench bench;
  UdpSockets udp{wire};
  Network network{bench.tcp, udp, bench.resolver, bench.entropy, bench.log};
  NoService inner;
  LogSender sender{inner, bench.log, network};
  for (int i = 0; i < 5; ++i) bench.log.write(Level::info, {"line ", i});
  bench.log.write(Level::detail, {"for nobody"});
  EXPECT_FALSE(sender.turn({0}));
  EXPECT_TRUE(sender.is_done()) << "nobody wants it";
  sender.use({0x0a000001}, {}, "node7");
  EXPECT_TRUE(sender.turn({1}));
  EXPECT_EQ(wire.sent.size(), LogSender::messages_max) << "not all at once";
  EXPECT_FALSE(sender.is_done());
  EXPECT_TRUE(sender.turn({2}));
  EXPECT_TRUE(sender.is_done());
  ASSERT_EQ(wire.sent.size(), 5u);
  EXPECT_EQ(wire.sent[4], "<134>1 - node7 undine - - - line 4");
}

}  // namespace
}  // namespace undine
