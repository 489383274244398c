// SPDX-License-Identifier: Apache-2.0
// A disk in memory that takes its time and can break, and a PC's low memory around the services of INT 13h. For tests and fuzz targets only.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/testing/fake_memory.h"
#include "core/testing/fakes.h"
#include "loaders/san/disk_services.h"

namespace undine::testing {

inline constexpr Cause disk_broke{"test.broke", "the disk broke", pxe_status_failure};

class MemoryDisk : public BlockDevice {
public:
  explicit MemoryDisk(std::size_t size_bytes, std::uint32_t block_bytes = 512) : octets(size_bytes) {
    geometry_.block_bytes = block_bytes;
    geometry_.block_count = size_bytes / block_bytes;
  }
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant) override { return begin(first, into, {}); }
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant) override {
    if (geometry_.is_read_only) return fail(block_read_only);
    return begin(first, {}, from);
  }
  Result<void> begin_flush(Instant) override { return {}; }
  void cancel() override { into_ = {}, from_ = {}; }
  std::string description() const override { return "memory"; }
  /// A block a turn.
  Result<Progress> advance(Instant) override {
    const std::size_t total = into_.size() + from_.size();
    if (done_ < total) {
      const std::size_t at = first_ * geometry_.block_bytes + done_;
      if (at >= breaks_at) {
        into_ = {}, from_ = {};
        return fail(disk_broke);
      }
      if (!into_.empty()) {
        copy_bytes(into_.subspan(done_, geometry_.block_bytes), Bytes(octets).subspan(at));
      } else {
        copy_bytes(MutableBytes(octets).subspan(at), from_.subspan(done_, geometry_.block_bytes));
      }
      done_ += geometry_.block_bytes;
    }
    return Progress{done_ >= total, done_, total};
  }
  MutableBytes sector(std::uint64_t number, std::size_t sector_bytes = 512) { return MutableBytes(octets).subspan(number * sector_bytes, sector_bytes); }
  void fill(std::vector<std::uint8_t> contents) {
    octets = std::move(contents);
    geometry_.block_count = octets.size() / geometry_.block_bytes;
  }
  void set_read_only() { geometry_.is_read_only = true; }
  /// Every 4 octets say where they are.
  void number_words() {
    for (std::size_t at = 0; at + 4 <= octets.size(); at += 4) store_le32(octets, at, static_cast<std::uint32_t>(at));
  }

  std::vector<std::uint8_t> octets;
  std::size_t breaks_at = SIZE_MAX;
  unsigned commands = 0;

private:
  Result<void> begin(std::uint64_t first, MutableBytes into, Bytes from) {
    TRY(check_blocks(geometry_, first, into.size() + from.size()));
    ++commands;
    first_ = first;
    into_ = into;
    from_ = from;
    done_ = 0;
    return {};
  }
  BlockGeometry geometry_;
  std::uint64_t first_ = 0;
  MutableBytes into_;
  Bytes from_;
  std::size_t done_ = 0;
};

/// The first MiB, all of which is there.
class PlainLowMemory final : public LowMemory {
public:
  explicit PlainLowMemory(PhysicalMemory& memory) : memory_(memory) {}
  MutableBytes at(std::uint32_t linear, std::size_t length) override {
    constexpr std::uint32_t end = 0x10'0000;
    if (linear > end || length > end - linear) return {};
    return memory_.at(linear, length);
  }

private:
  PhysicalMemory& memory_;
};

/// The BIOS's own disks: notes what it is asked, and answers with its number of disks.
class FakeBios final : public san::PreviousDisks {
public:
  void call(san::DiskCall& call) override {
    asked.push_back(static_cast<std::uint16_t>(call.ah() << 8 | call.dl()));
    call.set_dl(answer_dl);
    call.set_ah(0);
    call.set_carry(false);
  }
  std::vector<std::uint16_t> asked;  ///< AH and DL
  std::uint8_t answer_dl = 1;
};

struct DiskBench {
  DiskBench() {
    set_bios_disks(1);
    memory.at(0x410, 2)[0] = 0x41;  // two diskette drives
    services.set_base_memory_end(0x9'0000);
    services.set_scratch({0x10, 0x9000});
  }
  void set_bios_disks(std::uint8_t count) { memory.at(0x475, 1)[0] = count; }
  std::uint8_t bios_disks() { return memory.at(0x475, 1)[0]; }
  unsigned bios_floppies() { return (memory.at(0x410, 1)[0] & 1) == 0 ? 0 : (memory.at(0x410, 1)[0] >> 6) + 1; }

  san::DriveShape shape_of(MemoryDisk& disk) {
    const Bytes octets{disk.octets};
    return san::guess_shape(octets.first(std::min(octets.size(), san::shape_bytes)), octets.size(), disk.geometry().block_bytes);
  }
  san::Drive& add(MemoryDisk& disk, std::optional<std::uint8_t> number = {}) {
    const auto added = services.add(disk, shape_of(disk), number);
    expect(added.has_value(), "the disk of a test was not added");
    return **added;
  }
  /// INT 13h; `call` has the answer then.
  bool run(san::DiskCall& call) {
    call.flags = 0x202;
    services.call(call, bios);
    return !call.carry();
  }
  /// AX, CX, DX; the buffer is at 2000:0000, packets at 3000:0000.
  san::DiskCall run(std::uint16_t ax, std::uint16_t dx, std::uint16_t cx = 0, std::uint16_t bx = 0) {
    san::DiskCall call;
    call.eax = 0xaaaa'0000u | ax;
    call.ebx = 0xbbbb'0000u | bx;
    call.ecx = 0xcccc'0000u | cx;
    call.edx = 0xdddd'0000u | dx;
    call.esi = call.edi = 0xeeee'0000u;
    call.es = 0x2000;
    call.ds = 0x3000;
    run(call);
    return call;
  }
  MutableBytes packet(std::size_t length = 0x42) { return memory.at(0x3'0000, length); }
  MutableBytes buffer(std::size_t length) { return memory.at(0x2'0000, length); }
  /// A disk address packet for the buffer.
  void address(std::uint64_t first, std::uint16_t count) {
    std::ranges::fill(packet(), std::uint8_t{0});
    packet()[0] = 0x10;
    store_le16(packet(), 2, count);
    store_le16(packet(), 6, 0x2000);
    store_le64(packet(), 8, first);
  }

  FakeClock clock;
  FakeConsole console;
  Log log{clock, console};
  Loop loop{clock, console};
  FakeMemory memory{64 << 20};
  PlainLowMemory low_memory{memory};
  MemoryMap map = MemoryMap::from_bios(std::vector<MemoryRange>{{0, 0x9'0000, MemoryKind::usable}, {0x10'0000, 32 << 20, MemoryKind::usable}});
  FakeBios bios;
  san::DiskServices services{{low_memory, memory, map, loop, clock, log}};
};

}  // namespace undine::testing
