// SPDX-License-Identifier: Apache-2.0
#include "loaders/blocks/stored_overlay.h"

#include <utility>

#include "core/memory.h"
#include "core/text.h"

namespace undine::blocks {

using namespace stored;

namespace {

/// Of the directory: for a base of 8 TiB.
constexpr std::size_t directory_bytes_max = 1024 * 1024;
constexpr std::uint64_t page_reach_bytes = std::uint64_t{chunks_a_page} * slot_bytes;
/// Read of either disk at the start; a multiple of any size of a block.
constexpr std::size_t scratch_bytes = base_beginning_bytes;

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace

Result<std::unique_ptr<StoredOverlay>> StoredOverlay::open(std::unique_ptr<BlockDevice> base, std::unique_ptr<BlockDevice> store, Log& log) {
  auto overlay = make_unique_nothrow<StoredOverlay>(std::move(base), std::move(store), log);
  if (!overlay) return fail(out_of_memory);
  return overlay;
}

// ---- the disks

Result<void> StoredOverlay::read_store(std::uint64_t byte, MutableBytes into, Instant now) {
  TRY(store_->begin_read(byte / store_->geometry().block_bytes, into, now));
  store_busy_ = true;
  return {};
}

Result<void> StoredOverlay::write_store(std::uint64_t byte, Bytes from, Instant now) {
  TRY(store_->begin_write(byte / store_->geometry().block_bytes, from, now));
  store_busy_ = true;
  return {};
}

Result<void> StoredOverlay::write_header(Instant now) {
  const MutableBytes block = scratch_.first(store_->geometry().block_bytes);
  for (std::uint8_t& octet : block) octet = 0;
  header_.emit(block);
  return write_store(0, block, now);
}

// ---- commands

Result<void> StoredOverlay::begin_read(std::uint64_t first, MutableBytes into, Instant) {
  TRY(check_blocks(geometry_, first, into.size()));
  into_ = into;
  first_ = first;
  done_ = asked_ = 0;
  state_ = State::reading;
  return {};
}

Result<void> StoredOverlay::begin_write(std::uint64_t first, Bytes from, Instant) {
  TRY(check_blocks(geometry_, first, from.size()));
  from_ = from;
  first_ = first;
  done_ = asked_ = 0;
  state_ = State::writing;
  return {};
}

Result<void> StoredOverlay::begin_flush(Instant) {
  done_ = 0;
  flush_before(State::ending);
  return {};
}

void StoredOverlay::cancel() {
  cancel_inner();
  if (store_busy_) store_->cancel();
  store_busy_ = false;
  give_up();
}

/// A command that ended before its end: what is in memory and perhaps not on the disk is forgotten.
void StoredOverlay::give_up() {
  if (page_ != nullptr) page_->number = no_page;
  page_ = nullptr;
  new_page_ = 0;
  changed_first_ = changed_end_ = 0;
  state_ = State::idle;
}

Result<Progress> StoredOverlay::advance(Instant now) {
  while (state_ != State::idle) {
    const Result<bool> moved = step(now);
    if (!moved) {
      // A failed entry is perhaps on the disk, but not that of anything that succeeded.
      if (state_ == State::entry_written) store_le32(directory_, page_->number * directory_entry_bytes, 0);
      if (store_busy_) store_->cancel();
      store_busy_ = false;
      cancel_inner();
      give_up();
      return fail(moved.error());
    }
    if (!*moved) return Progress{false, done_, {}};
  }
  return Progress{true, done_, {}};
}

/// True: it moved.
Result<bool> StoredOverlay::step(Instant now) {
  const bool is_base_idle = TRY(advance_inner(now));
  if (store_busy_) {
    const Progress moved = TRY(store_->advance(now));
    store_busy_ = !moved.finished;
  }
  if (!is_base_idle || store_busy_) return false;
  done_ += std::exchange(asked_, 0);
  switch (state_) {
    case State::both:
    case State::beginning:
    case State::header:
    case State::blank_header:
    case State::opened: TRY(open_step(now)); break;
    case State::reading: TRY(read_step(now)); break;
    case State::writing: TRY(plan_write(now)); break;
    case State::data: TRY(write_data(now)); break;
    case State::page: TRY(write_page(now)); break;
    case State::entry: TRY(write_entry(now)); break;
    case State::entry_written:
      new_page_ = 0;
      done_ += part_;
      state_ = State::writing;
      break;
    case State::flush_first:
      TRY(store_->begin_flush(now));
      store_busy_ = true;
      state_ = after_flush_;
      break;
    case State::ending:
    case State::idle: state_ = State::idle; break;
  }
  return true;
}

// ---- opening

Result<void> StoredOverlay::check_fit() {
  const BlockGeometry base = inner_->geometry(), store = store_->geometry();
  const std::uint64_t store_bytes = store.block_count * store.block_bytes;
  if (base.block_count == 0 || store.is_read_only || store.block_bytes > base.block_bytes || store_bytes < 8 * slot_bytes) return fail(store_unfit);
  if (base.block_count > directory_bytes_max / directory_entry_bytes * page_reach_bytes / base.block_bytes) return fail(store_unfit);
  const std::uint64_t pages = rounded_up(base.block_count * base.block_bytes, page_reach_bytes) / page_reach_bytes;
  const std::size_t directory_bytes = static_cast<std::size_t>(rounded_up(pages * directory_entry_bytes, slot_bytes));
  const std::uint64_t slots = store_bytes / slot_bytes;
  slots_ = slots < UINT32_MAX ? static_cast<std::uint32_t>(slots) : UINT32_MAX;
  first_slot_ = directory_slot + static_cast<std::uint32_t>(directory_bytes / slot_bytes);
  if (slots_ < first_slot_ + 2) return fail(store_unfit);
  const std::size_t bytes = directory_bytes + pages_max * slot_bytes + scratch_bytes;
  memory_ = make_bytes_nothrow(bytes);
  if (!memory_) return fail(out_of_memory);
  MutableBytes rest{memory_.get(), bytes};
  directory_ = rest.first(directory_bytes);
  for (Page& page : pages_) page.octets = rest.subspan(directory_bytes + static_cast<std::size_t>(&page - &pages_[0]) * slot_bytes, slot_bytes);
  scratch_ = rest.last(scratch_bytes);
  header_ = {base.block_count, base.block_bytes, 0, first_slot_};
  return {};
}

Result<void> StoredOverlay::open_step(Instant now) {
  switch (state_) {
    case State::both: {
      TRY(check_fit());
      const BlockGeometry& base = inner_->geometry();
      for (std::uint8_t& octet : scratch_) octet = 0;
      const std::uint64_t blocks = scratch_bytes / base.block_bytes, most = base.block_count;
      state_ = State::beginning;
      return read_inner(0, scratch_.first(static_cast<std::size_t>((blocks < most ? blocks : most) * base.block_bytes)), now);
    }
    case State::beginning: {
      Crc32c digest;
      digest.update(scratch_);
      header_.base_digest = digest.value();
      state_ = State::header;
      return read_store(0, scratch_, now);
    }
    case State::header: return take_header(now);
    case State::blank_header:
      flush_before(State::opened);
      return write_header(now);
    default: break;
  }
  next_slot_ = header_.slots_in_use;
  geometry_ = inner_->geometry();
  geometry_.is_read_only = false;
  state_ = State::idle;
  return {};
}

Result<void> StoredOverlay::take_header(Instant now) {
  const auto found = Header::parse(scratch_);
  if (found) {
    if (found->base_blocks != header_.base_blocks || found->base_block_bytes != header_.base_block_bytes || found->base_digest != header_.base_digest) return fail(store_other_base);
    if (found->slots_in_use < first_slot_ || found->slots_in_use > slots_) return fail(store_damaged);
    header_ = *found;
    state_ = State::opened;
    return read_store(directory_slot * slot_bytes, directory_, now);
  }
  for (const std::uint8_t octet : scratch_) {
    if (octet != 0) return fail(store_foreign);
  }
  log_.write(Level::notice, {printable(store_->description()), ": is blank; it becomes an overlay of ", human_size(size_bytes())});
  for (std::uint8_t& octet : directory_) octet = 0;
  flush_before(State::blank_header);
  return write_store(directory_slot * slot_bytes, directory_, now);
}

// ---- pages

/// The place in memory that was used longest ago becomes that of `number`.
StoredOverlay::Page& StoredOverlay::page_for(std::uint32_t number) {
  Page* place = &pages_[0];
  for (Page& page : pages_) {
    if (page.used < place->used) place = &page;
  }
  place->number = number;
  place->used = ++clock_;
  return *place;
}

/// True when page_ is the page of that number, which the directory has; else it is on its way.
Result<bool> StoredOverlay::load_page(std::uint32_t number, Instant now) {
  for (Page& page : pages_) {
    if (page.number != number) continue;
    page.used = ++clock_;
    page_ = &page;
    return true;
  }
  const std::uint32_t slot = directory_entry(number);
  if (!is_slot(slot)) return fail(store_damaged);
  page_ = &page_for(number);
  TRY(read_store(std::uint64_t{slot} * slot_bytes, page_->octets, now));
  return false;
}

/// `page` is that of the block.
Result<StoredOverlay::Place> StoredOverlay::place_of(std::uint64_t block, Bytes page) const {
  const std::uint64_t byte = block * geometry_.block_bytes;
  const PageEntry entry = PageEntry::load(page, static_cast<std::size_t>(byte / slot_bytes % chunks_a_page));
  const std::size_t in_chunk = static_cast<std::size_t>(byte % slot_bytes);
  if ((entry.units >> in_chunk / unit_bytes & 1) == 0) return Place{false, byte};
  if (!is_slot(entry.slot)) return fail(store_damaged);
  return Place{true, std::uint64_t{entry.slot} * slot_bytes + in_chunk};
}

// ---- reading

/// The next run of blocks that lie together on one of the disks, within the reach of a page.
Result<void> StoredOverlay::read_step(Instant now) {
  if (done_ == into_.size()) {
    page_ = nullptr;
    state_ = State::idle;
    return {};
  }
  const std::size_t size = geometry_.block_bytes;
  const std::uint64_t block = first_ + done_ / size, byte = block * size;
  const std::uint64_t reach = page_reach_bytes - byte % page_reach_bytes, left = into_.size() - done_;
  const auto most = static_cast<std::size_t>(reach < left ? reach : left);
  const std::uint32_t page = page_of(block);
  if (directory_entry(page) == 0) {
    asked_ = most;
    return read_inner(block, into_.subspan(done_, asked_), now);
  }
  if (!TRY(load_page(page, now))) return {};
  const Place start = TRY(place_of(block, page_->octets));
  std::size_t length = size;
  for (; length < most; length += size) {
    if (TRY(place_of(block + length / size, page_->octets)) != Place{start.is_stored, start.byte + length}) break;
  }
  asked_ = length;
  const MutableBytes into = into_.subspan(done_, length);
  return start.is_stored ? read_store(start.byte, into, now) : read_inner(block, into, now);
}

// ---- writing

/// The next part of a write, which concerns one page.
Result<void> StoredOverlay::plan_write(Instant now) {
  if (done_ == from_.size()) {
    page_ = nullptr;
    state_ = State::idle;
    return {};
  }
  const std::uint64_t block = first_ + done_ / geometry_.block_bytes, byte = block * geometry_.block_bytes;
  const std::uint64_t reach = page_reach_bytes - byte % page_reach_bytes, left = from_.size() - done_;
  part_ = static_cast<std::size_t>(reach < left ? reach : left);
  const std::uint32_t number = page_of(block);
  const bool needs_page = directory_entry(number) == 0;
  if (!needs_page && !TRY(load_page(number, now))) return {};

  std::uint32_t needed = needs_page ? 1 : 0;
  for (std::uint64_t chunk = byte / slot_bytes; chunk <= (byte + part_ - 1) / slot_bytes; ++chunk)
    needed += needs_page || PageEntry::load(page_->octets, static_cast<std::size_t>(chunk % chunks_a_page)).slot == 0;
  if (needed > slots_ - next_slot_) {
    if (!was_full_) log_.write(Level::error, {printable(store_->description()), ": ", store_full.sentence});
    was_full_ = true;
    return fail(store_full);
  }
  if (next_slot_ + needed > header_.slots_in_use) return reserve_slots(needed, now);
  if (needs_page) {
    page_ = &page_for(number);
    for (std::uint8_t& octet : page_->octets) octet = 0;
  }
  assign_slots(needs_page);
  written_ = 0;
  state_ = State::data;
  return {};
}

/// The header says so before the first of them is used; then the write is planned again.
Result<void> StoredOverlay::reserve_slots(std::uint32_t needed, Instant now) {
  const std::uint32_t left = slots_ - next_slot_ - needed;
  header_.slots_in_use = next_slot_ + needed + (left < slots_ahead ? left : slots_ahead);
  flush_before(State::writing);
  return write_header(now);
}

void StoredOverlay::assign_slots(bool needs_page) {
  new_page_ = needs_page ? next_slot_++ : 0;
  changed_first_ = changed_end_ = 0;
  const std::uint64_t start = first_ * geometry_.block_bytes + done_, end = start + part_;
  for (std::uint64_t chunk = start / slot_bytes; chunk <= (end - 1) / slot_bytes; ++chunk) {
    const auto place = static_cast<std::size_t>(chunk % chunks_a_page);
    PageEntry entry = PageEntry::load(page_->octets, place);
    const PageEntry before = entry;
    if (entry.slot == 0) entry.slot = next_slot_++;
    const std::uint64_t chunk_start = chunk * slot_bytes;
    const std::uint64_t from = start > chunk_start ? (start - chunk_start) / unit_bytes : 0;
    const std::uint64_t to = end < chunk_start + slot_bytes ? (end - chunk_start) / unit_bytes : units_a_chunk;
    for (std::uint64_t unit = from; unit < to; ++unit) entry.units |= 1u << unit;
    if (entry.slot == before.slot && entry.units == before.units) continue;
    entry.store(page_->octets, place);
    if (changed_end_ == 0) changed_first_ = place * page_entry_bytes;
    changed_end_ = (place + 1) * page_entry_bytes;
  }
}

/// A run of the part whose slots follow one another; at its end what leads to it.
Result<void> StoredOverlay::write_data(Instant now) {
  if (written_ == part_) {
    if (changed_end_ != 0) {
      flush_before(State::page);
      return {};
    }
    done_ += part_;
    state_ = State::writing;
    return {};
  }
  const std::size_t size = geometry_.block_bytes, at = done_ + written_;
  const std::uint64_t block = first_ + at / size;
  const Place start = TRY(place_of(block, page_->octets));
  std::size_t length = size;
  for (; written_ + length < part_; length += size) {
    if (TRY(place_of(block + length / size, page_->octets)) != Place{true, start.byte + length}) break;
  }
  written_ += length;
  return write_store(start.byte, from_.subspan(at, length), now);
}

Result<void> StoredOverlay::write_page(Instant now) {
  state_ = State::entry;
  if (new_page_ != 0) return write_store(std::uint64_t{new_page_} * slot_bytes, page_->octets, now);
  const std::size_t size = store_->geometry().block_bytes, from = changed_first_ / size * size;
  const auto end = static_cast<std::size_t>(rounded_up(changed_end_, size));
  return write_store(std::uint64_t{directory_entry(page_->number)} * slot_bytes + from, Bytes{page_->octets}.subspan(from, end - from), now);
}

Result<void> StoredOverlay::write_entry(Instant now) {
  if (new_page_ == 0) {
    done_ += part_;
    state_ = State::writing;
    return {};
  }
  // The page has to be there before it is led to.
  if (after_flush_ != State::entry) {
    flush_before(State::entry);
    return {};
  }
  after_flush_ = State::idle;
  const std::size_t at = page_->number * directory_entry_bytes, size = store_->geometry().block_bytes, from = at / size * size;
  store_le32(directory_, at, new_page_);
  state_ = State::entry_written;
  return write_store(directory_slot * slot_bytes + from, Bytes{directory_}.subspan(from, size), now);
}

}  // namespace undine::blocks
