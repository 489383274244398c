// SPDX-License-Identifier: Apache-2.0
// Any calls of INT 13h with any packets, on a diskette, a disk with large blocks (and sectors as large, or small ones) and a CD whose beginning is the
// input's: nothing outside of the guest's memory is touched, whatever the packet says, and a read that succeeds within a buffer brings what the disk has.
#include <cstdlib>

#include "loaders/san/boot.h"
#include "loaders/san/testing/disk_bench.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  constexpr std::size_t registers_bytes = 18, packet_bytes = 0x24, call_bytes = registers_bytes + packet_bytes;
  constexpr std::uint32_t ours_from = 0x9'0000, ours_bytes = 0x1'0000;
  constexpr unsigned calls_max = 16;
  static testing::DiskBench* bench;
  delete bench;
  bench = new testing::DiskBench;
  testing::MemoryDisk diskette{1474560}, disk{256 * 1024, 4096}, cd{256 * 1024, 2048};
  copy_bytes(cd.sector(16, 2048), as_bytes("\1CD001"));
  copy_bytes(cd.sector(17, 2048), as_bytes(std::string_view{"\0CD001\1EL TORITO SPECIFICATION", 30}));
  cd.sector(17, 2048)[0x47] = 18;
  const std::size_t beginning = size / 2;
  copy_bytes(disk.octets, {data, beginning});
  if (size % 2 == 0) copy_bytes(disk.sector(1), as_bytes("EFI PART"));  // partitioned for small sectors
  copy_bytes(cd.sector(18, 2048), {data, beginning});
  bench->add(diskette, 0x00);
  bench->add(disk, 0x80);
  san::Drive& drive = bench->add(cd, 0x81);
  (void)san::load_boot_program(bench->services, drive, bench->loop, bench->clock);

  Bytes rest{data + beginning, size - beginning};
  for (unsigned i = 0; i < calls_max && rest.size() >= call_bytes; ++i) {
    san::DiskCall call;
    call.eax = load_le16(rest, 0);
    call.ebx = load_le16(rest, 2);
    call.ecx = load_le16(rest, 4);
    call.edx = load_le16(rest, 6);
    call.esi = load_le16(rest, 8);
    call.ds = load_le16(rest, 10);
    call.es = load_le16(rest, 12);
    const std::uint32_t packet_at = (std::uint32_t{call.ds} << 4) + static_cast<std::uint16_t>(call.esi);
    if (packet_at + packet_bytes <= ours_from) copy_bytes(bench->memory.at(packet_at, packet_bytes), rest.subspan(registers_bytes, packet_bytes));
    bench->run(call);
    rest = rest.subspan(call_bytes);
  }
  // All but the diskette table is as it was.
  const Bytes ours = bench->memory.at(ours_from, ours_bytes);
  for (std::size_t at = 0; at < ours.size(); ++at)
    if (ours[at] != 0 && (at < 0x10 || at >= 0x10 + san::DiskServices::scratch_bytes)) std::abort();
  return 0;
}
