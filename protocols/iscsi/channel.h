// SPDX-License-Identifier: Apache-2.0
// PDUs over a stream (RFC 7143 11.1): header, digest, data, padding, digest. One is being sent at a time, one is being received; data goes between
// the stream and the memory of whoever owns it, without a copy in between.
//
//   header() -> send(data) -> flush() ... until !is_sending()
//   receive() -> received() -> read_data() ... -> finish()
#pragma once

#include <memory>

#include "core/crc32c.h"
#include "core/transfer.h"
#include "protocols/iscsi/packet.h"

namespace undine::iscsi {

inline constexpr Cause closed{"iscsi.closed", "the iSCSI target closed the connection", 0x39};
inline constexpr Cause wrong_digest{"iscsi.digest", "what came from the iSCSI target was damaged on the way (its digest is wrong)", 0x39};
inline constexpr Cause malformed{"iscsi.malformed", "the iSCSI target's answer makes no sense", pxe_status_failure};

class Channel {
public:
  /// Begins to use `stream`; what was said over another is forgotten. There are no digests until they are asked for.
  void attach(std::unique_ptr<Stream> stream);
  void detach() { attach(nullptr); }
  bool is_open() const { return stream_ != nullptr; }
  /// From the next PDU on, in both directions.
  void use_digests(bool of_header, bool of_data) { header_digest_ = of_header, data_digest_ = of_data; }

  /// The header of the next PDU, all zeros, to be filled; only when nothing is being sent.
  MutableBytes header();
  /// Begins to send it, with its data, which stays where it is until it has left.
  void send(Bytes data);
  bool is_sending() const { return unsent_head_ != 0 || !unsent_data_.empty() || unsent_tail_ != 0; }
  /// Sends what the stream takes. Nothing is received by that.
  Result<void> flush();

  /// True when the next header has come, whole and undamaged. Further calls change nothing until `finish`.
  Result<bool> receive();
  Header received() const { return Header{Bytes{in_head_}.first(header_bytes)}; }
  /// The next octets of its data. 0: nothing has arrived, or that was all.
  Result<std::size_t> read_data(MutableBytes into);
  std::uint32_t data_left() const { return data_left_; }
  /// Reads over the data that nobody wants, and the padding; true when the next PDU may be received. `wrong_digest` if the data was damaged.
  Result<bool> finish();

private:
  Result<bool> fill(MutableBytes into, std::size_t& have);
  static constexpr std::size_t padding_max = 3;

  std::unique_ptr<Stream> stream_;
  bool header_digest_ = false, data_digest_ = false;

  std::size_t unsent_head_ = 0, unsent_tail_ = 0;  ///< octets, at the end of each
  std::size_t head_size_ = 0, tail_size_ = 0;
  Bytes unsent_data_;
  std::uint8_t out_head_[header_bytes + Crc32c::wire_bytes];
  std::uint8_t out_tail_[padding_max + Crc32c::wire_bytes];

  bool in_data_ = false;                 ///< behind the header
  std::size_t have_ = 0;                 ///< of in_head_, then of in_tail_
  std::uint32_t additional_left_ = 0, data_left_ = 0;
  std::size_t tail_bytes_ = 0;
  Crc32c header_crc_, data_crc_;
  std::uint8_t in_head_[header_bytes];
  std::uint8_t in_tail_[padding_max + Crc32c::wire_bytes];
};

}  // namespace undine::iscsi
