// SPDX-License-Identifier: Apache-2.0
// An NFS server for tests: portmapper, MOUNT 3, NFS 3, 4.0 and 4.1 over a few files, with knobs for what real ones do. It reads calls with its own
// eyes, so that a call that is wrong shows.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/memory.h"
#include "core/text.h"
#include "protocols/fetch/testing/fakes.h"
#include "protocols/nfs/client.h"
#include "protocols/rpc/testing/played_stream.h"

namespace undine::testing {

class PlayedNfs {
public:
  static constexpr std::uint32_t regular = 1, directory = 2, link = 5, device = 3;
  struct File {
    std::uint32_t type;
    std::string contents;  ///< of a link: where it leads
    std::uint64_t modified = 1;
    std::uint32_t status = 0;  ///< what asking for it is answered with
  };
  // What it holds and offers.
  std::map<std::string, File> files{{"", {directory, ""}}, {"/srv", {directory, ""}}, {"/srv/a", {directory, ""}}};
  std::set<std::string> exports{"/srv"};
  bool has_portmapper = true, has_mount = true, has_3 = true, has_4 = false, has_40 = true;
  std::set<std::uint16_t> silent_ports;
  std::uint32_t read_max = 1 << 20, slots = 8;
  std::size_t short_read = SIZE_MAX;        ///< a read brings no more
  bool attributes_in_look_up = true;
  bool backwards = false;                   ///< replies that wait together leave in the reverse order
  std::uint32_t handle_era = 0;             ///< part of each handle: those of another era are stale
  unsigned stale_after_reads = 0;           ///< so many reads later the handles are stale, without a cut; 0: never
  // The connection breaks, or the server falls silent, once so many octets were read from it altogether; what happens meanwhile.
  std::size_t cut_after = SIZE_MAX, silent_after = SIZE_MAX;
  void (*at_cut)(PlayedNfs&) = nullptr;
  std::uint32_t xid_offset = 0;             ///< what replies add to the xid of their call
  unsigned reads_until_offset = 0;          ///< so many reads later xid_offset becomes 1; 0: never
  std::string raw_reply;                    ///< instead of any results of a read
  std::size_t piece_bytes = 1000;

  // What was seen.
  std::vector<std::string> calls;           ///< "lookup a", "read 0+4096"
  std::vector<std::uint16_t> ports;
  unsigned open = 0;                        ///< streams that exist
  std::string complaint;                    ///< a call that made no sense
  std::uint32_t user = 0, group = 0;
  std::size_t delivered = 0;

  static PlayedNfs*& current() {
    static PlayedNfs* server = nullptr;
    return server;
  }
  PlayedNfs() { current() = this; }
  static Result<std::unique_ptr<Stream>> connect(Network&, Endpoint to, Instant) {
    PlayedNfs& server = *current();
    server.ports.push_back(to.port);
    return make_unique_nothrow<Connection>(server, to.port);
  }
  unsigned count(std::string_view beginning) const {
    return static_cast<unsigned>(std::ranges::count_if(calls, [&](const std::string& call) { return call.starts_with(beginning); }));
  }

private:
  static constexpr std::uint16_t mount_port = 20048, port = 2049;

  class Connection final : public Stream {
  public:
    Connection(PlayedNfs& server, std::uint16_t to_port) : server_(server), port_(to_port) { ++server_.open; }
    ~Connection() override { --server_.open; }
    Result<std::size_t> read(MutableBytes into) override {
      if (!listens()) return fail(tcp_refused);
      if (server_.delivered >= server_.cut_after) {
        server_.cut_after = SIZE_MAX;
        if (server_.at_cut) server_.at_cut(server_);
        dead_ = true;
      }
      if (dead_) return fail(tcp_reset);
      if (server_.delivered >= server_.silent_after) return 0u;
      if (into.size() > server_.piece_bytes) into = into.first(server_.piece_bytes);
      while (unread_.empty() && !replies_.empty()) {
        unread_ = server_.backwards ? replies_.back() : replies_.front();
        if (server_.backwards) replies_.pop_back();
        else replies_.pop_front();
      }
      const std::size_t count = copy_bytes(into, as_bytes(unread_));
      unread_.erase(0, count);
      server_.delivered += count;
      return count;
    }
    Result<std::size_t> write(Bytes from) override {
      if (!listens()) return fail(tcp_refused);
      if (dead_) return fail(tcp_reset);
      if (server_.silent_ports.contains(port_)) return 0u;
      if (from.size() > server_.piece_bytes) from = from.first(server_.piece_bytes);
      calls_ += as_text(from);
      while (calls_.size() >= 4) {
        const std::size_t size = load_be32(as_bytes(calls_), 0) & 0x7fff'ffff;
        if (calls_.size() < 4 + size) break;
        replies_.push_back(record(server_.answer(port_, Bytes{as_bytes(calls_)}.subspan(4, size), *this)));
        calls_.erase(0, 4 + size);
      }
      return from.size();
    }
    bool at_end() const override { return false; }
    void finish() override {}

  private:
    friend class PlayedNfs;
    bool listens() const {
      if (server_.silent_ports.contains(port_)) return true;
      return port_ == 111 ? server_.has_portmapper : port_ == mount_port ? server_.has_mount : server_.has_3 || server_.has_4;
    }
    PlayedNfs& server_;
    const std::uint16_t port_;
    std::string calls_, unread_;
    std::deque<std::string> replies_;
    bool dead_ = false;
  };

  void complain(std::string text) {
    if (complaint.empty()) complaint = std::move(text);
  }
  static std::string with_padding(Bytes octets) { return xdr(as_text(octets)); }
  std::string handle_of(const std::string& path) const { return xdr(std::string(1, static_cast<char>(handle_era)) + path); }
  /// The path that a handle stands for; nothing if it is of another era.
  std::optional<std::string> path_of(Bytes handle) const {
    if (handle.empty() || handle[0] != handle_era) return std::nullopt;
    return std::string{as_text(handle.subspan(1))};
  }
  static std::string text(Bytes octets) { return std::string{as_text(octets)}; }

  std::string answer(std::uint16_t at, Bytes call, Connection&) {
    rpc::XdrReader in{call};
    const std::uint32_t xid = in.u32();
    if (in.u32() != 0 || in.u32() != 2) complain("no call of RPC version 2");
    const std::uint32_t program = in.u32(), version = in.u32(), procedure = in.u32();
    if (in.u32() != 1) complain("not AUTH_SYS");
    rpc::XdrReader who{in.opaque(400)};
    who.u32();
    who.opaque(255);
    user = who.u32();
    group = who.u32();
    in.u64();
    const auto refuse = [&](std::uint32_t status) { return xdr(xid) + xdr(1) + xdr64(0) + xdr(0) + xdr(status); };
    std::string results;
    if (at == 111 && program == 100000 && version == 2 && procedure == 3) {
      const std::uint32_t wanted = in.u32();
      calls.push_back("port " + std::to_string(wanted));
      if (in.u32() != 3 || in.u32() != 6) complain("not the TCP port of version 3");
      in.u32();
      results = xdr(wanted == 100005 ? (has_mount ? mount_port : 0u) : (has_3 ? port : 0u));
    } else if (at == mount_port && program == 100005 && version == 3) {
      results = procedure == 1 ? mount(text(in.opaque(1024))) : "";
      if (procedure == 5) {
        for (const std::string& path : exports) results += xdr(1) + xdr(path) + xdr(1) + xdr("*.boot.test") + xdr(0);
        results += xdr(0);
      }
      if (procedure == 4) calls.push_back("unmount");
    } else if (at != 111 && program == 100003 && version == 3) {
      if (!has_3) return refuse(2) + xdr64(0x4'0000'0004);
      results = answer_3(in, procedure);
    } else if (at != 111 && program == 100003 && version == 4 && procedure == 1) {
      if (!has_4) return refuse(2) + xdr64(0x3'0000'0003);
      results = answer_4(in);
    } else {
      return refuse(1);
    }
    if (in.failed() || !in.rest().empty()) complain("a call of the wrong length: " + calls.back());
    return rpc_reply(xid + xid_offset, results);
  }

  std::string mount(const std::string& path) {
    calls.push_back("mount " + path);
    for (const std::string& exported : exports) {
      const std::string own = path == "/" ? "" : path;
      if (own != exported && !own.starts_with(exported + "/")) continue;
      const auto file = files.find(own);
      if (file == files.end()) return xdr(2);
      if (file->second.type != directory) return xdr(20);
      return xdr(0) + handle_of(own) + xdr(1) + xdr(1);
    }
    return xdr(13);
  }

  static std::string attributes_3(const File& file) {
    return xdr(file.type) + std::string(16, '\x11') + xdr64(file.contents.size()) + std::string(40, '\x22') + xdr64(file.modified) + std::string(8, '\x33');
  }
  std::string read_data(const File& file, std::uint64_t offset, std::uint32_t length, bool is_3) {
    if (reads_until_offset != 0 && --reads_until_offset == 0) xid_offset = 1;
    if (stale_after_reads != 0 && --stale_after_reads == 0) ++handle_era;
    if (!raw_reply.empty()) return raw_reply;
    std::string data = offset < file.contents.size() ? file.contents.substr(offset, length) : "";
    if (data.size() > read_max) data.resize(read_max);
    if (data.size() > short_read) data.resize(short_read);
    const bool end = offset + data.size() >= file.contents.size();
    return (is_3 ? xdr(0) + xdr(1) + attributes_3(file) + xdr(static_cast<std::uint32_t>(data.size())) : "") + xdr(end) + xdr(data);
  }

  std::string answer_3(rpc::XdrReader& in, std::uint32_t procedure) {
    const auto path = path_of(in.opaque(64));
    if (!path) {
      while (!in.rest().empty() && !in.failed()) in.u32();
      calls.push_back("stale");
      return xdr(70) + xdr(0);
    }
    const auto file = files.find(*path);
    if (procedure == 19) {
      calls.push_back("fsinfo " + *path);
      return xdr(0) + xdr(0) + xdr(read_max) + std::string(44, '\x44');
    }
    if (procedure == 1) {
      calls.push_back("getattr " + *path);
      return file == files.end() ? xdr(70) : xdr(0) + attributes_3(file->second);
    }
    if (procedure == 3) {
      const std::string name = text(in.opaque(255));
      calls.push_back("lookup " + name);
      const auto child = files.find(*path + "/" + name);
      if (child == files.end()) return xdr(2) + xdr(0);
      if (child->second.status != 0) return xdr(child->second.status) + xdr(0);
      return xdr(0) + handle_of(child->first) + (attributes_in_look_up ? xdr(1) + attributes_3(child->second) : xdr(0)) + xdr(0);
    }
    if (procedure == 5) {
      calls.push_back("readlink " + *path);
      return xdr(0) + xdr(1) + attributes_3(file->second) + xdr(file->second.contents);
    }
    if (procedure == 6) {
      const std::uint64_t offset = in.u64();
      const std::uint32_t length = in.u32();
      calls.push_back("read " + std::to_string(offset) + "+" + std::to_string(length));
      return read_data(file->second, offset, length, true);
    }
    complain("NFS procedure " + std::to_string(procedure));
    return xdr(10004);
  }

  std::string answer_4(rpc::XdrReader& in) {
    in.opaque(100);
    const std::uint32_t minor = in.u32(), operations = in.u32();
    if (minor > 1 || (minor == 0 && !has_40)) {
      while (!in.rest().empty() && !in.failed()) in.u32();
      calls.push_back("minor " + std::to_string(minor));
      return xdr(10021) + xdr(0) + xdr(0);
    }
    std::string results, path;
    std::uint32_t status = 0, done = 0;
    for (; done < operations && status == 0; ++done) {
      const std::uint32_t operation = in.u32();
      if (minor == 1 && done == 0 && operation != 53 && operations != 1) complain("no SEQUENCE");
      std::string result;
      if (operation == 53) {
        if (text(in.fixed(16)) != std::string(16, 'S')) complain("not the session");
        const std::uint32_t sequence = in.u32(), slot = in.u32();
        if (slot >= slots) complain("slot " + std::to_string(slot));
        if (sequence != ++slot_sequences_[slot]) complain("sequence " + std::to_string(sequence) + " in slot " + std::to_string(slot));
        in.u64();
        result = std::string(36, '\x55');
      } else if (operation == 42) {
        in.u64();
        in.opaque(1024);
        if (in.u32() != 0 || in.u32() != 0 || in.u32() != 0) complain("EXCHANGE_ID");
        calls.push_back("exchange_id");
        result = xdr64(0x1234) + xdr(77) + std::string(12, '\0');
      } else if (operation == 43) {
        if (in.u64() != 0x1234 || in.u32() != 77) complain("CREATE_SESSION");
        in.u32();
        for (unsigned i = 0; i < 14; ++i) in.u32();
        in.u32();
        if (in.u32() != 1 || in.u32() != 0) complain("callback security");
        calls.push_back("create_session");
        slot_sequences_.clear();
        result = std::string(16, 'S') + xdr(77) + xdr(0) + xdr(0) + xdr(4096) + xdr(read_max + 200) + xdr(4096) + xdr(8) + xdr(slots) + xdr(0) + std::string(28, '\0');
      } else if (operation == 44) {
        in.fixed(16);
        calls.push_back("destroy_session");
      } else if (operation == 24) {
        path = "";
        calls.push_back("root");
      } else if (operation == 22) {
        const auto known = path_of(in.opaque(128));
        if (!known) {
          calls.push_back("stale");
          status = 70;
        } else {
          path = *known;
        }
      } else if (operation == 15) {
        const std::string name = text(in.opaque(255));
        calls.push_back("lookup " + name);
        path += "/" + name;
        if (!files.contains(path)) status = 2;
        else status = files[path].status;
      } else if (operation == 10) {
        result = handle_of(path);
      } else if (operation == 9) {
        if (in.u32() != 2 || in.u32() != 0x4000'0012 || in.u32() != 0x0020'0000) complain("attributes");
        const File& file = files[path];
        // The file's time is left out of the directories': a server may.
        const bool timed = file.type != directory;
        result = xdr(2) + xdr(0x4000'0012) + xdr(timed ? 0x0020'0000u : 0u) + xdr(timed ? 32u : 20u) + xdr(file.type) + xdr64(file.contents.size()) + xdr64(read_max);
        if (timed) result += xdr64(file.modified) + xdr(0);
      } else if (operation == 27) {
        calls.push_back("readlink " + path);
        result = xdr(files[path].contents);
      } else if (operation == 25) {
        if (in.u64() != 0 || in.u64() != 0) complain("stateid");
        const std::uint64_t offset = in.u64();
        const std::uint32_t length = in.u32();
        calls.push_back("read " + std::to_string(offset) + "+" + std::to_string(length));
        result = read_data(files[path], offset, length, false);
      } else {
        complain("operation " + std::to_string(operation));
      }
      results += xdr(operation) + xdr(status) + (status == 0 ? result : "");
    }
    while (status != 0 && !in.rest().empty() && !in.failed()) in.u32();
    return xdr(status) + xdr(0) + xdr(done) + results;
  }

  std::map<std::uint32_t, std::uint32_t> slot_sequences_;
};

}  // namespace undine::testing
