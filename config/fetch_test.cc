// SPDX-License-Identifier: Apache-2.0
// Mirrors, digests, parameters, and what else goes along with a download.
#include <gtest/gtest.h>

#include "config/shell_bench.h"

namespace undine {
namespace {

using testing::ShellBench;

/// `sha256sum` of "KERNEL".
constexpr std::string_view kernel_sha256 = "a204d4ad1de3e9b07751899e5cf4d4a3017328c41372c70fdcc8db9587bb38fb";

std::string image_text(ShellBench& bench, std::string_view name) {
  Image* image = bench.shell.images().find(name);
  return image == nullptr ? "none" : std::string(as_text(bench.shell.images().contents(*image)));
}

TEST(Fetch, GoesToTheNextMirror) {
  ShellBench bench;
  bench.files.files = {{"http://b/x/vmlinuz", "KERNEL"}};
  EXPECT_EQ(bench.line("kernel -m http://b/x/vmlinuz http://a/vmlinuz quiet"),
            "http://a/vmlinuz (1 of 2): the server answered 404 [http.status]; going on at the next mirror\n"
            "http://b/x/vmlinuz (2 of 2): 6 B\n");
  EXPECT_EQ(bench.shell.images().selected()->arguments, "quiet");
  EXPECT_EQ(bench.shell.images().selected()->uri, "http://b/x/vmlinuz");
  EXPECT_EQ(bench.files.options[0].attempts, 1u);
  EXPECT_EQ(bench.files.options[1].attempts, 10u) << "the last one deserves patience";
}

TEST(Fetch, TakesAListOfFoldersFromASetting) {
  ShellBench bench;
  bench.files.files = {{"http://c/deb/vmlinuz?v=1", "KERNEL"}};
  bench.line("set mirrors http://b/ http://c/deb/");
  bench.line("kernel --mirror ${mirrors} http://a/old/vmlinuz?v=1");
  EXPECT_EQ(bench.files.asked, (std::vector<std::string>{"http://a/old/vmlinuz?v=1", "http://b/vmlinuz?v=1", "http://c/deb/vmlinuz?v=1"}));
  EXPECT_TRUE(bench.status);
}

TEST(Fetch, FailsWithTheLastMirror) {
  ShellBench bench;
  const std::string shown = bench.line("imgfetch --mirror http://b/y http://a/x");
  EXPECT_TRUE(shown.ends_with("imgfetch: http://b/y: the server answered 404 [http.status]\n")) << shown;
  EXPECT_TRUE(bench.shell.images().images().empty());
  EXPECT_EQ(bench.line("imgfetch --mirror gopher://b/y http://a/x"),
            "imgfetch: gopher://b/y: that kind of address is not supported; 'help' lists those that are [uri.unknown-scheme]\n");
  EXPECT_EQ(bench.files.asked.size(), 2u) << "a mistake is found before the first is asked";
}

TEST(Fetch, GoesOnInTheMiddleOfTheSameVersion) {
  ShellBench bench;
  bench.files.files = {{"http://a/x", "ABCDEF"}, {"http://b/x", "ABCDEF"}};
  bench.files.breaks = {{"http://a/x", 4}};
  bench.line("imgfetch -m http://b/ http://a/x");
  EXPECT_EQ(bench.files.begun_at, (std::vector<std::uint64_t>{0, 4}));
  EXPECT_EQ(image_text(bench, "x"), "ABCDEF");
}

TEST(Fetch, BeginsAgainWhereNothingTellsTheVersion) {
  ShellBench bench;
  bench.files.version.clear();
  bench.files.files = {{"http://a/x", "ABCDEF"}, {"http://b/x", "abcdef"}};
  bench.files.breaks = {{"http://a/x", 4}};
  bench.line("imgfetch -m http://b/ http://a/x");
  EXPECT_EQ(bench.files.begun_at, (std::vector<std::uint64_t>{0, 0}));
  EXPECT_EQ(image_text(bench, "x"), "abcdef");
}

TEST(Fetch, BeginsAgainWhereOnlyHttpCouldGoOn) {
  ShellBench bench;
  bench.files.files = {{"http://a/x", "ABCDEF"}, {"tftp://b/x", "abcdef"}};
  bench.files.breaks = {{"http://a/x", 4}};
  bench.line("imgfetch -m tftp://b/x http://a/x");
  EXPECT_EQ(bench.files.begun_at, (std::vector<std::uint64_t>{0, 0}));
  EXPECT_EQ(image_text(bench, "x"), "abcdef");
}

TEST(Fetch, WithADigestAnyPiecesDoThatMakeTheFile) {
  ShellBench bench;
  bench.files.version.clear();
  bench.files.files = {{"http://a/x", "KERNEL"}, {"http://b/x", "KERNEL"}};
  bench.files.breaks = {{"http://a/x", 4}};
  bench.line(join({"imgfetch -s ", kernel_sha256, " -m http://b/ http://a/x"}));
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.files.begun_at, (std::vector<std::uint64_t>{0, 4}));
  EXPECT_EQ(image_text(bench, "x"), "KERNEL");
}

TEST(Fetch, PiecesThatMakeNoFileAreForgotten) {
  ShellBench bench;
  bench.files.version.clear();
  bench.files.files = {{"http://a/x", "kernel"}, {"http://b/x", "KERNEL"}};
  bench.files.breaks = {{"http://a/x", 4}};
  bench.line(join({"imgfetch -s ", kernel_sha256, " -m http://b/ http://a/x"}));
  EXPECT_TRUE(bench.status);
  EXPECT_EQ(bench.files.begun_at, (std::vector<std::uint64_t>{0, 4, 0})) << "the second mirror alone has the right one";
  EXPECT_EQ(image_text(bench, "x"), "KERNEL");
}

TEST(Fetch, RefusesAFileWithAnotherDigest) {
  ShellBench bench;
  bench.files.files = {{"http://a/x", "KERNEL"}, {"http://b/x", "kernel"}};
  EXPECT_EQ(bench.line(join({"kernel --sha256 ", kernel_sha256, " http://a/x && imgstat"})), "http://a/x: 6 B\nx: 6 B, kernel, chosen\n");
  const std::string shown = bench.line(join({"initrd -s ", kernel_sha256, " http://b/x"}));
  EXPECT_TRUE(shown.ends_with("initrd: http://b/x: what came is not the file with that SHA-256: it was changed or damaged, or the number is of another version; it was freed [fetch.sha256]\n")) << shown;
  EXPECT_EQ(bench.shell.images().images().size(), 1u);
  EXPECT_EQ(bench.line("initrd -s 12:34 http://a/x"), "initrd: 12:34: that is no SHA-256: 64 hexadecimal digits, with or without colons [usage.sha256]\n");
}

TEST(Fetch, GivesUpASilentMirrorToo) {
  ShellBench bench;
  bench.files.takes = Duration{3600'000};
  bench.files.files = {{"http://a/x", "x"}, {"http://b/x", "x"}};
  bench.line("imgfetch --timeout 500 -m http://b/ http://a/x");
  EXPECT_EQ(bench.files.asked.size(), 2u);
  EXPECT_EQ(bench.shell.last_error()->cause().name, "fetch.timeout");
  bench.console.keys.push_back(Key::ctrl_c);
  bench.line("imgfetch -m http://b/ http://a/x");
  EXPECT_EQ(bench.files.asked.size(), 3u) << "Ctrl-C ends it for all mirrors";
}

TEST(Fetch, SendsNameAndPasswordAndProxyOfTheSettings) {
  ShellBench bench;
  bench.files.files = {{"http://a/x", "x"}};
  bench.line("set username me ; set password secret ; set proxy http://p:3128 ; set no-proxy .lab ; imgfetch http://a/x");
  ASSERT_EQ(bench.files.options.size(), 1u);
  const FetchOptions& options = bench.files.options[0];
  EXPECT_EQ(options.username + ' ' + options.password + ' ' + options.proxy + ' ' + options.no_proxy, "me secret http://p:3128 .lab");
  EXPECT_FALSE(options.form);
}

TEST(Fetch, PostsParametersOnce) {
  ShellBench bench;
  bench.files.files = {{"http://a/x", "x"}};
  EXPECT_EQ(bench.line("params ; param uuid 12 34 ; param e ; param --header X-Asset 77 ; imgfetch http://a/x##params"), "http://a/x: 1 B\n");
  ASSERT_EQ(bench.files.options.size(), 1u);
  EXPECT_EQ(bench.files.options[0].form, "uuid=12%2034&e=");
  EXPECT_EQ(bench.files.options[0].fields, "X-Asset: 77\r\n");
  EXPECT_EQ(bench.line("imgfetch http://a/x##params"), "imgfetch: http://a/x##params: there is no such list of parameters; 'params' begins one, and a request uses it up [params.none]\n");
  bench.line("params -n p ; param -p p a b ; params --name q ; param --params q c d ; imgfetch http://a/x##params=q");
  EXPECT_EQ(bench.files.options[1].form, "c=d");
  EXPECT_EQ(bench.line("params --delete -n p ; param -p p a b"), "param: p: there is no such list of parameters; 'params' begins one [params.unknown]\n");
  bench.line("params ; param -H X-Only 1 ; imgfetch http://a/x##params");
  EXPECT_FALSE(bench.files.options[2].form) << "without a parameter it is a GET";
}

TEST(Fetch, ParametersAreBounded) {
  ShellBench bench;
  for (char name = 'a'; name < 'i'; ++name) bench.line(join({"params -n ", name}));
  EXPECT_EQ(bench.line("params"), "params: that are too many parameters: 8 lists of 32 KiB are kept [params.full]\n");
  bench.line(join({"set big ", std::string(8000, 'x')}));
  EXPECT_EQ(bench.line("param -p a k ${big} ; param -p a k ${big}"), "");
  EXPECT_EQ(bench.line("param -p a k ${big}"), "param: that are too many parameters: 8 lists of 32 KiB are kept [params.full]\n");
}

}  // namespace
}  // namespace undine
