// SPDX-License-Identifier: Apache-2.0
// An iSCSI target for tests: one disk behind a login, with its own reading of what comes, so that a PDU that is wrong shows. Knobs for what real ones do.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/memory.h"
#include "core/text.h"
#include "protocols/crypto/hash.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/iscsi/disk.h"
#include "protocols/iscsi/text.h"

namespace undine::testing {

class PlayedTarget {
public:
  // The disk.
  std::string contents;
  std::uint32_t block_bytes = 512;
  std::uint64_t block_count = 0;            ///< 0: of `contents`
  std::uint8_t device_type = 0;             ///< first octet of INQUIRY
  bool is_protected = false, knows_mode = true, knows_flush = true;
  std::string lun = std::string("\0\1\0\0\0\0\0\0", 8);
  // The login.
  std::string name = "iqn.test:disk", username, password, reverse_username, reverse_password;
  std::string algorithm = "5";
  bool base64 = false;
  std::map<std::string, std::string> answers;  ///< to keys of the second stage, instead of the usual ones
  std::string more_keys;                       ///< that the target adds by itself, each with its zero
  std::size_t login_cut = SIZE_MAX;            ///< a text is sent in parts so long
  std::deque<std::uint16_t> login_statuses;    ///< of the next logins, instead of success
  std::string redirect;                        ///< TargetAddress, of the next login
  bool header_digest = false, data_digest = false, damage_data = false, damage_header = false;
  // Commands.
  struct Verdict {
    std::uint8_t status;
    std::vector<std::uint8_t> sense;
  };
  std::deque<Verdict> verdicts;                ///< of the next commands, instead of carrying them out
  std::deque<Verdict> afterthoughts;           ///< of the next commands that were carried out, instead of GOOD behind their data
  std::uint32_t segment_bytes = 8192;          ///< of a Data-In
  std::uint32_t window = 32;                   ///< how many commands it takes at once
  std::uint32_t max_burst = 65'536;
  bool status_with_data = true;
  std::uint32_t read_short = 0;                ///< octets missing at the end of a read
  std::uint32_t data_offset_shift = 0, data_excess = 0;
  bool is_silent = false;                      ///< takes everything, answers nothing
  std::size_t cut_after = SIZE_MAX;            ///< so many octets of data later the connection breaks, once
  std::uint16_t refuse_connects = 0;
  std::string extra;                           ///< PDUs sent before the next response to a command
  std::size_t piece_bytes = 3000;

  // What was seen.
  std::vector<std::string> commands;           ///< "read 0+8", "write 1+2", "inquiry"
  std::vector<std::string> login_keys;         ///< "AuthMethod=None"
  std::vector<std::string> writes;             ///< how the data of a write came: "0+512 immediate", "512+512 unasked", "0+100 asked"
  std::vector<Endpoint> connects;
  std::vector<std::string> session_ids;
  std::vector<std::uint32_t> pongs;
  unsigned open = 0, logouts = 0;
  std::string complaint;

  static PlayedTarget*& current() {
    static PlayedTarget* target = nullptr;
    return target;
  }
  PlayedTarget() { current() = this; }
  static Result<std::unique_ptr<Stream>> connect(Network&, Endpoint to, Instant) {
    PlayedTarget& target = *current();
    target.connects.push_back(to);
    if (target.refuse_connects != 0) {
      --target.refuse_connects;
      return fail(tcp_refused);
    }
    return make_unique_nothrow<Connection>(target);
  }
  static std::string pdu(std::uint8_t opcode, std::uint8_t flags, std::uint32_t tag, std::uint32_t target_tag, std::string_view data = {}) {
    std::string made(48, '\0');
    made[0] = static_cast<char>(opcode);
    made[1] = static_cast<char>(flags);
    put32(made, 4, static_cast<std::uint32_t>(data.size()));
    put32(made, 16, tag);
    put32(made, 20, target_tag);
    return made + std::string{data} + std::string(-data.size() & 3, '\0');
  }
  static void put32(std::string& into, std::size_t at, std::uint32_t value) { store_be32({reinterpret_cast<std::uint8_t*>(into.data()), into.size()}, at, value); }

private:
  void complain(std::string what) {
    if (complaint.empty()) complaint = std::move(what);
  }

  class Connection final : public Stream {
  public:
    explicit Connection(PlayedTarget& target) : t(target) { ++t.open; }
    ~Connection() override { --t.open; }
    Result<std::size_t> read(MutableBytes into) override {
      if (broken_) return fail(tcp_reset);
      if (into.size() > t.piece_bytes) into = into.first(t.piece_bytes);
      if (into.size() > t.cut_after) into = into.first(t.cut_after);
      const std::size_t count = copy_bytes(into, as_bytes(out_));
      out_.erase(0, count);
      if (full_ && t.cut_after != SIZE_MAX) t.cut_after -= count;
      if (t.cut_after == 0) {
        t.cut_after = SIZE_MAX;
        broken_ = true;
      }
      return count;
    }
    Result<std::size_t> write(Bytes from) override {
      if (from.size() > t.piece_bytes) from = from.first(t.piece_bytes);
      in_ += as_text(from);
      while (take_pdu()) {}
      return from.size();
    }
    bool at_end() const override { return closed_ && out_.empty(); }
    void finish() override {}

  private:
    std::uint32_t get32(std::size_t at) const { return load_be32(as_bytes(in_), at); }

    bool take_pdu() {
      const bool head_crc = full_ && t.header_digest, data_crc = full_ && t.data_digest;
      const std::size_t head = 48 + (head_crc ? 4u : 0u);
      if (in_.size() < head) return false;
      const std::size_t length = get32(4) & 0xffffff, padded = (length + 3) & ~std::size_t{3};
      const std::size_t whole = head + padded + (data_crc && length != 0 ? 4u : 0u);
      if (in_.size() < whole) return false;
      if (head_crc) check_crc(0, 48);
      if (data_crc && length != 0) check_crc(head, padded);
      const std::string header = in_.substr(0, 48), data = in_.substr(head, length);
      in_.erase(0, whole);
      if (!t.is_silent) handle(header, data);
      return true;
    }
    void check_crc(std::size_t at, std::size_t length) {
      Crc32c crc;
      crc.update(as_bytes(in_).subspan(at, length));
      if (!crc.matches(as_bytes(in_).subspan(at + length, 4))) t.complain("digest");
    }
    void send(std::string header, std::string_view data = {}) {
      put32(header, 4, static_cast<std::uint32_t>(data.size()));
      put32(header, 24, status_number_);
      put32(header, 28, command_number_);
      put32(header, 32, command_number_ + t.window - 1);
      out_ += header;
      if (full_ && t.header_digest) append_crc(header, t.damage_header);
      if (data.empty()) return;
      const std::string padded = std::string{data} + std::string(-data.size() & 3, '\0');
      out_ += padded;
      if (full_ && t.data_digest) append_crc(padded, t.damage_data);
    }
    void append_crc(std::string_view over, bool damaged) {
      Crc32c crc;
      crc.update(as_bytes(over));
      std::uint8_t wire[4];
      crc.emit(wire);
      if (damaged) wire[0] ^= 1;
      out_ += as_text(wire);
    }

    void handle(const std::string& header, const std::string& data) {
      const Bytes h = as_bytes(header);
      const std::uint8_t opcode = h[0] & 0x3f;
      const bool is_immediate = (h[0] & 0x40) != 0;
      if (opcode != 0x05) {
        if (load_be32(h, 24) != command_number_) t.complain("CmdSN");
        // It may not have read all that was sent.
        const std::uint32_t behind = status_number_ - load_be32(h, 28);
        if (opcode == 3 && logins_ == 0 ? behind != status_number_ : behind > (opcode == 3 ? 0u : 16u)) t.complain("ExpStatSN");
      }
      if (opcode == 3) return login(h, data);
      if (!full_) return t.complain("command before the login");
      if (opcode == 0) {
        if (!is_immediate || load_be32(h, 16) != 0xffffffff) t.complain("NOP-Out");
        t.pongs.push_back(load_be32(h, 20));
        return;
      }
      if (opcode == 6) {
        ++t.logouts;
        return;
      }
      if (opcode == 5) return data_out(h, data);
      if (opcode != 1 || is_immediate) return t.complain("opcode");
      ++command_number_;
      command(h, data);
    }

    // ---- login

    void login(Bytes h, const std::string& data) {
      if ((h[0] & 0x40) == 0 || load_be16(h, 14) != 0) t.complain("login header");
      const bool transit = (h[1] & 0x80) != 0;
      const unsigned stage = h[1] >> 2 & 3u;
      if (logins_++ == 0) t.session_ids.push_back(std::string(as_text(h.subspan(8, 6))));
      std::string reply;
      std::uint16_t status = 0;
      std::string_view rest = data;
      while (const auto pair = iscsi::take_key(rest)) {
        t.login_keys.push_back(std::string(pair->key) + '=' + std::string(pair->value));
        status = stage == 0 ? security(*pair, reply, status) : operational(*pair, reply, status);
      }
      if (logins_ == 1 && stage == 0) {
        if (!t.login_statuses.empty()) {
          status = t.login_statuses.front();
          t.login_statuses.pop_front();
        }
        if (!t.redirect.empty()) {
          status = 0x0101;
          iscsi::append_key(reply, "TargetAddress", std::exchange(t.redirect, {}));
        }
      }
      bool final = transit;
      if (stage == 0 && !proven_) final = false;
      if (status != 0) final = false;
      if (stage == 1) reply += std::exchange(t.more_keys, {});
      // In parts.
      pending_ += reply;
      const bool part = status == 0 && pending_.size() > t.login_cut;
      const std::string text = pending_.substr(0, part ? t.login_cut : pending_.size());
      pending_.erase(0, text.size());
      std::string made(48, '\0');
      made[0] = 0x23;
      const unsigned next = stage == 0 ? 1 : 3;
      made[1] = static_cast<char>(part ? 0x40 | stage << 2 : final ? 0x80 | stage << 2 | next : stage << 2);
      copy_bytes({reinterpret_cast<std::uint8_t*>(made.data()) + 8, 6}, h.subspan(8, 6));
      made[15] = final && !part && stage == 1 ? 7 : 0;
      put32(made, 16, load_be32(h, 16));
      made[36] = static_cast<char>(status >> 8);
      made[37] = static_cast<char>(status);
      send(made, text);
      ++status_number_;
      if (stage == 1 && final && !part) full_ = true;
      if (status != 0) closed_ = true;
    }

    std::uint16_t security(const iscsi::KeyValue& pair, std::string& reply, std::uint16_t status) {
      const std::string value{pair.value};
      if (pair.key == "TargetName" && value != t.name) return 0x0203;
      if (pair.key == "AuthMethod") {
        const bool offers_chap = value.find("CHAP") != value.npos;
        if (!t.username.empty() && !offers_chap) return 0x0201;
        if (t.username.empty() && value == "CHAP") {
          iscsi::append_key(reply, "AuthMethod", "Reject");
          return 0x0201;
        }
        iscsi::append_key(reply, "AuthMethod", t.username.empty() ? "None" : "CHAP");
        proven_ = t.username.empty();
      }
      if (pair.key == "CHAP_A") {
        iscsi::append_key(reply, "CHAP_A", t.algorithm);
        iscsi::append_key(reply, "CHAP_I", "77");
        if (t.base64) iscsi::append_key(reply, "CHAP_C", "0bYWJjZGVmZ2g=");
        else iscsi::append_key(reply, "CHAP_C", as_bytes(challenge_));
      }
      if (pair.key == "CHAP_N" && value != t.username) return 0x0201;
      if (pair.key == "CHAP_R") {
        std::uint8_t octets[64];
        const auto response = iscsi::decode_octets(value, octets);
        proven_ = response && same_bytes(*response, chap(77, t.password, as_bytes(challenge_)));
        if (!proven_) return 0x0201;
      }
      if (pair.key == "CHAP_I") their_identifier_ = static_cast<std::uint8_t>(std::stoul(value));
      if (pair.key == "CHAP_C") {
        std::uint8_t octets[64];
        const auto asked = iscsi::decode_octets(value, octets);
        iscsi::append_key(reply, "CHAP_N", t.reverse_username);
        iscsi::append_key(reply, "CHAP_R", chap(their_identifier_, t.reverse_password, *asked));
      }
      return status;
    }
    crypto::Digest chap(std::uint8_t identifier, std::string_view secret, Bytes challenge) const {
      crypto::Hash hash{t.algorithm == "5" ? crypto::HashAlgorithm::md5 : t.algorithm == "6" ? crypto::HashAlgorithm::sha1 : crypto::HashAlgorithm::sha256};
      hash.update({&identifier, 1});
      hash.update(as_bytes(secret));
      hash.update(challenge);
      return hash.finish();
    }
    std::uint16_t operational(const iscsi::KeyValue& pair, std::string& reply, std::uint16_t status) {
      const std::map<std::string, std::string> usual{{"HeaderDigest", t.header_digest ? "CRC32C" : "None"}, {"DataDigest", t.data_digest ? "CRC32C" : "None"},
        {"MaxRecvDataSegmentLength", "8192"}, {"InitialR2T", "Yes"}, {"ImmediateData", "Yes"}, {"MaxBurstLength", std::to_string(t.max_burst)},
        {"FirstBurstLength", "65536"}, {"MaxOutstandingR2T", "1"}, {"MaxConnections", "1"}, {"DataPDUInOrder", "Yes"}, {"DataSequenceInOrder", "Yes"},
        {"DefaultTime2Wait", "2"}, {"DefaultTime2Retain", "0"}, {"ErrorRecoveryLevel", "0"}};
      const std::string key{pair.key};
      const auto other = t.answers.find(key);
      if (other != t.answers.end()) {
        iscsi::append_key(reply, key, other->second);
      } else if (const auto known = usual.find(key); known != usual.end()) {
        iscsi::append_key(reply, key, known->second);
      } else if (pair.value != "NotUnderstood") {
        t.complain("key " + key);
      }
      return status;
    }

    // ---- commands

    static std::uint64_t be(Bytes from, std::size_t at, std::size_t size) {
      std::uint64_t value = 0;
      for (std::size_t i = 0; i < size; ++i) value = value << 8 | from[at + i];
      return value;
    }
    std::uint64_t blocks() const { return t.block_count != 0 ? t.block_count : t.contents.size() / t.block_bytes; }

    void command(Bytes h, const std::string& data) {
      const std::uint32_t tag = load_be32(h, 16), length = load_be32(h, 20);
      const Bytes cdb = h.subspan(32, 16);
      const bool has_direction = (h[1] & 0x60) != 0;
      if (!t.verdicts.empty()) {
        const Verdict verdict = t.verdicts.front();
        t.verdicts.pop_front();
        t.commands.push_back("refused");
        return respond(tag, verdict.status, verdict.sense);
      }
      if (as_text(h.subspan(8, 8)) != t.lun) return check(tag, 5, 0x25, 0);
      switch (cdb[0]) {
        case 0x00:
          t.commands.push_back("ready");
          if (has_direction || length != 0) t.complain("data with TEST UNIT READY");
          return respond(tag, 0);
        case 0x12:
          t.commands.push_back("inquiry");
          return answer(tag, length, static_cast<char>(t.device_type) + std::string(35, '\0'));
        case 0x25: {
          t.commands.push_back("capacity 10");
          std::string made(8, '\0');
          put32(made, 0, blocks() - 1 > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(blocks() - 1));
          put32(made, 4, t.block_bytes);
          return answer(tag, length, made);
        }
        case 0x9e: {
          t.commands.push_back("capacity 16");
          std::string made(32, '\0');
          put32(made, 0, static_cast<std::uint32_t>((blocks() - 1) >> 32));
          put32(made, 4, static_cast<std::uint32_t>(blocks() - 1));
          put32(made, 8, t.block_bytes);
          return answer(tag, length, made);
        }
        case 0x1a:
          t.commands.push_back("mode");
          if (!t.knows_mode) return check(tag, 5, 0x20, 0);
          return answer(tag, length, std::string("\3\0", 2) + (t.is_protected ? '\x80' : '\0') + '\0');
        case 0x35:
          t.commands.push_back("flush");
          return t.knows_flush ? respond(tag, 0) : check(tag, 5, 0x20, 0);
        case 0x28:
        case 0x2a: return transfer(h, data, be(cdb, 2, 4), static_cast<std::uint32_t>(be(cdb, 7, 2)), cdb[0] == 0x2a, false);
        case 0x88:
        case 0x8a: return transfer(h, data, be(cdb, 2, 8), static_cast<std::uint32_t>(be(cdb, 10, 4)), cdb[0] == 0x8a, true);
        default: t.complain("SCSI command"); return check(tag, 5, 0x20, 0);
      }
    }
    void transfer(Bytes h, const std::string& data, std::uint64_t first, std::uint32_t count, bool is_write, bool is_long) {
      const std::uint32_t tag = load_be32(h, 16), length = load_be32(h, 20);
      t.commands.push_back(std::string(is_write ? "write " : "read ") + (is_long ? "16 " : "") + std::to_string(first) + '+' + std::to_string(count));
      if (length != count * t.block_bytes || ((h[1] & 0x20) != 0) != is_write || ((h[1] & 0x40) != 0) == is_write) t.complain("length or direction");
      if (first + count > blocks()) return check(tag, 5, 0x21, 0);
      const std::size_t at = static_cast<std::size_t>(first * t.block_bytes) % t.contents.size();
      if (!is_write) return answer(tag, length, t.contents.substr(at, length));
      if (t.is_protected) return check(tag, 7, 0x27, 0);
      write_ = {tag, at, length, static_cast<std::uint32_t>(data.size()), 0xffffffff, static_cast<std::uint32_t>(data.size()), 0, (h[1] & 0x80) == 0, 0};
      if (!data.empty()) t.writes.push_back("0+" + std::to_string(data.size()) + " immediate");
      std::copy(data.begin(), data.end(), t.contents.begin() + static_cast<std::ptrdiff_t>(at));
      if (!write_.unasked) ask();
    }
    void ask() {
      if (write_.have == write_.length) return respond(write_.tag, 0);
      const std::uint32_t left = write_.length - write_.have, wanted = left < t.max_burst ? left : t.max_burst;
      write_.target_tag = ++target_tag_;
      write_.end = write_.have + wanted;
      write_.number = 0;
      std::string made(48, '\0');
      made[0] = 0x31;
      made[1] = '\x80';
      put32(made, 16, write_.tag);
      put32(made, 20, write_.target_tag);
      put32(made, 36, write_.requests++);
      put32(made, 40, write_.have);
      put32(made, 44, wanted);
      send(made);
    }
    void data_out(Bytes h, const std::string& data) {
      const std::uint32_t offset = load_be32(h, 40);
      const bool last = (h[1] & 0x80) != 0;
      if (load_be32(h, 16) != write_.tag) return;  // of a command that is over
      t.writes.push_back(std::to_string(offset) + '+' + std::to_string(data.size()) + (write_.unasked ? " unasked" : " asked"));
      if (load_be32(h, 20) != write_.target_tag || offset != write_.have || load_be32(h, 36) != write_.number++ || data.size() > 8192) t.complain("Data-Out");
      std::copy(data.begin(), data.end(), t.contents.begin() + static_cast<std::ptrdiff_t>(write_.at + offset));
      write_.have += static_cast<std::uint32_t>(data.size());
      if (!write_.unasked && last != (write_.have == write_.end)) t.complain("the last Data-Out");
      if (!last) return;
      write_.unasked = false;
      ask();
    }

    /// Data-In, and the status with it or behind it.
    void answer(std::uint32_t tag, std::uint32_t length, std::string data) {
      out_ += std::exchange(t.extra, {});
      if (data.size() > length) data.resize(length);
      if (data.size() == length && length > 64) data.resize(length - t.read_short);
      std::uint32_t number = 0;
      for (std::size_t at = 0; at < data.size();) {
        const std::size_t piece = std::min<std::size_t>(t.segment_bytes, data.size() - at);
        const bool last = at + piece == data.size();
        std::string made(48, '\0');
        made[0] = 0x25;
        made[1] = static_cast<char>(last ? 0x80 | (t.status_with_data ? 1 : 0) : 0);
        put32(made, 16, tag);
        put32(made, 20, 0xffffffff);
        put32(made, 36, number++);
        put32(made, 40, static_cast<std::uint32_t>(at) + (length > 64 ? t.data_offset_shift : 0));
        send(made, data.substr(at, piece) + std::string(last && length > 64 ? t.data_excess : 0, 'e'));
        if (last && t.status_with_data) ++status_number_;
        at += piece;
      }
      if (!t.status_with_data || data.empty()) respond(tag, 0);
    }
    void check(std::uint32_t tag, std::uint8_t key, std::uint8_t code, std::uint8_t qualifier) {
      respond(tag, 2, {0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier, 0, 0, 0, 0});
    }
    void respond(std::uint32_t tag, std::uint8_t status, std::vector<std::uint8_t> sense = {}) {
      out_ += std::exchange(t.extra, {});
      if (status == 0 && !t.afterthoughts.empty()) {
        status = t.afterthoughts.front().status;
        sense = std::move(t.afterthoughts.front().sense);
        t.afterthoughts.pop_front();
      }
      std::string made(48, '\0'), data;
      made[0] = 0x21;
      made[1] = '\x80';
      made[3] = static_cast<char>(status);
      put32(made, 16, tag);
      if (!sense.empty()) {
        data = {static_cast<char>(sense.size() >> 8), static_cast<char>(sense.size())};
        data.append(sense.begin(), sense.end());
      }
      send(made, data);
      ++status_number_;
    }

    struct Write {
      std::uint32_t tag;
      std::size_t at;
      std::uint32_t length, have, target_tag, end, number;
      bool unasked;
      std::uint32_t requests;
    };
    PlayedTarget& t;
    std::string in_, out_, pending_;
    const std::string challenge_ = "abcdefgh";
    bool full_ = false, proven_ = false, closed_ = false, broken_ = false;
    unsigned logins_ = 0;
    std::uint8_t their_identifier_ = 0;
    std::uint32_t command_number_ = 1, status_number_ = 500, target_tag_ = 40;
    Write write_{};
  };
};

}  // namespace undine::testing
