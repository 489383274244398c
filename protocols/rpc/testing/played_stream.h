// SPDX-License-Identifier: Apache-2.0
// A stream for tests: what the peer sends is put into `incoming`, what we send is found in `written`.
#pragma once

#include <optional>
#include <string>

#include "core/transfer.h"

namespace undine::testing {

/// The peer's side; outlives the stream.
struct PlayedPeer {
  std::string incoming, written;
  std::size_t piece_bytes = 1000;  ///< what one read or write carries at most
  bool ended = false;              ///< it has closed its side
  bool accepts = true;             ///< the connection is open
  bool is_open = true;             ///< our side of it still exists
  std::optional<Error> error;
};

class PlayedStream final : public Stream {
public:
  explicit PlayedStream(PlayedPeer& peer) : peer_(peer) {}
  ~PlayedStream() override { peer_.is_open = false; }
  Result<std::size_t> read(MutableBytes into) override {
    const std::size_t count = copy_bytes(into.first(into.size() < peer_.piece_bytes ? into.size() : peer_.piece_bytes), as_bytes(peer_.incoming));
    peer_.incoming.erase(0, count);
    if (count == 0 && peer_.error) return fail(*peer_.error);
    return count;
  }
  Result<std::size_t> write(Bytes from) override {
    if (peer_.error) return fail(*peer_.error);
    if (!peer_.accepts) return 0u;
    if (from.size() > peer_.piece_bytes) from = from.first(peer_.piece_bytes);
    peer_.written += as_text(from);
    return from.size();
  }
  bool at_end() const override { return peer_.ended && peer_.incoming.empty(); }
  void finish() override {}

private:
  PlayedPeer& peer_;
};

/// `value` as XDR has it.
inline std::string xdr(std::uint32_t value) {
  std::string octets(4, '\0');
  store_be32({reinterpret_cast<std::uint8_t*>(octets.data()), 4}, 0, value);
  return octets;
}
inline std::string xdr64(std::uint64_t value) { return xdr(static_cast<std::uint32_t>(value >> 32)) + xdr(static_cast<std::uint32_t>(value)); }
/// A string with its length and its padding.
inline std::string xdr(std::string_view text) {
  return xdr(static_cast<std::uint32_t>(text.size())) + std::string{text} + std::string(-text.size() & 3, '\0');
}
/// A record of one fragment.
inline std::string record(std::string_view contents) { return xdr(0x8000'0000u | static_cast<std::uint32_t>(contents.size())) + std::string{contents}; }
/// A reply that was accepted and successful, without its record mark.
inline std::string rpc_reply(std::uint32_t xid, std::string_view results) { return xdr(xid) + xdr(1) + xdr64(0) + xdr64(0) + std::string{results}; }

}  // namespace undine::testing
