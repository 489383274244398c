// SPDX-License-Identifier: Apache-2.0
// A disk of ATA over Ethernet: on this network only, without IP.
//
//   discovering -> identifying -> idle <-> working
//        ^              |                    |
//        +-- pausing <--+--------------------+   nobody answers any more; what was under way goes on when somebody does
//
// Each request moves as many sectors as a frame holds. Several are under way at once: as many as the card's ring and the server's take, fewer after a
// loss. Answers carry the tag of their request, and are taken in any order. A request whose answer is late, or was overtaken by three others, is
// sent again with the same tag.
#pragma once

#include <array>

#include "protocols/aoe/packet.h"
#include "protocols/ethernet/sockets.h"
#include "protocols/san/attempts.h"
#include "protocols/san/san.h"

namespace undine::aoe {

inline constexpr Cause no_answer{"aoe.no-answer", "no AoE target of that shelf and slot answers on this network; AoE crosses no router: is it on the same switch and VLAN?", 0x3c};
inline constexpr Cause no_network{"aoe.no-network", "there is no network card that could send AoE frames", pxe_status_failure};
inline constexpr Cause refused{"aoe.refused", "the AoE target refuses the command, with error", pxe_status_failure, Detail::decimal};
inline constexpr Cause ata_failed{"aoe.ata", "the disk of the AoE target reports a failure; its ATA registers, error and status:", pxe_status_failure, Detail::hex};
inline constexpr Cause no_sectors{"aoe.no-sectors", "the AoE target has a disk without sectors", pxe_status_failure};
inline constexpr Cause changed{"aoe.changed", "the disk of the AoE target has another size than before", pxe_status_failure};

class Disk final : public BlockDevice {
public:
  /// Requests under way at once.
  static constexpr unsigned requests_max = 16;
  /// How long an answer may take: at first, at least, and at most.
  static constexpr Duration wait_first{500}, wait_least{100}, wait_most{4000};

  /// Nothing is sent before the first `advance`. `sockets` and `log` outlive the disk; `tag` is a random number to begin with.
  static Result<std::unique_ptr<BlockDevice>> open(EthernetSockets& sockets, Log& log, std::string_view path, const SanOptions& options, std::uint32_t tag);

  Result<Progress> advance(Instant now) override;
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override;
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override;
  Result<void> begin_flush(Instant now) override;
  void cancel() override;
  std::string description() const override;
  std::optional<DiskOrigin> origin() const override { return DiskOrigin{.kind = DiskOrigin::Kind::aoe, .shelf = address_.shelf, .slot = address_.slot}; }

  /// For make_unique; use open().
  Disk(std::unique_ptr<EthernetSocket> socket, Log& log, Address address, const SanOptions& options, std::uint32_t tag)
      : socket_(std::move(socket)), log_(log), address_(address), attempts_(options), patience_(options.command_timeout), next_tag_(tag) {}

private:
  enum class State : std::uint8_t { discovering, identifying, idle, working, pausing };
  enum class Work : std::uint8_t { opening, read, write, flush };
  struct Request {
    std::uint64_t offset;   ///< of its sectors, in sectors from the beginning of the command
    std::uint32_t tag;
    std::uint32_t order;    ///< of sending it the last time
    Instant sent;
    std::uint8_t sectors;
    std::uint8_t sendings = 0;  ///< 0: this place is free
  };

  void begin(Work work, std::uint64_t first, std::uint64_t sectors);
  Result<void> accept(const EthernetSocket::Received& frame, Instant now);
  Result<void> take(Request& request, const Answer& answer, Instant now);
  Result<void> finish_identifying(Bytes identity);
  Result<void> turn(Instant now);
  Result<void> query(Instant now);
  void add_requests(Instant now);
  void send_late(Instant now);
  bool send(Request& request, Instant now);
  void measure(const Request& request, Instant now);
  void lost(const Request& request);
  unsigned under_way() const;
  unsigned window_most() const;
  std::uint64_t done_sectors() const;
  Progress progress() const;
  Result<void> failed(const Error& why, Instant now);

  const std::unique_ptr<EthernetSocket> socket_;
  Log& log_;
  const Address address_;
  san::Attempts attempts_;
  const Duration patience_;

  State state_ = State::discovering;
  Work work_ = Work::opening;
  bool started_ = false;
  MacAddress target_;
  std::uint16_t buffers_ = 1;       ///< frames that the target keeps
  std::uint8_t sectors_a_frame_ = 1;
  bool is_extended_ = true;
  BlockGeometry geometry_;
  RetryTimer query_timer_{200_ms, wait_most};
  std::uint32_t query_tag_ = 0;
  Instant heard_;                   ///< the last answer, or the beginning of waiting for one

  std::uint64_t first_ = 0;         ///< of the command under way
  std::uint64_t sectors_ = 0;
  std::uint64_t next_ = 0;          ///< sectors of it that were asked for, or more than once
  MutableBytes into_;
  Bytes from_;
  std::array<Request, requests_max> requests_{};
  std::uint32_t next_tag_, sendings_ = 0;

  // RFC 6298, in milliseconds; and how many requests may be under way.
  std::uint32_t smoothed_ms_ = 0, variation_ms_ = 0;
  Duration wait_ = wait_first;
  unsigned window_ = 4, grown_by_ = 0;
  std::uint32_t recovered_at_ = 0;  ///< what was sent before this was lost in a loss that has been heeded
};

/// The row of the protocol table.
Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant now);
inline constexpr SanProtocol protocol{"aoe", open_disk};

}  // namespace undine::aoe
