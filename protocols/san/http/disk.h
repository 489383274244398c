// SPDX-License-Identifier: Apache-2.0
// An image on an HTTP server as a disk that takes no writes (RFC 9110 14, ranges): each command is one request for a part, over a connection that is
// kept. Redirects, log-ins, proxies and TLS are the HTTP client's.
//
//   opening -> idle <-> reading <-> pausing: the server was gone in the middle of a command, which goes on where it stopped
//
// The opening asks for the first block: the answer tells the size of the image and whether the server can send parts at all. The version of the image
// (entity tag or date) that was found then is compared with each answer: parts of two versions are never mixed.
#pragma once

#include "core/uri.h"
#include "protocols/fetch/fetch.h"
#include "protocols/san/attempts.h"
#include "protocols/san/san.h"

namespace undine::http {

inline constexpr Cause empty_image{"http.empty-image", "the image on the server has no bytes; was it copied to its end?", pxe_status_failure};
inline constexpr Cause no_image_size{"http.no-image-size", "the server does not tell how large the image is", pxe_status_failure};

class Disk final : public BlockDevice {
public:
  /// Of a raw image; who finds a CD in it reads four at a time.
  static constexpr std::uint32_t block_bytes = 512;

  /// `protocols` (rows for http and https) and `network` outlive the disk. Nothing is sent before the first `advance`.
  static Result<std::unique_ptr<BlockDevice>> open(std::span<const FetchProtocol> protocols, Network& network, std::string_view uri, const SanOptions& options);

  Result<Progress> advance(Instant now) override;
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override;
  Result<void> begin_write(std::uint64_t, Bytes, Instant) override { return fail(block_read_only); }
  Result<void> begin_flush(Instant) override { return {}; }
  void cancel() override;
  std::string description() const override { return uri_.text(); }

  /// For make_unique; use open().
  Disk(std::span<const FetchProtocol> protocols, Network& network, const Uri& uri, const SanOptions& options);

private:
  enum class State : std::uint8_t { opening, idle, reading, pausing };
  /// Where a part of the image goes.
  class Part final : public Sink {
  public:
    void begin(std::uint64_t offset, MutableBytes into) { offset_ = offset, into_ = into; }
    Result<void> expect(std::uint64_t) override { return {}; }
    Result<MutableBytes> room(std::uint64_t offset) override { return into_.subspan(static_cast<std::size_t>(offset - offset_)); }
    Result<void> commit(std::uint64_t, std::size_t) override { return {}; }
    void restart() override {}
    std::uint64_t offset() const { return offset_; }
    MutableBytes bytes() const { return into_; }

  private:
    std::uint64_t offset_ = 0;
    MutableBytes into_;
  };

  Result<void> begin_request(Instant now);
  Result<Progress> finish_opening();
  Result<Progress> finish_reading();
  Result<Progress> failed(const Error& why, Instant now);
  Progress progress() const;

  std::span<const FetchProtocol> protocols_;
  Network& network_;
  const Uri uri_;      ///< what was asked for
  Uri where_;          ///< where redirects led to the last time
  SanOptions options_;
  san::Attempts attempts_;
  State state_ = State::opening;
  BlockGeometry geometry_;
  std::uint64_t size_bytes_ = 0;  ///< of the image; the last block may reach beyond it
  std::string version_;
  Part part_;
  std::uint64_t part_end_ = 0;    ///< of what is asked for, in the image
  Beginning beginning_;           ///< of the request under way: how far it came
  std::uint64_t asked_from_ = 0;  ///< where the request under way began
  std::unique_ptr<Download> download_;
  std::uint8_t first_block_[block_bytes];
};

}  // namespace undine::http
