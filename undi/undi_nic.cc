// SPDX-License-Identifier: Apache-2.0
#include "undi/undi_nic.h"

#include <algorithm>

#include "core/text.h"
#include "undi/rom_call.h"

namespace undine {
namespace {

constexpr std::size_t header_bytes = 14;
constexpr std::size_t vlan_tag_bytes = 4;
/// IEEE 802.3: 64 octets less the checksum sequence.
constexpr std::size_t frame_bytes_min = 60;
constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_arp = 0x0806;
constexpr std::uint16_t type_rarp = 0x8035;
/// Configuration testing protocol: a frame to ourselves that nobody answers.
constexpr std::uint16_t type_loopback = 0x9000;
/// Cards of this vendor (QLogic) always put their own link header in front.
constexpr std::uint16_t pci_vendor_qlogic = 0x1077;

/// Frames a visit: past 16 to 32 nothing is gained, and the program gets to run.
constexpr std::uint8_t burst_quota = receive_slots;
/// What small rings hold as a rule (rtl8139's 8 KiB hold 5 frames); grows with what is seen.
constexpr std::size_t ring_frames_first = 8;
constexpr std::size_t ring_frames_max = 128;
/// QEMU's i82559er with its own ROM (iPXE of 2019): a ring of four frames, and when it is full the card goes deaf or writes over the ROM.
/// Two full ones leave room for the short one that a server adds when a window is no multiple of its segments.
constexpr std::size_t ring_frames_limit = 2;
constexpr std::uint16_t pci_vendor_intel = 0x8086, pci_device_82559er = 0x1209;
static_assert(ring_frames_limit < Nic::receive_ring_least);

bool fills_up_badly(const RomInformation& information) {
  return information.pci_vendor == pci_vendor_intel && information.pci_device == pci_device_82559er;
}

/// Frames that the ROM has no room for are given up after this.
constexpr Duration orders_patience = 1_s;
/// Large frames that came back short before the MTU is lowered: one may be a damaged frame.
constexpr std::uint8_t short_frames_max = 3;
constexpr std::size_t mtu_least = 576;
/// Visits to end a receive sequence before CLOSE.
constexpr unsigned close_visits_max = 8;

const char* name(Strategy strategy) {
  switch (strategy) {
    case Strategy::after_interrupt: return "after interrupts";
    case Strategy::start_first: return "by polling with START";
    case Strategy::process_only: return "by polling with PROCESS alone";
  }
  return "";
}

std::uint8_t protocol_of(std::uint16_t type) {
  switch (type) {
    case type_ipv4: return pxe::protocol_ip;
    case type_arp: return pxe::protocol_arp;
    case type_rarp: return pxe::protocol_rarp;
    default: return pxe::protocol_unknown;
  }
}

}  // namespace

Result<void> UndiNic::open() {
  if (open_) return {};
  TRY(life_.initialise());
  information_ = TRY(read_information(rom_));
  if (!own_address_) own_address_ = information_.address;
  information_.address = other_address_.value_or(*own_address_);
  if (information_.is_etherboot) life_.set_etherboot();
  mtu_ = information_.mtu;
  ring_frames_ = fills_up_badly(information_) ? ring_frames_limit : ring_frames_first;
  // Promiscuous mode drowns cards that are shared with others.
  TRY(open_rom(pxe::filter_directed | pxe::filter_broadcast));

  PumpBlock& block = pump_.block();
  block.next_step = NextStep::begin;
  block.assembly_have = 0;
  block.frames_count = 0;
  block.orders_count = 0;
  block.interrupt_noted = 0;
  block.interrupt_masked = 1;
  // Etherboot 5.4 says DONE while frames remain.
  block.again_after_frames = information_.is_etherboot ? 1 : 0;
  queued_ = frames_ = next_frame_ = short_frames_ = 0;
  burst_ = 0;
  start_watch();
  open_ = true;
  apply_watch();
  log_.write(Level::info, {"net0: ", description()});
  if (groups_.count != 0) tell_groups();
  return {};
}

Result<void> UndiNic::use_address(std::optional<MacAddress> other) {
  if (other == other_address_) return {};
  if (other) {
    TRY(life_.initialise());
    pxe::SetStationAddress station{};
    copy_bytes(station.address, other->octets);
    if (const std::uint16_t status = call_rom(rom_, pxe::undi_set_station_address, station); status != pxe::status_success)
      return fail(undi_address_refused, status);
    information_.address = *other;
  } else if (own_address_) {
    information_.address = *own_address_;  // open() tells the ROM
  }
  other_address_ = other;
  return {};
}

void UndiNic::hear_groups(std::span<const MacAddress> groups) {
  groups_ = {};
  for (const MacAddress& group : groups)
    if (groups_.count != pxe::SetMulticastAddress::addresses_max) copy_bytes(groups_.addresses[groups_.count++], group.octets);
  if (open_) tell_groups();
}

/// Many ROMs let all groups through and do nothing here; one that refuses may do so too, and whoever waits for a group notices.
void UndiNic::tell_groups() {
  pxe::SetMulticastAddress block = groups_;
  if (const std::uint16_t status = call_rom(rom_, pxe::undi_set_multicast_address, block); status != pxe::status_success)
    log_.write(Level::detail, {"net0: the boot ROM takes no list of multicast groups, status ", hex(status)});
}

void UndiNic::start_watch() {
  pump_start_ = pump_.block().counters;
  seen_ = {};
  const bool alone = pump_.block().receive_slots_lent == 0;
  if (alone && information_.irq != 0) pump_.hook_interrupt(information_.irq);
  watch_ = ReceiveWatch({.can_interrupt = alone && information_.irq != 0,
                         .claims_interrupt = information_.claims_interrupt,
                         .always_adds_header = information_.pci_vendor == pci_vendor_qlogic},
                        clock_.now());
  logged_strategy_ = watch_.strategy();
  stripped_ = watch_.strip_header();
}

void UndiNic::lend(std::uint8_t receive_slots_lent, std::uint8_t transmit_slots_lent) {
  PumpBlock& block = pump_.block();
  flush();
  pump_.unhook_interrupt();
  block.interrupts_wanted = 0;
  block.interrupt_masked = 1;
  block.assembly_have = block.slot = 0;
  block.frames_count = 0;
  block.receive_slots_lent = receive_slots_lent;
  block.transmit_slots_lent = transmit_slots_lent;
  queued_ = next_slot_ = frames_ = next_frame_ = 0;
  if (!open_) return;
  start_watch();
  apply_watch();
}

Result<void> UndiNic::open_rom(std::uint16_t filter) {
  filter_ = filter;
  // Some ROMs demand the address before OPEN, others refuse it: with the one the card has it can do no harm.
  pxe::SetStationAddress station{};
  copy_bytes(station.address, information_.address.octets);
  call_rom(rom_, pxe::undi_set_station_address, station);

  const auto try_open = [&] {
    pxe::Open block{};
    block.filter = filter;
    return call_rom(rom_, pxe::undi_open, block);
  };
  std::uint16_t status = try_open();
  if (status == pxe::status_success) return {};
  // The base code may have left it open.
  call_rom(rom_, pxe::undi_close);
  status = try_open();
  if (status == pxe::status_success) return {};
  if (!life_.untouched()) return fail(undi_open_failed, status);
  log_.write(Level::notice, {"undi: OPEN fails with status 0x", hex(status), "; the card is used as the boot ROM left it"});
  return {};
}

void UndiNic::close_rom() {
  PumpBlock& block = pump_.block();
  if (queued_ != 0) cross(0);
  queued_ = 0;
  // A sequence that is left half done keeps the card busy.
  for (unsigned visits = 0; visits < close_visits_max && block.next_step == NextStep::resume; ++visits) cross(burst_quota);
  block.interrupts_wanted = 0;
  pump_.unhook_interrupt();
  block.interrupt_masked = 1;
  block.interrupt_noted = 0;
  block.next_step = NextStep::begin;
  block.assembly_have = 0;
  block.frames_count = 0;
  if (const std::uint16_t status = call_rom(rom_, pxe::undi_close); status != 0) {
    log_.write(Level::detail, {"undi: CLOSE failed with status 0x", hex(status)});
  }
  frames_ = next_frame_ = queued_ = 0;
}

void UndiNic::close() {
  if (!open_) return;
  close_rom();
  open_ = false;
}

/// Opens the card again when it seems deaf; `afresh`: from SHUTDOWN on, and hearing everything, as the filter may be what is broken.
void UndiNic::reopen(bool afresh) {
  log_.write(Level::notice, {"net0: silent for too long; ", afresh ? "initialising" : "reopening", " the card"});
  close_rom();
  Result<void> done{};
  if (afresh) {
    life_.shut_down();
    done = life_.initialise();
  }
  if (done) {
    done = open_rom(afresh ? pxe::filter_directed | pxe::filter_broadcast | pxe::filter_promiscuous : filter_);
  }
  if (!done) {
    // It stays "open": whoever waits for an answer times out with a message of his own, and this line says why.
    log_.write(Level::error, {"net0: ", done.error().text()});
  }
  if (groups_.count != 0) tell_groups();
  if (information_.irq != 0 && pump_.block().receive_slots_lent == 0) pump_.hook_interrupt(information_.irq);
  apply_watch();
}

Result<void> UndiNic::send(Bytes frame) {
  if (!open_) return fail(nic_closed);
  if (frame.size() < header_bytes || frame.size() > mtu_ + header_bytes + vlan_tag_bytes) return fail(nic_frame_too_long);
  // Full: send now, and leave the burst that is being read as it is.
  if (queued_ >= slots_to_send()) cross(0);
  if (queued_ >= slots_to_send()) {
    ++counters_.send_errors;
    return fail(nic_queue_full);
  }
  const MutableBytes slot = pump_.transmit_slot(next_slot_);
  copy_bytes(slot, frame);
  // Some cards send short frames as they are, and every switch drops them.
  std::size_t length = frame.size();
  if (length < frame_bytes_min) {
    std::ranges::fill(slot.subspan(length, frame_bytes_min - length), std::uint8_t{0});
    length = frame_bytes_min;
  }
  const std::uint8_t protocol = watch_.strip_header() ? protocol_of(load_be16(frame, 12)) : pxe::protocol_unknown;
  const std::size_t skip = protocol == pxe::protocol_unknown ? 0 : header_bytes;
  const auto slot_start = static_cast<std::uint16_t>(next_slot_ * slot_bytes);
  // Broadcasts are flagged as such and addressed: ROMs differ in which they look at.
  pump_.block().orders[queued_] = {.destination = slot_start,
                                   .start = static_cast<std::uint16_t>(slot_start + skip),
                                   .length = static_cast<std::uint16_t>(length - skip),
                                   .protocol = protocol,
                                   .flag = MacAddress::from(frame.first(6)) == mac_broadcast ? pxe::transmit_broadcast
                                                                                            : pxe::transmit_to_address};
  ++queued_;
  next_slot_ = static_cast<std::uint8_t>((next_slot_ + 1) % slots_to_send());
  counters_.sent_bytes += frame.size();
  return {};
}

void UndiNic::flush() {
  if (open_ && queued_ != 0) cross(0);
}

/// One crossing. With a quota of 0 it only sends.
void UndiNic::cross(std::uint8_t frames_max) {
  PumpBlock& block = pump_.block();
  const PumpCounters before = block.counters;
  block.frames_max = frames_max;
  block.orders_count = queued_;
  pump_.service();
  finish_orders(before);
}

void UndiNic::finish_orders(const PumpCounters& before) {
  PumpBlock& block = pump_.block();
  const std::uint8_t done = std::min(block.orders_done, queued_);
  // Their slots follow one another, so what is left stays where it is.
  for (std::uint8_t i = done; i < queued_; ++i) block.orders[i - done] = block.orders[i];
  queued_ = static_cast<std::uint8_t>(queued_ - done);
  block.orders_count = queued_;
  const Instant now = clock_.now();
  if (done != 0 || queued_ == 0) {
    orders_stuck_since_ = now;
  } else if (now.since(orders_stuck_since_) >= orders_patience) {
    counters_.send_errors += queued_;
    queued_ = 0;
    block.orders_count = 0;
  }
  counters_.sent_frames += block.counters.transmitted - before.transmitted;
  counters_.send_errors += block.counters.transmit_errors - before.transmit_errors;
  counters_.receive_errors += (block.counters.insane_frames - before.insane_frames) + (block.counters.isr_errors - before.isr_errors);
}

bool UndiNic::must_cross() const {
  const PumpBlock& block = pump_.block();
  return queued_ != 0 || look_ || watch_.strategy() != Strategy::after_interrupt || block.next_step != NextStep::begin ||
         block.interrupt_noted != 0 || (block.interrupts_wanted != 0) == (block.interrupt_masked != 0);
}

bool UndiNic::service(Instant now) {
  frames_ = next_frame_ = 0;
  if (!open_) return false;
  PumpBlock& block = pump_.block();
  const std::uint32_t transmitted = block.counters.transmitted;
  if (must_cross()) {
    if (look_) block.strategy = Strategy::start_first;
    look_ = false;
    cross(burst_quota);
    block.strategy = watch_.strategy();
    take_burst();
  }
  seen_.transmitted = block.counters.transmitted - pump_start_.transmitted;
  seen_.unclaimed = block.counters.unclaimed - pump_start_.unclaimed;
  seen_.claimed = block.counters.interrupts - pump_start_.interrupts - seen_.unclaimed;
  seen_.isr_errors = block.counters.isr_errors - pump_start_.isr_errors;
  const std::uint8_t frames = frames_;
  act(watch_.advance(now, seen_));
  apply_watch();
  return frames != 0 || block.counters.transmitted != transmitted;
}

void UndiNic::take_burst() {
  PumpBlock& block = pump_.block();
  frames_ = std::min(block.frames_count, receive_slots);
  seen_.frames += frames_;
  const Bytes ring = pump_.ring();
  for (std::uint8_t i = 0; i < frames_; ++i) {
    const ReceivedFrame& frame = block.frames[i];
    if (frame.length >= header_bytes && std::size_t{frame.offset} + frame.length <= ring.size() &&
        same_bytes(ring.subspan(frame.offset, 6), information_.address.octets)) {
      ++seen_.directed;
    }
  }
  // What waited at once fitted into the card's ring. A ROM that polls the card in GET_NEXT exaggerates, so the guess follows by halves.
  burst_ += frames_;
  if (burst_ > ring_frames_ && ring_frames_ >= receive_ring_least) ring_frames_ = std::min({burst_, ring_frames_ + ring_frames_ / 2, ring_frames_max});
  if (block.next_step != NextStep::resume) burst_ = 0;
}

MutableBytes UndiNic::receive() {
  const MutableBytes ring = pump_.ring();
  while (next_frame_ < frames_) {
    const ReceivedFrame& frame = pump_.block().frames[next_frame_++];
    // The block lies where the ROM could write.
    if (frame.length < header_bytes || std::size_t{frame.offset} + frame.length > ring.size()) {
      ++counters_.receive_errors;
      continue;
    }
    const MutableBytes bytes = ring.subspan(frame.offset, frame.length);
    ++counters_.received_frames;
    counters_.received_bytes += bytes.size();
    check_length(bytes);
    return bytes;
  }
  return {};
}

/// Some ROMs cut large frames after they were initialised anew. What the IP header says is longer than what came.
void UndiNic::check_length(Bytes frame) {
  if (frame.size() < header_bytes + mtu_least || load_be16(frame, 12) != type_ipv4) return;
  const std::size_t payload = frame.size() - header_bytes;
  if (load_be16(frame, 16) <= payload) return;
  if (++short_frames_ < short_frames_max) return;
  short_frames_ = 0;
  if (payload >= mtu_) return;
  mtu_ = payload;
  log_.write(Level::notice, {"net0: large frames arrive cut short; MTU lowered to ", mtu_});
}

void UndiNic::act(ReceiveWatch::Action action) {
  switch (action) {
    case ReceiveWatch::Action::none: break;
    case ReceiveWatch::Action::wake: wake(); break;
    case ReceiveWatch::Action::look: look_ = true; break;
    case ReceiveWatch::Action::reopen: reopen(false); break;
    case ReceiveWatch::Action::reinitialise: reopen(true); break;
  }
}

void UndiNic::wake() {
  std::uint8_t frame[frame_bytes_min]{};
  copy_bytes(MutableBytes{frame}, information_.address.octets);
  copy_bytes(MutableBytes{frame}.subspan(6), information_.address.octets);
  store_be16(frame, 12, type_loopback);
  // If it cannot be queued, frames are leaving anyway.
  (void)send(frame);
}

void UndiNic::apply_watch() {
  PumpBlock& block = pump_.block();
  block.strategy = watch_.strategy();
  block.interrupts_wanted = watch_.interrupts_wanted() ? 1 : 0;
  if (logged_strategy_ != block.strategy) {
    logged_strategy_ = block.strategy;
    log_.write(Level::info, {"net0: receives ", name(block.strategy), ": ", watch_.reason()});
  }
  if (stripped_ != watch_.strip_header()) {
    stripped_ = watch_.strip_header();
    log_.write(Level::info, {"net0: nobody answers; trying with ", stripped_ ? "the ROM's" : "our", " link headers"});
  }
}

bool UndiNic::interrupts_work() const {
  return open_ && watch_.strategy() == Strategy::after_interrupt && !must_cross();
}

std::string UndiNic::call_times() const {
  std::string lines;
  const std::uint64_t per_ms = clock_.counts_per_ms();
  const auto add = [&](std::string_view name, std::uint32_t calls, std::uint64_t counts, std::uint32_t most) {
    if (calls == 0 || per_ms == 0) return;
    append(lines, {"  ", name, ": ", calls, " calls of ", counts * 1000 / (per_ms * calls), " us"});
    if (most != 0) append(lines, {", the longest ", std::uint64_t{most} * 1000 / per_ms});
    append(lines, {"\n"});
  };
  const PumpBlock& block = pump_.block();
  add("TRANSMIT", block.transmit_time.calls, block.transmit_time.counts, block.transmit_time.most);
  add("ISR to receive", block.isr_time.calls, block.isr_time.counts, block.isr_time.most);
  add("ISR at interrupts", block.handler_time.calls, block.handler_time.counts, block.handler_time.most);
  for (const RomFunctionTime& time : rom_.times()) {
    // Those that wait for a link; the others by their numbers.
    std::string_view names = "STARTUP CLEANUP INITIALIZE RESET_ADAPTER SHUTDOWN OPEN CLOSE";
    for (unsigned number = 1; number < time.function; ++number) split_first(names, ' ');
    add(names.empty() ? join({"function 0x", hex(time.function, 2)}) : std::string(split_first(names, ' ')), time.calls, time.counts, 0);
  }
  return lines;
}

std::string UndiNic::description() const {
  std::string line = join({"UNDI, ", information_.text(), ", receives ", name(watch_.strategy()), " (", watch_.reason(), ")"});
  if (watch_.strip_header()) append(line, {", link headers by the ROM: no VLAN, IPv6 or AoE"});
  if (mtu_ < information_.mtu) append(line, {", MTU lowered to ", mtu_});
  if (information_.is_etherboot) append(line, {", asked again behind each DONE"});
  return line;
}

}  // namespace undine
