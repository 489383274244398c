// SPDX-License-Identifier: Apache-2.0
// An NBD server for tests, with its own reading of what comes. Knobs for what real ones do.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/memory.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/nbd/disk.h"

namespace undine::testing {

class PlayedNbd {
public:
  std::string contents;                       ///< of the export
  std::string name = "disk";
  std::uint16_t flags = 1 | 4, server_flags = 3;
  std::uint64_t size = 0;                     ///< 0: of `contents`
  std::uint32_t least_block = 0;              ///< 0: not told
  std::uint32_t most_block = 1 << 25;         ///< told with it; larger requests are refused
  bool knows_go = true, backwards = false, is_silent = false;
  std::uint32_t refusal = 0;                  ///< of the option, with the words below
  std::string words;
  std::vector<std::uint32_t> errors;          ///< of the next requests
  std::size_t cut_after = SIZE_MAX;           ///< so many octets later, behind the handshake, the connection breaks, once
  unsigned refuse_connects = 0;
  std::string greeting;                       ///< instead of the usual one
  std::string raw;                            ///< before the next reply
  std::size_t piece_bytes = 3000;

  std::vector<std::string> requests;          ///< "read 0+512"
  std::vector<Endpoint> connects;
  unsigned open = 0, partings = 0;
  std::string complaint;

  static PlayedNbd*& current() {
    static PlayedNbd* server = nullptr;
    return server;
  }
  PlayedNbd() { current() = this; }
  static Result<std::unique_ptr<Stream>> connect(Network&, Endpoint to, Instant) {
    PlayedNbd& server = *current();
    server.connects.push_back(to);
    if (server.refuse_connects != 0) {
      --server.refuse_connects;
      return fail(tcp_refused);
    }
    return make_unique_nothrow<Connection>(server);
  }
  static std::string be(std::uint64_t value, unsigned octets) {
    std::string made;
    while (octets-- != 0) made += static_cast<char>(value >> (8 * octets));
    return made;
  }

private:
  void complain(std::string what) {
    if (complaint.empty()) complaint = std::move(what);
  }
  class Connection final : public Stream {
  public:
    explicit Connection(PlayedNbd& server) : s(server) {
      ++s.open;
      out_ = s.greeting.empty() ? "NBDMAGICIHAVEOPT" + be(s.server_flags, 2) : s.greeting;
    }
    ~Connection() override { --s.open; }
    Result<std::size_t> read(MutableBytes into) override {
      if (broken_) return fail(tcp_reset);
      if (into.size() > s.piece_bytes) into = into.first(s.piece_bytes);
      if (serves_ && into.size() > s.cut_after) into = into.first(s.cut_after);
      const std::size_t count = copy_bytes(into, as_bytes(out_));
      out_.erase(0, count);
      if (serves_ && s.cut_after != SIZE_MAX) s.cut_after -= count;
      if (s.cut_after == 0) {
        s.cut_after = SIZE_MAX;
        broken_ = true;
      }
      return count;
    }
    Result<std::size_t> write(Bytes from) override {
      if (from.size() > s.piece_bytes) from = from.first(s.piece_bytes);
      in_ += as_text(from);
      while (!s.is_silent && (serves_ ? take_request() : greeted_ ? take_option() : take_flags())) {}
      return from.size();
    }
    bool at_end() const override { return closed_ && out_.empty(); }
    void finish() override {}

  private:
    std::uint64_t number(std::size_t at, unsigned octets) const {
      std::uint64_t value = 0;
      for (unsigned i = 0; i < octets; ++i) value = value << 8 | static_cast<std::uint8_t>(in_[at + i]);
      return value;
    }
    std::uint64_t size() const { return s.size != 0 ? s.size : s.contents.size(); }
    bool take_flags() {
      if (in_.size() < 4) return false;
      if (number(0, 4) != (s.server_flags & 3u)) s.complain("client flags");
      in_.erase(0, 4);
      return greeted_ = true;
    }
    void reply(std::uint32_t type, const std::string& data) { out_ += be(0x3e889045565a9, 8) + be(7, 4) + be(type, 4) + be(data.size(), 4) + data; }
    bool take_option() {
      if (in_.size() < 16) return false;
      const std::uint64_t option = number(8, 4), length = number(12, 4);
      if (in_.size() < 16 + length) return false;
      if (in_.substr(0, 8) != "IHAVEOPT") s.complain("option magic");
      if (option == 1) {
        if (in_.substr(16, length) != s.name) {
          closed_ = true;
        } else {
          out_ += be(size(), 8) + be(s.flags, 2) + std::string((s.server_flags & 2) != 0 ? 0 : 124, '\0');
          serves_ = true;
        }
      } else if (option == 7 && s.knows_go) {
        const std::uint64_t name_length = number(16, 4);
        if (length != name_length + 8 || number(20 + name_length, 2) != 1 || number(22 + name_length, 2) != 3) s.complain("GO");
        if (s.refusal != 0) {
          reply(s.refusal, s.words);
        } else if (in_.substr(20, name_length) != s.name) {
          reply(0x80000006, "no such export, and many words about it");
        } else {
          reply(3, be(1, 2) + "a name that was not asked for");
          reply(3, be(0, 2) + be(size(), 8) + be(s.flags, 2));
          if (s.least_block != 0) reply(3, be(3, 2) + be(s.least_block, 4) + be(4096, 4) + be(s.most_block, 4));
          reply(1, "");
          serves_ = true;
        }
      } else {
        reply(0x80000001, s.words);
      }
      in_.erase(0, 16 + length);
      return true;
    }
    bool take_request() {
      if (in_.size() < 28) return false;
      const std::uint64_t type = number(6, 2), at = number(16, 8), length = number(24, 4);
      const std::string cookie = in_.substr(8, 8);
      if (number(0, 4) != 0x25609513 || number(4, 2) != 0) s.complain("request");
      if (type == 1 && in_.size() < 28 + length) return false;
      if (type == 2) {
        ++s.partings;
        in_.erase(0, 28);
        return true;
      }
      const char* const names[] = {"read ", "write ", "", "flush "};
      s.requests.push_back(names[type] + std::to_string(at) + '+' + std::to_string(length));
      std::uint32_t error = 0;
      std::string data;
      if (!s.errors.empty()) {
        error = s.errors.front();
        s.errors.erase(s.errors.begin());
      } else if (at + length > size() || length > s.most_block) {
        error = 22;
      } else if (type == 0) {
        data = s.contents.substr(at % s.contents.size(), length);
      } else if (type == 1) {
        s.contents.replace(at, length, in_.substr(28, length));
      }
      in_.erase(0, 28 + (type == 1 ? length : 0));
      const std::string reply = be(0x67446698, 4) + be(error, 4) + cookie + data;
      if (s.backwards) {
        // The next one overtakes it.
        if (held_.empty()) {
          held_ = reply;
          return true;
        }
        out_ += reply + std::exchange(held_, {});
        return true;
      }
      out_ += std::exchange(s.raw, {}) + reply;
      return true;
    }
    PlayedNbd& s;
    std::string in_, out_, held_;
    bool greeted_ = false, serves_ = false, closed_ = false, broken_ = false;
  };
};

}  // namespace undine::testing
