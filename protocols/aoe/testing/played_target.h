// SPDX-License-Identifier: Apache-2.0
// An AoE target for tests, with its own reading of the frames, so that a request that is wrong shows.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/testing/fakes.h"
#include "core/text.h"
#include "protocols/aoe/packet.h"
#include "protocols/ethernet/sockets.h"

namespace undine::testing {

class PlayedAoe {
public:
  std::string contents;               ///< of the disk, whole sectors
  std::uint16_t shelf = 1, buffers = 16;
  std::uint8_t slot = 3, sectors_max = 2;
  bool is_extended = true, is_read_only = false, is_silent = false, knows_flush = true;
  std::uint8_t refusal = 0;           ///< what every ATA command is refused with
  std::set<unsigned> lost;            ///< answers, by their number, that never arrive
  std::size_t short_by = 0;           ///< octets missing from the data of a read
  bool backwards = false;             ///< answers of one turn leave in reverse

  std::vector<std::string> questions; ///< "query", "read 4+2", "write 0+1"
  std::string complaint;
  unsigned answers = 0;

  /// Takes what left the card and lets what it answers arrive.
  void serve(FakeNic& nic) {
    std::vector<std::vector<std::uint8_t>> replies;
    for (const auto& frame : nic.take_sent()) {
      std::vector<std::uint8_t> reply = answer(frame);
      if (reply.empty() || is_silent || lost.contains(answers++)) continue;
      replies.insert(backwards ? replies.begin() : replies.end(), std::move(reply));
    }
    for (auto& reply : replies) nic.deliver(std::move(reply));
  }

private:
  void complain(std::string what) {
    if (complaint.empty()) complaint = std::move(what);
  }
  std::vector<std::uint8_t> answer(const std::vector<std::uint8_t>& frame) {
    const auto byte = [&](std::size_t at) { return at < frame.size() ? frame[at] : std::uint8_t{0}; };
    if (frame.size() < 60 || byte(12) != 0x88 || byte(13) != 0xa2 || byte(14) != 0x10) complain("frame");
    if ((byte(16) << 8 | byte(17)) != shelf || byte(18) != slot) return {};
    std::vector<std::uint8_t> reply(frame.begin(), frame.begin() + 14 + 10);
    std::copy(frame.begin() + 6, frame.begin() + 12, reply.begin());
    for (unsigned i = 0; i < 6; ++i) reply[6 + i] = static_cast<std::uint8_t>(0xe0 + i);
    reply[14] = 0x18;
    if (byte(19) == 1) {
      questions.push_back("query");
      for (const unsigned octet : {buffers >> 8, buffers & 0xff, 0x12, 0x34, sectors_max + 0, 0x10, 0, 0}) reply.push_back(static_cast<std::uint8_t>(octet));
      reply.resize(60);
      return reply;
    }
    if (byte(19) != 0) complain("command");
    if (refusal != 0) {
      reply[14] |= 4;
      reply[15] = refusal;
      return reply;
    }
    std::uint64_t lba = 0;
    for (unsigned i = 0; i < 6; ++i) lba |= std::uint64_t{byte(28 + i)} << (8 * i);
    const unsigned flags = byte(24), count = byte(26), command = byte(27);
    reply.insert(reply.end(), {static_cast<std::uint8_t>(flags), 0, static_cast<std::uint8_t>(count), 0x40, 0, 0, 0, 0, 0, 0, 0, 0});
    const auto abort = [&] {
      reply[25] = 4;
      reply[27] = 0x41;
      return reply;
    };
    const std::string where = std::to_string(lba) + '+' + std::to_string(count);
    if (command == 0xec) {
      questions.push_back("identify");
      std::vector<std::uint8_t> words(512);
      const std::uint64_t sectors = contents.size() / 512;
      for (unsigned i = 0; i < 4; ++i) words[120 + i] = static_cast<std::uint8_t>(sectors >> (8 * i));
      if (is_extended) {
        words[167] = 4;
        for (unsigned i = 0; i < 8; ++i) words[200 + i] = static_cast<std::uint8_t>(sectors >> (8 * i));
      }
      reply.insert(reply.end(), words.begin(), words.end());
    } else if (command == (is_extended ? 0x24 : 0x20)) {
      questions.push_back("read " + where);
      if (flags != (is_extended ? 0x40 : 0)) complain("flags of a read");
      if (count == 0 || count > 2 || (lba + count) * 512 > contents.size()) return abort();
      reply.insert(reply.end(), contents.begin() + static_cast<std::ptrdiff_t>(lba * 512), contents.begin() + static_cast<std::ptrdiff_t>((lba + count) * 512));
      reply.resize(reply.size() - short_by);
    } else if (command == (is_extended ? 0x34 : 0x30)) {
      questions.push_back("write " + where);
      if (flags != (is_extended ? 0x41 : 1) || frame.size() < 36 + count * 512) complain("flags or size of a write");
      if (is_read_only || count == 0 || (lba + count) * 512 > contents.size()) return abort();
      std::copy(frame.begin() + 36, frame.begin() + 36 + static_cast<std::ptrdiff_t>(count * 512), contents.begin() + static_cast<std::ptrdiff_t>(lba * 512));
    } else if (command == 0xe7) {
      questions.push_back("flush");
      if (!knows_flush) return abort();
    } else {
      complain("ATA command");
      return abort();
    }
    if (reply.size() < 60) reply.resize(60);
    return reply;
  }
};

}  // namespace undine::testing
