// SPDX-License-Identifier: Apache-2.0
// undine run: a script under the real shell, with played servers and a played machine.
#include <getopt.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/script.h"
#include "core/text.h"
#include "test-rig/host/commands.h"
#include "test-rig/host/lint/finding.h"
#include "test-rig/host/pc.h"

namespace undine::tool {

const char run_usage[] =
    "undine run [OPTION...] [SCRIPT]\n"
    "  Runs a script as the program on a machine would, and prints what its screen would show, then what would be booted, with sizes and digests.\n"
    "  Without SCRIPT: the commands of DHCP's answer (scriptlet), or what it names.\n"
    "    -a, --answers FILE        what DHCP, ProxyDHCP and the machine say: lines NAME = VALUE, for example dhcp/filename = http://10.0.0.1/a.ipxe\n"
    "    -s, --set NAME=VALUE      one such answer\n"
    "    -m, --map PREFIX=FOLDER   addresses that begin with PREFIX are files in FOLDER\n"
    "    -f, --files FOLDER        all other addresses, whatever the server; without this the script's own folder\n"
    "    -o, --online              what no --map and no --files stand for is fetched from the real servers\n"
    "    -k, --keys TEXT           what a person presses, each key when those before it were taken: \\n is Enter, \\e Escape, \\e[B Down, \\x03 Ctrl-C\n"
    "    -i, --interactive         take keys from the terminal, in real time\n"
    "    -l, --limit SECONDS       give up then; 60 without this\n"
    "  Status 0: something would be booted, or the script ended well; 1: the script failed; 2: wrong use; 3: it waits for a key; 4: the limit was reached.\n";

namespace {

constexpr option long_options[] = {
    {"answers", required_argument, nullptr, 'a'}, {"set", required_argument, nullptr, 's'},  {"map", required_argument, nullptr, 'm'},
    {"files", required_argument, nullptr, 'f'},   {"online", no_argument, nullptr, 'o'},     {"keys", required_argument, nullptr, 'k'},
    {"interactive", no_argument, nullptr, 'i'},   {"limit", required_argument, nullptr, 'l'}, {},
};
constexpr unsigned limit_seconds = 60;

bool read_file(const char* path, std::string& contents) {
  std::ifstream file(path, std::ios::binary);
  contents.assign(std::istreambuf_iterator<char>(file), {});
  return file.is_open() && !file.bad() && std::filesystem::is_regular_file(path);
}

/// What is wrong with a line, or nothing.
std::string add_answer(Answers& answers, std::string_view where, std::string_view line) {
  const auto added = answers.add(line);
  return added ? std::string{} : join({where, ": ", printable(trimmed(line)), ": ", added.error().text()});
}

std::string add_answers(Answers& answers, const char* path) {
  std::string text;
  if (!read_file(path, text)) return join({path, ": the file cannot be read"});
  std::size_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = split_first(rest, '\n');
    if (std::string wrong = add_answer(answers, join({path, ":", ++number}), line); !wrong.empty()) return wrong;
  }
  return {};
}

/// Nothing was booted.
[[noreturn]] void report_end(ToolConsole& console, bool is_good) {
  if (!is_good) finish(console, status::failed, "that failed; a person at the machine would be in the shell now");
  finish(console, status::good, "the script ended; the machine would go on with the next boot device");
}

}  // namespace

int run_command(int argument_count, char** arguments) {
  Answers answers;
  Files files;
  ToolConsole::Options console_options{isatty(STDOUT_FILENO) != 0};
  unsigned limit = limit_seconds;
  bool has_files = false;
  for (int letter; (letter = getopt_long(argument_count, arguments, "a:s:m:f:ok:il:", long_options, nullptr)) != -1;) {
    const std::string_view value = optarg != nullptr ? optarg : "";
    std::string wrong;
    switch (letter) {
      case 'a':
        wrong = add_answers(answers, optarg);
        break;
      case 's':
        wrong = add_answer(answers, "--set", value);
        break;
      case 'm': {
        const std::size_t equals = value.rfind('=');
        if (equals == value.npos || equals == 0)
          wrong = "--map is written PREFIX=FOLDER";
        else
          files.map(value.substr(0, equals), value.substr(equals + 1));
        break;
      }
      case 'f':
        files.map("", value);
        has_files = true;
        break;
      case 'o':
        files.online = true;
        break;
      case 'k':
        console_options.keys = keys_of(value);
        break;
      case 'i':
        console_options.has_keyboard = true;
        break;
      case 'l':
        if (const auto seconds = parse_number(value, 1'000'000))
          limit = static_cast<unsigned>(*seconds);
        else
          wrong = "--limit is a number of seconds";
        break;
      default:
        return bad_usage("run", "that option is not understood");
    }
    if (!wrong.empty()) return bad_usage("run", wrong);
  }
  if (argument_count - optind > 1) return bad_usage("run", "only one script can be run");

  const char* const path = optind < argument_count ? arguments[optind] : nullptr;
  std::string text;
  if (path != nullptr && !read_file(path, text)) return bad_usage("run", join({path, ": the file cannot be read"}));
  const std::filesystem::path file = path != nullptr ? path : "";
  // Where the script would lie, for addresses that are relative to it.
  const std::string server = answers.text("next-server");
  const std::string address = join({"http://", server.empty() ? Answers::gateway.text() : server, "/", percent_encoded(file.filename().string())});
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  if (!has_files) files.map(files.online ? std::string_view(address).substr(0, address.rfind('/') + 1) : "", folder);

  const bool is_real = files.online || console_options.has_keyboard;
  ToolConsole console(console_options);
  Pc pc({answers, files, console, {.is_played = !is_real, .limit_seconds = console_options.has_keyboard ? 0 : limit}});
  pc.use_rom_lease();
  console.play_keys(pc.loop());
  if (path == nullptr) {
    report_end(console, start(pc.shell(), {}).has_value());
  }
  if (!Script::recognises(as_bytes(text))) finish(console, status::failed, join({path, ": ", rule::not_a_script.sentence}));
  auto script = Script::parse(as_bytes(text), file.filename().string(), Uri::parse(address).value_or(Uri{}));
  if (!script) return bad_usage("run", join({path, ": ", script.error().text()}));
  report_end(console, pc.shell().run_script(std::move(*script)).has_value());
}

}  // namespace undine::tool
