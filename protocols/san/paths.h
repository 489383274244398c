// SPDX-License-Identifier: Apache-2.0
// One disk to which several paths lead. All are tried at once, and the first that is usable is used, until it fails; then all are tried again and the
// command goes on where it was. One that opens while its commands fail comes after the others then.
#pragma once

#include <span>
#include <vector>

#include "protocols/san/attempts.h"
#include "protocols/san/san.h"

namespace undine::san {

inline constexpr Cause other_size{"san.other-size", "what that path leads to has another size than the disk had before", pxe_status_failure};

class Paths final : public BlockDevice {
public:
  /// More than anybody has; each has a connection while all are tried.
  static constexpr std::size_t paths_max = 8;
  /// How often a path tries a command before the others are looked at.
  static constexpr std::uint32_t path_attempts = 2;
  /// How long a path whose commands have failed waits for another one to open: some are down for good.
  static constexpr Duration others_first = 3'000_ms;

  /// Begins to open what `paths` name. `protocols` and `network` outlive the disk. A path that could not even be begun is an error only if all are.
  static Result<std::unique_ptr<BlockDevice>> open(std::span<const SanProtocol> protocols, Network& network, std::vector<std::string> paths,
                                                   const SanOptions& options, Instant now);

  Result<Progress> advance(Instant now) override;
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override;
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override;
  Result<void> begin_flush(Instant now) override;
  void cancel() override;
  std::string description() const override { return active_ ? active_->description() : Uri::texts(paths_[0]); }
  std::optional<DiskOrigin> origin() const override { return active_ ? active_->origin() : std::nullopt; }

  /// For make_unique; use open().
  Paths(std::span<const SanProtocol> protocols, Network& network, std::vector<std::string> paths, const SanOptions& options)
      : protocols_(protocols), network_(network), paths_(std::move(paths)), options_(options), attempts_(options) {
    if (options_.attempts == 0 || options_.attempts > path_attempts) options_.attempts = path_attempts;
  }

private:
  enum class State : std::uint8_t { trying, idle, working, pausing };
  enum class Work : std::uint8_t { opening, read, write, flush };

  void begin(Work work, std::uint64_t first);
  void try_all(Instant now);
  Result<void> advance_all(Instant now);
  Result<void> use(std::size_t path, Instant now);
  void fails(std::size_t path, const Error& why);
  Result<void> resume(Instant now);
  Result<void> failed(const Error& why, Instant now);
  Progress progress() const;

  std::span<const SanProtocol> protocols_;
  Network& network_;
  const std::vector<std::string> paths_;
  SanOptions options_;
  Attempts attempts_;
  State state_ = State::trying;
  Work work_ = Work::opening;
  std::vector<std::unique_ptr<BlockDevice>> tried_;  ///< while all are tried; empty where one has failed
  std::optional<Error> first_error_;                 ///< of the first path, which stands for all
  Instant tried_since_{};
  std::unique_ptr<BlockDevice> active_;
  std::size_t active_path_ = 0;
  std::uint32_t suspects_ = 0;  ///< bit n: a command of path n has failed, and since then not all others' have
  BlockGeometry geometry_;

  std::uint64_t first_ = 0;
  MutableBytes into_;
  Bytes from_;
  std::size_t begun_at_ = 0, done_ = 0;  ///< bytes of the command: before what the active disk is doing; that are done
};

}  // namespace undine::san
