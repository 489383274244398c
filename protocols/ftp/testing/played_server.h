// SPDX-License-Identifier: Apache-2.0
// An FTP server for tests. It holds one file, knows the commands of RFC 959, 2428 and 3659 that a client may use, and misbehaves as told:
// replies of the test's own, connections that are refused or cut, sizes that are lies.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/memory.h"
#include "protocols/fetch/testing/fakes.h"

namespace undine::testing {

class PlayedFtpServer {
public:
  static constexpr std::uint16_t control_port = 21, data_port = 2000;

  std::string file = "0123456789";
  std::string greeting = "220 ready\r\n";
  /// Replies that take the place of the server's own, by the command's first word: each is used once, the last one for ever. Empty: silence.
  std::map<std::string, std::deque<std::string>> replies;
  std::size_t piece_bytes = 700;           ///< what a read or a write carries at most
  bool sends_data = true;                  ///< false: the data connection opens and stays silent
  bool refuses_data = false;
  bool refuses_control = false;
  std::deque<std::size_t> cuts;            ///< the next data connections break after so many octets
  enum class Cut { reset, close, silence } cut_is = Cut::reset;
  bool cut_takes_control = false;          ///< the control connection breaks with it
  bool closes_control_at_retrieval = false;
  std::string completion = "226 done\r\n";

  std::vector<std::string> commands;       ///< as they came, without CRLF
  std::vector<Endpoint> connects;
  unsigned open = 0;                       ///< streams that exist

  /// The server that `connect` leads to.
  static PlayedFtpServer*& current() {
    static PlayedFtpServer* server = nullptr;
    return server;
  }
  PlayedFtpServer() { current() = this; }

  static Result<std::unique_ptr<Stream>> connect(Network&, Endpoint to, Instant) {
    PlayedFtpServer& server = *current();
    server.connects.push_back(to);
    const bool control = to.port == control_port;
    const bool refuse = control ? server.refuses_control : server.refuses_data;
    auto stream = make_unique_nothrow<Connection>(server, control, refuse);
    if (control) {
      stream->unread = server.greeting;
      server.broken_ = false;
      server.data_ = {};
      server.from_ = 0;
    }
    return stream;
  }
  /// How often a command came.
  unsigned count(std::string_view word) const {
    unsigned times = 0;
    for (const std::string& command : commands) times += command.substr(0, command.find(' ')) == word;
    return times;
  }

private:
  class Connection final : public Stream {
  public:
    Connection(PlayedFtpServer& server, bool control, bool refuse) : server_(server), control_(control), refuse_(refuse) { ++server_.open; }
    ~Connection() override { --server_.open; }
    Result<std::size_t> read(MutableBytes into) override {
      if (refuse_) return fail(tcp_refused);
      if (into.size() > server_.piece_bytes) into = into.first(server_.piece_bytes);
      if (!control_) return server_.read_data(into);
      const std::size_t count = copy_bytes(into, as_bytes(unread));
      unread.erase(0, count);
      if (count == 0 && server_.broken_ && !server_.closes_control_at_retrieval) return fail(tcp_reset);
      return count;
    }
    Result<std::size_t> write(Bytes from) override {
      if (refuse_) return fail(tcp_refused);
      if (from.size() > server_.piece_bytes) from = from.first(server_.piece_bytes);
      line_ += as_text(from);
      while (line_.find("\r\n") != line_.npos) {
        const std::string command = line_.substr(0, line_.find("\r\n"));
        line_.erase(0, command.size() + 2);
        server_.commands.push_back(command);
        unread += server_.answer(command);
      }
      return from.size();
    }
    bool at_end() const override {
      if (control_) return unread.empty() && server_.broken_ && server_.closes_control_at_retrieval;
      return server_.data_at_end();
    }
    void finish() override {}

    std::string unread;

  private:
    PlayedFtpServer& server_;
    bool control_, refuse_;
    std::string line_;
  };

  std::string answer(const std::string& command) {
    const std::string word = command.substr(0, command.find(' '));
    std::string_view argument = command;
    split_first(argument, ' ');
    std::string own = own_answer(word, argument);
    const auto script = replies.find(word);
    if (script == replies.end() || script->second.empty()) return own;
    std::string reply = script->second.front();
    if (script->second.size() > 1) script->second.pop_front();
    if (word == "REST" && !reply.starts_with('3')) from_ = 0;
    if (word == "RETR" && !reply.starts_with('1')) data_ = {};
    return reply;
  }
  std::string own_answer(const std::string& word, std::string_view argument) {
    if (word == "USER") return "331 password please\r\n";
    if (word == "PASS") return "230 come in\r\n";
    if (word == "TYPE") return "200 binary\r\n";
    if (word == "SIZE") return "213 " + std::to_string(file.size()) + "\r\n";
    if (word == "MDTM") return "213 20260101120000\r\n";
    if (word == "EPSV") return "229 Entering Extended Passive Mode (|||2000|)\r\n";
    if (word == "PASV") return "227 Entering Passive Mode (192,168,77,7,7,208).\r\n";  // 2000, at an address that nobody should ask
    if (word == "REST") {
      from_ = static_cast<std::size_t>(parse_number(argument).value_or(0));
      return "350 from there\r\n";
    }
    if (word != "RETR") return "221 bye\r\n";
    if (closes_control_at_retrieval) broken_ = true;
    data_ = Data{from_ < file.size() ? file.substr(from_) : "", cuts.empty() ? SIZE_MAX : cuts.front(), true};
    if (!cuts.empty()) cuts.pop_front();
    from_ = 0;
    if (broken_) return {};
    return "150 here it comes\r\n" + (data_.left_bytes == SIZE_MAX ? completion : "");
  }
  Result<std::size_t> read_data(MutableBytes into) {
    if (!data_.started || !sends_data) return 0u;
    if (into.size() > data_.left_bytes) into = into.first(data_.left_bytes);
    const std::size_t count = copy_bytes(into, as_bytes(data_.unread));
    data_.unread.erase(0, count);
    if (data_.left_bytes != SIZE_MAX) data_.left_bytes -= count;
    if (count == 0 && data_.left_bytes == 0) {
      if (cut_takes_control) broken_ = true;
      if (cut_is == Cut::reset) return fail(tcp_reset);
    }
    return count;
  }
  bool data_at_end() const {
    if (!data_.started || !sends_data) return false;
    return data_.left_bytes == 0 ? cut_is == Cut::close : data_.unread.empty();
  }

  struct Data {
    std::string unread;
    std::size_t left_bytes = SIZE_MAX;  ///< until the connection breaks
    bool started = false;
  };
  Data data_;
  std::size_t from_ = 0;
  bool broken_ = false;
};

}  // namespace undine::testing
