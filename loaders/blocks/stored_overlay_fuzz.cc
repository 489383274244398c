// SPDX-License-Identifier: Apache-2.0
// An overlay of any content: the input is how often what is done, and what stands at the beginning of the disk for the overlay, whose header is made
// right. However it is, each command ends, the base stays as it was, and nothing is written but into the slots.
#include <cstdlib>
#include <vector>

#include "core/testing/fakes.h"
#include "loaders/blocks/stored_overlay.h"

namespace {

using namespace undine;

constexpr std::uint64_t base_blocks = 131'072 + 77;
constexpr std::size_t store_bytes = 16 * blocks::stored::slot_bytes;

class Disk final : public BlockDevice {
public:
  Disk(std::vector<std::uint8_t>* contents, std::uint64_t count) : contents_(contents), geometry_{count, 512, contents == nullptr} {}
  Result<Progress> advance(Instant) override { return Progress{true, 0, {}}; }
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant) override {
    TRY(check_blocks(geometry_, first, into.size()));
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = contents_ ? (*contents_)[static_cast<std::size_t>(first * 512) + i] : std::uint8_t{7};
    return {};
  }
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant) override {
    if (contents_ == nullptr) std::abort();
    TRY(check_blocks(geometry_, first, from.size()));
    copy_bytes(MutableBytes{*contents_}.subspan(static_cast<std::size_t>(first * 512)), from);
    return {};
  }
  Result<void> begin_flush(Instant) override { return {}; }
  void cancel() override {}
  std::string description() const override { return "fuzz"; }

private:
  std::vector<std::uint8_t>* contents_;
  BlockGeometry geometry_;
};

bool ends(BlockDevice& disk) {
  for (unsigned turn = 0; turn < 100'000; ++turn) {
    const Result<Progress> moved = disk.advance({});
    if (!moved || moved->finished) return moved.has_value();
  }
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  ByteReader input{{octets, size}};
  const unsigned commands = input.u8() % 16;
  const Bytes orders = input.take(input.remaining() < 4 * commands ? input.remaining() : 4 * commands);
  std::vector<std::uint8_t> contents(store_bytes);
  copy_bytes(contents, input.rest());
  if (!input.rest().empty()) {
    std::vector<std::uint8_t> beginning(blocks::stored::base_beginning_bytes, 7);
    Crc32c digest;
    digest.update(beginning);
    blocks::stored::Header{base_blocks, 512, digest.value(), load_le32(contents, 32) % 20}.emit(MutableBytes{contents}.first(512));
  }
  testing::FakeClock clock;
  testing::FakeConsole console;
  Log log{clock, console};
  auto overlay = blocks::StoredOverlay::open(std::make_unique<Disk>(nullptr, base_blocks), std::make_unique<Disk>(&contents, store_bytes / 512), log);
  if (!overlay) std::abort();
  if (!ends(**overlay)) return 0;
  for (std::size_t i = 0; i + 4 <= orders.size(); i += 4) {
    const std::uint64_t first = load_le16(orders, i) * 2u;
    std::vector<std::uint8_t> blocks((orders[i + 2] % 70 + 1) * std::size_t{512}, orders[i + 3]);
    if (orders[i + 3] % 2 == 0) {
      if ((*overlay)->begin_read(first, blocks, {})) ends(**overlay);
    } else if ((*overlay)->begin_write(first, blocks, {})) {
      ends(**overlay);
    }
  }
  return 0;
}
