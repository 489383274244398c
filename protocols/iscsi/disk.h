// SPDX-License-Identifier: Apache-2.0
// A disk of an iSCSI target (RFC 7143): one session of one connection at a time, made again whenever it breaks.
//
//   resolving -> connecting -> logging in -> checking -> idle <-> working
//       ^            ^  moved to another address |                    |
//       +-- pausing <+---------------------------+--------------------+   the connection broke: what was under way goes on in a new session
//
// A new session has the identity of the one before, so the target ends that one (session reinstatement, 6.3.5). Commands that it had not
// answered are sent again: reads and writes of whole blocks may be carried out twice. The reader of the disk sees a slow command.
//
// Several READs are under way at once, so that the next one's data follows without a round trip; a WRITE goes alone.
#pragma once

#include <memory>
#include <string>

#include "protocols/iscsi/channel.h"
#include "protocols/iscsi/login.h"
#include "protocols/iscsi/scsi.h"
#include "protocols/san/attempts.h"
#include "protocols/san/san.h"

namespace undine::iscsi {

inline constexpr Cause silent{"iscsi.silent", "the iSCSI target does not answer", 0x32};
inline constexpr Cause no_such_unit{"iscsi.no-such-lun", "the iSCSI target has no such LUN", 0x3b};
inline constexpr Cause not_a_disk{"iscsi.not-a-disk", "that LUN of the iSCSI target is no disk (tgt keeps its controller at LUN 0, disks begin at 1); its SCSI type", pxe_status_failure, Detail::decimal};
inline constexpr Cause no_medium{"iscsi.no-medium", "there is no medium in that drive of the iSCSI target", pxe_status_failure};
inline constexpr Cause bad_geometry{"iscsi.bad-geometry", "the iSCSI target's disk has no blocks, or blocks of a size other than 512, 1024, 2048 or 4096", pxe_status_failure};
inline constexpr Cause changed{"iscsi.changed", "the disk of the iSCSI target has another size than before", pxe_status_failure};
inline constexpr Cause reserved{"iscsi.reserved", "another machine has reserved the disk of the iSCSI target", pxe_status_failure};
inline constexpr Cause command_failed{"iscsi.sense", "the disk of the iSCSI target reports a failure; its sense key, code and qualifier", pxe_status_failure, Detail::hex};
inline constexpr Cause status_error{"iscsi.status", "the iSCSI target answers a command with SCSI status", pxe_status_failure, Detail::hex};
inline constexpr Cause rejected{"iscsi.rejected", "the iSCSI target rejects what was sent; its reason", pxe_status_failure, Detail::hex};
inline constexpr Cause target_leaves{"iscsi.target-leaves", "the iSCSI target ends the session", 0x39};

/// Opens the connection; the tests play targets.
using Opener = Result<std::unique_ptr<Stream>> (*)(Network& network, Endpoint to, Instant now);

class Disk final : public BlockDevice {
public:
  /// Commands under way at once and what each moves: together less than a window of TCP, each long enough that its head does not count.
  static constexpr unsigned tasks_max = 4;
  static constexpr std::uint32_t task_bytes_max = 128 * 1024;
  /// Addresses that a target may send us to, one after the other.
  static constexpr unsigned moves_max = 8;
  /// Commands that are put off in a row (BUSY, UNIT ATTENTION) without anything else happening.
  static constexpr unsigned put_off_max = 16;

  /// Nothing is sent before the first `advance`. `network` outlives the disk.
  static Result<std::unique_ptr<BlockDevice>> open(Opener opener, Network& network, std::string_view path, const SanOptions& options);
  ~Disk() override;

  Result<Progress> advance(Instant now) override;
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override;
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override;
  Result<void> begin_flush(Instant now) override;
  void cancel() override;
  std::string description() const override;
  std::optional<DiskOrigin> origin() const override;

  /// For make_unique; use open().
  Disk(Opener opener, Network& network, std::string_view path, RootPath root, const SanOptions& options);

private:
  enum class State : std::uint8_t { resolving, connecting, logging_in, checking, idle, working, pausing };
  enum class Work : std::uint8_t { opening, read, write, flush };
  enum class Check : std::uint8_t { unit_ready, inquiry, capacity_10, capacity_16, mode, done };
  /// True: it moved, and may move again at once.
  using Step = Result<bool>;

  /// A SCSI command.
  struct Task {
    enum class Place : std::uint8_t { free, waiting, sent } place = Place::free;
    std::uint32_t tag = 0;
    std::uint64_t offset = 0;      ///< of its bytes in the command of the disk
    std::uint32_t length_bytes = 0;
    std::uint32_t got_bytes = 0;   ///< of the data, in order
    scsi::Descriptor descriptor{};
  };
  /// Data that the target has asked for, or takes unasked.
  struct Burst {
    std::uint32_t target_tag = no_tag, offset = 0, left_bytes = 0, number = 0;
  };

  // disk.cc: the connection
  Step step(Instant now);
  void begin_connection();
  Step resolve(Instant now);
  Step connect(Instant now);
  Step log_in(Instant now);
  Step serve(Instant now);
  Step receive(Instant now);
  Step take_pdu(Instant now);
  Result<void> take_login(const Header& header, Instant now);
  void begin_session(Instant now);
  Step failed(const Error& why, Instant now);
  bool is_verdict(const Error& why) const;
  void hang_up();

  // tasks.cc: SCSI
  void begin(Work work, std::uint64_t first, std::uint64_t length_bytes);
  void begin_check(Check check);
  void add_tasks();
  bool send_next(Instant now);
  void send_command(Task& task);
  void send_data(const Task& task);
  MutableBytes memory_of(const Task& task);
  Task* task_of(std::uint32_t tag);
  Result<void> begin_data_in(const Header& header);
  Result<void> take_request(const Header& header);
  Result<void> finish_task(Task& task, const Header& header, Instant now);
  Result<void> take_failure(Task& task, std::uint8_t status, const scsi::Sense& sense, Instant now);
  Result<void> put_off(bool waits, const Error& why, Instant now);
  Result<void> finish_check(std::size_t got_bytes);
  Result<void> finish_checks();
  std::uint64_t done_bytes() const;
  Progress progress() const;

  const Opener opener_;
  Network& network_;
  const std::string path_;
  const RootPath root_;
  const SanOptions options_;
  san::Attempts attempts_;
  State state_ = State::resolving;

  // The connection.
  std::unique_ptr<Lookup> lookup_;
  std::string server_;          ///< where it leads: `root_`'s, or where the target sent us
  std::uint16_t port_ = 0;
  unsigned moves_ = 0;
  Endpoint first_server_;       ///< `root_`'s, for boot firmware tables
  Channel channel_;
  Instant heard_;               ///< the last that came for a command or the login; questions in between do not count
  bool started_ = false;        ///< the patience of the command under way counts from its first `advance`
  Login login_;
  std::string login_text_;      ///< of the response that is coming
  std::uint8_t session_id_[6];  ///< ISID (11.12.5): the same for all sessions of this disk
  Sequence sequence_;
  std::uint32_t next_tag_ = 1;
  std::optional<std::uint32_t> ping_;  ///< the tag of a NOP-In that waits for its answer
  Lun ping_lun_{};

  // What comes.
  bool in_pdu_ = false;         ///< behind its header
  MutableBytes incoming_;       ///< where its data goes; what does not fit is dropped
  std::size_t incoming_have_ = 0;
  std::uint8_t sense_[64];

  // The command under way.
  Work work_ = Work::opening;
  Check check_ = Check::unit_ready;
  BlockGeometry geometry_, found_;
  std::uint64_t first_ = 0, length_bytes_ = 0;
  std::uint64_t next_offset_ = 0;  ///< where no task has been yet
  MutableBytes into_;
  Bytes from_;
  Task tasks_[tasks_max];
  Burst burst_, asked_;            ///< of the one WRITE under way: what is being sent, and what was asked for meanwhile
  unsigned put_off_ = 0;
  Timer busy_;                     ///< the target wants to be left alone until then
  std::uint8_t answer_[36];        ///< to a check
};

/// The row of the protocol table.
Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant now);
inline constexpr SanProtocol protocol{"iscsi", open_disk};

}  // namespace undine::iscsi
