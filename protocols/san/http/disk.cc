// SPDX-License-Identifier: Apache-2.0
#include "protocols/san/http/disk.h"

#include "core/memory.h"
#include "protocols/fetch/retries.h"
#include "protocols/http/client.h"

namespace undine::http {
namespace {

/// What asking again would not change.
bool is_verdict(const Error& why) {
  return is_final(why) || why.is(no_ranges) || why.is(changed) || why.is(past_end) || why.is(unauthorised) || why.is(wrong_password) ||
         why.is(unknown_method) || why.is(proxy_password) || why.is(redirect_insecure);
}

/// As in Retries: a server that breaks off after a few bytes each time must not keep us for ever.
constexpr std::uint64_t progress_bytes_min = 16 * 1024;

bool is_same_server(const Uri& a, const Uri& b) { return a.scheme == b.scheme && a.host == b.host && a.port == b.port; }

}  // namespace

Disk::Disk(std::span<const FetchProtocol> protocols, Network& network, const Uri& uri, const SanOptions& options)
    : protocols_(protocols), network_(network), uri_(uri), where_(uri), options_(options), attempts_(options) {
  // The disk decides what is tried again: the client does so only before it has met the server.
  options_.fetch.attempts = 0;
  options_.fetch.stall = options.command_timeout;
  options_.fetch.form.reset();
  options_.fetch.beginning = &beginning_;
  if (!options.username.empty()) options_.fetch.username = options.username, options_.fetch.password = options.password;
}

Result<std::unique_ptr<BlockDevice>> Disk::open(std::span<const FetchProtocol> protocols, Network& network, std::string_view uri, const SanOptions& options) {
  const Uri parsed = TRY(Uri::parse(uri));
  if (parsed.host.empty()) return fail(no_server);
  auto disk = make_unique_nothrow<Disk>(protocols, network, parsed, options);
  if (!disk) return fail(out_of_memory);
  disk->part_.begin(0, disk->first_block_);
  disk->part_end_ = block_bytes;
  return disk;
}

Result<void> Disk::begin_request(Instant now) {
  FetchOptions options = options_.fetch;
  if (!is_same_server(where_, uri_)) {
    options.username.clear();
    options.password.clear();
    options.fields.clear();
  }
  options.end_byte = part_end_;
  beginning_.validator = version_;
  if (size_bytes_ != 0) beginning_.total_bytes = size_bytes_;
  asked_from_ = beginning_.done_bytes;
  download_ = TRY(open_download(protocols_, network_, where_, part_, options, now));
  return {};
}

Progress Disk::progress() const {
  return {state_ == State::idle, beginning_.done_bytes - part_.offset(), state_ == State::opening ? block_bytes : part_.bytes().size()};
}

Result<void> Disk::begin_read(std::uint64_t first, MutableBytes into, Instant) {
  TRY(check_blocks(geometry_, first, into.size()));
  const std::uint64_t offset = first * block_bytes;
  part_.begin(offset, into);
  part_end_ = offset + into.size() < size_bytes_ ? offset + into.size() : size_bytes_;
  beginning_ = {.done_bytes = offset, .total_bytes = {}, .validator = {}};
  attempts_.progressed();
  state_ = State::reading;
  return {};
}

void Disk::cancel() {
  download_.reset();
  state_ = State::idle;
}

Result<Progress> Disk::advance(Instant now) {
  if (state_ == State::pausing && attempts_.due(now)) state_ = State::reading;
  if (state_ == State::idle || state_ == State::pausing) return progress();
  if (!download_) {
    if (const Result<void> begun = begin_request(now); !begun) return failed(begun.error(), now);
  }
  const Result<Progress> moved = download_->advance(now);
  if (!moved) return failed(moved.error(), now);
  if (!moved->finished) return Progress{false, moved->done_bytes - part_.offset(), progress().total_bytes};
  where_ = download_->final_uri();
  download_.reset();
  return state_ == State::opening ? finish_opening() : finish_reading();
}

Result<Progress> Disk::finish_opening() {
  state_ = State::idle;
  if (!beginning_.total_bytes) return fail(no_image_size);
  size_bytes_ = *beginning_.total_bytes;
  version_ = beginning_.validator;
  geometry_ = {.block_count = (size_bytes_ + block_bytes - 1) / block_bytes, .block_bytes = block_bytes, .is_read_only = true};
  if (size_bytes_ % block_bytes != 0)
    network_.log.write(Level::notice, {printable(uri_.text()), ": ", size_bytes_, " bytes are no whole number of blocks; the last one is filled with zeros"});
  return progress();
}

Result<Progress> Disk::finish_reading() {
  state_ = State::idle;
  const MutableBytes bytes = part_.bytes();
  for (std::size_t i = static_cast<std::size_t>(part_end_ - part_.offset()); i < bytes.size(); ++i) bytes[i] = 0;
  beginning_.done_bytes = part_.offset() + bytes.size();
  return progress();
}

Result<Progress> Disk::failed(const Error& why, Instant now) {
  download_.reset();
  const State before = state_;
  state_ = State::idle;
  if (before == State::opening) return why.is(past_end) ? fail(empty_image) : fail(why);
  if (is_verdict(why)) return fail(why);
  if (beginning_.done_bytes >= asked_from_ + progress_bytes_min) attempts_.progressed();
  if (!attempts_.failed(network_.log, uri_.text(), why, now)) return fail(why);
  where_ = uri_;  // a redirect may have been good for a while only
  state_ = State::pausing;
  return progress();
}

}  // namespace undine::http
