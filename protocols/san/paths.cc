// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/paths.h"

#include "core/memory.h"
#include "core/text.h"

namespace undine::san {
namespace {

/// What another path would not change.
bool is_verdict(const Error& why) { return why.is(block_read_only) || why.is(block_out_of_range); }

}  // namespace

Result<std::unique_ptr<BlockDevice>> Paths::open(std::span<const SanProtocol> protocols, Network& network, std::vector<std::string> paths,
                                                 const SanOptions& options, Instant now) {
  if (paths.empty()) return fail(san_unknown_path);
  if (paths.size() == 1) return open_san_disk(protocols, network, paths[0], options, now);
  if (paths.size() > paths_max) paths.resize(paths_max);
  auto disk = make_unique_nothrow<Paths>(protocols, network, std::move(paths), options);
  if (!disk) return fail(out_of_memory);
  disk->try_all(now);
  return disk;
}

// ---- finding one

void Paths::try_all(Instant now) {
  active_.reset();
  tried_.clear();
  first_error_.reset();
  state_ = State::trying;
  tried_since_ = now;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    auto disk = open_san_disk(protocols_, network_, paths_[i], options_, now);
    tried_.push_back(disk ? std::move(*disk) : nullptr);
    if (!disk) fails(i, disk.error());
  }
}

void Paths::fails(std::size_t path, const Error& why) {
  tried_[path].reset();
  if (path == 0) first_error_ = why;
  // Once a disk is in use its paths may come and go.
  network_.log.write(work_ == Work::opening ? Level::notice : Level::info, {printable(Uri::texts(paths_[path])), ": ", why.text()});
}

Result<void> Paths::use(std::size_t path, Instant now) {
  active_ = std::move(tried_[path]);
  active_path_ = path;
  tried_.clear();
  if (work_ == Work::opening) geometry_ = active_->geometry();
  return resume(now);
}

/// Moves all openings; the first that ends well is the disk. An error if none can any more.
Result<void> Paths::advance_all(Instant now) {
  bool is_any_left = false;
  std::optional<std::size_t> suspect;
  for (std::size_t i = 0; i < tried_.size(); ++i) {
    if (!tried_[i]) continue;
    Result<Progress> moved = tried_[i]->advance(now);
    if (moved && moved->finished) {
      const BlockGeometry& found = tried_[i]->geometry();
      if (work_ == Work::opening || (found.block_count == geometry_.block_count && found.block_bytes == geometry_.block_bytes)) {
        if ((suspects_ >> i & 1) == 0) return use(i, now);
        if (!suspect) suspect = i;
        continue;
      }
      moved = fail(other_size);
    }
    if (!moved) {
      fails(i, moved.error());
    } else {
      is_any_left = true;
    }
  }
  if (suspect && (!is_any_left || now.since(tried_since_) >= others_first)) return use(*suspect, now);
  if (!is_any_left) return fail(*first_error_);
  return {};
}

/// The command that waits, from where it was.
Result<void> Paths::resume(Instant now) {
  begun_at_ = done_;
  const std::uint64_t first = first_ + done_ / geometry_.block_bytes;
  state_ = State::working;
  switch (work_) {
    case Work::opening: state_ = State::idle; return {};
    case Work::read: return active_->begin_read(first, into_.subspan(done_), now);
    case Work::write: return active_->begin_write(first, from_.subspan(done_), now);
    case Work::flush: return active_->begin_flush(now);
  }
  return {};
}

// ---- commands

void Paths::begin(Work work, std::uint64_t first) {
  work_ = work;
  first_ = first;
  done_ = 0;
  attempts_.progressed();
}

Result<void> Paths::begin_read(std::uint64_t first, MutableBytes into, Instant now) {
  TRY(check_blocks(geometry_, first, into.size()));
  into_ = into;
  begin(Work::read, first);
  if (active_) return resume(now);
  try_all(now);
  return {};
}

Result<void> Paths::begin_write(std::uint64_t first, Bytes from, Instant now) {
  TRY(check_blocks(geometry_, first, from.size()));
  from_ = from;
  begin(Work::write, first);
  if (active_) return resume(now);
  try_all(now);
  return {};
}

Result<void> Paths::begin_flush(Instant now) {
  begin(Work::flush, 0);
  if (active_) return resume(now);
  try_all(now);
  return {};
}

void Paths::cancel() {
  tried_.clear();
  if (active_) active_->cancel();
  state_ = State::idle;
}

Progress Paths::progress() const { return {state_ == State::idle, done_, work_ == Work::read ? into_.size() : work_ == Work::write ? from_.size() : 0}; }

Result<Progress> Paths::advance(Instant now) {
  if (state_ == State::pausing && attempts_.due(now)) try_all(now);
  if (state_ == State::trying) {
    if (const Result<void> moved = advance_all(now); !moved) TRY(failed(moved.error(), now));
  }
  if (state_ == State::working) {
    const Result<Progress> moved = active_->advance(now);
    if (!moved) {
      TRY(failed(moved.error(), now));
      return progress();
    }
    const bool moves = work_ != Work::flush;
    const std::size_t done = moves ? begun_at_ + static_cast<std::size_t>(moved->done_bytes) / geometry_.block_bytes * geometry_.block_bytes : 0;
    if (done > done_) attempts_.progressed();
    if (done > done_) done_ = done;
    if (moved->finished) {
      if (moves) done_ = work_ == Work::read ? into_.size() : from_.size();
      state_ = State::idle;
    }
  }
  return progress();
}

Result<void> Paths::failed(const Error& why, Instant now) {
  state_ = State::idle;
  if (work_ == Work::opening || is_verdict(why)) return fail(why);
  if (active_) {
    const std::uint32_t failed_path = 1u << active_path_;
    suspects_ |= failed_path;
    if (suspects_ == (1u << paths_.size()) - 1) suspects_ = failed_path;
  }
  active_.reset();
  if (!attempts_.failed(network_.log, description(), why, now)) return fail(why);
  // Then all are tried again, the one that failed among them: at once, and after a pause if that brought nothing, also where a path opens and only its
  // commands fail.
  state_ = State::pausing;
  return {};
}

}  // namespace undine::san
