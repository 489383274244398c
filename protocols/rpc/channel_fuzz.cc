// SPDX-License-Identifier: Apache-2.0
// A server that sends any octets: the first octet says how small the pieces are, the second how much of a reply is wanted.
#include <cstdlib>
#include <vector>

#include "core/memory.h"
#include "protocols/rpc/channel.h"
#include "protocols/rpc/testing/played_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  ByteReader input{{octets, size}};
  testing::PlayedPeer peer;
  peer.piece_bytes = std::size_t{input.u8()} + 1;
  const std::size_t want = std::size_t{input.u8()} * 20;
  peer.incoming = as_text(input.rest());
  peer.ended = true;
  rpc::Channel channel;
  channel.attach(make_unique_nothrow<testing::PlayedStream>(peer));
  enum class Doing { gathering, reading, finishing } doing = Doing::gathering;
  // Each turn takes at least an octet or goes on to the next thing to do, of which there are three for each record of at least four octets.
  for (std::size_t turn = 0;; ++turn) {
    if (turn > 4 * size + 100) std::abort();
    if (doing == Doing::gathering) {
      const auto done = channel.gather(want);
      if (!done) break;
      if (!*done) continue;
      const Bytes head = channel.gathered();
      if (head.size() > rpc::Channel::gather_bytes_max) std::abort();
      // In memory of its exact size, so that the sanitizer sees whoever reads too far.
      const std::vector<std::uint8_t> copy(head.begin(), head.end());
      if (const auto reply = rpc::parse_reply(copy)) {
        channel.begin_data(copy.size() - reply->results.rest().size());
        doing = Doing::reading;
      } else {
        doing = Doing::finishing;
      }
    } else if (doing == Doing::reading) {
      std::uint8_t data[300];
      const auto count = channel.read_data(data);
      if (!count) break;
      if (*count == 0 && channel.record_ended()) doing = Doing::finishing;
    } else {
      const auto done = channel.finish_record();
      if (!done) break;
      if (*done) doing = Doing::gathering;
    }
  }
  return 0;
}
