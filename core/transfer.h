// SPDX-License-Identifier: Apache-2.0
// How protocols join. A TCP connection is a Stream, TLS is a Stream over a Stream, HTTP reads either; a download is a Transfer
// that puts what arrives into a Sink. Nothing here waits: whoever has nothing to give says so and is asked again.
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/error.h"
#include "core/time.h"

namespace undine {

/// An ordered flow of octets in both directions.
class Stream {
public:
  virtual ~Stream() = default;
  /// Copies what has arrived into `into` and returns how much: 0 means that nothing has arrived yet, or the end (see at_end).
  /// A connection that failed gives its error, after what had arrived in order was read.
  virtual Result<std::size_t> read(MutableBytes into) = 0;
  /// Takes octets to send and returns how many were accepted: 0 while the connection is not open yet or the buffer is full.
  virtual Result<std::size_t> write(Bytes from) = 0;
  /// The peer has closed its side and all that it sent was read.
  virtual bool at_end() const = 0;
  /// We shall write no more. Reading goes on.
  virtual void finish() = 0;
};

/// Where a download goes: an image, a disk, a hash.
class Sink {
public:
  virtual ~Sink() = default;
  /// The size of the whole, called at most once and before the bytes, when the server tells it. An error (not enough memory) ends the
  /// transfer.
  virtual Result<void> expect(std::uint64_t size_bytes) = 0;
  /// Memory for the bytes from `offset` on, to read into directly: one copy, from where the NIC left them. At least one byte, usually
  /// much more; the caller then says how much it filled with `commit`.
  virtual Result<MutableBytes> room(std::uint64_t offset) = 0;
  virtual Result<void> commit(std::uint64_t offset, std::size_t length_bytes) = 0;
  /// The transfer starts again from nothing: what was committed is to be forgotten (the file changed on the server).
  virtual void restart() = 0;
};

/// How far a transfer has come.
struct Progress {
  bool finished = false;
  std::uint64_t done_bytes = 0;
  std::optional<std::uint64_t> total_bytes;
};

/// Something that takes time: a TFTP read, an HTTP GET, a DHCP exchange.
class Transfer {
public:
  virtual ~Transfer() = default;
  /// Moves on as far as is possible now. An error is final; so is `finished`.
  virtual Result<Progress> advance(Instant now) = 0;
};

}  // namespace undine
