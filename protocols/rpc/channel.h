// SPDX-License-Identifier: Apache-2.0
// ONC RPC version 2 (RFC 5531) over a stream: calls go out as records (section 11), replies come back in any order and are matched by xid.
//
// A reply that brings much data need not fit anywhere: `gather` keeps its beginning, `read_data` gives the rest from the stream straight into
// the caller's memory.
//
//   begin, arguments, end   each call; several may be under way
//   flush                   until nothing is left to send
//   gather -> parse_reply -> read_data ... -> finish_record   each reply
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "core/error.h"
#include "core/transfer.h"
#include "protocols/rpc/xdr.h"

namespace undine::rpc {

inline constexpr Cause malformed{"rpc.malformed", "the server's answer makes no sense", pxe_status_failure};
inline constexpr Cause closed{"rpc.closed", "the server closed the connection", 0x39};
inline constexpr Cause no_program{"rpc.no-program", "the server does not offer that service, or not that version of it", 0x3c};
inline constexpr Cause not_performed{"rpc.failed", "the server could not carry out the call; RPC status", 0x39, Detail::decimal};
inline constexpr Cause refused{"rpc.refused", "the server refuses who we say we are, because it wants Kerberos or knows no such user; RPC authentication status", 0x3c, Detail::decimal};
inline constexpr Cause wrong_version{"rpc.version", "the server speaks another version of RPC", 0x39};

/// Who asks, as AUTH_SYS has it (RFC 5531 appendix A).
struct Credentials {
  std::uint32_t user_id = 0, group_id = 0;
};

struct Reply {
  std::uint32_t xid;
  XdrReader results;
};
/// The beginning of a reply (section 9), up to the results. An error that the server reports comes with the call that it is for lost, so who
/// gets one gives up the connection. `malformed` may just mean that more of the record is wanted.
Result<Reply> parse_reply(Bytes record);

class Channel {
public:
  /// Calls that wait to be sent fit in here, the longest is one with a path of 1024 octets.
  static constexpr std::size_t send_bytes_max = 2048;
  /// What `gather` keeps of a reply.
  static constexpr std::size_t gather_bytes_max = 4096;
  /// A reply: more than anybody asks for in one call.
  static constexpr std::uint32_t record_bytes_max = 2 * 1024 * 1024;

  /// Begins to use `stream`; what was said over another is forgotten. Without one, is_open() is false.
  void attach(std::unique_ptr<Stream> stream);
  std::unique_ptr<Stream> detach() { return std::move(stream_); }
  bool is_open() const { return stream_ != nullptr; }

  /// Begins a call; the arguments are put into what is returned, then `end` completes it.
  XdrWriter& begin(std::uint32_t xid, std::uint32_t program, std::uint32_t version, std::uint32_t procedure, const Credentials& credentials);
  /// False if the call does not fit; it is then as if it had not been begun.
  bool end();
  /// Sends what the stream takes, and returns how much that was. It may take more later if `unsent()`.
  Result<std::size_t> flush();
  bool unsent() const { return sent_ != used_; }

  /// Collects the next reply until there are `want_bytes` of it, or all of it. False: it has not come so far yet. Never more than
  /// gather_bytes_max.
  Result<bool> gather(std::size_t want_bytes);
  Bytes gathered() const { return Bytes{head_}.first(gathered_); }
  /// Nothing of the reply remains in the stream.
  bool record_ended() const { return last_fragment_ && fragment_left_ == 0; }
  /// `read_data` begins at `offset` of what was gathered, and goes on with the stream. 0: nothing has arrived, or the record has ended.
  void begin_data(std::size_t offset) { data_from_ = offset; }
  Result<std::size_t> read_data(MutableBytes into);
  /// Drops the rest of the reply; true when the next one may be gathered.
  Result<bool> finish_record();
  /// Whether anything has come since it was last asked.
  bool take_heard() { return std::exchange(heard_, false); }

private:
  Result<std::size_t> read_stream(MutableBytes into);
  Result<std::size_t> read_record(MutableBytes into);

  std::unique_ptr<Stream> stream_;
  XdrWriter call_{{}};
  std::size_t used_ = 0, sent_ = 0;  ///< of out_
  std::size_t gathered_ = 0, data_from_ = 0;  ///< of head_
  std::uint32_t fragment_left_ = 0, record_bytes_ = 0;
  std::uint8_t mark_bytes_ = 0;  ///< of mark_
  bool last_fragment_ = false, heard_ = false;
  std::uint8_t mark_[4];
  std::uint8_t out_[send_bytes_max];
  std::uint8_t head_[gather_bytes_max];
};

}  // namespace undine::rpc
