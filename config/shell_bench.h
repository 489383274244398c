// SPDX-License-Identifier: Apache-2.0
// A shell on a machine that is played: a network of files in memory, a DHCP server that answers by user class, a console that is read. For
// tests only.
#pragma once

#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "config/autoboot.h"
#include "config/hollow.h"
#include "config/shell.h"
#include "core/memory.h"
#include "core/testing/fake_memory.h"
#include "core/testing/fakes.h"
#include "core/wall_clock.h"
#include "loaders/filesystems/testing/memory_disk.h"

namespace undine::testing {

/// A DHCP packet that is put together (RFC 2131 section 2).
struct PacketDraft {
  std::string your_address = "10.0.0.77", next_server = "10.0.0.1", file;
  std::vector<std::pair<std::uint8_t, std::string>> options = {
      {53, "\x05"}, {1, {"\xff\xff\xff\x00", 4}}, {3, {"\x0a\x00\x00\x01", 4}}, {6, {"\x0a\x00\x00\x02", 4}}, {54, {"\x0a\x00\x00\x01", 4}}};

  DhcpReply reply() const {
    std::vector<std::uint8_t> packet(240);
    packet[0] = 2;
    packet[1] = 1;
    packet[2] = 6;
    const auto put_address = [&](std::size_t at, const std::string& text) {
      if (const auto address = Ipv4Address::parse(text)) store_be32(packet, at, address->value);
    };
    put_address(16, your_address);
    put_address(20, next_server);
    copy_bytes(MutableBytes(packet).subspan(108, 127), as_bytes(file));
    store_be32(packet, 236, 0x63825363);
    for (const auto& [code, value] : options) {
      packet.push_back(code);
      packet.push_back(static_cast<std::uint8_t>(value.size()));
      packet.insert(packet.end(), value.begin(), value.end());
    }
    packet.push_back(255);
    return *DhcpReply::parse(packet);
  }
};

inline constexpr Cause fake_not_found{"http.status", "the server answered", 0x3b, Detail::decimal};
inline constexpr Cause fake_stays_on{"machine.stays-on", "the machine stays on", pxe_status_failure};
inline constexpr Cause fake_silence{"dhcp.no-offer", "no DHCP server answered", 0x51};

/// What the network holds, and what was asked of it.
struct FakeNetwork {
  std::map<std::string, std::string> files;
  std::vector<std::string> asked;
  std::map<std::string, std::size_t> breaks;  ///< after so many bytes the server breaks
  std::string version = "v1";                 ///< what it says of its files
  std::vector<std::uint64_t> begun_at;        ///< which byte each download that began asked for
  std::vector<FetchOptions> options;
  Duration takes = 0_ms;  ///< how long each file takes; forever if it is 99 days
  static inline FakeNetwork* current = nullptr;
};

class FakeDownload final : public Download {
public:
  FakeDownload(const Uri& uri, Sink& sink, const FetchOptions& options, Instant now) : uri_(uri), sink_(sink), beginning_(options.beginning), started_(now) {}
  Result<Progress> advance(Instant now) override {
    if (now.since(started_) < FakeNetwork::current->takes) return Progress{};
    const auto file = FakeNetwork::current->files.find(uri_.text());
    if (file == FakeNetwork::current->files.end()) return fail(fake_not_found, 404);
    const std::string& contents = file->second;
    if (beginning_->done_bytes != 0 && !beginning_->validator.empty() && beginning_->validator != FakeNetwork::current->version) {
      sink_.restart();
      *beginning_ = {};
    }
    TRY(sink_.expect(contents.size()));
    FakeNetwork::current->begun_at.push_back(beginning_->done_bytes);
    const auto broken = FakeNetwork::current->breaks.find(uri_.text());
    const std::size_t end = broken == FakeNetwork::current->breaks.end() ? contents.size() : broken->second;
    for (std::size_t at = beginning_->done_bytes; at < end;) {
      const MutableBytes room = TRY(sink_.room(at));
      const std::size_t count = copy_bytes(room, as_bytes(contents).first(end).subspan(at));
      TRY(sink_.commit(at, count));
      at += count;
    }
    if (end != contents.size()) {
      *beginning_ = {end, contents.size(), FakeNetwork::current->version};
      return fail(fake_silence);
    }
    return Progress{true, contents.size(), contents.size()};
  }
  const Uri& final_uri() const override { return uri_; }

private:
  Uri uri_;
  Sink& sink_;
  Beginning* beginning_;
  Instant started_;
};

inline Result<std::unique_ptr<Download>> open_fake(Network&, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now) {
  FakeNetwork::current->asked.push_back(uri.text());
  FakeNetwork::current->options.push_back(options);
  return make_unique_nothrow<FakeDownload>(uri, sink, options, now);
}

/// Disks by address, and how often each was opened.
struct FakeDisks {
  std::map<std::string, std::vector<std::uint8_t>> images;
  std::vector<std::string> opened;
  ImageDisk* last = nullptr;
  static inline FakeDisks* current = nullptr;
};

inline Result<std::unique_ptr<BlockDevice>> open_fake_disk(Network&, std::string_view path, const SanOptions&, Instant) {
  FakeDisks& disks = *FakeDisks::current;
  disks.opened.emplace_back(path);
  const auto image = disks.images.find(std::string(path));
  if (image == disks.images.end()) return fail(fake_not_found, 404);
  auto disk = std::make_unique<ImageDisk>(image->second, 512, path);
  disks.last = disk.get();
  return disk;
}

inline constexpr SanProtocol fake_san_protocols[] = {{"http", open_fake_disk}, {"iscsi", open_fake_disk}};
inline constexpr FetchProtocol fake_protocols[] = {{"http", open_fake}, {"tftp", open_fake}};

class FakeExchange final : public DhcpExchange {
public:
  explicit FakeExchange(std::optional<DhcpLease> lease) : lease_(std::move(lease)) {}
  Result<Progress> advance(Instant) override {
    if (!lease_) return fail(fake_silence);
    return Progress{true, 0, {}};
  }
  DhcpLease& lease() override { return *lease_; }

private:
  std::optional<DhcpLease> lease_;
};

class FakeSearch final : public BootServerSearch {
public:
  explicit FakeSearch(std::optional<DhcpReply> reply) : reply_(std::move(reply)) {}
  Result<Progress> advance(Instant) override {
    if (!reply_) return fail(boot_server_silent);
    return Progress{true, 0, {}};
  }
  DhcpReply& reply() override { return *reply_; }

private:
  std::optional<DhcpReply> reply_;
};

class FakeInterface final : public Interface {
public:
  std::string_view name() const override { return own_name; }
  Nic& nic() const override { return nic_; }
  const Host* host() const override { return stack; }
  std::optional<PciIdentity> pci() const override { return PciIdentity{0x0018, 0x8086, 0x100e}; }
  void configure(Ipv4Address address, Ipv4Address mask, Ipv4Address gateway) override {
    address_ = address;
    mask_ = mask;
    routes_.clear();
    if (!gateway.is_unspecified()) routes_.push_back({{}, {}, gateway});
    ++configured;
  }
  void apply_lease(const DhcpReply& ack) override {
    configure(ack.your_address(), {0xffffff00}, {});
    ++leased;
  }
  void deconfigure() override { configure({}, {}, {}); }
  Ipv4Address address() const override { return address_; }
  Ipv4Address mask() const override { return mask_; }
  std::span<const Ipv4Route> routes() const override { return routes_; }
  void use_dns(std::span<const Ipv4Address> servers, std::string_view domain) override {
    dns.assign(servers.begin(), servers.end());
    dns_domain = domain;
  }
  Result<std::unique_ptr<DhcpExchange>> start_dhcp(DhcpIdentity identity, DhcpTiming timing, Instant) override {
    identities.push_back(identity);
    last_timing = timing;
    const auto answer = answers.find(identity.user_class);
    if (answer == answers.end()) return make_unique_nothrow<FakeExchange>(std::nullopt);
    return make_unique_nothrow<FakeExchange>(answer->second);
  }

  Result<std::unique_ptr<BootServerSearch>> find_boot_server(DhcpIdentity, BootServerWish wish, Instant) override {
    const auto server = boot_servers.find(wish.type);
    wishes.push_back(std::move(wish));
    return make_unique_nothrow<FakeSearch>(server == boot_servers.end() ? std::nullopt : std::optional(server->second));
  }

  std::string own_name = "net0";
  mutable FakeNic nic_;
  const Host* stack = nullptr;
  std::map<std::string, DhcpLease> answers;
  std::vector<DhcpIdentity> identities;
  std::map<std::uint16_t, DhcpReply> boot_servers;  ///< by their type
  std::vector<BootServerWish> wishes;
  DhcpTiming last_timing;
  std::vector<Ipv4Address> dns;
  std::string dns_domain;
  int configured = 0, leased = 0;

private:
  Ipv4Address address_, mask_;
  std::vector<Ipv4Route> routes_;
};

class FakeMachine final : public Machine {
public:
  void reboot() override { ++reboots; }
  Error power_off() override { return Error{fake_stays_on}; }
  Bytes smbios_table() override { return as_bytes(smbios); }
  std::optional<MacAddress> system_address() override { return system_mac; }
  Bytes text_screen() override { return as_bytes(screen); }
  std::uint32_t pci_config(std::uint16_t place, std::uint8_t offset) override {
    const auto found = pci.find(place);
    if (found == pci.end()) return 0xffffffff;
    return offset == 0 ? found->second.identity : offset == 0x0c ? found->second.header_type : offset == 0x2c ? found->second.subsystem : 0;
  }
  /// A processor that was never made: leaf 0 and one that has subleaves, leaf 4.
  std::array<std::uint32_t, 4> cpuid(std::uint32_t function, std::uint32_t subfunction) override {
    if (function == 1) return {0, 0, 1u << 9, 1u << 4};  // SSSE3, TSC
    if (function == 0x8000'0001) return {0, 0, 1u << 5, 1u << 20};  // LZCNT, NX
    if (function == 0) return {4, 0x756e'6547, 0x6c65'746e, 0x4965'6e69};
    if (function == 4) return {4, subfunction, 0, 0x89ab'cdef};
    if (function == 0x8000'0000) return {0x8000'0004, 0, 0, 0};
    if (function >= 0x8000'0002 && function <= 0x8000'0004) return {0x2041'4141, 0x4242'4242, 0, function == 0x8000'0004 ? 0 : 0x4343'4343u};
    return {};
  }
  std::optional<CalendarTime> calendar_time() override { return CalendarTime{2026, 11, 22, 20, 0, 1}; }

  struct PciFunction {
    std::uint32_t identity, header_type, subsystem;
  };
  std::map<std::uint16_t, PciFunction> pci = {{0x18, {0x100e'8086, 0, 0x0001'1af4}}};  // where FakeInterface says that its card is
  std::string smbios, screen;
  std::optional<MacAddress> system_mac;
  int reboots = 0;
};

/// Starts whatever begins with "KERNEL"; writes down what it was given.
class FakeBooter final : public Booter {
public:
  std::string_view kind(Bytes contents, std::string_view) const override { return as_text(contents).starts_with("KERNEL") ? "kernel" : others_are; }
  std::string kinds() const override { return "kernel"; }
  Result<void> boot(Image& image, ImageStore& images, Bytes) override {
    if (kind(images.contents(image), image.name).empty()) return fail(boot_unknown_kind);
    std::string all = join({image.name, " [", image.arguments, "]"});
    for (const Image& other : images.images())
      if (&other != &image) append(all, {" + ", other.name, "=", as_text(images.contents(other))});
    booted.push_back(all);
    // A program that wants another in its place.
    if (!next.empty()) {
      Image& program = **shell->fetch(std::exchange(next, {}), {});
      if (!next_initrd.empty()) (void)shell->fetch(next_initrd, {});
      shell->start_next(program);
    }
    return {};
  }
  Result<void> keep_pxe(bool kept) override {
    keeps_pxe = kept;
    return {};
  }
  std::vector<std::string> booted;
  bool keeps_pxe = false;
  std::string_view others_are;  ///< the kind of what is no kernel; empty: unknown
  std::string next, next_initrd;
  Shell* shell = nullptr;
};

class NoOutput final : public Ipv4Output {
public:
  Result<void> send_ipv4(Ipv4Address, Ipv4Address, IpProtocol, Bytes, Bytes) override { return {}; }
  Result<Ipv4Address> source_for(Ipv4Address to) const override { return fail(no_route, to.value); }
  std::size_t path_mtu(Ipv4Address) const override { return 1500; }
  std::size_t receive_ring_frames() const override { return 32; }
};

class NoResolver final : public Resolver {
public:
  Result<std::unique_ptr<Lookup>> lookup(std::string_view, Instant) override { return fail(no_server); }
};

/// A console with a person who types only when the shell's prompt stands there.
class BenchConsole final : public Console {
public:
  void write(std::string_view shown) override { text += shown; }
  std::optional<Key> key() override {
    if (keys.empty() && !at_prompt.empty() && text.ends_with("undine> ")) {
      type(at_prompt);
      at_prompt.clear();
    }
    if (keys.empty()) return {};
    const Key first = keys.front();
    keys.pop_front();
    return first;
  }
  unsigned columns() const override { return 80; }
  unsigned column() const override { return static_cast<unsigned>(text.size() - (text.rfind('\n') + 1)); }
  void type(std::string_view typed) {
    for (const char letter : typed) keys.push_back(static_cast<Key>(static_cast<unsigned char>(letter)));
  }
  std::string take_text() { return std::exchange(text, {}); }

  bool use_serial(unsigned bits_per_second) override {
    if (bits_per_second == 300) return false;
    serial_rate = bits_per_second;
    return true;
  }

  Result<void> use_graphics(const GraphicsWish& wish) override {
    if (!has_graphics) return fail(console_no_graphics);
    graphics = wish;
    return {};
  }
  void use_text() override { graphics.reset(); }
  bool shows_picture() const override { return graphics && !graphics->picture.pixels.empty(); }
  bool use_keyboard(std::string_view name) override {
    if (name != "us" && name != "de") return false;
    keyboard = name;
    return true;
  }

  std::string text, at_prompt, keyboard = "us";
  unsigned serial_rate = 0;
  bool has_graphics = true;
  std::optional<GraphicsWish> graphics;
  std::deque<Key> keys;
};

struct ShellBench {
  explicit ShellBench(RomPackets rom = {}, std::string_view embedded = {}, std::string_view own = {}, Disks* hooked = nullptr, std::string_view block = {},
                      Interface* card = nullptr, Interface* second = nullptr)
      : cards{card != nullptr ? card : &net0, second},
        environment{console, clock, loop, log, machine, map, images, network, interfaces, fake_protocols, booter, std::move(rom), embedded, as_bytes(own), nullptr,
                    hooked, as_bytes(block), fake_san_protocols, find_unless_hollow},
        shell(environment) {
    FakeNetwork::current = &files;
    FakeDisks::current = &disks;
    wall_clock.start(*machine.calendar_time(), {});
    network.wall_clock = &wall_clock;
  }
  ~ShellBench() {
    FakeNetwork::current = nullptr;
    FakeDisks::current = nullptr;
  }

  /// Runs a script and returns what the console shows.
  std::string run(std::string_view text) {
    auto script = Script::parse(as_bytes(text), "test", Uri{});
    if (script) status = shell.run_script(std::move(*script));
    return console.take_text();
  }
  /// One line as typed by a person.
  std::string line(std::string_view text) {
    status = shell.run_line(text, Dialect::undine);
    return console.take_text();
  }

  BenchConsole console;
  FakeClock clock;
  FakeEntropy entropy;
  Loop loop{clock, console};
  Log log{clock, console};
  FakeMachine machine;
  FakeMemory memory{512 << 20};
  MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9'f000, MemoryKind::usable}, {0x10'0000, 0x1ff0'0000, MemoryKind::usable}});
  ImageStore images{map, memory};
  NoOutput output;
  NoResolver resolver;
  TcpTable tcp{output, entropy};
  UdpSockets udp{output};
  WallClock wall_clock;
  Network network{tcp, udp, resolver, entropy, log};
  FakeNetwork files;
  FakeDisks disks;
  FakeInterface net0;
  Interface* cards[2];
  std::span<Interface* const> interfaces = std::span(cards).first(cards[1] != nullptr ? 2 : 1);
  FakeBooter booter;
  Environment environment;
  Shell shell;
  Result<void> status;
};

}  // namespace undine::testing
