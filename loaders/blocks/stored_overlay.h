// SPDX-License-Identifier: Apache-2.0
// A disk whose writes go to another disk (copy on write): they survive, and the disk below is never written to. `stored_format.h` is how they lie there
// and why a loss of power harms nothing.
//
//   opening: both disks -> beginning of the base -> header -> directory
//       |                                              | blank: directory of zeros, then a header
//       v                                              v
//     idle <-> reading: page, then runs of blocks from one disk or the other
//          <-> writing: page, slots -> data -> page -> directory
//          <-> flushing
#pragma once

#include <array>

#include "core/log.h"
#include "loaders/blocks/stored_format.h"
#include "loaders/blocks/wrapper.h"

namespace undine::blocks {

inline constexpr Cause store_foreign{"block.store-foreign", "the disk for the overlay holds something else; if that may be lost, fill its first 4096 bytes with zeros", pxe_status_failure};
inline constexpr Cause store_other_base{"block.store-other-base", "the overlay was made for another disk, or that disk has changed below it", pxe_status_failure};
inline constexpr Cause store_damaged{"block.store-damaged", "the overlay contradicts itself; it can't be used any more", pxe_status_failure};
inline constexpr Cause store_unfit{"block.store-unfit", "the disk for the overlay must take writes, have 128 KiB or more, and blocks no larger than those of the disk below, which may have 8 TiB", pxe_status_failure};
inline constexpr Cause store_full{"block.store-full", "the disk for the overlay is full", pxe_status_failure};

class StoredOverlay final : public Wrapper {
public:
  /// Both may still be opening: `advance` finishes that first. `log` outlives the overlay and hears when it is full.
  static Result<std::unique_ptr<StoredOverlay>> open(std::unique_ptr<BlockDevice> base, std::unique_ptr<BlockDevice> store, Log& log);

  Result<Progress> advance(Instant now) override;
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override;
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override;
  Result<void> begin_flush(Instant now) override;
  void cancel() override;
  std::optional<DiskOrigin> origin() const override { return {}; }

  /// Of the disk for the overlay: slots that may be in use, and all, in bytes.
  std::uint64_t used_bytes() const { return std::uint64_t{next_slot_} * stored::slot_bytes; }
  std::uint64_t size_bytes() const { return std::uint64_t{slots_} * stored::slot_bytes; }

  /// For make_unique; use open().
  StoredOverlay(std::unique_ptr<BlockDevice> base, std::unique_ptr<BlockDevice> store, Log& log)
      : Wrapper(std::move(base)), store_(std::move(store)), log_(log) {}

private:
  enum class State : std::uint8_t { both, beginning, header, blank_header, opened, idle, reading, writing, data, page, entry, entry_written, flush_first, ending };
  static constexpr unsigned pages_max = 4;
  static constexpr std::uint32_t no_page = UINT32_MAX;
  /// Slots that the header says to be in use before they are: so that it is not written for each.
  static constexpr std::uint32_t slots_ahead = 64;

  struct Page {
    std::uint32_t number = no_page;
    std::uint32_t used = 0;
    MutableBytes octets;
  };
  /// Where something of the base is.
  struct Place {
    bool is_stored;
    std::uint64_t byte;
    bool operator==(const Place&) const = default;
  };

  Result<bool> step(Instant now);
  Result<void> open_step(Instant now);
  Result<void> check_fit();
  Result<void> take_header(Instant now);
  Result<void> read_step(Instant now);
  Result<void> plan_write(Instant now);
  Result<void> reserve_slots(std::uint32_t needed, Instant now);
  void assign_slots(bool needs_page);
  Result<void> write_data(Instant now);
  Result<void> write_page(Instant now);
  Result<void> write_entry(Instant now);
  void give_up();
  Page& page_for(std::uint32_t number);
  Result<bool> load_page(std::uint32_t number, Instant now);
  std::uint32_t directory_entry(std::uint32_t page) const { return load_le32(directory_, page * stored::directory_entry_bytes); }
  Result<Place> place_of(std::uint64_t block, Bytes page) const;
  bool is_slot(std::uint32_t slot) const { return slot >= first_slot_ && slot < slots_; }

  Result<void> read_store(std::uint64_t byte, MutableBytes into, Instant now);
  Result<void> write_store(std::uint64_t byte, Bytes from, Instant now);
  /// What was written is to survive before the next thing is: flushes, then `next`.
  void flush_before(State next) { state_ = State::flush_first, after_flush_ = next; }
  Result<void> write_header(Instant now);
  std::uint32_t page_of(std::uint64_t block) const { return static_cast<std::uint32_t>(block * geometry_.block_bytes / stored::slot_bytes / stored::chunks_a_page); }

  std::unique_ptr<BlockDevice> store_;
  Log& log_;
  bool store_busy_ = true;
  State state_ = State::both, after_flush_ = State::idle;
  BlockGeometry geometry_;
  std::uint32_t slots_ = 0, first_slot_ = 0;  ///< of the store; those before first_slot_ are header and directory
  std::uint32_t next_slot_ = 0;
  stored::Header header_;
  std::unique_ptr<std::uint8_t[]> memory_;  ///< directory, pages, and a block for the header
  MutableBytes directory_, scratch_;
  std::array<Page, pages_max> pages_;
  Page* page_ = nullptr;     ///< the one that the command is about
  std::uint32_t clock_ = 0;
  bool was_full_ = false;

  // The command under way.
  MutableBytes into_;
  Bytes from_;
  std::uint64_t first_ = 0;
  std::size_t done_ = 0, asked_ = 0;  ///< bytes; behind done_ asked_ are on their way
  std::size_t part_ = 0;              ///< of a write: bytes that concern one page
  std::size_t written_ = 0;           ///< of these, whose data was sent
  std::size_t changed_first_ = 0, changed_end_ = 0;  ///< octets of the page that have changed
  std::uint32_t new_page_ = 0;        ///< the slot of a page that the directory does not know yet
};

}  // namespace undine::blocks
