// SPDX-License-Identifier: Apache-2.0
#include "config/disks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>

#include "config/boot_log.h"
#include "config/shell_bench.h"
#include "loaders/filesystems/testing/images.h"
#include "loaders/san/testing/disk_bench.h"

namespace undine {
namespace {

using ::testing::HasSubstr;
using testing::DiskBench;
using testing::MemoryDisk;
using testing::ShellBench;

constexpr Cause no_such_target{"test.no-target", "there is no such target", pxe_status_failure};

/// What "disk:N" is: N MiB with a boot sector, "disk:none" is not there; "disk:mbr.img" is one of those that were made with real tools, with a boot sector on
/// its fifth partition, a file system of the name "Rescue". Notes how it was asked.
struct Opened {
  std::vector<std::string> paths;
  SanOptions options;
  MemoryDisk* last = nullptr;
  static inline Opened* current = nullptr;
};

/// One that an operating system can find.
class KnownDisk final : public MemoryDisk {
public:
  using MemoryDisk::MemoryDisk;
  std::optional<DiskOrigin> origin() const override {
    DiskOrigin origin;
    origin.target = {{0x0a000001}, 3260};
    origin.target_name = "iqn.test";
    return origin;
  }
};

/// Where the fifth partition of that disk begins.
constexpr std::uint32_t rescue_sector = 600;

Result<std::unique_ptr<BlockDevice>> open_memory_disk(Network&, std::string_view path, const SanOptions& options, Instant) {
  Opened::current->paths.emplace_back(path);
  Opened::current->options = options;
  const std::string_view name = path.substr(path.find(':') + 1);
  if (name.ends_with(".img")) {
    auto disk = std::make_unique<KnownDisk>(0);
    disk->fill(testing::disk_image("../loaders/filesystems/testing/images/", std::string(name)));
    const MutableBytes partition = MutableBytes(disk->octets).subspan(std::size_t{rescue_sector} * 512);
    partition[0] = 0xfa;
    store_le16(partition, 510, 0xaa55);
    copy_bytes(partition.subspan(1024 + 120), as_bytes("Rescue"));
    return disk;
  }
  const auto size = parse_number(name);
  if (!size) return fail(no_such_target);
  auto disk = std::make_unique<KnownDisk>(static_cast<std::size_t>(*size) << 20);
  Opened::current->last = disk.get();
  if (*size != 0) {
    disk->sector(0)[0] = 0xfa;
    store_le16(disk->sector(0), 510, 0xaa55);
  }
  return disk;
}

constexpr SanProtocol memory_protocols[] = {{"disk", open_memory_disk}};

class FakeDoor final : public DiskDoor {
public:
  explicit FakeDoor(san::DiskServices& services) : services_(services) {}
  void drives_changed() override { hooked = !services_.empty(); }
  bool unhook() override {
    if (stays) return false;
    hooked = false;
    return true;
  }
  Result<san::BootProgram> load_from_bios(std::uint8_t drive) override {
    if (drive == 0x90) return fail(san::san_no_boot_sector);
    return san::BootProgram{{0x7c00, 0}, drive};
  }
  Result<MutableBytes> keep_memory(std::size_t length_bytes) override {
    if (length_bytes > memory_most) return fail(out_of_memory, static_cast<std::uint32_t>(memory_most >> 20));
    return MutableBytes{kept.emplace_back(length_bytes)};
  }
  void publish(std::vector<std::vector<std::uint8_t>> made) override { tables = std::move(made); }
  void start(const san::BootProgram& program) override {
    started.push_back(program.drive);
    programs.push_back(program);
    drives_at_start = services_.drives().size();
  }

  bool hooked = false, stays = false;
  std::vector<std::uint8_t> started;
  std::vector<san::BootProgram> programs;
  std::size_t drives_at_start = 0;
  std::vector<std::vector<std::uint8_t>> tables;
  std::list<std::vector<std::uint8_t>> kept;
  std::size_t memory_most = 64 << 20;

private:
  san::DiskServices& services_;
};

struct DisksTest : ::testing::Test {
  DisksTest() { Opened::current = &opened; }
  ~DisksTest() override { Opened::current = nullptr; }

  Opened opened;
  DiskBench machine;
  FakeDoor door{machine.services};
  Disks disks{machine.services, door, memory_protocols};
  ShellBench bench{{}, {}, {}, &disks};
};

TEST_F(DisksTest, HooksADiskAndGivesItBack) {
  EXPECT_THAT(bench.line("sanhook disk:3"), HasSubstr("drive 80h: memory, 3.0 MiB disk"));
  ASSERT_TRUE(bench.status);
  EXPECT_TRUE(door.hooked);
  EXPECT_NE(machine.services.find(0x80), nullptr);
  bench.line("sanunhook");
  ASSERT_TRUE(bench.status);
  EXPECT_FALSE(door.hooked);
  EXPECT_TRUE(machine.services.empty());
  EXPECT_THAT(bench.line("sanunhook"), HasSubstr("no disk is hooked with that drive number 0x80 [san.no-such-drive]"));
  EXPECT_TRUE(bench.status) << "no harm is done";
}

TEST_F(DisksTest, LetsFilesBeReadFromADriveThatIsHooked) {
  EXPECT_THAT(bench.line("ls drive:0x80"), HasSubstr("[san.no-such-drive]"));
  bench.line("sanhook disk:1");
  EXPECT_THAT(bench.line("ls drive:0x80"), HasSubstr("   1.0 MiB  drive:0x80!(0)  -\n"));
  EXPECT_THAT(bench.line("imgfetch drive:0x80!/x"), HasSubstr("[disk.no-file-system]"));
  bench.line("sanunhook");
  EXPECT_THAT(bench.line("imgfetch drive:0x80!/x"), HasSubstr("[san.no-such-drive]"));
  EXPECT_THAT(bench.line("ls drive:zero"), HasSubstr("[san.no-such-drive]"));
}

TEST_F(DisksTest, TakesTheNumberFromTheOptionOrTheSetting) {
  bench.line("sanhook --drive 0x85 disk:1");
  EXPECT_NE(machine.services.find(0x85), nullptr);
  bench.line("set san-drive 0x82");
  bench.line("sanhook disk:1");
  EXPECT_NE(machine.services.find(0x82), nullptr);
  EXPECT_THAT(bench.line("sanhook disk:1"), HasSubstr("[san.number-taken]"));
  EXPECT_THAT(bench.line("sanhook --drive 256 disk:1"), HasSubstr("from 0 to 255 [usage.number]"));
  EXPECT_THAT(bench.line("sanunhook"), ::testing::Not(HasSubstr("["))) << "82h";
  opened.paths.clear();
  for (const char* wrong : {"set san-drive 0x180", "set san-drive:uint16 0x180", "let san-drive = 2 * 192", "set san-drive 0x80 ; inc san-drive 0x100"}) {
    bench.line(wrong);
    EXPECT_TRUE(bench.status) << wrong;
    for (const char* command : {"sanhook disk:1", "sanboot", "sanunhook"})
      EXPECT_THAT(bench.line(command), HasSubstr("san-drive: no drive number: those are 0 to 255, as 0x80 for the first hard disk [san.bad-drive]")) << wrong;
  }
  EXPECT_TRUE(opened.paths.empty()) << "the number is looked at first";
  bench.line("clear san-drive");
  EXPECT_TRUE(bench.status);
  bench.line("set san-drive:int8 0x84");
  bench.line("sanhook disk:1");
  EXPECT_NE(machine.services.find(0x84), nullptr);
}

TEST_F(DisksTest, SaysWhyADiskCannotBeHooked) {
  EXPECT_THAT(bench.line("sanhook disk:none"), HasSubstr("disk:none: there is no such target [test.no-target]"));
  EXPECT_THAT(bench.line("sanhook floppy:1"), HasSubstr("floppy:1: a disk is named"));
  EXPECT_THAT(bench.line("sanhook disk:0"), HasSubstr("[san.empty]"));
  EXPECT_TRUE(disks.empty());
}

TEST_F(DisksTest, PrintsNoPassword) {
  for (const char* operands : {"disk://me:secret@h/none", "disk://me:secret@h/none disk://you:secret@h/none", "--overlay disk://me:secret@h/none disk:1",
                               "--overlay ftp://me:secret@h/store disk:1", "disk://me:secret@h:port/none"}) {
    EXPECT_THAT(bench.line(std::string("sanhook ") + operands), HasSubstr("//me:***@h")) << operands;
    EXPECT_FALSE(bench.status);
  }
  EXPECT_THAT(bench.line("echo ${error-about}"), HasSubstr("disk://me:***@h:port/none"));
  EXPECT_THAT(boot_log_lines(bench.shell), ::testing::AllOf(HasSubstr("disk://you:***@h/none"), ::testing::Not(HasSubstr("secret"))));
}

TEST_F(DisksTest, BootsAndGivesTheDiskBackWhenItsProgramGivesUp) {
  EXPECT_THAT(bench.line("sanboot disk:1"), HasSubstr("drive 80h: the disk's boot program gave up [san.returned]"));
  EXPECT_EQ(door.started, std::vector<std::uint8_t>{0x80});
  EXPECT_EQ(door.drives_at_start, 1u);
  EXPECT_TRUE(disks.empty());
  EXPECT_THAT(boot_log_lines(bench.shell), HasSubstr("\"phase\":\"boot\""));
}

TEST_F(DisksTest, KeepsTheDiskThatIsToBeKept) {
  bench.line("sanboot --keep disk:1");
  EXPECT_FALSE(disks.empty());
  bench.line("sanunhook --drive 0x80");
  bench.line("set keep-san 1");
  bench.line("sanboot disk:1");
  EXPECT_FALSE(disks.empty());
  bench.line("sanboot");  // the same, again
  EXPECT_EQ(door.started.size(), 3u);
  EXPECT_FALSE(disks.empty());
}

TEST_F(DisksTest, BootsADriveOfTheBios) {
  bench.line("sanboot --drive 0x81");
  EXPECT_EQ(door.started, std::vector<std::uint8_t>{0x81});
  EXPECT_THAT(bench.line("sanboot --drive 0x90"), HasSubstr("drive 90h: the disk cannot be booted"));
}

TEST_F(DisksTest, BootsThePartitionThatHasTheLabel) {
  EXPECT_THAT(bench.line("sanboot --label rescue disk:mbr.img"), HasSubstr("drive 80h, partition 5: the disk's boot program gave up [san.returned]"));
  ASSERT_EQ(door.programs.size(), 1u);
  EXPECT_EQ(door.programs[0].drive, 0x80);
  ASSERT_EQ(door.programs[0].partition_entry, 0x7be);
  const Bytes entry = machine.memory.at(0x7be, 16);
  EXPECT_EQ(entry[0], 0x80);
  EXPECT_EQ(entry[4], 0x83);
  EXPECT_EQ(load_le32(entry, 8), rescue_sector);
  EXPECT_EQ(load_le32(entry, 12), 400u);
  EXPECT_EQ(machine.memory.at(0x7c00, 1)[0], 0xfa);
  EXPECT_THAT(bench.line("sanboot --label Other disk:mbr.img"), HasSubstr("Other: no volume on the disk has that label"));
  EXPECT_TRUE(disks.empty());
}

TEST_F(DisksTest, LooksForALabelOnAllItsDrives) {
  bench.line("sanhook --drive 0x81 disk:1");
  bench.line("sanhook --drive 0x82 disk:mbr.img");
  bench.line("sanboot --label Rescue");
  EXPECT_EQ(door.started, std::vector<std::uint8_t>{0x82});
  EXPECT_THAT(bench.line("sanboot --drive 0x81 --label Rescue"), HasSubstr("[san.no-such-label]"));
  EXPECT_THAT(bench.line("sanboot --drive 0x90 --label Rescue"), HasSubstr("drive 90h: the drive is the BIOS's"));
  EXPECT_THAT(bench.line("sanboot --drive 0x90 --filename /x"), HasSubstr("drive 90h: the drive is the BIOS's"));
  EXPECT_EQ(door.started.size(), 1u);
}

TEST_F(DisksTest, BootsAFileOfADiskThatStaysHooked) {
  EXPECT_THAT(bench.line("sanboot --keep --filename '\\DIR\\README' disk:mbr.img"), HasSubstr("[boot.unknown-kind]")) << "found, but it is no program";
  EXPECT_FALSE(disks.empty());
  bench.booter.others_are = "boot-sector";
  bench.line("sanboot --filename DIR/README");
  ASSERT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_THAT(bench.booter.booted[0], HasSubstr("drive=0x80"));
  EXPECT_THAT(bench.line("sanboot --label Rescue --filename /README"), HasSubstr("[disk.no-such-file]")) << "it is on another partition";
  EXPECT_TRUE(door.started.empty());
}

TEST_F(DisksTest, TakesTheFileFromTheSettingUnlessItIsForUefi) {
  bench.line("set san-filename /nothing");
  EXPECT_THAT(bench.line("sanboot disk:mbr.img"), HasSubstr("[disk.no-such-file]"));
  bench.line("sanboot --drive 0x81");  // the BIOS's
  bench.line("set san-filename '\\EFI\\BOOT\\BOOTX64.EFI'");
  EXPECT_THAT(bench.line("sanboot disk:1"), HasSubstr("BOOTX64.EFI is for UEFI; here the boot sector is started"));
  EXPECT_EQ(door.started, (std::vector<std::uint8_t>{0x81, 0x80}));
}

TEST_F(DisksTest, LocalbootStartsTheDiskAndThenGivesTheMachineBack) {
  bench.files.files = {{"http://h/inner", "#!ipxe\nlocalboot\necho NEVER\n"}};
  const std::string shown = bench.run("chain http://h/inner || echo NEVER\necho NEVER\n");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(door.started, std::vector<std::uint8_t>{0x80});
  EXPECT_THAT(shown, HasSubstr("localboot: the disk's boot program gave up [san.returned]; the BIOS is next"));
  EXPECT_THAT(shown, ::testing::Not(HasSubstr("NEVER")));
}

TEST_F(DisksTest, LocalbootTakesTheWaysThatItIsTold) {
  EXPECT_THAT(bench.run("localboot --drive 0x90 disk || echo went on\n"), HasSubstr("[san.no-boot-sector]\nwent on\n"));
  EXPECT_TRUE(door.started.empty());
  EXPECT_THAT(bench.run("localboot disk floppy\n"), HasSubstr("localboot: floppy: there is no such way"));
  EXPECT_TRUE(door.started.empty());
  EXPECT_EQ(bench.run("localboot bios\necho NEVER\n"), "");
  EXPECT_TRUE(bench.status);
}

TEST_F(DisksTest, KeepsAHookThatAnotherProgramIsBehind) {
  bench.line("sanhook disk:1");
  door.stays = true;
  EXPECT_THAT(bench.line("sanunhook"), HasSubstr("[san.hook-stays]"));
  EXPECT_FALSE(disks.empty());
}

TEST_F(DisksTest, AsksWithWhatTheSettingsSay) {
  for (const char* line : {"set username rack", "set password secret", "set reverse-username target", "set reverse-password proof", "set san-retries 3", "set hostname pc7"})
    bench.line(line);
  bench.line("sanhook disk:1");
  EXPECT_EQ(opened.options.username, "rack");
  EXPECT_EQ(opened.options.fetch.password, "secret");
  EXPECT_EQ(opened.options.reverse_username, "target");
  EXPECT_EQ(opened.options.reverse_password, "proof");
  EXPECT_EQ(opened.options.attempts, 4u) << "the first is no retry";
  EXPECT_EQ(opened.options.initiator_name, "iqn.2010-04.org.ipxe:pc7");
  bench.line("set initiator-iqn iqn.2026-01.test:me");
  bench.line("sanhook --drive 0x81 disk:1");
  EXPECT_EQ(opened.options.initiator_name, "iqn.2026-01.test:me");
}

TEST_F(DisksTest, TriesCommandsAgainAsOftenAsTheSettingSays) {
  constexpr struct {
    const char* line;
    std::uint32_t attempts;  // 0: for ever
  } examples[] = {{"clear san-retries", 11}, {"set san-retries 0", 1}, {"set san-retries 254", 255}, {"set san-retries 255", 0}, {"set san-retries -1", 0}, {"set san-retries:int32 -1", 0}, {"set san-retries:uint32 0xffffffff", 0}};
  for (const auto& example : examples) {
    bench.line(example.line);
    EXPECT_EQ(san_options(bench.shell.settings()).attempts, example.attempts) << example.line;
  }
}

TEST_F(DisksTest, TriesAllPathsAtOnce) {
  const std::string text = bench.line("sanhook disk:none disk:7 disk:8");
  EXPECT_THAT(text, HasSubstr("disk:none: there is no such target [test.no-target]"));
  EXPECT_THAT(text, HasSubstr("memory, 7.0 MiB disk"));
  ASSERT_TRUE(bench.status);
  EXPECT_EQ(opened.paths, (std::vector<std::string>{"disk:none", "disk:7", "disk:8"}));
  EXPECT_THAT(bench.line("sanhook --drive 0x81 disk:none floppy:1"), HasSubstr("disk:none: there is no such target"));
}

TEST_F(DisksTest, TakesSeveralPathsFromOneSetting) {
  bench.line("set root-path disk:none  disk:7 ");
  bench.line("sanhook ${root-path} disk:8");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(opened.paths, (std::vector<std::string>{"disk:none", "disk:7", "disk:8"}));
  opened.paths.clear();
  EXPECT_THAT(bench.run("#!undine\nset root-path 'disk:none disk:7'\nsanboot --drive 0x81 ${root-path} ||\n"), HasSubstr("drive 81h: memory, 7.0 MiB disk"));
  EXPECT_EQ(opened.paths, (std::vector<std::string>{"disk:none", "disk:7"}));
  EXPECT_THAT(bench.run("#!undine\nsanhook ' ' ||\n"), HasSubstr("sanhook: a disk is named"));
}

TEST_F(DisksTest, AreFoundRelativeToTheScript) {
  auto script = Script::parse(as_bytes("#!ipxe\nsanhook gives /2 //other/3 disk:none drive:0x80 ||\necho ${error-about}\n"
                                       "sanhook --overlay store disk:1 ||\nset san-overlay RAM:1M\nsanhook disk:2\n"),
                              "boot.ipxe", *Uri::parse("disk://me:secret@h/dir/boot.ipxe"));
  ASSERT_TRUE(bench.shell.run_script(std::move(*script)));
  EXPECT_EQ(opened.paths, (std::vector<std::string>{"disk://me:secret@h/dir/gives", "disk://me:secret@h/2", "disk://other/3", "disk:none", "disk:1",
                                                    "disk://me:secret@h/dir/store", "disk:2"}));
  EXPECT_THAT(bench.console.take_text(), HasSubstr("\ndisk://me:***@h/dir/gives\n"));
  EXPECT_THAT(bench.line("sanhook gives"), HasSubstr("sanhook: gives: a disk is named")) << "relative to nothing";
}

TEST_F(DisksTest, ReadsAheadWithMemoryThatItKeeps) {
  bench.line("sanhook disk:3");
  ASSERT_EQ(door.kept.size(), 1u);
  const std::string text = bench.line("sanstat");
  EXPECT_THAT(text, HasSubstr("drive 80h: memory\n"));
  EXPECT_THAT(text, HasSubstr("% of it from the cache"));
  // What one disk has given back is the next one's.
  bench.line("sanunhook");
  bench.line("sanhook disk:3");
  EXPECT_EQ(door.kept.size(), 1u);
  bench.line("sanhook --drive 0x81 disk:3");
  EXPECT_EQ(door.kept.size(), 2u);
}

TEST_F(DisksTest, ResetsTheDiskAndNotTheCache) {
  constexpr std::uint16_t reset = 0x0000, read = 0x4200, drive = 0x80;
  bench.line("sanhook disk:3");
  machine.address(0, 1);
  EXPECT_EQ(machine.run(read, drive).ah(), san::disk_status::success);
  opened.last->breaks_at = 0;
  machine.address(5000, 1);
  EXPECT_EQ(machine.run(read, drive).ah(), san::disk_status::read_failed);
  EXPECT_EQ(machine.run(reset, drive).ah(), san::disk_status::reset_failed);
  opened.last->breaks_at = SIZE_MAX;
  EXPECT_EQ(machine.run(reset, drive).ah(), san::disk_status::success);
}

TEST_F(DisksTest, NeedsNoMemoryForACache) {
  door.memory_most = 0;
  bench.line("sanhook disk:3");
  EXPECT_TRUE(bench.status);
  bench.line("sanhook --drive 0x81 --overlay ram disk:3");
  EXPECT_FALSE(bench.status);
}

TEST_F(DisksTest, LetsWritesGoToAnOverlay) {
  EXPECT_THAT(bench.line("sanhook --overlay ram:2M disk:3"), HasSubstr("memory, 3.0 MiB disk, writes go to an overlay"));
  EXPECT_THAT(bench.line("sanstat"), HasSubstr("the overlay holds 0 B, and"));
  bench.line("set san-overlay ram:64k");
  EXPECT_THAT(bench.line("sanhook --drive 0x81 disk:3"), HasSubstr("writes go to an overlay"));
  bench.line("clear san-overlay");
  for (const char* where : {"ram:", "ram:0", "ram:x", "ram:1T", "ram:99999999999", "nowhere"})
    EXPECT_THAT(bench.line(std::string("sanhook --drive 0x82 --overlay ") + where + " disk:3"), HasSubstr("[san.bad-overlay]")) << where;
  for (const char* where : {"ram:3000M", "RAM:65M", "ram:4294967295G"})
    EXPECT_THAT(bench.line(std::string("sanhook --drive 0x82 --overlay ") + where + " disk:3"), HasSubstr(std::string(where) + ": there is not so much memory for an overlay; the largest size that fits now, in MiB, is 64 [san.overlay-too-large]"));
  EXPECT_THAT(bench.line("sanhook --drive 0x82 --overlay ram:64M disk:3"), HasSubstr("writes go to an overlay"));
  bench.line("sanunhook --drive 0x82");
  door.memory_most = 1 << 20;
  EXPECT_THAT(bench.line("sanhook --drive 0x82 --overlay ram:65M disk:3"), HasSubstr("in MiB, is 64 [")) << "what the disk before has given back";
  door.memory_most = 64 << 20;
  EXPECT_THAT(bench.line("sanhook --drive 0x82 --overlay ram:1k disk:3"), HasSubstr("[block.overlay-too-small]"));
  EXPECT_THAT(bench.line("sanhook --drive 0x82 --overlay disk:none disk:3"), HasSubstr("disk:none: there is no such target"));
  EXPECT_THAT(bench.line("sanhook --drive 0x82 --overlay disk:1 disk:3"), HasSubstr("disk:1: the disk for the overlay holds something else"));
}

TEST_F(DisksTest, DescribesItsDisksToOperatingSystems) {
  bench.net0.configure({0x0a00004d}, {0xffffff00}, {});
  bench.line("sanhook disk:1");
  ASSERT_EQ(door.tables.size(), 1u);
  EXPECT_NE(as_text(door.tables[0]).find("iqn.test"), std::string_view::npos);
  bench.line("sanunhook");
  bench.line("sanhook --no-describe disk:1");
  EXPECT_TRUE(door.tables.empty());
  bench.line("sanunhook");
  bench.line("sanboot --keep --no-describe disk:1");
  EXPECT_TRUE(door.tables.empty());
}

TEST_F(DisksTest, TellsOperatingSystemsTheGatewayAndNameServersOfItsCard) {
  constexpr std::size_t nic_at = 48 + 10, gateway_at = 24 + 12, dns_at = 40 + 12, second_dns_at = 56 + 12;
  const auto told = [&](std::size_t at) { return load_be32(door.tables[0], load_le16(door.tables[0], nic_at) + at); };
  // Another card has been told other ones.
  bench.line("set net1/gateway 10.2.0.2");
  bench.line("set net1/dns 10.2.0.3");
  bench.line("set net0/gateway 10.1.0.2");
  bench.line("set net0/dns:hex 0a:01:00:03:0a:01:00:04");
  bench.net0.configure({0x0a01004d}, {0xffffff00}, {});
  bench.line("sanhook disk:1");
  ASSERT_EQ(door.tables.size(), 1u);
  EXPECT_EQ(told(gateway_at), 0x0a010002u);
  EXPECT_EQ(told(dns_at), 0x0a010003u);
  EXPECT_EQ(told(second_dns_at), 0x0a010004u);
  bench.line("sanunhook");
  bench.line("clear net0/gateway");
  bench.line("clear net0/dns");
  bench.line("sanhook disk:1");
  EXPECT_EQ(told(gateway_at), 0u);
  EXPECT_EQ(told(dns_at), 0u);
  bench.line("sanunhook");
  // Set for all cards: this program asks it too.
  bench.line("set dns 10.3.0.3");
  bench.line("sanhook disk:1");
  EXPECT_EQ(told(dns_at), 0x0a030003u);
  EXPECT_EQ(told(second_dns_at), 0u);
}

TEST_F(DisksTest, SanbootTakesAnOverlayAndSanunhookANumber) {
  EXPECT_THAT(bench.line("sanboot --keep --drive 0x81 --overlay ram:2M disk:3"), HasSubstr("disk, writes go to an overlay"));
  EXPECT_EQ(door.started, std::vector<std::uint8_t>{0x81});
  bench.line("sanhook disk:1");
  bench.line("sanunhook --drive 0x81");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(machine.services.find(0x81), nullptr);
  EXPECT_NE(machine.services.find(0x80), nullptr);
}

TEST_F(DisksTest, AreTriedAgainByScriptsUntilATargetIsThere) {
  // A target that comes up late is here a name that becomes right.
  const std::string shown = bench.run("#!ipxe\n"
                                      "set initiator-iqn iqn.2026-11.lab:${net0/mac:hexhyp}\n"
                                      "set keep-san 1\n"
                                      "set target disk:none\n"
                                      "set tries:int32 0\n"
                                      ":retry\n"
                                      "sanhook --drive 0x81 ${target} || goto wait\n"
                                      "sanboot --no-describe --drive 0x81 || goto wait\n"
                                      "goto done\n"
                                      ":wait\n"
                                      "inc tries\n"
                                      "iseq ${tries} 3 && set target disk:1 ||\n"
                                      "echo Try ${tries}\n"
                                      "sleep 10\n"
                                      "iseq ${tries} 4 || goto retry\n"
                                      ":done\n"
                                      "sanunhook --drive 0x81\n");
  EXPECT_THAT(shown, HasSubstr("Try 1\nTry 2\n"));
  EXPECT_THAT(shown, HasSubstr("Try 3\ndrive 81h: memory, 1.0 MiB disk"));
  EXPECT_EQ(opened.options.initiator_name, "iqn.2026-11.lab:52-54-00-12-34-56");
  EXPECT_EQ(opened.paths, (std::vector<std::string>{"disk:none", "disk:none", "disk:none", "disk:1"}));
  EXPECT_EQ(door.started, std::vector<std::uint8_t>{0x81});
  EXPECT_TRUE(machine.services.empty()) << "kept by keep-san until the script gave it back";
  EXPECT_TRUE(bench.status);
}

struct RootPath : DisksTest {
  void offer(std::string_view root_path, std::string_view file = {}) {
    testing::PacketDraft draft;
    draft.file = file;
    draft.options.emplace_back(17, root_path);
    bench.net0.answers.emplace("Undine", DhcpLease{draft.reply(), std::nullopt, std::nullopt});
  }
};

TEST_F(RootPath, IsBooted) {
  offer("disk:none  disk:1");
  bench.line("autoboot");
  EXPECT_EQ(door.started, std::vector<std::uint8_t>{0x80});
  EXPECT_TRUE(disks.empty());
}

TEST_F(RootPath, MayHaveAFileThatIsToBeStarted) {
  offer("disk:mbr.img");
  bench.line("set san-filename /README");
  EXPECT_THAT(bench.line("autoboot"), HasSubstr("[boot.unknown-kind]"));
  EXPECT_TRUE(door.started.empty());
}

TEST_F(RootPath, IsKeptForTheNextBootDeviceIfSettingsSaySo) {
  offer("disk:1");
  bench.line("set skip-san-boot 1");
  bench.line("autoboot");
  EXPECT_TRUE(bench.status);
  EXPECT_TRUE(door.started.empty());
  EXPECT_FALSE(disks.empty());
}

TEST_F(RootPath, IsBootedWhenTheFileThatIsNamedTooHasComeBackOrFailed) {
  offer("disk:1", "http://h/menu.ipxe");
  bench.files.files["http://h/menu.ipxe"] = "#!ipxe\nls drive:0x80\nexit 0\n";
  const std::string well = bench.line("autoboot");
  EXPECT_THAT(well, HasSubstr("1.0 MiB  drive:0x80!(0)"));
  EXPECT_THAT(well, HasSubstr("autoboot: drive 80h: the disk's boot program gave up [san.returned]"));
  bench.files.files["http://h/menu.ipxe"] = "#!ipxe\nexit 1\n";
  EXPECT_THAT(bench.line("autoboot"), HasSubstr("; the disk is next\nbooting from drive 80h\n"));
  EXPECT_EQ(door.started, (std::vector<std::uint8_t>{0x80, 0x80}));
  EXPECT_TRUE(disks.empty());
}

TEST_F(RootPath, IsNotBootedForAFileThatSaysOtherwise) {
  offer("disk:1", "http://h/installer");
  bench.files.files["http://h/installer"] = "KERNEL";
  bench.line("set skip-san-boot 1");
  bench.line("autoboot");
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_TRUE(disks.empty());
  bench.files.files["http://h/installer"] = "#!ipxe\nexit 7\n";
  EXPECT_THAT(bench.line("autoboot"), HasSubstr("status 7 [script.exit]")) << "the file's error is what remains";
  bench.line("clear skip-san-boot");
  for (const char* script : {"#!ipxe\nsanunhook\n", "#!ipxe\nlocalboot bios\n"}) {
    bench.files.files["http://h/installer"] = script;
    bench.line("autoboot");
    EXPECT_TRUE(bench.status);
  }
  bench.files.files["http://h/installer"] = "#!ipxe\nsleep 100\n";
  bench.console.keys.assign(9, Key::ctrl_c);  // what ends at once takes one and is not stopped
  EXPECT_THAT(bench.line("autoboot"), HasSubstr("[user.cancelled]"));
  bench.console.keys.clear();
  EXPECT_FALSE(bench.status);
  EXPECT_TRUE(door.started.empty());
  EXPECT_TRUE(disks.empty());
}

TEST_F(RootPath, IsKeptIfSettingsSaySoAndNotHookedWithoutItsFile) {
  offer("disk:1", "http://h/none");
  bench.line("autoboot");
  EXPECT_FALSE(bench.status);
  EXPECT_TRUE(opened.paths.empty());
  bench.files.files["http://h/none"] = "KERNEL";
  bench.line("set keep-san 1");
  bench.line("autoboot");
  EXPECT_EQ(door.started.size(), 1u);
  EXPECT_FALSE(disks.empty());
}

TEST_F(RootPath, OfNfsIsTheKernelsBusiness) {
  offer("10.0.0.1:/exports/root", "http://h/kernel");
  bench.files.files["http://h/kernel"] = "KERNEL";
  bench.line("autoboot");
  EXPECT_EQ(bench.booter.booted.size(), 1u);
  EXPECT_TRUE(disks.empty());
}

TEST(DiskCommands, NeedACard) {
  ShellBench bench;
  for (const char* line : {"sanhook disk:1", "sanboot", "sanunhook"}) EXPECT_THAT(bench.line(line), HasSubstr("[san.unavailable]"));
}

}  // namespace
}  // namespace undine
