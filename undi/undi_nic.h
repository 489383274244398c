// SPDX-License-Identifier: Apache-2.0
// The boot ROM's UNDI as a network card. Control calls go through BootRom, frames through the pump (pump.h), one crossing a burst.
#pragma once

#include <cstdint>
#include <string>

#include "core/boot_rom.h"
#include "core/log.h"
#include "core/nic.h"
#include "undi/information.h"
#include "undi/life_cycle.h"
#include "undi/pump.h"
#include "undi/receive_watch.h"

namespace undine {

inline constexpr Cause undi_open_failed{"undi.open-failed", "the boot ROM does not open its network card; status", 0x6a, Detail::hex};

inline constexpr Cause undi_address_refused{"undi.address-refused", "the boot ROM does not give its card another address ('clear net0/mac': its own); status", 0x66, Detail::hex};

/// The pump and its memory, as nbp/ has installed it.
class Pump {
public:
  virtual ~Pump() = default;
  virtual PumpBlock& block() = 0;
  /// slot_bytes at PumpBlock::transmit_area + slot * slot_bytes; `slot` is below transmit_slots.
  virtual MutableBytes transmit_slot(unsigned slot) = 0;
  /// receive_ring_bytes.
  virtual MutableBytes ring() = 0;
  /// Crosses to real mode and runs pump_service.
  virtual void service() = 0;
  /// Leads the line (1 to 15) to pump_interrupt, without arming it, and tells pump_mask_interrupt which one it is.
  virtual void hook_interrupt(std::uint8_t irq) = 0;
  /// Masks the line and restores what was there. Does nothing if none is hooked.
  virtual void unhook_interrupt() = 0;
};

class UndiNic final : public Nic {
public:
  /// All of them outlive this object.
  UndiNic(BootRom& rom, Pump& pump, LifeCycle& life, Clock& clock, Log& log) : rom_(rom), pump_(pump), life_(life), clock_(clock), log_(log) {}
  ~UndiNic() override { UndiNic::close(); }
  UndiNic(const UndiNic&) = delete;
  UndiNic& operator=(const UndiNic&) = delete;

  Result<void> open() override;
  void close() override;
  bool is_open() const override { return open_; }

  MacAddress address() const override { return information_.address; }
  /// What the ROM says if it does not take it: `undi_address_refused`.
  Result<void> use_address(std::optional<MacAddress> other) override;
  std::size_t mtu() const override { return mtu_; }
  bool sends_any_type() const override { return !watch_.strip_header(); }
  std::size_t receive_ring_frames() const override { return ring_frames_; }

  Result<void> send(Bytes frame) override;
  bool service(Instant now) override;
  MutableBytes receive() override;
  bool interrupts_work() const override;

  void hear_groups(std::span<const MacAddress> groups) override;
  const NicCounters& counters() const override { return counters_; }
  std::string description() const override;
  std::string call_times() const override;

  /// Sends what is queued and leaves the burst that is being read as it is.
  void flush();
  /// Gives up so many slots of the ring and of the transmit area, and the interrupt unless nothing is lent: for the time of a boot program, which
  /// wants the memory and the line. What was queued is sent, what was not read is dropped.
  void lend(std::uint8_t receive_slots_lent, std::uint8_t transmit_slots_lent);

  /// Valid once the card was open.
  const RomInformation& information() const { return information_; }
  Strategy strategy() const { return watch_.strategy(); }

private:
  Result<void> open_rom(std::uint16_t filter);
  void close_rom();
  void tell_groups();
  void start_watch();
  std::uint8_t slots_to_send() const { return static_cast<std::uint8_t>(transmit_slots - pump_.block().transmit_slots_lent); }
  void cross(std::uint8_t frames_max);
  void finish_orders(const PumpCounters& before);
  void take_burst();
  bool must_cross() const;
  void act(ReceiveWatch::Action action);
  void reopen(bool afresh);
  void apply_watch();
  void wake();
  void check_length(Bytes frame);

  BootRom& rom_;
  Pump& pump_;
  LifeCycle& life_;
  Clock& clock_;
  Log& log_;
  RomInformation information_;
  ReceiveWatch watch_;
  ReceiveWatch::Seen seen_{};
  NicCounters counters_;
  PumpCounters pump_start_{};       ///< the pump's counters when the card was opened
  std::size_t mtu_ = 1500;
  std::size_t ring_frames_ = 8;
  std::size_t burst_ = 0;           ///< frames since the last DONE
  std::uint8_t queued_ = 0;
  std::uint8_t next_slot_ = 0;
  std::uint8_t next_frame_ = 0;     ///< of the burst, for receive()
  std::uint8_t frames_ = 0;
  std::uint8_t short_frames_ = 0;
  bool open_ = false;
  std::optional<MacAddress> own_address_;    ///< that the ROM told first
  std::optional<MacAddress> other_address_;  ///< to be used instead
  bool look_ = false;               ///< the next visit polls once
  bool stripped_ = false;           ///< as the watch wanted when it was last logged
  Strategy logged_strategy_ = Strategy::start_first;
  std::uint16_t filter_ = 0;
  pxe::SetMulticastAddress groups_{};
  Instant orders_stuck_since_{};
};

}  // namespace undine
