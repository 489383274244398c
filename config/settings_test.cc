// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/shell_bench.h"
#include "config/sources.h"

namespace undine {
namespace {

using testing::PacketDraft;
using std::string_view_literals::operator""sv;

TEST(SettingTable, NamesAndTagsAreUnique) {
  for (const Setting& a : settings_table)
    for (const Setting& b : settings_table) {
      if (&a == &b) continue;
      EXPECT_NE(a.name, b.name);
      if (a.tag != 0) EXPECT_NE(a.tag, b.tag) << a.name << " and " << b.name;
    }
}

TEST(SettingTable, EachRowIsAnsweredFromItsPlaceInADhcpPacket) {
  struct Example {
    std::string_view name, octets, text;
  };
  constexpr std::string_view address = "\x0a\0\0\x09"sv, uuid = "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"sv;
  constexpr Example examples[] = {
      {"ip", {}, "10.0.0.77"}, {"next-server", {}, "10.0.0.1"}, {"filename", {}, "a.ipxe"}, {"netmask", "\xff\xff\0\0"sv, "255.255.0.0"}, {"gateway", address, "10.0.0.9"},
      {"dns", address, "10.0.0.9"}, {"domain", "lab", "lab"}, {"search", "\3lab\0"sv, "lab"}, {"hostname", "pc7", "pc7"}, {"dhcp-server", address, "10.0.0.9"},
      {"ntp-server", address, "10.0.0.9"}, {"syslog", address, "10.0.0.9"}, {"syslogs", "log.lab", "log.lab"}, {"boot-log", "http://log.lab/", "http://log.lab/"},
      {"mtu", "\x05\xd4"sv, "1492"}, {"root-path", "aoe:e0.0", "aoe:e0.0"}, {"scriptlet", "echo a", "echo a"}, {"priority", "\xff", "-1"}, {"user-class", "us", "us"},
      {"vendor-class", "PXEClient", "PXEClient"}, {"client-id", "\1\2"sv, "01:02"}, {"no-pxedhcp", "\1"sv, "1"}, {"use-cached", "\1"sv, "0x1"}, {"username", "me", "me"},
      {"password", "pw", "pw"}, {"trust", "\xab\xcd"sv, "ab:cd"}, {"cert", "\x30\0"sv, "30:00"}, {"privkey", "\x30\1"sv, "30:01"}, {"reverse-username", "it", "it"}, {"reverse-password", "up", "up"}, {"keep-san", "\1"sv, "1"},
      {"skip-san-boot", "\1"sv, "1"}, {"san-drive", "\x81"sv, "0x81"}, {"san-filename", "KERNEL.SYS", "KERNEL.SYS"}, {"san-retries", "\3"sv, "0x3"}, {"initiator-iqn", "iqn.2026-11.lab:pc7", "iqn.2026-11.lab:pc7"},
      {"uuid", uuid, "00112233-4455-6677-8899-aabbccddeeff"}, {"busid", "\1\x80\x86\x10\x0e"sv, "01:80:86:10:0e"}, {"version", "1.0", "1.0"},
  };
  for (const Setting& row : settings_table) {
    if (row.tag == 0) continue;
    const auto example = std::ranges::find(examples, row.name, &Example::name);
    ASSERT_NE(example, std::end(examples)) << row.name << " has no example";
    PacketDraft draft;
    draft.file = "a.ipxe";
    const std::string octets(example->octets);
    if (row.tag > 0xff && !octets.empty()) {
      draft.options.emplace_back(static_cast<std::uint8_t>(row.tag >> 8), std::string{static_cast<char>(row.tag & 0xff), static_cast<char>(octets.size())} + octets);
    } else if (!octets.empty()) {
      std::erase_if(draft.options, [&](const auto& option) { return option.first == row.tag; });
      draft.options.emplace_back(static_cast<std::uint8_t>(row.tag), octets);
    }
    DhcpSource lease;
    lease.use(draft.reply());
    Settings settings;
    settings.add_scope("net0.dhcp", Rank::lease, &lease);
    EXPECT_EQ(settings.text_or_empty(row.name), example->text) << row.name;
    EXPECT_EQ(settings.text_or_empty(join({"net0.dhcp/", row.name})), example->text) << row.name;
    const std::string by_number = row.tag > 0xff ? join({row.tag >> 8, '.', row.tag & 0xff}) : join({row.tag});
    EXPECT_EQ(settings.text_or_empty(by_number), example->text) << row.name;
  }
}

TEST(SettingTable, EachRowThatDhcpDoesNotCarryIsAnsweredByTheProgramOrKeptForTheUser) {
  testing::ShellBench bench;
  bench.files.files = {{"http://h/dir/all", "#!ipxe\nset there ${cwuri} ${cwduri}\nimgfetch gone ||\nset went ${errno} ${error-name} ${error-about} ${error}\n"}};
  bench.line("chain http://h/dir/all");
  EXPECT_EQ(bench.line("echo ${there}"), "http://h/dir/all http://h/dir/\n");
  EXPECT_EQ(bench.line("echo ${went}"), "0x3b http.status http://h/dir/gone the server answered 404 [http.status]\n");
  // Structures of type 1 (system), 2 (board), 3 (chassis), 127 (end).
  bench.machine.smbios =
      "\x01\x1b\x00\x01\x01\x02\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\x00\x00QEMU\0Standard PC\0pc-7.2\0S1\0\0"
      "\x02\x08\x00\x02\x01\x02\x03\x04QEMU\0Board\0one\0B2\0\0"
      "\x03\x15\x00\x03\x01\x01\x00\x00\x02\x03\x03\x03\x02\x00\x00\x00\x00\x00\x00\x00\x00QEMU\0rack 7\0\0"
      "\x7f\x04\x00\x7f\0\0"sv;
  bench.machine.system_mac = MacAddress{{0x02, 0, 0, 0, 0, 0x07}};
  bench.machine.screen = "H\x07i\x70";
  struct Example {
    std::string_view name, text;
  };
  constexpr Example known[] = {
      {"manufacturer", "QEMU"}, {"product", "Standard PC"}, {"serial", "S1"}, {"asset", "rack 7"}, {"board-serial", "B2"}, {"cpuvendor", "GenuineIntel"},
      {"cpumodel", "AAA BBBB"}, {"memsize", "511"}, {"mac", "52:54:00:12:34:56"}, {"bustype", "PCI"}, {"busloc", "0x18"}, {"chip", "undi"}, {"linktype", "Ethernet"},
      {"ifname", "net0"}, {"platform", "pcbios"}, {"buildarch", "i386"}, {"unixtime", "0x6b0349c1"}, {"sysmac", "02:00:00:00:00:07"}, {"vram", "SAdpcA=="},
  };
  constexpr std::string_view seen_above = "errno error error-name error-about cwuri cwduri";
  constexpr std::string_view of_the_user = "proxy no-proxy keymap san-overlay";
  for (const Setting& row : settings_table) {
    if (row.tag != 0 || place_in(seen_above, row.name) != not_in_list) continue;
    if (place_in(of_the_user, row.name) != not_in_list) {
      EXPECT_EQ(bench.line(join({"isset ${", row.name, "} || set ", row.name, " de && show ", row.name})), join({row.name, ":string = de\n"}));
      continue;
    }
    const auto example = std::ranges::find(known, row.name, &Example::name);
    ASSERT_NE(example, std::end(known)) << row.name << " has no example";
    EXPECT_EQ(bench.shell.settings().text_or_empty(row.name), example->text) << row.name;
  }
}

TEST(SettingTypes, EachIsWrittenAndReadInSettings) {
  struct Example {
    std::string_view type, text, octets;
  };
  constexpr std::string_view sixteen = "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"sv;
  constexpr Example examples[] = {
      {"string", "a b", "a b"}, {"uristring", "a%20b", "a%20b"}, {"ipv4", "10.0.0.9", "\x0a\0\0\x09"sv}, {"ipv6", "11:2233:4455:6677:8899:aabb:ccdd:eeff", sixteen},
      {"int8", "-2", "\xfe"}, {"int16", "-2", "\xff\xfe"}, {"int32", "-2", "\xff\xff\xff\xfe"}, {"uint8", "0xfe", "\xfe"}, {"uint16", "0xfffe", "\xff\xfe"},
      {"uint32", "0xfffffffe", "\xff\xff\xff\xfe"}, {"hex", "61:62", "ab"}, {"hexhyp", "61-62", "ab"}, {"hexraw", "6162", "ab"}, {"base64", "YWI=", "ab"},
      {"uuid", "00112233-4455-6677-8899-aabbccddeeff", sixteen}, {"guid", "33221100-5544-7766-8899-aabbccddeeff", sixteen}, {"busdevfn", "00:1f.2", "\0\xfa"sv},
      {"dnssl", "lab.example org", "\3lab\7example\0\3org\0"sv},
  };
  for (std::string_view names = value_type_names(); !names.empty();) {
    const std::string_view type = split_first(names, ' ');
    const auto example = std::ranges::find(examples, type, &Example::type);
    ASSERT_NE(example, std::end(examples)) << type << " has no example";
    Settings settings;
    ASSERT_TRUE(settings.set_octets("x", RawValue(example->octets.begin(), example->octets.end())));
    EXPECT_EQ(settings.text_or_empty(join({"x:", type})), example->text);
    // Nobody types a place on a bus: scripts only show it.
    if (type == "busdevfn") continue;
    ASSERT_TRUE(settings.set(join({"y:", type}), example->text)) << type;
    EXPECT_EQ(as_text(settings.octets("y")), example->octets) << type;
    EXPECT_EQ(settings.text_or_empty("y"), example->text) << "the type is kept";
  }
}

TEST(Settings, AVariableIsTextUnlessItSaysOtherwise) {
  Settings settings;
  ASSERT_TRUE(settings.set("foo", "bar baz"));
  ASSERT_TRUE(settings.set("esc:hex", "1b:5b"));
  EXPECT_EQ(settings.text_or_empty("foo"), "bar baz");
  EXPECT_EQ(settings.text_or_empty("foo:hex"), "62:61:72:20:62:61:7a");
  EXPECT_EQ(settings.text_or_empty("esc"), "1b:5b");
  EXPECT_EQ(settings.text_or_empty("esc:string"), "\x1b[");
  EXPECT_EQ(settings.text("nothing").error().cause().name, "setting.unset");
  EXPECT_EQ(settings.text("foo:float").error().cause().name, "value.type-unknown");
  EXPECT_EQ(settings.text("").error().cause().name, "setting.bad-name");
  EXPECT_EQ(settings.text("net0/").error().cause().name, "setting.bad-name");
}

TEST(Settings, AnEmptyValueClears) {
  Settings settings;
  ASSERT_TRUE(settings.set("foo", "bar"));
  ASSERT_TRUE(settings.set("foo", ""));
  EXPECT_FALSE(settings.find("foo"));
  ASSERT_TRUE(settings.clear("never-set"));
}

TEST(Settings, AnOptionIsReachedByItsNumberAndByItsName) {
  Settings settings;
  DhcpSource lease;
  PacketDraft draft;
  draft.options.push_back({67, "menu.ipxe"});
  draft.options.push_back({175, std::string("\xbe\3joe\xb1\5\1\x80\x86\x10\x0e", 12)});
  lease.use(draft.reply());
  settings.add_scope("net0", Rank::interface, nullptr);
  settings.add_scope("net0.dhcp", Rank::lease, &lease);
  for (const char* name : {"filename", "net0/filename", "net0.dhcp/67", "net0/0x43", "67:string", "netX/filename", "netX.dhcp/filename"})
    EXPECT_EQ(settings.text_or_empty(name), "menu.ipxe") << name;
  EXPECT_EQ(settings.text_or_empty("username"), "joe");
  EXPECT_EQ(settings.text_or_empty("net0/175.190"), "joe");
  EXPECT_EQ(settings.text_or_empty("net0/175.177:hex"), "01:80:86:10:0e");
  EXPECT_EQ(settings.text_or_empty("ip"), "10.0.0.77");
  EXPECT_EQ(settings.text_or_empty("next-server"), "10.0.0.1");
  EXPECT_EQ(settings.text_or_empty("net0/dhcp-server"), "10.0.0.1");
  EXPECT_EQ(settings.find("filename")->full_name(), "net0.dhcp/filename");
  EXPECT_FALSE(settings.find("proxydhcp/filename"));
}

TEST(Settings, TheUserAnswersBeforeTheServers) {
  Settings settings;
  DhcpSource lease, proxy;
  PacketDraft draft;
  draft.file = "from-lease";
  lease.use(draft.reply());
  draft.file = "from-proxy";
  proxy.use(draft.reply());
  settings.add_scope("net0", Rank::interface, nullptr);
  settings.add_scope("net0.dhcp", Rank::lease, &lease);
  settings.add_scope("proxydhcp", Rank::proxy, &proxy);
  EXPECT_EQ(settings.text_or_empty("filename"), "from-proxy");
  EXPECT_EQ(settings.text_or_empty("net0/filename"), "from-lease");
  ASSERT_TRUE(settings.set("net0/filename", "from-net0"));
  EXPECT_EQ(settings.text_or_empty("filename"), "from-net0");
  ASSERT_TRUE(settings.set("filename", "from-root"));
  EXPECT_EQ(settings.text_or_empty("filename"), "from-root");
  EXPECT_EQ(settings.text_or_empty("net0/filename"), "from-net0");
  ASSERT_TRUE(settings.clear("filename"));
  ASSERT_TRUE(settings.clear("net0/filename"));
  EXPECT_EQ(settings.text_or_empty("filename"), "from-proxy");
}

TEST(Settings, AHigherPriorityAnswersFirst) {
  Settings settings;
  DhcpSource lease, proxy, server;
  PacketDraft draft;
  draft.file = "from-lease";
  draft.options.push_back({175, "\x01\x01\x05"});
  lease.use(draft.reply());
  draft.file = "from-proxy";
  draft.options.back() = {175, "\x01\x01\x04"};
  proxy.use(draft.reply());
  draft.file = "from-boot-server";
  draft.options.back() = {175, "\x01\x01\xff"};
  server.use(draft.reply());
  settings.add_scope("net0", Rank::interface, nullptr);
  settings.add_scope("net0.dhcp", Rank::lease, &lease);
  settings.add_scope("proxydhcp", Rank::proxy, &proxy);
  settings.add_scope("pxebs", Rank::boot_server, &server);
  EXPECT_EQ(settings.text_or_empty("filename"), "from-lease");
  EXPECT_EQ(settings.text_or_empty("pxebs/filename"), "from-boot-server");
  ASSERT_TRUE(settings.set("proxydhcp/priority", "6"));
  EXPECT_EQ(settings.text_or_empty("filename"), "from-proxy");
  ASSERT_TRUE(settings.set("net0/priority", "7"));
  EXPECT_EQ(settings.text_or_empty("filename"), "from-lease") << "a scope below has the group's priority";
  ASSERT_TRUE(settings.set("net0/filename", "from-net0"));
  EXPECT_EQ(settings.text_or_empty("filename"), "from-net0");
  ASSERT_TRUE(settings.set("filename", "from-root"));
  EXPECT_EQ(settings.text_or_empty("filename"), "from-root");
}

TEST(Hardware, IsReachedByNumber) {
  testing::FakeMachine machine;
  const PciSource pci(machine);
  const CpuidSource cpuid(machine);
  const MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9'f000, MemoryKind::usable}, {0xf'0000, 0x1'0000, MemoryKind::reserved}, {0x10'0000, 0x1ff0'0000, MemoryKind::usable}});
  const MemoryMapSource memmap(map);
  Settings settings;
  settings.add_scope("pci", Rank::machine, &pci);
  settings.add_scope("cpuid", Rank::machine, &cpuid);
  settings.add_scope("memmap", Rank::machine, &memmap);
  const auto text = [&](std::string_view name) { return settings.text_or_empty(name); };
  EXPECT_EQ(text("pci/0x18.0.2"), "8086");
  EXPECT_EQ(text("pci/24.2.2:uint16"), "0x100e");
  EXPECT_EQ(text("pci/0x18.0x2c.4"), "00011af4");
  EXPECT_EQ(text("pci/0x18.1.2"), "0e80");
  EXPECT_EQ(text("pci/0x18.0xff.2"), "") << "behind the end";
  EXPECT_EQ(text("pci/0x20.0.2"), "") << "nobody there";
  EXPECT_EQ(text("pci/0x18.0.0"), "");
  EXPECT_EQ(text("cpuid/1.0"), "756e6547");
  EXPECT_EQ(text("cpuid/0.0:uint32"), "0x4");
  EXPECT_EQ(text("cpuid/3.4"), "89abcdef");
  EXPECT_EQ(text("cpuid/7.0x40.1.4"), "00000007") << "a subfunction";
  EXPECT_EQ(text("cpuid/0.5"), "") << "the processor has no such function";
  EXPECT_EQ(text("cpuid/0.0x80000000"), "80000004");
  EXPECT_EQ(text("cpuvendor"), "GenuineIntel");
  EXPECT_EQ(text("cpuid/cpumodel"), "AAA BBBB");
  EXPECT_EQ(text("memsize"), "511");
  EXPECT_EQ(text("memmap/0.1.1.20:int32"), "1");
  EXPECT_EQ(text("memmap/1.0.2.10"), "000000000007fe7c");
  EXPECT_EQ(text("memmap/2.0.2.0"), "") << "there are two";
  EXPECT_EQ(text("memmap/2.0.6.20:int32"), "511");
  EXPECT_EQ(text("3"), "") << "without the scope a number is an option of DHCP";
}

TEST(Settings, AnIpAddressThatAServerDidNotGiveIsUnset) {
  Settings settings;
  DhcpSource proxy;
  PacketDraft draft;
  draft.your_address = "0.0.0.0";
  proxy.use(draft.reply());
  settings.add_scope("proxydhcp", Rank::proxy, &proxy);
  EXPECT_FALSE(settings.find("ip"));
}

TEST(Settings, SettingAMalformedAddressChangesNothing) {
  Settings settings;
  ASSERT_TRUE(settings.set("net0/ip", "10.0.0.5"));
  EXPECT_EQ(settings.set("net0/ip", "10.0.0").error().cause().name, "value.malformed");
  EXPECT_EQ(settings.text_or_empty("net0/ip"), "10.0.0.5");
}

TEST(Settings, VariablesAreBounded) {
  Settings settings;
  for (std::size_t i = 0; i < Settings::variables_max; ++i) ASSERT_TRUE(settings.set("v" + std::to_string(i), "x"));
  EXPECT_EQ(settings.set("one-more", "x").error().cause().name, "settings.full");
  ASSERT_TRUE(settings.set("v0", "changing what is there is no matter of room"));
  auto kept = settings.keep("v0");
  ASSERT_TRUE(kept && settings.clear("v0") && settings.set("in its place", "x"));
  settings.put_back(std::move(*kept));
  ASSERT_TRUE(settings.set("v0", "nor is one that came back when all places were taken"));
  EXPECT_EQ(settings.set("one-more", "x").error().cause().name, "settings.full");
  Settings roomy;
  const std::string long_value(value_bytes_max, 'x');
  for (std::size_t i = 0; i < Settings::variable_bytes_max / value_bytes_max; ++i) ASSERT_TRUE(roomy.set("v" + std::to_string(i), long_value));
  EXPECT_EQ(roomy.set("one-more", "x").error().cause().name, "settings.full");
  EXPECT_EQ(roomy.set("v0", long_value + "x").error().cause().name, "value.too-long");
}

/// A System structure (type 1) as QEMU writes it, then a chassis (type 3) and the end (type 127).
constexpr std::string_view smbios_table =
    "\x01\x1b\x00\x01"
    "\x01\x02\x03\x00"
    "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
    "\x06\x00\x00"
    "QEMU\0Standard PC  \0pc-7.2\0\0"
    "\x03\x15\x00\x03\x01\x01\x00\x00\x02\x03\x03\x03\x02\x00\x00\x00\x00\x00\x00\x00\x00"
    "QEMU\0rack 7\0\0"
    "\x7f\x04\x00\x7f\0\0"sv;

TEST(Smbios, NamesTheMachine) {
  testing::FakeMachine machine;
  machine.smbios = smbios_table;
  const SmbiosSource smbios(machine);
  Settings settings;
  settings.add_scope("smbios", Rank::machine, &smbios);
  EXPECT_EQ(settings.text_or_empty("manufacturer"), "QEMU");
  EXPECT_EQ(settings.text_or_empty("smbios/product"), "Standard PC");
  EXPECT_EQ(settings.text_or_empty("asset"), "rack 7");
  EXPECT_EQ(settings.text_or_empty("uuid"), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_FALSE(settings.find("serial")) << "string 0 is no string";
  EXPECT_FALSE(settings.find("board-serial")) << "there is no board";
  EXPECT_EQ(settings.text_or_empty("smbios/1.6.0"), "pc-7.2");
  EXPECT_EQ(settings.text_or_empty("smbios/1.24.1:uint8"), "0x6");
  EXPECT_FALSE(settings.find("smbios/1.26.2")) << "behind the end of the structure";
}

TEST(Smbios, ACutTableGivesWhatIsThereAndNeverReadsOn) {
  for (std::size_t length = 0; length < smbios_table.size(); ++length) {
    const std::vector<char> cut(smbios_table.begin(), smbios_table.begin() + static_cast<std::ptrdiff_t>(length));
    const auto name = smbios_field(as_bytes({cut.data(), cut.size()}), 1, 4, 0);
    if (length > 0x1b + 4) {
      ASSERT_TRUE(name) << length;
      EXPECT_EQ(as_text(*name).substr(0, 4), "QEMU");
    } else if (length < 0x1b) {
      EXPECT_FALSE(name) << length;
    }
  }
}

}  // namespace
}  // namespace undine
