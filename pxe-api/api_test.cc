// SPDX-License-Identifier: Apache-2.0
#include "pxe-api/api.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "protocols/ethernet/vlan.h"
#include "protocols/ipv4/packet.h"
#include "protocols/tcp/segment.h"
#include "pxe-api/structures.h"
#include "pxe-api/testing/api_bench.h"

namespace undine {
namespace {

using namespace pxe_api;
using testing::ApiBench;

class PxeApiTest : public ::testing::Test {
protected:
  ApiBench bench;

  PxeExit send_arp_question() {
    bench.clear();
    testing::Octets frame(60);
    copy_bytes(frame, mac_broadcast.octets);
    copy_bytes(MutableBytes{frame}.subspan(6), bench.nic.address().octets);
    store_be16(frame, 12, 0x0806);
    const std::uint8_t question[] = {0, 1, 8, 0, 6, 4, 0, 1};
    copy_bytes(MutableBytes{frame}.subspan(14), question);
    store_be32(frame, 28, testing::our_address.value);
    store_be32(frame, 38, testing::server_address.value);
    copy_bytes(bench.buffer(), frame);
    const MutableBytes descriptor = bench.low_memory.at(0xb000, 16);
    store_le16(descriptor, 0, 60);
    store_le16(descriptor, 2, static_cast<std::uint16_t>(ApiBench::buffer_at));
    store_le16(bench.block(), 8, 0xb000);
    return bench.call(0x08);
  }
  /// The SYN of a program with a TCP of its own, which takes segments of 1460 octets.
  void send_syn() {
    testing::Octets frame(14 + 20 + 24);
    emit_ethernet_header(frame, testing::server_mac, bench.nic.address(), ethernet::type_ipv4);
    Ipv4Header{testing::our_address, testing::server_address, IpProtocol::tcp, 44, 1, true}.emit(MutableBytes{frame}.subspan(14));
    frame[14 + 20 + 12] = 6 << 4;
    frame[14 + 20 + 13] = tcp::flag_syn;
    store_be32(frame, 14 + 20 + 20, 0x0204'05b4);
    bench.clear();
    copy_bytes(bench.buffer(), frame);
    const MutableBytes descriptor = bench.low_memory.at(0xb000, 16);
    store_le16(descriptor, 0, static_cast<std::uint16_t>(frame.size()));
    store_le16(descriptor, 2, static_cast<std::uint16_t>(ApiBench::buffer_at));
    store_le16(bench.block(), 8, 0xb000);
    EXPECT_EQ(bench.call(0x08), 0);
  }
  std::uint16_t isr(std::uint16_t function) {
    bench.clear();
    store_le16(bench.block(), 2, function);
    EXPECT_EQ(bench.call(0x14), 0);
    return load_le16(bench.block(), 2);
  }
};

TEST_F(PxeApiTest, FunctionsAreListedOnceAndUnknownOnesAreUnsupported) {
  std::set<int> numbers;
  for (const auto& function : PxeApi::functions()) EXPECT_TRUE(numbers.insert(function.number).second) << int{function.number};
  EXPECT_EQ(bench.call(0xff), 1);
  EXPECT_EQ(bench.status(), unsupported);
}

TEST_F(PxeApiTest, ABlockOutsideOfAProgramsMemoryIsRefusedAndLeftAlone) {
  for (const RealPointer where : {RealPointer{0, 0}, RealPointer{0x00, ApiBench::memory_end >> 4}, RealPointer{0, 0xf000}, RealPointer{0, 0xffff}}) {
    const auto before = bench.low_memory.bytes;
    EXPECT_EQ(bench.api.call(0x0c, where), 1);
    EXPECT_EQ(bench.low_memory.bytes, before);
  }
  // It begins in memory of the program's, but does not end there.
  EXPECT_EQ(bench.api.call(0x0c, {0, (ApiBench::memory_end - 16) >> 4}), 1);
}

TEST_F(PxeApiTest, CachedPacketsAreGivenByPointerAndByCopyAndEditsCount) {
  bench.low_memory.at(ApiBench::packets_at + cached_packet_bytes, 1)[0] = 0x77;
  store_le16(bench.block(), 2, 2);
  ASSERT_EQ(bench.call(0x71), 0);
  EXPECT_EQ(load_le16(bench.block(), 4), cached_packet_bytes);
  EXPECT_EQ(RealPointer({load_le16(bench.block(), 6), load_le16(bench.block(), 8)}).linear(), ApiBench::packets_at + cached_packet_bytes);
  EXPECT_EQ(load_le16(bench.block(), 10), 0) << "BufferLimit is not ours to write";
  store_le16(bench.block(), 4, 100);
  bench.put_buffer(6);
  ASSERT_EQ(bench.call(0x71), 0);
  EXPECT_EQ(load_le16(bench.block(), 4), 100);
  EXPECT_EQ(bench.buffer()[0], 0x77);
  store_le16(bench.block(), 2, 4);
  EXPECT_EQ(bench.call(0x71), 1);
}

TEST_F(PxeApiTest, UdpGoesOutAndComesBack) {
  EXPECT_EQ(bench.call(0x32), 1);
  EXPECT_EQ(bench.status(), udp_closed);
  EXPECT_EQ(bench.call(0x30), 0);
  EXPECT_EQ(bench.call(0x30), 1) << "open already";
  bench.clear();
  copy_bytes(bench.buffer(), as_bytes("hello"));
  bench.put_address(2, testing::server_address);
  store_be16(bench.block(), 12, ApiBench::echo_port);
  store_le16(bench.block(), 14, 5);
  bench.put_buffer(16);
  ASSERT_EQ(bench.call(0x33), 0);
  bench.clear();
  store_le16(bench.block(), 14, 3);
  bench.put_buffer(16);
  PxeExit result = 1;
  for (int tries = 0; tries < 10 && result != 0; ++tries) result = bench.call(0x32);
  ASSERT_EQ(result, 0);
  EXPECT_EQ(load_be32(bench.block(), 2), testing::server_address.value);
  EXPECT_EQ(load_be32(bench.block(), 6), testing::our_address.value);
  EXPECT_EQ(load_be16(bench.block(), 10), ApiBench::echo_port);
  EXPECT_EQ(load_be16(bench.block(), 12), 2069) << "the port that is used when none is named";
  EXPECT_EQ(load_le16(bench.block(), 14), 3) << "no more than the buffer holds";
  EXPECT_EQ(bench.call(0x32), 1) << "and nothing is left";
  EXPECT_EQ(bench.call(0x31), 0);
  EXPECT_EQ(bench.call(0x31), 0);
}

TEST_F(PxeApiTest, TftpGivesAFileBlockByBlock) {
  bench.put_address(2, testing::server_address);
  bench.put_name(10, "probe.txt");
  store_be16(bench.block(), 138, 69);
  store_le16(bench.block(), 140, 600);
  ASSERT_EQ(bench.call(0x20), 0) << bench.status() << bench.console.text;
  EXPECT_EQ(load_le16(bench.block(), 140), 600) << "as negotiated";
  for (const std::uint16_t expected : {600, 403}) {
    bench.clear();
    bench.put_buffer(6);
    ASSERT_EQ(bench.call(0x22), 0);
    EXPECT_EQ(load_le16(bench.block(), 4), expected);
  }
  EXPECT_EQ(as_text(bench.buffer().subspan(400, 3)), "end");
  EXPECT_EQ(bench.call(0x21), 0);
  bench.put_buffer(6);
  EXPECT_EQ(bench.call(0x22), 1);
  EXPECT_EQ(bench.status(), tftp_closed);
}

TEST_F(PxeApiTest, TftpTellsWhatIsMissingAndHowLargeAFileIs) {
  for (const bool tells : {true, false}) {
    bench.tells_size = tells;
    bench.clear();
    bench.put_address(2, testing::server_address);
    bench.put_name(10, "probe.txt");
    ASSERT_EQ(bench.call(0x25), 0);
    EXPECT_EQ(load_le32(bench.block(), 138), bench.file.size());
  }
  bench.clear();
  bench.put_address(2, testing::server_address);
  bench.put_name(10, "other");
  EXPECT_EQ(bench.call(0x20), 1);
  EXPECT_EQ(bench.status(), 0x3b);
}

TEST_F(PxeApiTest, ReadFilePutsAFileAboveOneMebibyteAndNowhereElse) {
  constexpr std::uint32_t high = 0x20'0000;
  const auto read_file = [&](std::uint32_t where, std::uint32_t room) {
    bench.clear();
    bench.put_name(2, "probe.txt");
    store_le32(bench.block(), 130, room);
    store_le32(bench.block(), 134, where);
    bench.put_address(138, testing::server_address);
    return bench.call(0x23);
  };
  ASSERT_EQ(read_file(high, 4096), 0);
  EXPECT_EQ(load_le32(bench.block(), 130), bench.file.size());
  EXPECT_EQ(as_text(bench.memory.at(high + 1000, 4)), std::string_view("end\0", 4));
  EXPECT_EQ(read_file(high + 0x1'0000, 100), 1);
  EXPECT_EQ(bench.memory.at(high + 0x1'0000 + 100, 1)[0], 0) << "nothing behind the buffer";
  EXPECT_EQ(read_file(0x100'0000, 0x20'0000), 1) << "no memory to its end";
  EXPECT_EQ(read_file(0xffff'ff00, 0x1000), 1);
  EXPECT_EQ(read_file(0x10, 0x100), 1) << "the vectors";
}

TEST_F(PxeApiTest, ReadFileTakesAFileByMulticastAndFromTheServerWhereNobodyAnswersThere) {
  constexpr std::uint32_t high = 0x20'0000;
  for (const std::uint16_t port : {ApiBench::multicast_port, std::uint16_t{1760}}) {
    bench.clear();
    bench.put_name(2, "probe.txt");
    store_le32(bench.block(), 130, 4096);
    store_le32(bench.block(), 134, high);
    bench.put_address(138, testing::server_address);
    bench.put_address(146, ApiBench::group);
    store_be16(bench.block(), 150, 1758);
    store_be16(bench.block(), 152, port);
    store_le16(bench.block(), 154, 1);
    store_le16(bench.block(), 156, 1);
    bench.memory.at(high + 1000, 1)[0] = 0;
    ASSERT_EQ(bench.call(0x23), 0) << bench.status() << port;
    EXPECT_EQ(load_be16(bench.block(), 152), port) << "what the caller asked for is left alone";
    EXPECT_EQ(load_le32(bench.block(), 130), bench.file.size());
    EXPECT_EQ(as_text(bench.memory.at(high + 1000, 4)), std::string_view("end\0", 4));
  }
  EXPECT_TRUE(std::ranges::find(bench.rom.calls, pxe::undi_set_multicast_address) != bench.rom.calls.end()) << "the card was told";
}

TEST_F(PxeApiTest, RestartLoadsAnotherProgram) {
  bench.put_name(2, "probe.txt");
  bench.put_address(138, testing::server_address);
  ASSERT_EQ(bench.call(0x73), 0);
  EXPECT_TRUE(bench.api.restart_is_due());
  EXPECT_TRUE(bench.api.take_restart());
  EXPECT_FALSE(bench.api.restart_is_due());
  EXPECT_EQ(as_text(bench.low_memory.at(0x7c00 + 1000, 3)), "end");
}

TEST_F(PxeApiTest, RawModeGivesFramesWholeAndInOrder) {
  ASSERT_EQ(bench.call(0x06), 0);
  EXPECT_EQ(isr(1), 0) << "ours, once";
  EXPECT_EQ(isr(1), 1) << "and masked until DONE";
  ASSERT_EQ(send_arp_question(), 0);
  EXPECT_EQ(isr(2), 2) << "the frame has left";
  bool answered = false;
  for (int i = 0; i < 20 && !answered; ++i) {
    if (isr(3) != 3) continue;
    EXPECT_EQ(load_le16(bench.block(), 4), load_le16(bench.block(), 6));
    EXPECT_EQ(bench.block()[14], pxe::protocol_arp);
    answered = load_be16(bench.low_memory.at(ApiBench::frame_at, 22), 20) == 2;
  }
  EXPECT_TRUE(answered);
  while (isr(3) != 0) {}
  EXPECT_EQ(isr(1), 0) << "DONE has armed it again";
}

TEST_F(PxeApiTest, WhatAProgramSaysOfItsSegmentsIsItsOwnOnAUsualCard) {
  ASSERT_EQ(bench.call(0x06), 0);
  send_syn();
  EXPECT_EQ(load_be16(bench.rom.sent.back(), 14 + 20 + 22), 1460);
}

TEST_F(PxeApiTest, RawModeIsInTheVlanThatHasTheNetwork) {
  VlanNic vlan{bench.nic, 42, 5};
  bench.host.use(vlan);
  ASSERT_EQ(bench.call(0x06), 0);
  EXPECT_EQ(bench.call(0x0c), 0);
  EXPECT_EQ(load_le16(bench.block(), 6), 1496) << "the tag takes its part of a frame";
  ASSERT_EQ(send_arp_question(), 0);
  const auto& sent = bench.rom.sent.back();
  EXPECT_EQ(load_be32(sent, 12), 0x8100u << 16 | 5 << 13 | 42);
  EXPECT_EQ(load_be16(sent, 16), ethernet::type_arp);
  send_syn();
  EXPECT_EQ(load_be16(bench.rom.sent.back(), 18 + 20 + 22), 1456) << "full segments of the server's come whole";
  testing::Octets arriving(60);
  emit_ethernet_header(arriving, bench.nic.address(), mac_broadcast, ethernet::type_vlan);
  store_be16(arriving, 16, ethernet::type_arp);
  for (const std::uint16_t tag : {41, 42}) {
    store_be16(arriving, 14, tag);
    arriving[18] = static_cast<std::uint8_t>(tag);
    bench.rom.arrive(arriving);
  }
  unsigned frames = 0;
  for (int i = 0; i < 20; ++i) {
    if (isr(3) != 3) continue;
    ++frames;
    EXPECT_EQ(load_le16(bench.block(), 4), 56) << "without its tag";
    EXPECT_EQ(bench.block()[14], pxe::protocol_arp);
    const Bytes frame = bench.low_memory.at(ApiBench::frame_at, 15);
    EXPECT_EQ(MacAddress::from(frame.first(6)), bench.nic.address());
    EXPECT_EQ(frame[14], 42);
  }
  EXPECT_EQ(frames, 1u);
  bench.host.use(bench.nic);
}

TEST_F(PxeApiTest, FifteenIsGetStateWhileOpenAndStopUndiAfterwards) {
  ASSERT_EQ(bench.call(0x06), 0);
  bench.clear();
  EXPECT_EQ(bench.call(0x15), 0);
  EXPECT_EQ(bench.block()[2], 3);
  EXPECT_EQ(bench.stops, 0u);
  EXPECT_EQ(bench.call(0x07), 0);
  bench.vectors_are_ours = false;
  EXPECT_EQ(bench.call(0x15), 1);
  EXPECT_EQ(bench.status(), keep_undi);
  bench.vectors_are_ours = true;
  EXPECT_EQ(bench.call(0x15), 0);
  EXPECT_TRUE(bench.api.stopped());
  EXPECT_EQ(bench.call(0x0c), 1) << "nothing works any more";
}

TEST_F(PxeApiTest, TransmitRefusesWhatItCannotReadOrSend) {
  ASSERT_EQ(bench.call(0x06), 0);
  bench.clear();
  store_le16(bench.block(), 10, 0xf000);
  EXPECT_EQ(bench.call(0x08), 1);
  EXPECT_EQ(bench.status(), undi_invalid_parameter);
  const MutableBytes descriptor = bench.low_memory.at(0xb000, 16);
  store_le16(descriptor, 6, 9);  // more blocks than there may be
  store_le16(bench.block(), 8, 0xb000);
  store_le16(bench.block(), 10, 0);
  EXPECT_EQ(bench.call(0x08), 1);
  store_le16(descriptor, 6, 0);
  store_le16(descriptor, 0, 2000);  // longer than a frame
  store_le16(descriptor, 2, static_cast<std::uint16_t>(ApiBench::buffer_at));
  EXPECT_EQ(bench.call(0x08), 1);
}

TEST_F(PxeApiTest, TheCardTakesAnotherAddressWhileItIsClosedAndItsOwnWhenTheProgramEnds) {
  const MacAddress own = bench.nic.address(), other{{0x02, 0, 0, 0, 0, 0x77}};
  const auto set = [&](const MacAddress& address) {
    bench.clear();
    copy_bytes(bench.block().subspan(2), address.octets);
    bench.call(0x0a);
    return bench.status();
  };
  EXPECT_EQ(set(other), success);
  ASSERT_EQ(bench.call(0x06), 0);
  EXPECT_EQ(set(own), undi_invalid_state) << "the card is open";
  ASSERT_EQ(bench.call(0x0c), 0);
  EXPECT_EQ(MacAddress::from(bench.block().subspan(12, 6)), other);
  EXPECT_EQ(MacAddress::from(bench.block().subspan(28, 6)), own) << "the permanent one";
  ASSERT_EQ(bench.call(0x07), 0);
  EXPECT_EQ(set({{0x01, 0, 0x5e, 0, 0, 1}}), undi_invalid_parameter) << "a group";
  bench.rom.knobs.refuses_station_address = true;
  EXPECT_EQ(set({{0x02, 0, 0, 0, 0, 0x78}}), undi_invalid_parameter) << "the ROM does not want it";
  bench.rom.knobs.refuses_station_address = false;
  bench.api.end();
  EXPECT_EQ(bench.nic.address(), own);
  EXPECT_TRUE(bench.nic.is_open());
}

TEST_F(PxeApiTest, UdpTakesTheCardBackFromRawMode) {
  ASSERT_EQ(bench.call(0x06), 0);
  ASSERT_EQ(bench.call(0x30), 0);
  bench.clear();
  store_le16(bench.block(), 2, 2);
  EXPECT_EQ(bench.call(0x14), 1);
  EXPECT_EQ(bench.status(), undi_invalid_state);
}

TEST_F(PxeApiTest, ShutDownTwiceAndThenUdpOpensTheCardAgain) {
  EXPECT_EQ(bench.call(0x05), 0);
  EXPECT_EQ(bench.call(0x05), 0);
  EXPECT_FALSE(bench.nic.is_open());
  EXPECT_EQ(bench.call(0x30), 0);
  EXPECT_TRUE(bench.nic.is_open());
}

TEST_F(PxeApiTest, InformationIsFilledAndOlderCallersAreSpared) {
  ASSERT_EQ(bench.call(0x0c), 0);
  EXPECT_EQ(load_le16(bench.block(), 4), 0) << "no interrupt";
  EXPECT_EQ(load_le16(bench.block(), 6), 1500);
  EXPECT_EQ(MacAddress::from(bench.block().subspan(12, 6)), bench.nic.address());
  for (std::uint8_t& octet : bench.block()) octet = 0xaa;
  ASSERT_EQ(bench.call(0x12), 0);
  EXPECT_EQ(bench.block()[2], 2);
  EXPECT_EQ(bench.block()[13], 0xaa) << "no room for the subsystem";
  ASSERT_EQ(bench.call(0x13), 0);
  EXPECT_EQ(as_text(bench.block().subspan(2, 10)), std::string_view("DIX+802.3\0", 10));
}

TEST_F(PxeApiTest, FilesOfAnyAddressAreReadWithoutWaiting) {
  const MutableBytes name = bench.low_memory.at(0xb000, 64);
  copy_bytes(name, as_bytes("../probe.txt"));
  store_le16(bench.block(), 4, 0xb000);
  ASSERT_EQ(bench.call(0xe0), 0) << bench.status();
  const std::uint16_t handle = load_le16(bench.block(), 2);
  std::size_t read = 0;
  for (int tries = 0; tries < 100; ++tries) {
    bench.clear();
    store_le16(bench.block(), 2, handle);
    store_le16(bench.block(), 4, 300);
    bench.put_buffer(6);
    if (bench.call(0xe3) != 0) {
      EXPECT_EQ(bench.status(), pxe_api::tftp_open) << "not yet";
      continue;
    }
    if (load_le16(bench.block(), 4) == 0) break;
    read += load_le16(bench.block(), 4);
  }
  EXPECT_EQ(read, bench.file.size());
  bench.clear();
  store_le16(bench.block(), 2, handle);
  EXPECT_EQ(bench.call(0xe4), 0);
  EXPECT_EQ(load_le32(bench.block(), 4), bench.file.size());
  EXPECT_EQ(bench.call(0xe1), 0);
  EXPECT_EQ(bench.call(0xe1), 1);
}

TEST_F(PxeApiTest, FilesInsideDisksComeFromWhoeverHasDisks) {
  bench.file = std::string(3 * pxe_api::QueueSink::capacity, 'a') + "end";
  bench.api.begin({0, ApiBench::packets_at >> 4}, "", *Uri::parse_address("http://10.77.0.1/x.iso!(2)/boot/program.0"), {});
  copy_bytes(bench.low_memory.at(0xb000, 64), as_bytes("probe.txt"));
  store_le16(bench.block(), 4, 0xb000);
  ASSERT_EQ(bench.call(0xe0), 0) << bench.status();
  EXPECT_EQ(bench.inside, std::vector<std::string>{"http://10.77.0.1/x.iso!(2)/boot/probe.txt"});
  const std::uint16_t handle = load_le16(bench.block(), 2);
  std::string read;
  for (std::size_t tries = 0; tries <= bench.file.size() / 2000 + 1; ++tries) {
    bench.clear();
    store_le16(bench.block(), 2, handle);
    store_le16(bench.block(), 4, 2000);
    bench.put_buffer(6);
    ASSERT_EQ(bench.call(0xe3), 0) << bench.status();
    read += as_text(bench.buffer().first(load_le16(bench.block(), 4)));
  }
  EXPECT_TRUE(read == bench.file) << read.size();
}

TEST_F(PxeApiTest, LinesAreRunAndTheCommandLineIsTold) {
  copy_bytes(bench.low_memory.at(0xb000, 64), as_bytes("echo hello"));
  store_le16(bench.block(), 2, 0xb000);
  EXPECT_EQ(bench.call(0xe5), 0);
  EXPECT_EQ(bench.lines, std::vector<std::string>{"echo hello"});
  bench.clear();
  store_le16(bench.block(), 2, 5);
  bench.put_buffer(4);
  EXPECT_EQ(bench.call(0xe8), 0);
  EXPECT_EQ(load_le16(bench.block(), 2), sizeof "some arguments") << "with the zero";
  EXPECT_EQ(as_text(bench.buffer().first(6)), std::string_view("some \0", 6)) << "as much as fits";
}

TEST(PxeStructures, AddUpToZeroAndAreAsLongAsTheySay) {
  std::uint8_t pxe[pxe_structure_bytes], pxenv[pxenv_structure_bytes];
  write_structures({.segment = 0x9900, .length_bytes = 0x3000, .data_segment = 0x9600, .data_length_bytes = 0x3000, .pxe_entry = 0x840,
                    .pxenv_entry = 0x830, .pxe_structure = 0x80, .undi_rom_id = {}},
                   pxe, pxenv);
  const auto sum = [](Bytes bytes) {
    std::uint8_t total = 0;
    for (const std::uint8_t octet : bytes) total = static_cast<std::uint8_t>(total + octet);
    return total;
  };
  EXPECT_EQ(sum(pxe), 0);
  EXPECT_EQ(sum(pxenv), 0);
  EXPECT_EQ(as_text(Bytes{pxe}.first(4)), "!PXE");
  EXPECT_EQ(as_text(Bytes{pxenv}.first(6)), "PXENV+");
  EXPECT_EQ(pxe[4], sizeof pxe);
  EXPECT_EQ(pxenv[8], sizeof pxenv);
  EXPECT_EQ(load_le32(pxe, 0x10), 0x99000840u);
  EXPECT_EQ(load_le32(pxenv, 0x28), 0x99000080u);
}

}  // namespace
}  // namespace undine
