// SPDX-License-Identifier: Apache-2.0
// The calls of the boot ROM that this program makes, and their parameter blocks (PXE 2.1 sections 3 and 4).
//
// Read by the 32-bit program and by the real-mode pump, so nothing but <cstdint> is used. All numbers are little-endian, as on the machine.
// Every member lies at a multiple of its size, so no structure needs packing; those of the specification that do (NIC type, interface,
// !PXE and PXENV+) are read through views instead (information.cc, find.cc).
#pragma once

#include <cstdint>

namespace undine::pxe {

/// Opcodes (PXE 2.1 sections 3.2 to 4.3). STOP_UNDI shares its number with UNDI_GET_STATE.
inline constexpr std::uint16_t undi_startup = 0x01;
inline constexpr std::uint16_t undi_cleanup = 0x02;
inline constexpr std::uint16_t undi_initialize = 0x03;
inline constexpr std::uint16_t undi_shutdown = 0x05;
inline constexpr std::uint16_t undi_open = 0x06;
inline constexpr std::uint16_t undi_close = 0x07;
inline constexpr std::uint16_t undi_transmit = 0x08;
inline constexpr std::uint16_t undi_set_multicast_address = 0x09;
inline constexpr std::uint16_t undi_set_station_address = 0x0a;
inline constexpr std::uint16_t undi_get_information = 0x0c;
inline constexpr std::uint16_t undi_get_nic_type = 0x12;
inline constexpr std::uint16_t undi_get_interface_info = 0x13;
inline constexpr std::uint16_t undi_isr = 0x14;
inline constexpr std::uint16_t stop_undi = 0x15;
inline constexpr std::uint16_t udp_close = 0x31;
inline constexpr std::uint16_t unload_stack = 0x70;
inline constexpr std::uint16_t get_cached_info = 0x71;

/// Status words (PXE 2.1 appendix A).
inline constexpr std::uint16_t status_success = 0x00;
inline constexpr std::uint16_t status_out_of_resources = 0x06;
inline constexpr std::uint16_t status_keep_undi = 0x04;
/// Not of the specification: what stands in a status word before the call, so that a ROM that writes nothing has not succeeded.
inline constexpr std::uint16_t status_unanswered = 0xffff;

/// SEGOFF16.
struct SegmentOffset {
  std::uint16_t offset;
  std::uint16_t segment;
};
static_assert(sizeof(SegmentOffset) == 4);

/// A block that is nothing but its status: STARTUP, CLEANUP, SHUTDOWN, CLOSE, STOP_UNDI, UDP_CLOSE.
struct StatusOnly {
  std::uint16_t status;
};

/// PXENV_UNDI_INITIALIZE.
struct Initialize {
  std::uint16_t status;
  std::uint16_t protocol_ini[2];  ///< physical address of a PROTOCOL.INI image, or 0
  std::uint8_t reserved[8];
};
static_assert(sizeof(Initialize) == 14);

/// Receive filter bits of PXENV_UNDI_OPEN.
inline constexpr std::uint16_t filter_directed = 1;
inline constexpr std::uint16_t filter_broadcast = 2;
inline constexpr std::uint16_t filter_promiscuous = 4;

/// PXENV_UNDI_OPEN.
struct Open {
  std::uint16_t status;
  std::uint16_t open_flag;  ///< of the adapter's own; 0
  std::uint16_t filter;
  std::uint16_t multicast_count;
  std::uint8_t multicast[8][16];
};
static_assert(sizeof(Open) == 136);

/// PXENV_UNDI_SET_MCAST_ADDRESS: all of them, instead of those before.
struct SetMulticastAddress {
  static constexpr std::size_t addresses_max = 8;
  std::uint16_t status;
  std::uint16_t count;
  std::uint8_t addresses[addresses_max][16];
};
static_assert(sizeof(SetMulticastAddress) == 132);

/// PXENV_UNDI_SET_STATION_ADDRESS.
struct SetStationAddress {
  std::uint16_t status;
  std::uint8_t address[16];
};
static_assert(sizeof(SetStationAddress) == 18);

/// The protocol of a frame to send. With `unknown` it carries its own link header; with the others the ROM adds one.
inline constexpr std::uint8_t protocol_unknown = 0;
inline constexpr std::uint8_t protocol_ip = 1;
inline constexpr std::uint8_t protocol_arp = 2;
inline constexpr std::uint8_t protocol_rarp = 3;
inline constexpr std::uint8_t transmit_to_address = 0;
inline constexpr std::uint8_t transmit_broadcast = 1;

/// PXENV_UNDI_TRANSMIT.
struct Transmit {
  std::uint16_t status;
  std::uint8_t protocol;
  std::uint8_t flag;
  SegmentOffset destination;  ///< six octets
  SegmentOffset buffers;      ///< a TransmitBuffers
  std::uint16_t reserved[4];
};
static_assert(sizeof(Transmit) == 20);

/// The transmit buffer descriptor. We use the first buffer alone.
struct TransmitBuffers {
  std::uint16_t length;
  SegmentOffset start;
  std::uint16_t more_blocks;  ///< up to 8 descriptors would follow; always 0
};
static_assert(sizeof(TransmitBuffers) == 8);

/// What PXENV_UNDI_ISR is asked.
inline constexpr std::uint16_t isr_in_start = 1;
inline constexpr std::uint16_t isr_in_process = 2;
inline constexpr std::uint16_t isr_in_get_next = 3;
/// What it answers to START. NOT_OURS equals isr_in_start: a ROM that writes nothing has not claimed the interrupt.
inline constexpr std::uint16_t isr_out_ours = 0;
inline constexpr std::uint16_t isr_out_not_ours = 1;
/// What it answers to PROCESS and GET_NEXT.
inline constexpr std::uint16_t isr_out_done = 0;
inline constexpr std::uint16_t isr_out_transmit = 2;
inline constexpr std::uint16_t isr_out_receive = 3;
inline constexpr std::uint16_t isr_out_busy = 4;

/// PXENV_UNDI_ISR.
struct Isr {
  std::uint16_t status;
  std::uint16_t function;
  std::uint16_t buffer_length;  ///< of this piece of the frame
  std::uint16_t frame_length;   ///< of the whole frame, link header included
  std::uint16_t header_length;
  SegmentOffset buffer;         ///< valid until the next call
  std::uint8_t protocol;
  std::uint8_t packet_type;
};
static_assert(sizeof(Isr) == 16);

/// PXENV_GET_CACHED_INFO.
struct GetCachedInfo {
  std::uint16_t status;
  std::uint16_t packet_type;  ///< 1 DHCPDISCOVER, 2 DHCPACK, 3 the boot server's or proxy's answer
  std::uint16_t buffer_size;  ///< 0: the ROM points at its own copy
  SegmentOffset buffer;
  std::uint16_t buffer_limit;
};
static_assert(sizeof(GetCachedInfo) == 12);

/// PXENV_UNLOAD_STACK.
struct UnloadStack {
  std::uint16_t status;
  std::uint8_t reserved[10];
};
static_assert(sizeof(UnloadStack) == 12);

}  // namespace undine::pxe
