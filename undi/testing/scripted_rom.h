// SPDX-License-Identifier: Apache-2.0
// A boot ROM with its network card, played: it behaves as PXE 2.1 says, except where a knob makes it behave like a ROM that exists. It also plays
// real mode for the pump (pump_environment.h), with an interrupt line and its controller. For tests and fuzz targets only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "core/boot_rom.h"
#include "core/testing/fakes.h"
#include "undi/undi_nic.h"

namespace undine::testing {

/// The first MiB as an array.
class FakeLowMemory final : public LowMemory {
public:
  FakeLowMemory() : bytes(0x100000) {}
  MutableBytes at(std::uint32_t linear, std::size_t length) override {
    if (linear > bytes.size() || length > bytes.size() - linear) return {};
    return MutableBytes{bytes}.subspan(linear, length);
  }
  std::vector<std::uint8_t> bytes;
};

/// What the ROM does differently; the defaults are those of a good one.
struct Knobs {
  // Interrupts
  bool claims_interrupt = true;      ///< SUPPORTED_IRQ in ServiceFlags
  std::uint16_t irq = 11;            ///< IntNumber
  bool raises = true;                ///< the line moves at all
  unsigned deaf_after_frames = 0;    ///< the line dies after so many frames; 0: never
  bool never_ours = false;
  bool line_stuck = false;           ///< asserted by somebody else, for ever
  bool interrupt_in_transmit = false;///< the completion interrupts within TRANSMIT
  // The receive sequence
  bool need_start = false;           ///< PROCESS without START brings nothing
  bool no_start = false;             ///< START outside the handler spoils the next PROCESS
  bool sulk = false;                 ///< asked without an interrupt it never answers again
  bool needs_interrupt = false;      ///< polled it brings nothing, but does not sulk
  std::uint16_t piece_bytes = 0;     ///< frames come in pieces of at most so many bytes
  std::uint16_t piece_lies_by = 0;   ///< a piece claims to be so much longer than it is
  bool no_frame_length = false;      ///< FrameLength 0
  std::uint16_t done_flag = 0;       ///< what it says for DONE
  unsigned busy = 0;                 ///< so many times BUSY
  bool endless = false;              ///< there is always another frame
  bool lossy_done = false;           ///< DONE behind each frame, and no interrupt for those that wait
  unsigned isr_fails = 0;            ///< so many times an error
  std::size_t cut_at = 0;            ///< frames longer than this lose their end
  unsigned ring = 64;                ///< frames it holds
  bool deaf = false;                 ///< hears nothing until it is opened again...
  bool deaf_until_initialised = false;///< ...or initialised again
  bool ignores_filter = false;
  // Sending
  bool always_adds_header = false;
  bool tells_completion = true;
  unsigned full = 0;                 ///< so many times out of resources
  bool full_until_received = false;  ///< out of resources until a frame was fetched
  bool broadcast_needs_flag = false;
  bool refuses_frames = false;
  // Life cycle and information
  unsigned initialize_fails = 0;
  unsigned shutdown_fails = 0;
  unsigned unload_fails = 0;
  bool open_twice_fails = false;
  bool open_always_fails = false;
  bool open_loses_hearing = false;   ///< CLOSE and OPEN, then nothing
  bool needs_station_address = false;
  bool refuses_station_address = false;
  bool keep_undi = false;
  bool nic_type_unwritten = false;
  bool no_nic_type = false, no_interface_info = false;
  std::string interface_type = "DIX+802.3";
  std::uint16_t pci_vendor = 0x8086, pci_device = 0x100e;
  std::uint16_t mtu = 1500;
  std::uint16_t hardware_type = 1;
  MacAddress current{{0x52, 0x54, 0, 0x12, 0x34, 0x56}}, permanent{{0x52, 0x54, 0, 0x12, 0x34, 0x56}};
  std::uint32_t call_counts = 50;    ///< of the time stamp counter, that a call for a frame takes
  std::uint16_t lie_exit = 0;        ///< AX of calls that worked
  std::uint16_t lie_status = 0;      ///< status word of calls that worked
  bool no_status = false;            ///< leaves the status word as it was
  bool cache_fails = false;
  bool cache_only_copies = false;    ///< does not know BufferSize 0
  std::uint16_t cache_size_lie = 0;
};

class ScriptedRom final : public BootRom, public Pump {
public:
  using Frame = std::vector<std::uint8_t>;

  explicit ScriptedRom(FakeLowMemory& memory);
  ~ScriptedRom() override;

  Knobs knobs;
  /// Frames that left, as they are on the wire.
  std::vector<Frame> sent;
  /// Called for each: answers come through `arrive`.
  std::function<void(const Frame&)> peer;
  /// Control calls in their order.
  std::vector<std::uint16_t> calls;
  std::vector<std::uint8_t> cached[4];
  /// What a ROM would have choked on; must be empty.
  std::vector<std::string> complaints;
  unsigned crossings = 0, isr_calls = 0, lost_frames = 0, deepest_storm = 0;
  std::uint16_t groups = 0;  ///< multicast addresses that it was told last
  std::uint16_t filter = 0;
  bool opened = true, initialised = true;
  /// What it says that its control calls took.
  std::vector<RomFunctionTime> function_times;
  /// Answers in place of the model, for the fuzzer.
  std::function<std::uint16_t(std::uint16_t function, MutableBytes block)> instead;

  /// A frame comes in from the wire.
  void arrive(Frame frame);
  /// Interrupts are taken as they would be while the program runs or rests.
  void take_interrupts();
  unsigned count(std::uint16_t function) const;
  std::size_t waiting() const { return ring_frames_.size(); }

  // BootRom
  PxeExit call(std::uint16_t function, MutableBytes parameters) override;
  std::span<const RomFunctionTime> times() const override { return function_times; }
  // Pump
  PumpBlock& block() override { return pump_block; }
  MutableBytes transmit_slot(unsigned slot) override;
  MutableBytes ring() override { return ring_; }
  void service() override;
  void hook_interrupt(std::uint8_t irq) override { hooked_ = irq; masked_ = true; }
  void unhook_interrupt() override { hooked_ = 0; masked_ = true; }

  // pump_environment.h
  std::uint16_t call_from_pump(std::uint16_t function, void* block);
  void copy_to_ring(std::uint16_t offset, std::uint16_t segment, std::uint32_t ring_offset, std::uint16_t length);
  void mask(bool masked) { masked_ = masked; }
  void end_of_interrupt() { ++ends_; }

private:
  std::uint16_t isr(pxe::Isr& isr);
  std::uint16_t next(pxe::Isr& isr);
  std::uint16_t transmit(pxe::Transmit& block);
  std::uint16_t control(std::uint16_t function, MutableBytes parameters);
  bool line() const;
  void reset_card();

  FakeLowMemory& memory_;
  std::vector<std::uint8_t> ring_;
  std::deque<Frame> ring_frames_;
  std::size_t piece_at_ = 0;
  unsigned completions_ = 0, frames_handed_ = 0, ends_ = 0;
  std::uint8_t hooked_ = 0;
  bool masked_ = true, in_interrupt_ = false, interrupts_on_ = true, pending_ = false;
  bool started_ = false, spoilt_ = false, sulking_ = false, awake_ = false, done_ = true, received_since_full_ = false;
  bool station_set_ = false, hearing_lost_ = false, just_entered_ = true;
};

}  // namespace undine::testing
