// SPDX-License-Identifier: Apache-2.0
// An export of an NBD server as a disk: "nbd://server[:port]/export".
//
//   resolving -> greeting -> negotiating -> idle <-> working
//       ^            |            |                    |
//       +-- pausing <+------------+--------------------+   the connection broke: what was under way goes on over a new one
//
// Several requests are under way at once, and answered in any order.
#pragma once

#include <memory>
#include <string>

#include "core/uri.h"
#include "protocols/nbd/packet.h"
#include "protocols/san/attempts.h"
#include "protocols/san/san.h"

namespace undine::nbd {

inline constexpr Cause no_nbd{"nbd.no-nbd", "what answers there is no NBD server of the present kind (fixed newstyle); is the port right?", pxe_status_failure};
inline constexpr Cause no_such_export{"nbd.no-such-export", "the NBD server has no export of that name", 0x3b};
inline constexpr Cause refused{"nbd.refused", "the NBD server does not give that export to this machine, or not without TLS, which is not spoken here; its reply", 0x3c, Detail::hex};
inline constexpr Cause bad_size{"nbd.bad-size", "the export of the NBD server holds no block, or has blocks of more than 4096 bytes", pxe_status_failure};
inline constexpr Cause malformed{"nbd.malformed", "the NBD server's answer makes no sense", pxe_status_failure};
inline constexpr Cause closed{"nbd.closed", "the NBD server closed the connection", 0x39};
inline constexpr Cause silent{"nbd.silent", "the NBD server does not answer", 0x32};
inline constexpr Cause changed{"nbd.changed", "the export of the NBD server has another size than before", pxe_status_failure};
inline constexpr Cause server_error{"nbd.error", "the NBD server reports a failure; its error number", pxe_status_failure, Detail::decimal};

/// Opens the connection; the tests play servers.
using Opener = Result<std::unique_ptr<Stream>> (*)(Network& network, Endpoint to, Instant now);

class Disk final : public BlockDevice {
public:
  /// Requests under way at once and what each moves, or less if the server wants less.
  static constexpr unsigned tasks_max = 4;
  static constexpr std::uint32_t task_bytes_max = 128 * 1024;
  /// A name of an export; longer ones no server has to know.
  static constexpr std::size_t name_bytes_max = 4096;
  /// Replies to one option: what an export is like, and descriptions that were not asked for.
  static constexpr unsigned replies_max = 64;
  /// One of them.
  static constexpr std::uint32_t reply_data_max = 64 * 1024;

  /// Nothing is sent before the first `advance`. `network` outlives the disk.
  static Result<std::unique_ptr<BlockDevice>> open(Opener opener, Network& network, std::string_view uri, const SanOptions& options);
  ~Disk() override;

  Result<Progress> advance(Instant now) override;
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override;
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override;
  Result<void> begin_flush(Instant now) override;
  void cancel() override;
  std::string description() const override { return uri_.text(); }

  /// For make_unique; use open().
  Disk(Opener opener, Network& network, const Uri& uri, const SanOptions& options);

private:
  enum class State : std::uint8_t { resolving, greeting, negotiating, naming, idle, working, pausing };
  enum class Work : std::uint8_t { opening, read, write, flush };
  /// True: it moved, and may move again at once.
  using Step = Result<bool>;
  struct Task {
    enum class Place : std::uint8_t { free, waiting, sent } place = Place::free;
    std::uint64_t cookie = 0, offset = 0;  ///< of its bytes in the command
    std::uint32_t length_bytes = 0, got_bytes = 0;
  };

  void begin(Work work, std::uint64_t first, std::uint64_t length_bytes);
  Step step(Instant now);
  Step resolve(Instant now);
  Step send(Instant now);
  Step receive(Instant now);
  Result<bool> gather(std::size_t size, Instant now);
  void add_tasks();
  bool send_task();
  Step take_reply(Instant now);
  Step failed(const Error& why, Instant now);
  void hang_up();
  std::uint64_t done_bytes() const;
  Progress progress() const;

  // handshake.cc
  Step take_greeting();
  Step take_option_reply(Instant now);
  void ask_by_name();
  Result<void> take_export(Bytes size_and_flags);
  Result<void> finish_negotiation();

  const Opener opener_;
  Network& network_;
  const Uri uri_;
  const std::string name_;  ///< of the export
  const SanOptions options_;
  san::Attempts attempts_;
  State state_ = State::resolving;
  Work work_ = Work::opening;
  bool started_ = false;
  Instant heard_;
  std::unique_ptr<Lookup> lookup_;
  std::unique_ptr<Stream> stream_;

  std::string out_;             ///< what is being sent, and behind it `out_data_`
  std::size_t sent_ = 0;
  Bytes out_data_;
  std::uint8_t in_[export_bytes + export_zeroes];  ///< what is being received
  std::size_t have_ = 0;
  std::uint32_t skip_bytes_ = 0;  ///< of a reply: not wanted
  unsigned replies_ = 0;
  bool has_zeroes_ = false;

  BlockGeometry geometry_;
  std::uint64_t size_bytes_ = 0;
  std::uint32_t block_bytes_ = 512;
  std::uint32_t request_bytes_most_ = task_bytes_max;  ///< whole blocks
  std::uint16_t flags_ = 0;
  bool knows_export_ = false;   ///< size and flags have come

  std::uint64_t first_byte_ = 0, length_bytes_ = 0, next_offset_ = 0;
  MutableBytes into_;
  Bytes from_;
  std::uint64_t next_cookie_ = 1;
  Task tasks_[tasks_max];
  Task* incoming_ = nullptr;    ///< whose data is coming
};

/// The row of the protocol table.
Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant now);
inline constexpr SanProtocol protocol{"nbd", open_disk};

}  // namespace undine::nbd
