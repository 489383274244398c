// SPDX-License-Identifier: Apache-2.0
// Reads a file from an NFS server over TCP: version 3 with its portmapper and MOUNT (RFC 1813), or version 4.0 or 4.1 (RFC 7530, 8881), whichever
// the server has. `nfs://server/export/folder/file`, as RFC 2224 writes it; which part of the path is the export is found out.
//
//   resolving -> asking: ports, mount, root; look up name by name, follow links -> reading -> finished
//       ^           |                                                                 |
//       +-- pausing +-----------------------------------------------------------------+
//
// What has arrived stays: after a cut everything is asked anew, handles included, and if size and time of the file are what they were, reading
// goes on where it stopped. Several reads are under way at once, each into its own place: the sink sees them out of order if the server answers so.
#pragma once

#include <memory>
#include <string>

#include "core/text.h"
#include "protocols/fetch/fetch.h"
#include "protocols/fetch/retries.h"
#include "protocols/nfs/packet.h"
#include "protocols/rpc/channel.h"

namespace undine::nfs {

inline constexpr Cause no_such_file{"nfs.no-such-file", "the NFS server has no such file", 0x3b};
inline constexpr Cause permission_denied{"nfs.permission-denied", "the NFS server denies access to the file; check its permissions there, or name another user: ?uid=0&gid=0", 0x3c};
inline constexpr Cause not_exported{"nfs.not-exported", "the NFS server exports no part of that path to this machine; check its list of exports and their clients", 0x3c};
inline constexpr Cause not_a_directory{"nfs.not-a-directory", "part of the path on the NFS server is a file, not a directory", 0x3b};
inline constexpr Cause not_a_file{"nfs.not-a-file", "that is a directory or a device on the NFS server, not a file", 0x3b};
inline constexpr Cause too_many_links{"nfs.too-many-links", "the path leads through more than 16 symbolic links, or in a circle", 0x3b};
inline constexpr Cause path_too_long{"nfs.path-too-long", "the path or a name in it is too long for NFS", 0x3b};
inline constexpr Cause wrong_security{"nfs.wrong-security", "the export wants Kerberos; allow sec=sys on the server", 0x3c};
inline constexpr Cause handle_lost{"nfs.stale", "the NFS server does not know its own file handle any more", 0x39};
inline constexpr Cause status_error{"nfs.status", "the NFS server answered with status", 0x39, Detail::decimal};
inline constexpr Cause changed{"nfs.changed", "the file on the NFS server became shorter while it was read", 0x39};
inline constexpr Cause silent{"nfs.silent", "the NFS server does not answer", 0x32};

/// Opens the connection for one program; the tests play servers.
using Opener = Result<std::unique_ptr<Stream>> (*)(Network& network, Endpoint to, Instant now);

class Client final : public Download {
public:
  /// Reads under way at once, and their length: enough for the window of TCP, little enough to be asked for again after a cut.
  static constexpr std::uint32_t reads_max = 4, read_bytes_max = 128 * 1024;

  /// Nothing is sent before the first `advance`. `network` and `sink` must outlive the client.
  static Result<std::unique_ptr<Client>> open(Opener opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options);
  /// Tells the server that the file is not wanted any more.
  ~Client() override;

  Result<Progress> advance(Instant now) override;
  const Uri& final_uri() const override { return uri_; }

  /// For make_unique; use open().
  Client(Opener opener, Network& network, const Uri& uri, Sink& sink, const FetchOptions& options);

private:
  enum class State : std::uint8_t { pausing, resolving, asking, reading, finished };
  enum class Service : std::uint8_t { none, portmapper, mount, nfs };
  /// True: it moved, and may move again at once.
  using Step = Result<bool>;
  /// A part of the file that is asked for, or was.
  struct Piece {
    std::uint64_t offset = 0;
    std::uint32_t left_bytes = 0;
    std::uint32_t xid = 0;            ///< 0: not asked for
    std::uint32_t slot_sequence = 0;  ///< of the slot of the 4.1 session that has the piece's number
  };

  void take_parameters();
  Step step(Instant now);
  Step resolve(Instant now);
  Step begin_walk(Instant now);
  Step begin_mount(Instant now);
  Step ask(Request what, Instant now);
  bool emit_call(Request what, Piece& slot, const Question& question);
  Step wait(Instant now);
  Step handle(const Answer& answer, Instant now);
  Step handle_mount(const Answer& answer, Instant now);
  Step handle_exports(rpc::XdrReader list, Instant now);
  Step handle_status(Status status, Instant now);
  Step arrive(const Attributes& attributes, Instant now);
  Step next_name(Instant now);
  Step follow(std::string_view link, Instant now);
  Step without_version_3(const Error& why, Instant now);
  Step broken(const Error& why, Instant now, Duration at_least = {});
  void hang_up();

  // reading.cc
  Step begin_file(const Attributes& attributes);
  Step read(Instant now);
  Step begin_reply(Instant now);
  Step read_data(Instant now);
  void ask_for_pieces();
  bool may_change_version() const { return !opened_ && wished_version_ == 0 && session_.version == 3; }
  std::uint64_t done_bytes() const;
  std::string name() const { return printable(uri_.text()); }

  const Opener opener_;
  Network& network_;
  const Uri uri_;
  Sink& sink_;
  const FetchOptions options_;
  rpc::Credentials credentials_;
  std::uint32_t wished_version_ = 0;    ///< 0: whichever there is
  std::uint32_t wished_mount_port_ = 0; ///< 0: the portmapper knows

  State state_ = State::resolving;
  Request what_ = Request::root;        ///< what is asked
  Service service_ = Service::none;     ///< whom the channel leads to
  std::unique_ptr<Lookup> lookup_;
  Ipv4Address server_;
  std::uint32_t mount_port_ = 0, nfs_port_ = 0;
  rpc::Channel channel_;
  std::unique_ptr<Stream> mount_stream_;  ///< kept to unmount over it
  Session session_;
  std::uint32_t next_xid_;
  bool reached_ = false;                ///< the server has answered
  std::optional<Error> mount_error_;    ///< why version 3 refused, while version 4 is tried
  Retries retries_;
  Instant first_try_, heard_;

  std::string path_;                    ///< on the server, with links followed so far: "/export/folder/file"
  std::size_t name_from_ = 0, name_end_ = 0;  ///< the name in it that is looked up; while mounting, name_end_ is the end of the prefix
  unsigned links_ = 0;
  Handle handle_;

  bool opened_ = false;                 ///< file_ is what the sink was told
  Attributes file_;
  std::uint32_t piece_bytes_ = read_bytes_max;
  std::uint64_t next_offset_ = 0;       ///< where no piece has been yet
  Piece pieces_[reads_max];
  bool in_reply_ = false;               ///< of a read, behind its head
  Piece* incoming_ = nullptr;           ///< the piece whose data is coming
  std::uint32_t data_left_ = 0;         ///< of the data that is coming
  std::uint64_t progress_bytes_ = 0;    ///< the furthest that counted as progress
};

/// The row of the protocol table.
Result<std::unique_ptr<Download>> open_nfs(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now);
inline constexpr FetchProtocol protocol{"nfs", open_nfs};

}  // namespace undine::nfs
