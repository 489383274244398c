// SPDX-License-Identifier: Apache-2.0
// The network card of a machine whose boot ROM left none behind: everything says so, and the shell still works.
#pragma once

#include "core/nic.h"
#include "undi/find.h"

namespace undine {

class AbsentNic final : public Nic {
public:
  Result<void> open() override { return fail(no_pxe_stack); }
  void close() override {}
  bool is_open() const override { return false; }
  MacAddress address() const override { return {}; }
  Result<void> use_address(std::optional<MacAddress>) override { return fail(no_pxe_stack); }
  std::size_t mtu() const override { return 1500; }
  std::size_t receive_ring_frames() const override { return 1; }
  Result<void> send(Bytes) override { return fail(no_pxe_stack); }
  bool service(Instant) override { return false; }
  MutableBytes receive() override { return {}; }
  bool interrupts_work() const override { return true; }
  const NicCounters& counters() const override { return counters_; }
  std::string description() const override { return "no network card: the boot ROM left no driver behind"; }

private:
  NicCounters counters_;
};

}  // namespace undine
