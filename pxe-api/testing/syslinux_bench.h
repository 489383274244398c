// SPDX-License-Identifier: Apache-2.0
// SYSLINUX's API over ApiBench. For tests and fuzz targets only.
#pragma once

#include "pxe-api/syslinux.h"
#include "pxe-api/testing/api_bench.h"

namespace undine::testing {

class SyslinuxBench : public ApiBench, public SyslinuxKeeper {
public:
  static constexpr std::uint32_t shown_at = 0x7'a000, text_at = 0xa000;

  SyslinuxBench() : common{nic, life, host, host, network, only_tftp, loop, clock, low_memory, memory, map, *this}, syslinux({api, console, *this, common}) {
    syslinux.begin({0, shown_at >> 4}, *Uri::parse("tftp://10.77.0.1/boot/program.c32"));
  }

  /// INT 22h unless another is named. False if the program has ended.
  bool call(std::uint32_t eax, std::uint8_t number = 0x22) {
    registers.eax = eax;
    return syslinux.interrupt(number, registers);
  }
  /// Where a text now lies: in segment 0, and the segment registers of `registers` say so.
  std::uint16_t text(std::string_view text) {
    const MutableBytes room = low_memory.at(text_at, text.size() + 1);
    copy_bytes(room, as_bytes(text));
    room[text.size()] = 0;
    registers.es = registers.ds = 0;
    return text_at;
  }
  std::string shown(std::uint16_t segment, std::uint32_t offset) {
    const MutableBytes bytes = low_memory.at(RealPointer{static_cast<std::uint16_t>(offset), segment}.linear(), 256);
    return reinterpret_cast<const char*>(bytes.data());
  }

  // SyslinuxKeeper
  NetworkFacts network_facts() override { return {our_address, server_address, {0x0a4d0002}, netmask, "01-52-54-00-77-00-01", uuid}; }
  Result<void> fetch_next(const Uri& uri, std::string_view command_line, std::string_view name) override {
    fetched.push_back(join({uri.text(), " [", command_line, "] ", name}));
    if (refuses) return fail(out_of_memory);
    return {};
  }
  void use_text_mode() override { ++text_modes; }
  RealPointer pxe_structure() override { return {0x20, 0x9000}; }

  std::string uuid;
  std::vector<std::string> fetched;
  bool refuses = false;
  unsigned text_modes = 0;
  CallerRegisters registers{};
  PxeParts common;
  SyslinuxApi syslinux;
};

}  // namespace undine::testing
