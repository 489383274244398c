// SPDX-License-Identifier: Apache-2.0
#include "undi/testing/scripted_rom.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "undi/pump_environment.h"

namespace undine::testing {
namespace {

ScriptedRom* current_rom = nullptr;

constexpr std::uint32_t rom_buffer = 0x9a000;
constexpr std::uint32_t transmit_area = 0x80000;
constexpr pxe::SegmentOffset self{0x2100, 0x7000};
constexpr std::uint16_t unsupported = 0x68;
constexpr unsigned storm_limit = 1000;

}  // namespace

ScriptedRom::ScriptedRom(FakeLowMemory& memory) : memory_(memory), ring_(receive_ring_bytes) {
  current_rom = this;
  std::memset(&pump_block, 0, sizeof pump_block);
  pump_block.self = self;
  pump_block.transmit_area = {0, transmit_area >> 4};
}
ScriptedRom::~ScriptedRom() { current_rom = nullptr; }

unsigned ScriptedRom::count(std::uint16_t function) const {
  return static_cast<unsigned>(std::count(calls.begin(), calls.end(), function));
}

MutableBytes ScriptedRom::transmit_slot(unsigned slot) { return memory_.at(transmit_area + slot * slot_bytes, slot_bytes); }

void ScriptedRom::arrive(Frame frame) {
  if (!opened || knobs.deaf || knobs.deaf_until_initialised || hearing_lost_) return;
  const MacAddress to = MacAddress::from(Bytes{frame}.first(6));
  if (!knobs.ignores_filter && !(filter & pxe::filter_promiscuous) && to != mac_broadcast && to != knobs.current) return;
  if (ring_frames_.size() >= knobs.ring) {
    ++lost_frames;
    return;
  }
  if (knobs.cut_at != 0 && frame.size() > knobs.cut_at) frame.resize(knobs.cut_at);
  ring_frames_.push_back(std::move(frame));
  pending_ = true;
}

/// The level of the line at the interrupt controller.
bool ScriptedRom::line() const {
  if (knobs.line_stuck) return true;
  if (!knobs.raises || (knobs.deaf_after_frames != 0 && frames_handed_ >= knobs.deaf_after_frames)) return false;
  return pending_ && interrupts_on_ && opened;
}

void ScriptedRom::take_interrupts() {
  unsigned storm = 0;
  while (!in_interrupt_ && hooked_ != 0 && !masked_ && line() && storm < storm_limit) {
    ++storm;
    in_interrupt_ = true;
    const unsigned ends = ends_;
    pump_interrupt();
    if (ends_ != ends + 1) complaints.push_back("an interrupt was not ended exactly once");
    in_interrupt_ = false;
  }
  deepest_storm = std::max(deepest_storm, storm);
}

void ScriptedRom::service() {
  ++crossings;
  pump_service();
  take_interrupts();
}

std::uint16_t ScriptedRom::call_from_pump(std::uint16_t function, void* block) {
  take_interrupts();
  if (function == pxe::undi_isr) ++isr_calls;
  // What the last call pointed at is gone.
  std::ranges::fill(memory_.at(rom_buffer, slot_bytes * 2), std::uint8_t{0xee});
  if (instead) {
    const std::size_t size = function == pxe::undi_isr ? sizeof(pxe::Isr) : sizeof(pxe::Transmit);
    return instead(function, {static_cast<std::uint8_t*>(block), size});
  }
  if (in_interrupt_ && function != pxe::undi_isr) complaints.push_back("a call other than ISR in the interrupt handler");
  std::uint16_t& status = *static_cast<std::uint16_t*>(block);
  status = function == pxe::undi_isr ? isr(*static_cast<pxe::Isr*>(block)) : transmit(*static_cast<pxe::Transmit*>(block));
  const std::uint16_t exit = status != 0 ? 1 : 0;
  if (!in_interrupt_) take_interrupts();
  return exit;
}

void ScriptedRom::copy_to_ring(std::uint16_t offset, std::uint16_t segment, std::uint32_t ring_offset, std::uint16_t length) {
  if (ring_offset + std::size_t{length} > ring_.size()) {
    complaints.push_back("a copy past the end of the ring");
    return;
  }
  const std::uint32_t from = (std::uint32_t{segment} << 4) + offset;
  for (std::uint32_t i = 0; i < length; ++i) {
    // Real mode wraps at 1 MiB with the A20 gate closed; reading is harmless either way.
    ring_[ring_offset + i] = memory_.bytes[(from + i) & 0xfffff];
  }
}

std::uint16_t ScriptedRom::isr(pxe::Isr& isr) {
  if (knobs.isr_fails != 0 && isr.function != pxe::isr_in_start) {
    --knobs.isr_fails;
    return 1;
  }
  // What a ROM that is asked without an interrupt misses.
  const bool asked_without = !pending_ && !awake_;
  if (isr.function == pxe::isr_in_start) {
    if (knobs.sulk && asked_without && !in_interrupt_) sulking_ = true;
    const bool ours = pending_ && interrupts_on_ && !sulking_;
    if (in_interrupt_ && ours) awake_ = true;
    if (knobs.no_start && !in_interrupt_) spoilt_ = true;
    started_ = true;
    if (ours) interrupts_on_ = false;
    isr.function = ours && !knobs.never_ours ? pxe::isr_out_ours : pxe::isr_out_not_ours;
    return 0;
  }
  if (isr.function == pxe::isr_in_process) {
    if (knobs.sulk && asked_without) sulking_ = true;
    if (!done_) complaints.push_back("PROCESS before the sequence was done");
    done_ = false;
    if (sulking_ || std::exchange(spoilt_, false) || (knobs.need_start && !started_) || (knobs.needs_interrupt && !awake_)) {
      done_ = true;
      interrupts_on_ = true;
      isr.function = knobs.done_flag;
      return 0;
    }
  } else if (done_) {
    complaints.push_back("GET_NEXT without a sequence");
  }
  if (knobs.busy != 0) {
    --knobs.busy;
    done_ = true;
    isr.function = pxe::isr_out_busy;
    return 0;
  }
  return next(isr);
}

std::uint16_t ScriptedRom::next(pxe::Isr& isr) {
  const auto done = [&](bool more_waiting) {
    done_ = true;
    started_ = awake_ = false;
    interrupts_on_ = true;
    pending_ = more_waiting;
    isr.function = knobs.done_flag;
    return std::uint16_t{0};
  };
  if (completions_ != 0) {
    --completions_;
    isr.function = pxe::isr_out_transmit;
    return 0;
  }
  if (knobs.lossy_done && frames_handed_ != 0 && !just_entered_) {
    just_entered_ = true;
    return done(false);
  }
  if (ring_frames_.empty() && knobs.endless) {
    Frame frame(60, 0x5a);
    copy_bytes(frame, knobs.current.octets);
    ring_frames_.push_back(frame);
  }
  if (ring_frames_.empty()) return done(false);
  Frame& frame = ring_frames_.front();
  const std::size_t left = frame.size() - piece_at_;
  const std::size_t piece = knobs.piece_bytes != 0 && left > knobs.piece_bytes ? knobs.piece_bytes : left;
  copy_bytes(memory_.at(rom_buffer, piece), Bytes{frame}.subspan(piece_at_, piece));
  isr.function = pxe::isr_out_receive;
  isr.buffer = {static_cast<std::uint16_t>(rom_buffer & 15), static_cast<std::uint16_t>(rom_buffer >> 4)};
  isr.frame_length = knobs.no_frame_length ? 0 : static_cast<std::uint16_t>(frame.size());
  isr.buffer_length = static_cast<std::uint16_t>(piece + knobs.piece_lies_by);
  isr.header_length = 14;
  piece_at_ += piece;
  if (piece_at_ == frame.size()) {
    piece_at_ = 0;
    ring_frames_.pop_front();
    ++frames_handed_;
    just_entered_ = false;
    received_since_full_ = true;
  }
  return 0;
}

std::uint16_t ScriptedRom::transmit(pxe::Transmit& block) {
  if (knobs.refuses_frames) return unsupported;
  if (knobs.full != 0) {
    --knobs.full;
    return pxe::status_out_of_resources;
  }
  if (knobs.full_until_received && !received_since_full_) return pxe::status_out_of_resources;
  if (block.buffers.segment != self.segment || block.buffers.offset != self.offset + offsetof(PumpBlock, buffers)) {
    complaints.push_back("the buffer descriptor is not where TRANSMIT says");
    return unsupported;
  }
  const pxe::TransmitBuffers& buffers = pump_block.buffers;
  if (buffers.more_blocks != 0) complaints.push_back("more than one buffer");
  const std::uint32_t start = (std::uint32_t{buffers.start.segment} << 4) + buffers.start.offset;
  if (start >> 16 != (start + buffers.length - 1) >> 16) complaints.push_back("a buffer across 64 KiB");
  const Bytes bytes = memory_.at(start, buffers.length);
  const Bytes destination = memory_.at((std::uint32_t{block.destination.segment} << 4) + block.destination.offset, 6);
  if (bytes.empty() || destination.empty()) {
    complaints.push_back("a buffer outside base memory");
    return unsupported;
  }
  Frame frame(bytes.begin(), bytes.end());
  if (block.protocol != pxe::protocol_unknown || knobs.always_adds_header) {
    constexpr std::array<std::uint16_t, 4> types{0xffff, 0x0800, 0x0806, 0x8035};
    std::array<std::uint8_t, 14> header{};
    copy_bytes(header, destination);
    if (block.flag == pxe::transmit_broadcast) copy_bytes(header, mac_broadcast.octets);
    copy_bytes(MutableBytes{header}.subspan(6), knobs.current.octets);
    store_be16(header, 12, types[block.protocol & 3]);
    frame.insert(frame.begin(), header.begin(), header.end());
  }
  if (knobs.broadcast_needs_flag && MacAddress::from(Bytes{frame}.first(6)) == mac_broadcast &&
      block.flag != pxe::transmit_broadcast) {
    frame.clear();
  }
  if (knobs.tells_completion) {
    ++completions_;
    pending_ = true;
    if (knobs.interrupt_in_transmit) {
      const pxe::Isr before = pump_block.poll_isr;
      const pxe::Transmit own = block;
      take_interrupts();
      if (std::memcmp(&before, &pump_block.poll_isr, sizeof before) != 0 || std::memcmp(&own, &block, sizeof own) != 0) {
        complaints.push_back("the interrupt handler wrote into a block in use");
      }
    }
  }
  if (frame.size() >= 60) {  // a switch drops runts
    sent.push_back(frame);
    if (peer) peer(frame);
  }
  return 0;
}

void ScriptedRom::reset_card() {
  ring_frames_.clear();
  piece_at_ = 0;
  completions_ = 0;
  done_ = true;
  pending_ = started_ = awake_ = sulking_ = spoilt_ = false;
  interrupts_on_ = true;
}

PxeExit ScriptedRom::call(std::uint16_t function, MutableBytes parameters) {
  calls.push_back(function);
  if (instead) return instead(function, parameters);
  const std::uint16_t status = control(function, parameters);
  if (!knobs.no_status) store_le16(parameters, 0, status != 0 ? status : knobs.lie_status);
  return status != 0 ? 1 : knobs.lie_exit;
}

std::uint16_t ScriptedRom::control(std::uint16_t function, MutableBytes parameters) {
  switch (function) {
    case pxe::undi_startup:
      return 0;
    case pxe::undi_initialize:
      if (knobs.initialize_fails != 0) {
        --knobs.initialize_fails;
        return 0x61;
      }
      reset_card();
      initialised = true;
      knobs.deaf_until_initialised = hearing_lost_ = false;
      return 0;
    case pxe::undi_shutdown:
      if (knobs.shutdown_fails != 0) {
        --knobs.shutdown_fails;
        return 1;
      }
      initialised = opened = false;
      return 0;
    case pxe::unload_stack:
      if (knobs.unload_fails != 0) {
        --knobs.unload_fails;
        return 1;
      }
      return 0;
    case pxe::undi_set_multicast_address:
      groups = parameters.size() < 132 ? 0 : load_le16(parameters, 2);
      return 0;
    case pxe::undi_set_station_address:
      station_set_ = true;
      if (knobs.refuses_station_address || parameters.size() < 18) return unsupported;
      knobs.current = MacAddress::from(parameters.subspan(2, 6));
      return 0;
    case pxe::undi_open:
      if (!initialised || knobs.open_always_fails || (knobs.open_twice_fails && opened)) return 0x6a;
      if (knobs.needs_station_address && !station_set_) return 0x6a;
      filter = load_le16(parameters, 4);
      if (!opened) reset_card();
      opened = true;
      knobs.deaf = false;
      return 0;
    case pxe::undi_close:
      if (!done_) complaints.push_back("CLOSE within a receive sequence");
      hearing_lost_ = knobs.open_loses_hearing;
      opened = false;
      return 0;
    case pxe::undi_get_information:
      store_le16(parameters, 4, knobs.irq);
      store_le16(parameters, 6, knobs.mtu);
      store_le16(parameters, 8, knobs.hardware_type);
      store_le16(parameters, 10, 6);
      copy_bytes(parameters.subspan(12), knobs.current.octets);
      copy_bytes(parameters.subspan(28), knobs.permanent.octets);
      return 0;
    case pxe::undi_get_nic_type:
      if (knobs.no_nic_type) return unsupported;
      if (!knobs.nic_type_unwritten) store_u8(parameters, 2, 2);
      store_le16(parameters, 3, knobs.pci_vendor);
      store_le16(parameters, 5, knobs.pci_device);
      store_le16(parameters, 11, 0x0018);
      return 0;
    case pxe::undi_get_interface_info:
      if (knobs.no_interface_info) return unsupported;
      copy_bytes(parameters.subspan(2, 16), as_bytes(knobs.interface_type));
      store_le32(parameters, 22, knobs.claims_interrupt ? 0x1000 : 0);
      return 0;
    case pxe::stop_undi:
      return knobs.keep_undi ? pxe::status_keep_undi : 0;
    case pxe::get_cached_info: {
      const std::uint16_t type = load_le16(parameters, 2);
      if (knobs.cache_fails || type > 3 || cached[type].empty()) return 1;
      RealPointer where{load_le16(parameters, 6), load_le16(parameters, 8)};
      if (load_le16(parameters, 4) == 0) {
        if (knobs.cache_only_copies) return 1;
        where = {0, static_cast<std::uint16_t>(0x9000 + type * 0x100)};
        store_le16(parameters, 6, where.offset);
        store_le16(parameters, 8, where.segment);
      }
      copy_bytes(memory_.at(where.linear(), cached[type].size()), cached[type]);
      store_le16(parameters, 4, knobs.cache_size_lie != 0 ? knobs.cache_size_lie : static_cast<std::uint16_t>(cached[type].size()));
      return 0;
    }
    default:
      return 0;
  }
}

}  // namespace undine::testing

namespace undine {
extern "C" {
std::uint64_t pump_call_rom(std::uint16_t function, void* parameter_block) {
  return testing::current_rom->call_from_pump(function, parameter_block) | std::uint64_t{testing::current_rom->knobs.call_counts} << 32;
}
void pump_copy(std::uint16_t from_offset, std::uint16_t from_segment, std::uint32_t ring_offset, std::uint16_t length) {
  testing::current_rom->copy_to_ring(from_offset, from_segment, ring_offset, length);
}
void pump_mask_interrupt(bool masked) { testing::current_rom->mask(masked); }
void pump_end_of_interrupt() { testing::current_rom->end_of_interrupt(); }
}
}  // namespace undine
