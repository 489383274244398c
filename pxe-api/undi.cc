// SPDX-License-Identifier: Apache-2.0
// UNDI functions (PXE 2.1 section 4.2): the card in the program's hands.
#include <algorithm>

#include "protocols/ethernet/packet.h"
#include "protocols/ipv4/packet.h"
#include "protocols/tcp/segment.h"
#include "pxe-api/api.h"

namespace undine {

using namespace pxe_api;

namespace {

constexpr std::size_t header_bytes = 14;
/// Receive and transmit buffers that GET_INFORMATION names: what a card with a descriptor ring would say.
constexpr std::uint16_t buffers = 8;
/// Frames between PROCESS and DONE, so that a busy network does not hold a caller for ever.
constexpr std::uint8_t sequence_frames_max = 32;

RealPointer pointer_at(Bytes block, std::size_t at) { return {load_le16(block, at), load_le16(block, at + 2)}; }

/// Ethernet multicast address of an IPv4 group (RFC 1112 6.4).
MacAddress multicast_address(std::uint32_t group) {
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(group >> 16 & 0x7f), static_cast<std::uint8_t>(group >> 8), static_cast<std::uint8_t>(group)}};
}

std::uint8_t protocol_of(std::uint16_t type) {
  switch (type) {
    case 0x0800: return pxe::protocol_ip;
    case 0x0806: return pxe::protocol_arp;
    case 0x8035: return pxe::protocol_rarp;
    default: return pxe::protocol_unknown;
  }
}

}  // namespace

std::uint16_t PxeApi::succeed(MutableBytes) { return success; }
std::uint16_t PxeApi::refuse(MutableBytes) { return unsupported; }

bool PxeApi::ensure_open() { return !stopped_ && card().open().has_value(); }

bool PxeApi::enter_raw_mode() {
  if (!ensure_open()) return false;
  raw_ = true;
  return true;
}

bool PxeApi::leave_raw_mode() {
  raw_ = false;
  return ensure_open();
}

std::uint16_t PxeApi::undi_cleanup(MutableBytes) {
  raw_ = false;
  parts_.nic.close();
  return success;
}

std::uint16_t PxeApi::undi_initialize(MutableBytes) { return parts_.life.initialise() ? success : failure; }

std::uint16_t PxeApi::undi_reset(MutableBytes) {
  if (!parts_.nic.is_open()) return success;
  parts_.nic.close();
  return ensure_open() ? success : failure;
}

/// A kernel may take the card over next without another word to us, so it has to be quiet.
std::uint16_t PxeApi::undi_shutdown(MutableBytes) {
  raw_ = false;
  parts_.nic.close();
  parts_.life.shut_down();
  return success;
}

/// Any filter is taken: directed and broadcast frames always pass.
std::uint16_t PxeApi::undi_open(MutableBytes) {
  interrupt_enabled_ = true;
  frames_since_process_ = transmitted_ = 0;
  return enter_raw_mode() ? success : failure;
}

std::uint16_t PxeApi::undi_close(MutableBytes) {
  raw_ = false;
  return success;
}

/// A program with a TCP of its own tells servers to fill frames of the usual length. It knows nothing of a VLAN's tag, which some ROMs have no room
/// for, or of a ROM that cuts long frames.
void PxeApi::limit_segments(MutableBytes frame) {
  constexpr std::size_t usual_mtu = 1500, headers = Ipv4Packet::header_size + tcp::header_min_bytes;
  const std::size_t mtu = card().mtu();
  if (mtu >= usual_mtu) return;
  const auto parsed = EthernetFrame::parse(frame);
  if (!parsed || parsed->type() != ethernet::type_ipv4) return;
  const auto packet = Ipv4Packet::parse(parsed->payload());
  if (!packet || packet->protocol() != static_cast<std::uint8_t>(IpProtocol::tcp) || packet->is_fragment()) return;
  const Bytes segment = packet->payload();
  tcp::limit_mss(frame.subspan(static_cast<std::size_t>(segment.data() - frame.data()), segment.size()), static_cast<std::uint16_t>(mtu - headers));
}

/// The frame is put together from immediate data and up to eight blocks, with a link header of ours unless it brings its own.
std::uint16_t PxeApi::undi_transmit(MutableBytes block) {
  constexpr std::size_t blocks_max = 8;
  if (!enter_raw_mode()) return failure;
  std::uint8_t frame[slot_bytes];
  ByteWriter writer{frame};
  const std::uint8_t protocol = block[2];
  if (protocol != pxe::protocol_unknown) {
    constexpr std::uint16_t types[] = {0, 0x0800, 0x0806, 0x8035};
    if (protocol >= std::size(types)) return undi_invalid_parameter;
    if (block[3] == pxe::transmit_broadcast) {
      writer.put(mac_broadcast.octets);
    } else {
      const MutableBytes destination = memory_at(pointer_at(block, 4), mac_broadcast.octets.size());
      if (destination.empty()) return undi_invalid_parameter;
      writer.put(destination);
    }
    writer.put(parts_.nic.address().octets);
    writer.be16(types[protocol]);
  }
  const RealPointer descriptor = pointer_at(block, 8);
  const MutableBytes head = memory_at(descriptor, 8);
  if (head.empty()) return undi_invalid_parameter;
  if (const std::uint16_t length = load_le16(head, 0); length != 0) {
    const MutableBytes immediate = memory_at(pointer_at(head, 2), length);
    if (immediate.empty()) return undi_invalid_parameter;
    writer.put(immediate);
  }
  const std::size_t count = load_le16(head, 6);
  if (count > blocks_max) return undi_invalid_parameter;
  for (std::size_t i = 0; i < count; ++i) {
    const MutableBytes entry = memory_at(descriptor.linear() + 8 + static_cast<std::uint32_t>(i) * 8, 8);
    if (entry.empty()) return undi_invalid_parameter;
    const std::uint16_t length = load_le16(entry, 2);
    if (length == 0) continue;
    const bool is_segmented = entry[0] == 1;
    const MutableBytes data = is_segmented ? memory_at(pointer_at(entry, 4), length) : memory_at(load_le32(entry, 4), length);
    if (data.empty()) return undi_invalid_parameter;
    writer.put(data);
  }
  if (writer.failed() || writer.size() < header_bytes) return undi_invalid_parameter;
  limit_segments({frame, writer.size()});
  if (!card().send(Bytes{frame, writer.size()})) return undi_transmit_error;
  parts_.nic.flush();
  if (transmitted_ != UINT8_MAX) ++transmitted_;
  return success;
}

/// Only while the program has the card closed (PXE 2.1 section 4.2.11). Not all ROMs let their card have another address than its own.
std::uint16_t PxeApi::undi_set_station_address(MutableBytes block) {
  const MacAddress address = MacAddress::from(block.subspan(2, 6));
  if (raw_) return undi_invalid_state;
  if (address == parts_.nic.address()) return success;
  if (address.is_group()) return undi_invalid_parameter;
  if (!own_address_) own_address_ = parts_.nic.address();
  parts_.nic.close();
  const auto set = parts_.nic.use_address(address);
  return set ? success : set.error().cause().pxe_status;
}

std::uint16_t PxeApi::undi_get_information(MutableBytes block) {
  const RomInformation& information = parts_.nic.information();
  std::ranges::fill(block.subspan(2), std::uint8_t{0});
  // No I/O base, and no interrupt: the card is polled.
  store_le16(block, 6, static_cast<std::uint16_t>(card().mtu()));
  store_le16(block, 8, 1);  // Ethernet
  store_le16(block, 10, 6);
  copy_bytes(block.subspan(12), information.address.octets);
  copy_bytes(block.subspan(28), information.permanent_address.octets);
  store_le16(block, 46, buffers);
  store_le16(block, 48, buffers);
  return success;
}

std::uint16_t PxeApi::undi_get_statistics(MutableBytes block) {
  const NicCounters& now = parts_.nic.counters();
  store_le32(block, 2, static_cast<std::uint32_t>(now.sent_frames - cleared_.sent_frames));
  store_le32(block, 6, static_cast<std::uint32_t>(now.received_frames - cleared_.received_frames));
  store_le32(block, 10, static_cast<std::uint32_t>(now.receive_errors - cleared_.receive_errors));
  store_le32(block, 14, 0);  // frames that the card lost for want of a buffer: the ROM does not tell
  return success;
}

std::uint16_t PxeApi::undi_clear_statistics(MutableBytes) {
  cleared_ = parts_.nic.counters();
  return success;
}

std::uint16_t PxeApi::undi_get_multicast_address(MutableBytes block) {
  const Ipv4Address group{load_be32(block, 2)};
  if (!group.is_multicast()) return undi_invalid_parameter;
  copy_bytes(block.subspan(6), multicast_address(group.value).octets);
  return success;
}

std::uint16_t PxeApi::undi_get_nic_type(MutableBytes block) {
  const RomInformation& information = parts_.nic.information();
  constexpr std::uint8_t pci_nic = 2;
  if (information.bus != Bus::pci) return unsupported;
  block[2] = pci_nic;
  store_le16(block, 3, information.pci_vendor);
  store_le16(block, 5, information.pci_device);
  block[7] = 0x02;  // network controller, Ethernet
  block[8] = block[9] = block[10] = 0;
  store_le16(block, 11, information.bus_device_function);
  return success;
}

std::uint16_t PxeApi::undi_get_interface_info(MutableBytes block) {
  constexpr std::uint32_t broadcast = 1u << 0, multicast = 1u << 1, set_address = 1u << 3, statistics = 1u << 4, reset = 1u << 6;
  std::ranges::fill(block.subspan(2), std::uint8_t{0});
  copy_bytes(block.subspan(2, 16), as_bytes("DIX+802.3"));  // some callers accept nothing else
  store_le32(block, 18, 1'000'000'000);
  store_le32(block, 22, broadcast | multicast | set_address | statistics | reset);
  return success;
}

/// START says OURS once, as a card would that raises its interrupt and has it masked until DONE. Frames are always whole, in one buffer.
std::uint16_t PxeApi::undi_isr(MutableBytes block) {
  const std::uint16_t function = load_le16(block, 2);
  std::ranges::fill(block.subspan(4, 12), std::uint8_t{0});
  if (function == pxe::isr_in_start) {
    store_le16(block, 2, interrupt_enabled_ ? pxe::isr_out_ours : pxe::isr_out_not_ours);
    interrupt_enabled_ = false;
    return success;
  }
  if (function != pxe::isr_in_process && function != pxe::isr_in_get_next) return undi_invalid_parameter;
  if (!raw_) return undi_invalid_state;
  if (function == pxe::isr_in_process) frames_since_process_ = 0;
  if (transmitted_ != 0) {
    --transmitted_;
    store_le16(block, 2, pxe::isr_out_transmit);
    return success;
  }
  Bytes frame = card().receive();
  if (frame.empty() && frames_since_process_ < sequence_frames_max) {
    card().service(parts_.clock.now());
    frame = card().receive();
  }
  if (frame.empty()) {
    interrupt_enabled_ = true;
    store_le16(block, 2, pxe::isr_out_done);
    return success;
  }
  ++frames_since_process_;
  const auto length = static_cast<std::uint16_t>(frame.size());
  const RealPointer where = parts_.keeper.real_pointer(frame);
  const MacAddress destination = MacAddress::from(frame.first(6));
  store_le16(block, 2, pxe::isr_out_receive);
  store_le16(block, 4, length);
  store_le16(block, 6, length);
  store_le16(block, 8, header_bytes);
  store_le16(block, 10, where.offset);
  store_le16(block, 12, where.segment);
  block[14] = protocol_of(load_be16(frame, 12));
  block[15] = destination == mac_broadcast ? 1 : destination.is_group() ? 2 : 0;
  return success;
}

/// One number for two functions: while the card is open in the program's hands it is UNDI_GET_STATE, which Haiku's loader calls; afterwards
/// STOP_UNDI.
std::uint16_t PxeApi::stop_undi_or_get_state(MutableBytes) {
  if (raw_) {
    constexpr std::uint8_t opened = 3;
    const MutableBytes state = memory_at(block_.linear() + 2, 1);
    if (state.empty()) return undi_invalid_parameter;
    state[0] = opened;
    return success;
  }
  return stop() ? success : keep_undi;
}

bool PxeApi::stop() {
  if (stopped_) return true;
  parts_.nic.close();
  stopped_ = parts_.keeper.stop();
  return stopped_;
}

}  // namespace undine
