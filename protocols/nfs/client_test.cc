// SPDX-License-Identifier: Apache-2.0
#include "protocols/nfs/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocols/nfs/testing/played_server.h"

namespace undine::nfs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PlayedNfs;
using testing::xdr;
using testing::xdr64;

const std::string file_1m = [] {
  std::string file;
  for (unsigned i = 0; file.size() < 1'000'000; ++i) file += std::to_string(i) + ' ';
  return file.substr(0, 999'999);
}();

/// Takes octets in any order; knows which have come.
class PatchworkSink final : public Sink {
public:
  Result<void> expect(std::uint64_t size_bytes) override {
    ++expectations;
    contents.assign(size_bytes, '?');
    return {};
  }
  Result<MutableBytes> room(std::uint64_t offset) override {
    if (offset >= contents.size()) return fail(out_of_memory);
    return MutableBytes{reinterpret_cast<std::uint8_t*>(contents.data()), contents.size()}.subspan(offset);
  }
  Result<void> commit(std::uint64_t offset, std::size_t length_bytes) override {
    EXPECT_LE(offset + length_bytes, contents.size());
    came += length_bytes;
    return {};
  }
  void restart() override {
    ++restarts;
    came = 0;
    contents.clear();
  }
  std::string contents;
  std::uint64_t came = 0;  ///< with those that came twice
  unsigned expectations = 0, restarts = 0;
};

class NfsClient : public ::testing::Test {
protected:
  NfsClient() {
    server.files["/srv/a/f"] = {PlayedNfs::regular, file_1m};
    server.files["/srv/a/small"] = {PlayedNfs::regular, "0123456789"};
    server.files["/srv/a/empty"] = {PlayedNfs::regular, ""};
  }
  ~NfsClient() override {
    client.reset();
    EXPECT_EQ(server.open, 0u);
    EXPECT_EQ(server.complaint, "");
  }
  void only_4(bool has_40 = true) {
    server.has_portmapper = server.has_mount = server.has_3 = false;
    server.has_4 = true;
    server.has_40 = has_40;
  }
  /// Fetches to the end, in turns of 100 ms; how long it took.
  std::uint64_t fetch(std::string_view uri = "nfs://10.0.0.1/srv/a/f") {
    failure.reset();
    progress = {};
    client.reset();
    auto opened = Client::open(PlayedNfs::connect, net.network, *Uri::parse(uri), sink, options);
    if (!opened) {
      failure = opened.error();
      return 0;
    }
    client = std::move(*opened);
    const Instant start = now;
    while (now.since(start).ms < 1'000'000) {
      for (unsigned i = 0; i < 30 && !progress.finished; ++i) {
        const Result<Progress> result = client->advance(now);
        if (!result) {
          failure = result.error();
          return now.since(start).ms;
        }
        EXPECT_GE(result->done_bytes, sink.restarts == 0 ? progress.done_bytes : 0);
        progress = *result;
      }
      if (progress.finished) break;
      now = now + 100_ms;
    }
    return now.since(start).ms;
  }
  bool failed_with(const Cause& cause) const { return failure && failure->is(cause); }
  bool has_file() const { return progress.finished && sink.contents == file_1m; }

  testing::FakeNetwork net;
  PlayedNfs server;
  PatchworkSink sink;
  FetchOptions options{.user_agent = "Undine/1", .attempts = 4};
  std::unique_ptr<Client> client;
  Instant now;
  Progress progress;
  std::optional<Error> failure;
};

// --- the way to a file

TEST_F(NfsClient, ReadsAFileByVersion3) {
  EXPECT_EQ(fetch("nfs://10.0.0.1/srv/a/small"), 0u);
  EXPECT_EQ(sink.contents, "0123456789");
  EXPECT_EQ(progress.total_bytes, 10u);
  EXPECT_THAT(server.ports, ElementsAre(111, 20048, 2049));
  client.reset();
  EXPECT_THAT(server.calls, ElementsAre("port 100005", "port 100003", "mount /srv/a", "fsinfo /srv/a", "lookup small", "read 0+10", "unmount"));
}

TEST_F(NfsClient, ReadsALongFileInPiecesThatAreUnderWayTogether) {
  for (const std::size_t piece : {100u, 1000u, 100'000u}) {
    server.piece_bytes = piece;
    fetch();
    EXPECT_TRUE(has_file()) << piece;
    EXPECT_EQ(sink.came, file_1m.size());
    sink.came = 0;
  }
  EXPECT_EQ(server.count("read "), 3 * 8u);
  EXPECT_EQ(sink.restarts, 0u);
}

TEST_F(NfsClient, PutsRepliesThatComeInAnotherOrderWhereTheyBelong) {
  server.backwards = true;
  server.piece_bytes = 100'000;
  fetch();
  EXPECT_TRUE(has_file());
  EXPECT_EQ(sink.came, file_1m.size());
}

TEST_F(NfsClient, ReadsAFileByVersion40WithoutOpeningIt) {
  only_4();
  EXPECT_EQ(fetch("nfs://10.0.0.1/srv/a/small"), 0u);
  EXPECT_EQ(sink.contents, "0123456789");
  client.reset();
  EXPECT_THAT(server.calls, ElementsAre("root", "lookup srv", "lookup a", "lookup small", "read 0+10"));
  EXPECT_THAT(server.ports, ElementsAre(111, 2049));
}

TEST_F(NfsClient, ReadsAFileByVersion41AndEndsTheSession) {
  only_4(false);
  fetch();
  EXPECT_TRUE(has_file());
  client.reset();
  EXPECT_EQ(server.count("minor 0"), 1u);
  EXPECT_EQ(server.count("create_session"), 1u);
  EXPECT_EQ(server.count("destroy_session"), 1u);
}

TEST_F(NfsClient, UsesNoMoreSlotsAndNoLongerRepliesThanASessionHas) {
  only_4(false);
  server.slots = 1;
  server.read_max = 20'000;
  fetch();
  EXPECT_TRUE(has_file());
  EXPECT_EQ(server.count("read 0+16104"), 1u);  // less what the other words of a reply may take
}

TEST_F(NfsClient, FetchesAnEmptyFile) {
  fetch("nfs://10.0.0.1/srv/a/empty");
  EXPECT_TRUE(progress.finished);
  EXPECT_EQ(sink.expectations, 1u);
  EXPECT_EQ(server.count("read "), 0u);
}

TEST_F(NfsClient, AsksForNoMoreAtOnceThanTheServerGives) {
  server.read_max = 8192;
  fetch();
  EXPECT_TRUE(has_file());
  EXPECT_EQ(server.count("read 0+8192"), 1u);
}

TEST_F(NfsClient, AsksForTheRestOfAShortRead) {
  server.short_read = 99'999;
  fetch();
  EXPECT_TRUE(has_file());
  EXPECT_EQ(server.count("read 99999+31073"), 1u);
}

TEST_F(NfsClient, AsksForAttributesThatALookUpDoesNotBring) {
  server.attributes_in_look_up = false;
  fetch();
  EXPECT_TRUE(has_file());
  EXPECT_EQ(server.count("getattr /srv/a/f"), 1u);
}

TEST_F(NfsClient, FindsTheExportAboveTheDirectoryOfTheFile) {
  server.files["/srv/a/l"] = {PlayedNfs::link, "b/c"};
  server.files["/srv/a/b"] = {PlayedNfs::directory, ""};
  server.files["/srv/a/b/c"] = {PlayedNfs::directory, ""};
  server.files["/srv/a/b/c/f"] = {PlayedNfs::regular, file_1m};
  fetch("nfs://10.0.0.1/srv/a/l/f");  // a link can't be mounted here
  EXPECT_TRUE(has_file());
  EXPECT_THAT(std::vector(server.calls.begin() + 2, server.calls.begin() + 7),
              ElementsAre("mount /srv/a/l", "mount /srv/a", "fsinfo /srv/a", "lookup l", "readlink /srv/a/l"));
}

TEST_F(NfsClient, MountsTheRootWhereThatIsExported) {
  server.exports = {""};
  server.files["/f"] = {PlayedNfs::regular, file_1m};
  fetch("nfs://10.0.0.1/f");
  EXPECT_TRUE(has_file());
  EXPECT_EQ(server.count("mount /"), 1u);
}

TEST_F(NfsClient, TakesParametersFromTheAddress) {
  server.has_portmapper = false;
  fetch("nfs://10.0.0.1:2050/srv//./a/../a/f?uid=1000&gid=0x64&mountport=20048&version=3&unknown=7");
  EXPECT_TRUE(has_file());
  EXPECT_EQ(server.user, 1000u);
  EXPECT_EQ(server.group, 100u);
  EXPECT_THAT(server.ports, ElementsAre(20048, 2050));
}

TEST_F(NfsClient, AsksThePortmapperForMountOnlyIfTheAddressHasThePort) {
  fetch("nfs://10.0.0.1:2050/srv/a/f");
  EXPECT_TRUE(has_file());
  EXPECT_THAT(server.ports, ElementsAre(111, 20048, 2050));
}

TEST_F(NfsClient, SpeaksVersion4AtOnceIfTheAddressSaysSo) {
  server.has_4 = true;
  fetch("nfs://10.0.0.1/srv/a/f?version=4");
  EXPECT_TRUE(has_file());
  EXPECT_THAT(server.ports, ElementsAre(2049));
}

// --- from version 3 to 4

TEST_F(NfsClient, SpeaksVersion4IfThePortmapperIsSilent) {
  only_4();
  server.silent_ports = {111};
  EXPECT_EQ(fetch(), 3000u);
  EXPECT_TRUE(has_file());
}

TEST_F(NfsClient, SpeaksVersion4IfThePortmapperKnowsNoMount) {
  server.has_mount = server.has_3 = false;
  server.has_4 = true;
  EXPECT_EQ(fetch(), 0u);
  EXPECT_TRUE(has_file());
}

TEST_F(NfsClient, SpeaksVersion4IfMountRefusesAndElseSaysWhatMountSaid) {
  server.exports.clear();
  server.has_4 = true;
  fetch();
  EXPECT_TRUE(has_file());
  server.has_4 = false;
  fetch();
  EXPECT_TRUE(failed_with(not_exported));
  server.has_4 = true;
  fetch("nfs://10.0.0.1/srv/b/f");
  EXPECT_TRUE(failed_with(not_exported));
  fetch("nfs://10.0.0.1/srv/a/f?version=3");
  EXPECT_TRUE(failed_with(not_exported));
}

TEST_F(NfsClient, TellsWhatTheServerExportsIfThePathIsNotAmongIt) {
  server.exports = {"/home", "/srv/images"};
  fetch();
  EXPECT_TRUE(failed_with(not_exported));
  EXPECT_THAT(net.console.take_text(), HasSubstr("nfs://10.0.0.1/srv/a/f: the server exports /home /srv/images"));
  // More than is kept of a reply; those at its beginning are shown.
  for (unsigned i = 0; i < 1000; ++i) server.exports.insert("/a" + std::to_string(i));
  fetch("nfs://10.0.0.1/srv/a/f?version=3");
  EXPECT_TRUE(failed_with(not_exported));
  EXPECT_THAT(net.console.take_text(), HasSubstr("exports /a0 /a1 /a10 "));
}

// --- links

TEST_F(NfsClient, FollowsLinksInBothVersions) {
  server.files["/srv/rel"] = {PlayedNfs::link, "a/up"};
  server.files["/srv/a/up"] = {PlayedNfs::link, "../abs"};
  server.files["/srv/abs"] = {PlayedNfs::link, "/srv/dir/./f"};
  server.files["/srv/dir"] = {PlayedNfs::link, "a"};
  fetch("nfs://10.0.0.1/srv/rel");
  EXPECT_TRUE(has_file());
  only_4();
  fetch("nfs://10.0.0.1/srv/rel");
  EXPECT_TRUE(has_file());
}

TEST_F(NfsClient, GivesUpOnLinksWithoutEnd) {
  server.files["/srv/a/circle"] = {PlayedNfs::link, "circle"};
  fetch("nfs://10.0.0.1/srv/a/circle");
  EXPECT_TRUE(failed_with(too_many_links));
  EXPECT_EQ(server.count("readlink"), 17u);
  server.files["/srv/a/grows"] = {PlayedNfs::link, "grows/" + std::string(100, 'x')};
  fetch("nfs://10.0.0.1/srv/a/grows");
  EXPECT_TRUE(failed_with(path_too_long));
  for (const std::string_view odd : {std::string_view{""}, std::string_view{"a\0b", 3}}) {
    server.files["/srv/a/odd"] = {PlayedNfs::link, std::string{odd}};
    fetch("nfs://10.0.0.1/srv/a/odd");
    EXPECT_TRUE(failed_with(rpc::malformed));
  }
  server.files["/srv/a/odd"] = {PlayedNfs::link, "../../../.."};
  fetch("nfs://10.0.0.1/srv/a/odd");
  EXPECT_TRUE(failed_with(not_a_file));
}

// --- what servers refuse

TEST_F(NfsClient, SaysWhyAFileIsNotToBeHad) {
  server.files["/srv/a/dev"] = {PlayedNfs::device, ""};
  fetch("nfs://10.0.0.1/srv/a/none");
  EXPECT_TRUE(failed_with(no_such_file));
  fetch("nfs://10.0.0.1/srv/a/small/f");
  EXPECT_TRUE(failed_with(not_a_directory));
  for (const char* uri : {"nfs://10.0.0.1/srv/a", "nfs://10.0.0.1/srv/a/dev", "nfs://10.0.0.1/"}) {
    fetch(uri);
    EXPECT_TRUE(failed_with(not_a_file)) << uri;
  }
  fetch("nfs://10.0.0.1/srv/" + std::string(1024, 'x'));
  EXPECT_TRUE(failed_with(path_too_long));
  const struct {
    std::uint32_t status;
    const Cause& cause;
  } cases[] = {{1, permission_denied}, {13, permission_denied}, {20, not_a_directory}, {21, not_a_file}, {63, path_too_long}, {10016, wrong_security}, {5, status_error}};
  for (const auto& [status, cause] : cases) {
    server.files["/srv/a/f"].status = status;
    fetch();
    EXPECT_TRUE(failed_with(cause)) << status;
  }
  EXPECT_EQ(failure->detail(), 5u);
}

TEST_F(NfsClient, ComesBackWhenTheServerSaysLater) {
  server.files["/srv/a/f"].status = 10008;
  EXPECT_EQ(fetch(), 1000u + 2000u + 4000u + 8000u);
  EXPECT_TRUE(failed_with(status_error));
  server.files["/srv/a/f"].status = 10013;
  EXPECT_EQ(fetch(), 4 * 12'000u);
}

TEST_F(NfsClient, GivesUpOnAServerThatIsNotThere) {
  server.has_portmapper = server.has_3 = false;
  EXPECT_EQ(fetch(), 3000u);
  EXPECT_TRUE(failed_with(tcp_refused));
  server.silent_ports = {111, 2049};
  EXPECT_EQ(fetch(), 23'000u);
  EXPECT_TRUE(failed_with(tcp_timed_out));
  fetch("nfs:///x");
  EXPECT_TRUE(failed_with(no_server));
}

// --- cuts

TEST_F(NfsClient, GoesOnAfterACutWithNewHandles) {
  for (const bool version_4 : {false, true}) {
    if (version_4) only_4();
    server.calls.clear();
    server.delivered = 0;
    server.cut_after = 400'000;
    server.at_cut = [](PlayedNfs& s) { ++s.handle_era; };
    sink.came = 0;
    EXPECT_EQ(fetch(), 1000u);
    EXPECT_TRUE(has_file());
    EXPECT_LT(sink.came, file_1m.size() + Client::reads_max * Client::read_bytes_max);
    EXPECT_EQ(server.count("read 0+"), 1u);
    EXPECT_EQ(sink.restarts, 0u);
    EXPECT_THAT(net.console.take_text(), HasSubstr("going on after"));
  }
}

TEST_F(NfsClient, GoesOnInANewSessionThatAllowsLess) {
  only_4(false);
  server.cut_after = 400'000;
  server.at_cut = [](PlayedNfs& s) { s.slots = 1; };
  EXPECT_EQ(fetch(), 1000u);
  EXPECT_TRUE(has_file());
  EXPECT_EQ(server.count("create_session"), 2u);
  EXPECT_EQ(server.count("read 0+"), 1u);
}

TEST_F(NfsClient, AsksForNewHandlesWhenItsOwnAreStale) {
  for (const bool version_4 : {false, true}) {
    if (version_4) only_4();
    server.calls.clear();
    server.stale_after_reads = 6;
    sink.came = 0;
    EXPECT_EQ(fetch(), 1000u);
    EXPECT_TRUE(has_file());
    EXPECT_GE(server.count("stale"), 1u);
  }
}

TEST_F(NfsClient, BeginsAgainWithAFileThatHasChanged) {
  server.cut_after = 400'000;
  server.at_cut = [](PlayedNfs& s) {
    s.files["/srv/a/f"].contents[0] = 'X';
    ++s.files["/srv/a/f"].modified;
  };
  fetch();
  EXPECT_EQ(sink.restarts, 1u);
  EXPECT_EQ(sink.expectations, 2u);
  EXPECT_EQ(sink.contents, server.files["/srv/a/f"].contents);
}

TEST_F(NfsClient, NoticesAFileThatBecameShorter) {
  server.piece_bytes = 100'000;
  options.attempts = 2;
  // The attributes lie, and go on doing so.
  server.short_read = 0;
  EXPECT_EQ(fetch(), 3000u);
  EXPECT_TRUE(failed_with(changed));
}

TEST_F(NfsClient, GivesUpOnSilence) {
  server.silent_after = 400'000;
  EXPECT_EQ(fetch(), 5 * 20'000u + 1000 + 2000 + 4000 + 8000);
  EXPECT_TRUE(failed_with(silent));
}

TEST_F(NfsClient, RefusesRepliesToCallsThatItDidNotMake) {
  server.xid_offset = 1;
  fetch();
  EXPECT_TRUE(failed_with(rpc::malformed));
  server.xid_offset = 0;
  server.reads_until_offset = 3;
  fetch();
  EXPECT_TRUE(failed_with(rpc::malformed));
  EXPECT_GE(server.count("read "), 3u);
}

TEST_F(NfsClient, RefusesRepliesThatLie) {
  const std::string attributes = xdr(0) + xdr(0);
  const std::string lies[] = {
      attributes + xdr(10) + xdr(1) + xdr(0x7fff'ffff),               // longer than asked for
      attributes + xdr(10) + xdr(1) + xdr(131'072) + "short",         // longer than the record
      attributes,                                                     // no data
      xdr(0) + xdr(1) + "x",                                          // attributes cut
  };
  for (const std::string& lie : lies) {
    server.raw_reply = lie;
    fetch();
    EXPECT_TRUE(failed_with(rpc::malformed));
  }
}

}  // namespace
}  // namespace undine::nfs
