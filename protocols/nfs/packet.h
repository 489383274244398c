// SPDX-License-Identifier: Apache-2.0
// The calls that a client needs to find and read a file, as they lie in RPC records: portmapper version 2 (RFC 1833), MOUNT version 3 and NFS
// version 3 (RFC 1813), NFS version 4.0 (RFC 7530) and 4.1 (RFC 8881). What is one procedure in version 3 is a COMPOUND of a few operations in
// version 4; both are told by a Request and give an Answer.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "protocols/rpc/xdr.h"

namespace undine::nfs {

/// RPC programs.
inline constexpr std::uint32_t portmapper_program = 100000, nfs_program = 100003, mount_program = 100005;
inline constexpr std::uint16_t portmapper_port = 111, nfs_port = 2049;

enum class Request : std::uint8_t {
  mount_port,  ///< portmapper: where is MOUNT version 3?
  nfs_port,    ///< portmapper: where is NFS version 3?
  mount,       ///< MOUNT: the handle of a directory
  exports,     ///< MOUNT: what is there to be mounted?
  unmount,     ///< MOUNT: forget all that this client mounted
  client_id,   ///< 4.1: EXCHANGE_ID
  session,     ///< 4.1: CREATE_SESSION
  root,        ///< version 3: FSINFO of the mounted directory; version 4: the root of all that is exported
  look_up,     ///< a name in a directory
  attributes,
  read_link,
  read,
  end_session,  ///< 4.1: DESTROY_SESSION
};

/// nfsstat3, nfsstat4 and mountstat3, which agree as far as they overlap.
enum class Status : std::uint32_t {
  ok = 0,
  not_owner = 1,
  no_entry = 2,
  access_denied = 13,
  not_a_directory = 20,
  is_a_directory = 21,
  invalid = 22,
  name_too_long = 63,
  stale = 70,
  bad_handle = 10001,
  server_fault = 10006,
  delay = 10008,  ///< NFS3ERR_JUKEBOX in version 3
  grace = 10013,
  handle_expired = 10014,
  wrong_security = 10016,
  wrong_minor_version = 10021,
  bad_session = 10052,
};

/// A file handle, as it is in the server's eyes: opaque. At most 64 octets in version 3, 128 in version 4.
struct Handle {
  std::uint8_t octets[128];
  std::uint8_t length_bytes = 0;
  Bytes bytes() const { return Bytes{octets}.first(length_bytes); }
  void set(Bytes from) { length_bytes = static_cast<std::uint8_t>(copy_bytes(octets, from)); }
};

/// ftype3 and nfs_ftype4.
enum class FileType : std::uint32_t { none = 0, regular = 1, directory = 2, link = 5 };

struct Attributes {
  FileType type = FileType::none;  ///< none: they were not told
  std::uint64_t size_bytes = 0;
  std::uint64_t modified = 0;  ///< seconds above nanoseconds; good for comparing
};

/// Reads the next name of an answer to Request::exports; empty at the end of the list, or of what is there of it.
std::string_view next_export(rpc::XdrReader& in);

/// What every call of a connection has in common.
struct Session {
  std::uint8_t version = 3, minor_version = 0;
  std::uint32_t slots = 1;  ///< calls under way at once that the server allows; 4.1 has a limit
  std::uint64_t client_id = 0;
  std::uint32_t sequence = 0;  ///< of CREATE_SESSION
  std::uint8_t id[16] = {};
};

/// What a request is about. Only what its kind needs is looked at.
struct Question {
  Bytes handle;
  std::string_view name;  ///< of a directory to mount, or to look up
  std::uint64_t offset = 0;
  std::uint32_t length_bytes = 0;
  std::uint32_t slot = 0, slot_sequence = 0;  ///< 4.1
};

struct Answer {
  Status status = Status::ok;
  Bytes handle;            ///< a view of the record; empty if none was told
  Attributes attributes;
  std::string_view link;   ///< likewise
  std::uint32_t number = 0;  ///< the port; the most octets that one reply or read brings (0: not told); the octets of data that follow
};

/// The RPC procedure of `what`.
struct Procedure {
  std::uint32_t program, version, number;
};
Procedure procedure_of(Request what, const Session& session);
/// Puts the arguments of `what` into `out`.
void emit(rpc::XdrWriter& out, Request what, const Session& session, const Question& question);
/// Reads the results of `what` from `in`; of a read, up to its data. `session` takes what the server decides about it. False if they end too early or
/// contradict themselves. With a status other than ok the rest is not looked at.
bool parse(rpc::XdrReader& in, Request what, Session& session, Answer& answer);

}  // namespace undine::nfs
