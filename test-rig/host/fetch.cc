// SPDX-License-Identifier: Apache-2.0
// undine fetch: a file by the program's own TCP, TLS, HTTP, TFTP, FTP and NFS, over the sockets of this machine.
#include <getopt.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <vector>

#include "config/protocols.h"
#include "config/version.h"
#include "core/text.h"
#include "protocols/crypto/hash.h"
#include "test-rig/host/commands.h"
#include "test-rig/host/pc.h"

namespace undine::tool {

const char fetch_usage[] =
    "undine fetch [OPTION...] URI\n"
    "  Fetches a file over http, https, tftp, ftp or nfs with the program's own code.\n"
    "    -o, --output FILE         where to; '-' is standard output; without this the last part of the address\n"
    "    -t, --trust FILE          believe in the certificates of this file too, PEM or DER\n"
    "    -d, --dns ADDRESS         ask this name server, not the one of /etc/resolv.conf\n"
    "    -x, --proxy URI           through this HTTP proxy\n"
    "    -s, --sha256 HEX          the file must have this digest; else it is removed\n";

namespace {

constexpr option long_options[] = {{"output", required_argument, nullptr, 'o'}, {"trust", required_argument, nullptr, 't'}, {"dns", required_argument, nullptr, 'd'},
                                   {"proxy", required_argument, nullptr, 'x'},  {"sha256", required_argument, nullptr, 's'}, {}};

constexpr Cause file_not_written{"file.not-written", "the file cannot be written; is there room, and may you?", pxe_status_failure};

/// What is fetched goes to a file as it comes, and through a digest.
class FileSink final : public Sink {
public:
  explicit FileSink(std::FILE* file) : file_(file) {}
  Result<void> expect(std::uint64_t) override { return {}; }
  Result<MutableBytes> room(std::uint64_t) override { return MutableBytes{buffer_}; }
  Result<void> commit(std::uint64_t, std::size_t length_bytes) override {
    hash_.update(Bytes{buffer_}.first(length_bytes));
    return std::fwrite(buffer_.data(), 1, length_bytes, file_) == length_bytes ? Result<void>{} : fail(file_not_written);
  }
  void restart() override {
    (void)hash_.finish();
    if (std::fseek(file_, 0, SEEK_SET) == 0) (void)!ftruncate(fileno(file_), 0);
  }
  std::string digest() {
    return format_value(ValueType::hex_raw, hash_.finish()).value_or("");
  }

private:
  std::FILE* file_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(256 * 1024);
  crypto::Hash hash_{crypto::HashAlgorithm::sha256};
};

struct Wish {
  std::string output, trust, sha256;
  Ipv4Address dns = Answers::dns_server;
  FetchOptions options{.user_agent = std::string(user_agent_text)};
};

int fail_with(std::string_view about, std::string_view why) {
  std::fprintf(stderr, "undine fetch: %s: %s\n", printable(about).c_str(), std::string(why).c_str());
  return status::failed;
}

/// The certificates of a file, or what is wrong with it.
std::string believe(Pc& pc, const std::string& path) {
  std::vector<std::uint8_t> contents;
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return "the file cannot be read";
  constexpr std::size_t largest = 1 << 20;
  contents.resize(largest);
  contents.resize(std::fread(contents.data(), 1, contents.size(), file));
  std::fclose(file);
  const auto added = pc.network().trust->add_certificates(contents, {});
  return added ? std::string{} : added.error().text();
}

int fetch(Pc& pc, ToolConsole& console, const Uri& uri, const Wish& wish) {
  if (!wish.trust.empty())
    if (const std::string wrong = believe(pc, wish.trust); !wrong.empty()) return fail_with(wish.trust, wrong);
  const bool to_stdout = wish.output == "-";
  // Under its own name only when it is whole.
  const std::string partial = wish.output + ".part";
  std::FILE* const file = to_stdout ? stdout : std::fopen(partial.c_str(), "wb+");
  if (file == nullptr) return fail_with(wish.output, Error{file_not_written}.text());
  FileSink sink(file);
  const std::string shown = uri.text();
  const auto download = open_download(fetch_protocols, pc.network(), uri, sink, wish.options, pc.clock().now());
  const auto waited = download ? pc.loop().wait(**download, to_stdout ? std::string_view{} : shown) : Result<Progress>(fail(download.error()));
  const bool is_written = std::fflush(file) == 0;
  if (!to_stdout) std::fclose(file);
  console.flush();
  std::string wrong;
  const std::string digest = sink.digest();
  if (!waited)
    wrong = waited.error().text();
  else if (!is_written)
    wrong = Error{file_not_written}.text();
  else if (!wish.sha256.empty() && !equal_ignoring_case(wish.sha256, digest))
    wrong = join({"the file has another digest: ", digest});
  if (wrong.empty() && !to_stdout && std::rename(partial.c_str(), wish.output.c_str()) != 0) wrong = Error{file_not_written}.text();
  if (wrong.empty()) {
    if (!to_stdout) std::printf("%s  %s\n", digest.c_str(), wish.output.c_str());
    return status::good;
  }
  if (!to_stdout) std::remove(partial.c_str());
  return fail_with(shown, wrong);
}

}  // namespace

int fetch_command(int argument_count, char** arguments) {
  Wish wish;
  for (int letter; (letter = getopt_long(argument_count, arguments, "o:t:d:x:s:", long_options, nullptr)) != -1;) {
    switch (letter) {
      case 'o':
        wish.output = optarg;
        break;
      case 't':
        wish.trust = optarg;
        break;
      case 'd': {
        const auto address = Ipv4Address::parse(optarg);
        if (!address) return bad_usage("fetch", "--dns is an IPv4 address");
        wish.dns = *address;
        break;
      }
      case 'x':
        wish.options.proxy = optarg;
        break;
      case 's':
        wish.sha256 = optarg;
        break;
      default:
        return bad_usage("fetch", "that option is not understood");
    }
  }
  if (argument_count - optind != 1) return bad_usage("fetch", "one address is needed");
  const auto uri = Uri::parse(arguments[optind]);
  if (!uri || uri->scheme.empty() || uri->host.empty()) return bad_usage("fetch", join({printable(arguments[optind]), ": ", Error{uri_malformed}.text()}));
  if (wish.output.empty()) wish.output = uri->file_name();
  if (wish.output.empty() || wish.output == "." || wish.output == "..") return bad_usage("fetch", "the address ends with no name; give one by --output");

  const Answers answers;
  Files files;
  files.online = true;
  ToolConsole console({isatty(STDOUT_FILENO) != 0 && wish.output != "-"});
  Pc pc({answers, files, console, {.is_played = false}});
  pc.use_own_address(wish.dns);
  return fetch(pc, console, *uri, wish);
}

}  // namespace undine::tool
