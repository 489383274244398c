// SPDX-License-Identifier: Apache-2.0
#include "core/uri.h"

#include <gtest/gtest.h>

namespace undine {
namespace {

Uri parsed(std::string_view text) {
  const Result<Uri> uri = Uri::parse(text);
  EXPECT_TRUE(uri) << text;
  return uri ? *uri : Uri{};
}

std::string resolved(std::string_view reference, std::string_view base) {
  return parsed(reference).resolved_against(parsed(base)).text();
}

TEST(Uri, TakesAllPartsOfAnAddressApart) {
  const Uri uri = parsed("HTTP://user:pw@host:8080/a%20b/c?x=1&y#part");
  EXPECT_EQ(uri.scheme, "http");
  EXPECT_TRUE(uri.has_authority);
  EXPECT_EQ(uri.user_info, "user:pw");
  EXPECT_EQ(uri.host, "host");
  EXPECT_EQ(uri.port, 8080);
  EXPECT_EQ(uri.path, "/a%20b/c");
  EXPECT_TRUE(uri.has_query);
  EXPECT_EQ(uri.query, "x=1&y");
  EXPECT_EQ(uri.request_target(), "/a%20b/c?x=1&y");
}

TEST(Uri, GivesAHostWithoutPathTheRoot) {
  EXPECT_EQ(parsed("http://host").request_target(), "/");
  EXPECT_EQ(parsed("http://host?q").request_target(), "/?q");
  EXPECT_EQ(parsed("http://host#f").request_target(), "/");
}

TEST(Uri, LeavesTheServerToTheCallerWhenThereIsNoAuthority) {
  const Uri uri = parsed("tftp:/path/file");
  EXPECT_EQ(uri.scheme, "tftp");
  EXPECT_FALSE(uri.has_authority);
  EXPECT_EQ(uri.host, "");
  EXPECT_EQ(uri.path, "/path/file");
  EXPECT_EQ(uri.text(), "tftp:/path/file");
}

TEST(Uri, KeepsADoubledSlash) {
  EXPECT_EQ(parsed("tftp://server//abs/f").path, "//abs/f");
  EXPECT_EQ(resolved("g", "tftp://server//abs/f"), "tftp://server//abs/g");
}

TEST(Uri, KeepsEveryOctetOfASignedAddress) {
  const std::string text = "http://h/a%2fb%2F%c3%A4/./~x//?sig=a%2Bb+c==&t=/../%";
  EXPECT_EQ(parsed(text).text(), text);
  EXPECT_EQ(parsed(text).request_target(), text.substr(8));
}

TEST(Uri, TakesAddressesThatHaveNoServerAsTheyAre) {
  const Uri uri = parsed("iscsi:10.0.0.1:::1:iqn.2024-01.x:disk");
  EXPECT_EQ(uri.scheme, "iscsi");
  EXPECT_EQ(uri.path, "10.0.0.1:::1:iqn.2024-01.x:disk");
  EXPECT_EQ(uri.resolved_against(parsed("http://h/")).text(), "iscsi:10.0.0.1:::1:iqn.2024-01.x:disk");
}

TEST(Uri, ReadsAnIpv6LiteralInBrackets) {
  const Uri uri = parsed("http://[fd00::1]:81/x");
  EXPECT_EQ(uri.host, "fd00::1");
  EXPECT_EQ(uri.port, 81);
  EXPECT_EQ(uri.text(), "http://[fd00::1]:81/x");
}

TEST(Uri, TakesTheLastAtSignAsTheEndOfThePassword) {
  const Uri uri = parsed("http://me:p@ss@host/x");
  EXPECT_EQ(uri.user_info, "me:p@ss");
  EXPECT_EQ(uri.host, "host");
}

TEST(Uri, PrintsNoPassword) {
  EXPECT_EQ(parsed("http://me:secret@host:81/x?y").text(), "http://me:***@host:81/x?y");
  EXPECT_EQ(parsed("http://me:secret@host:81/x?y").text_with_password(), "http://me:secret@host:81/x?y");
  EXPECT_EQ(parsed("http://me@host/").text(), "http://me@host/");
}

TEST(Uri, HidesThePasswordsInAnyText) {
  constexpr struct {
    std::string_view text, shown;
  } examples[] = {
      {"http://me:secret@host:81/x nbd://you:secret@h", "http://me:***@host:81/x nbd://you:***@h"},
      {"  two  blanks ", "  two  blanks "},
      {"http://me:p@ss@host/", "http://me:***@host/"},
      {"http://h/x?from=ftp://me:secret@h/y", "http://h/x?from=ftp://me:***@h/y"},
      {"http://me:secret@host:port/x", "http://me:***@host:port/x"},
      {"http://me:se/cr#et@host/x", "http://me:***@host/x"},
      {"http://me:secret@[fe80::1]/x", "http://me:***@[fe80::1]/x"},
      // Here is none.
      {"http://me@host:81/a:b@c", "http://me@host:81/a:b@c"},
      {"http://host:81/a@b", "http://host:81/a@b"},
      {"http://[fe80::1]/a@b", "http://[fe80::1]/a@b"},
      {"http://host: http://me@host", "http://host: http://me@host"},
      {"iscsi:h::::iqn.x:a@b", "iscsi:h::::iqn.x:a@b"},
      {"//", "//"},
  };
  for (const auto& example : examples) EXPECT_EQ(Uri::texts(example.text), example.shown);
}

TEST(Uri, TakesAnAddressWithoutSchemeAsAReference) {
  EXPECT_EQ(parsed("10.0.0.1:80/x").scheme, "");
  EXPECT_EQ(parsed("dir/a:b").scheme, "");
  EXPECT_EQ(parsed("dir/a:b").path, "dir/a:b");
}

TEST(Uri, RefusesWhatWouldBreakARequest) {
  for (const std::string_view text : {"http://h/a\r\nX: y", "http://h/\t", "http://h/\x7f", "tftp://h/a\n"}) {
    const Result<Uri> uri = Uri::parse(text);
    ASSERT_FALSE(uri) << text;
    EXPECT_TRUE(uri.error().is(uri_malformed));
  }
  EXPECT_FALSE(Uri::parse(std::string_view{"http://h/a\0b", 12}));
}

TEST(Uri, RefusesImpossiblePortsAndHosts) {
  for (const char* text : {"http://h:0/", "http://h:65536/", "http://h:99999999999/", "http://h:8x/", "http://h:-1/", "http://[::1/", "http://[[::1]/", "http://[::1]x/",
                           "http://a b/"}) {
    EXPECT_FALSE(Uri::parse(text)) << text;
  }
  EXPECT_EQ(parsed("http://h:65535/").port, 65535);
  EXPECT_EQ(parsed("http://h:/").port, std::nullopt);
}

TEST(Uri, RefusesWhatIsTooLong) {
  const std::string longest = "http://h/" + std::string(Uri::length_max - 9, 'x');
  EXPECT_TRUE(Uri::parse(longest));
  const Result<Uri> uri = Uri::parse(longest + "x");
  ASSERT_FALSE(uri);
  EXPECT_TRUE(uri.error().is(uri_too_long));
}

TEST(Uri, SendsABlankAsItMustBeSent) {
  EXPECT_EQ(parsed("http://h/a b?c d").request_target(), "/a%20b?c%20d");
}

TEST(Uri, NamesAFileByTheLastPartOfItsPath) {
  EXPECT_EQ(parsed("http://h/a/my%20initrd.gz?x=/y").file_name(), "my initrd.gz");
  EXPECT_EQ(parsed("vmlinuz").file_name(), "vmlinuz");
  EXPECT_EQ(parsed("http://h/a/").file_name(), "");
}

TEST(Uri, WritesAPathThatLooksLikeAHostSoThatItStaysAPath) {
  Uri uri = parsed("tftp:/a");
  uri.path = "//b/c";
  EXPECT_EQ(uri.text(), "tftp:/.//b/c");
  EXPECT_FALSE(parsed(uri.text()).has_authority);
}

Uri parsed_address(std::string_view text) {
  const Result<Uri> uri = Uri::parse_address(text);
  EXPECT_TRUE(uri) << text;
  return uri ? *uri : Uri{};
}

TEST(Uri, PartsADiskFromThePathInsideIt) {
  const struct {
    const char *text, *disk, *inside, *name;
  } examples[] = {
      {"http://h/a/d.iso!/boot/vmlinuz", "http://h/a/d.iso", "/boot/vmlinuz", "vmlinuz"},
      {"http://h/d.iso!(2)/x!/y", "http://h/d.iso", "(2)/x!/y", "y"},
      {"http://h/get?f=d.iso!/x?y", "http://h/get?f=d.iso", "/x?y", "x?y"},
      {"http://h/d.iso!/x?y=!/z", "http://h/d.iso", "/x?y=!/z", "z"},
      {"iscsi:10.0.0.1::::iqn.x:y!/vmlinuz", "iscsi:10.0.0.1::::iqn.x:y", "/vmlinuz", "vmlinuz"},
      {"aoe:e1.0!(2)/a", "aoe:e1.0", "(2)/a", "a"},
      {"http://h/wow!", "http://h/wow!", "", "wow!"},
      {"http://h/wow!x/y%21/z", "http://h/wow!x/y%21/z", "", "z"},
      {"http://u:p!(@h/x", "http://u:***@h/x", "", "x"},
  };
  for (const auto& example : examples) {
    const Uri uri = parsed_address(example.text);
    EXPECT_EQ(uri.disk().text(), example.disk);
    EXPECT_EQ(uri.inside, example.inside);
    EXPECT_EQ(uri.text_with_password(), example.text);
    EXPECT_EQ(uri.file_name(), example.name);
  }
  EXPECT_EQ(parsed("http://h/d!/x").inside, "") << "a server's words";
}

TEST(Uri, StaysInsideTheDiskThatAReferenceStandsIn) {
  const std::string base = "http://h/a/d.iso!(2)/boot/x.ipxe";
  const struct {
    const char *reference, *target;
  } examples[] = {
      {"vmlinuz", "http://h/a/d.iso!(2)/boot/vmlinuz"},
      {"/vmlinuz", "http://h/a/d.iso!(2)/vmlinuz"},
      {"../../../x?y", "http://h/a/d.iso!(2)/x?y"},
      {"!/x", "http://h/a/d.iso!/x"},
      {"", "http://h/a/d.iso!(2)/boot/x.ipxe"},
      {"e.iso!/x", "http://h/a/e.iso!/x"},
      {"//g/x", "http://g/x"},
      {"tftp://g/x", "tftp://g/x"},
  };
  for (const auto& example : examples) EXPECT_EQ(parsed_address(example.reference).resolved_against(parsed_address(base)).text(), example.target);
  EXPECT_EQ(parsed_address("d.iso!/x").resolved_against(parsed("http://h/a/b")).text(), "http://h/a/d.iso!/x");
  EXPECT_EQ(parsed_address("y").resolved_against(parsed_address("aoe:e1.0!/x")).text(), "aoe:e1.0!/y");
}

struct Example {
  const char *reference, *target;
};

TEST(Uri, ResolvesTheNormalExamplesOfTheRfc) {  // RFC 3986 5.4.1; fragments are dropped
  for (const Example& example : std::initializer_list<Example>{
           {"g:h", "g:h"},
           {"g", "http://a/b/c/g"},
           {"./g", "http://a/b/c/g"},
           {"g/", "http://a/b/c/g/"},
           {"/g", "http://a/g"},
           {"//g", "http://g/"},
           {"?y", "http://a/b/c/d;p?y"},
           {"g?y", "http://a/b/c/g?y"},
           {"#s", "http://a/b/c/d;p?q"},
           {"g#s", "http://a/b/c/g"},
           {"g?y#s", "http://a/b/c/g?y"},
           {";x", "http://a/b/c/;x"},
           {"g;x", "http://a/b/c/g;x"},
           {"g;x?y#s", "http://a/b/c/g;x?y"},
           {"", "http://a/b/c/d;p?q"},
           {".", "http://a/b/c/"},
           {"./", "http://a/b/c/"},
           {"..", "http://a/b/"},
           {"../", "http://a/b/"},
           {"../g", "http://a/b/g"},
           {"../..", "http://a/"},
           {"../../", "http://a/"},
           {"../../g", "http://a/g"},
       }) {
    EXPECT_EQ(resolved(example.reference, "http://a/b/c/d;p?q"), example.target) << example.reference;
  }
}

TEST(Uri, ResolvesTheAbnormalExamplesOfTheRfc) {  // RFC 3986 5.4.2
  for (const Example& example : std::initializer_list<Example>{
           {"../../../g", "http://a/g"},
           {"../../../../g", "http://a/g"},
           {"/./g", "http://a/g"},
           {"/../g", "http://a/g"},
           {"g.", "http://a/b/c/g."},
           {".g", "http://a/b/c/.g"},
           {"g..", "http://a/b/c/g.."},
           {"..g", "http://a/b/c/..g"},
           {"./../g", "http://a/b/g"},
           {"./g/.", "http://a/b/c/g/"},
           {"g/./h", "http://a/b/c/g/h"},
           {"g/../h", "http://a/b/c/h"},
           {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
           {"g;x=1/../y", "http://a/b/c/y"},
           {"g?y/./x", "http://a/b/c/g?y/./x"},
           {"g?y/../x", "http://a/b/c/g?y/../x"},
           {"http:g", "http:g"},
       }) {
    EXPECT_EQ(resolved(example.reference, "http://a/b/c/d;p?q"), example.target) << example.reference;
  }
}

TEST(Uri, ResolvesAgainstAnAddressWithoutServer) {
  EXPECT_EQ(resolved("vmlinuz", "tftp:/boot/menu.ipxe"), "tftp:/boot/vmlinuz");
  EXPECT_EQ(resolved("../vmlinuz", "tftp:/boot/x/menu.ipxe"), "tftp:/boot/vmlinuz");
}

TEST(Uri, KeepsUserAndPortOfTheBaseForItsOwnServerOnly) {
  EXPECT_EQ(parsed("x").resolved_against(parsed("http://u:p@h:81/a")).text_with_password(), "http://u:p@h:81/x");
  EXPECT_EQ(parsed("//g/x").resolved_against(parsed("http://u:p@h:81/a")).text_with_password(), "http://g/x");
}

TEST(PercentEncoding, DecodesOnlyWhatIsEncoded) {
  EXPECT_EQ(percent_decoded("%41%7a%2F"), "Az/");
  EXPECT_EQ(percent_decoded("100%"), "100%");
  EXPECT_EQ(percent_decoded("%4"), "%4");
  EXPECT_EQ(percent_decoded("%4g%"), "%4g%");
}

TEST(PercentEncoding, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(percent_encoded("a-B_1.~/x"), "a-B_1.~/x");
  EXPECT_EQ(percent_encoded("a b%\xc3\xbf?"), "a%20b%25%C3%BF%3F");
}

}  // namespace
}  // namespace undine
