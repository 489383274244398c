// SPDX-License-Identifier: Apache-2.0
// undine embed: puts a script, certificates and settings into an undine.kpxe, lists and removes them.
#include <getopt.h>
#include <mbedtls/pk.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "config/script.h"
#include "config/settings.h"
#include "core/text.h"
#include "protocols/crypto/random.h"
#include "protocols/trust/certificate.h"
#include "protocols/trust/pem.h"
#include "test-rig/host/commands.h"
#include "test-rig/host/doors.h"
#include "test-rig/host/kpxe.h"
#include "test-rig/host/lint/finding.h"

namespace undine::tool {

const char embed_usage[] =
    "undine embed [OPTION...] FILE.kpxe\n"
    "  Puts things into the boot program without a build; without an option lists what is in it.\n"
    "    -s, --script FILE         run this instead of what DHCP names\n"
    "    -c, --cert FILE           believe in the certificates of this file, PEM or DER\n"
    "    -C, --client-cert FILE    our own certificate (the setting cert), its issuers behind it, for servers that ask and for imgdecrypt\n"
    "    -k, --privkey FILE        its key (the setting privkey), without a pass phrase\n"
    "    -S, --set NAME=VALUE      give a setting a value before anything else happens, for example use-cached=1 or user-class=rack7\n"
    "    -r, --remove WHAT         take out: script, certs, a setting's NAME, or all\n"
    "    -l, --list                list what is in it now\n"
    "    -p, --print-script        print the script\n"
    "    -o, --output FILE         write there and leave FILE.kpxe as it was\n"
    "  Options are carried out in their order. What is put in can be read by everybody who has the file: whoever has one with a key\n"
    "  in it is who the certificate says.\n";

namespace {

constexpr option long_options[] = {{"script", required_argument, nullptr, 's'}, {"cert", required_argument, nullptr, 'c'},  {"set", required_argument, nullptr, 'S'},
                                   {"client-cert", required_argument, nullptr, 'C'}, {"privkey", required_argument, nullptr, 'k'},
                                   {"remove", required_argument, nullptr, 'r'}, {"list", no_argument, nullptr, 'l'},        {"print-script", no_argument, nullptr, 'p'},
                                   {"output", required_argument, nullptr, 'o'}, {}};

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open() || !std::filesystem::is_regular_file(path)) return {};
  std::string contents(std::istreambuf_iterator<char>(file), {});
  return file.bad() ? std::nullopt : std::optional(std::move(contents));
}

/// Puts what a file has in DER or PEM into a setting; what is wrong, or nothing. `is_good` judges each piece.
std::string take_identity(Kpxe& kpxe, std::string_view setting, const std::string& path, std::string_view label, bool (*is_good)(Bytes der)) {
  const auto text = read_file(path);
  if (!text) return path + ": the file cannot be read";
  RawValue all;
  for (const auto& der : trust::der_of(as_bytes(*text), label)) {
    if (!is_good(der)) return path + ": what is in it cannot be read";
    all.insert(all.end(), der.begin(), der.end());
  }
  if (all.empty()) return join({path, ": it holds no ", label, ", in DER or PEM without a pass phrase"});
  const std::string value = format_value(ValueType::hex, all).value_or("");
  if (const auto set = Settings{}.set(setting, value); !set) return join({path, ": ", set.error().text()});
  kpxe.set_setting(setting, value);
  return {};
}

bool is_certificate(Bytes der) { return trust::Certificate::parse(der).has_value(); }

bool is_private_key(Bytes der) {
  mbedtls_pk_context key;
  mbedtls_pk_init(&key);
  const bool is_good = mbedtls_pk_parse_key(&key, der.data(), der.size(), nullptr, 0, crypto::random_for_mbedtls, nullptr) == 0;
  mbedtls_pk_free(&key);
  return is_good;
}

/// Whether scripts of both dialects could ask for it by `${name}`: they are split at blanks, and what is quoted or put in is another name.
bool is_setting_name(std::string_view name) {
  for (const char character : name)
    if (static_cast<unsigned char>(character) <= ' ' || character == '\x7f' || std::string_view("${}\"'\\").find(character) != std::string_view::npos) return false;
  return true;
}

/// One change, as it stands on the command line.
struct Change {
  int letter;
  std::string value;
};

/// What is wrong with a change, or nothing.
std::string carry_out(Kpxe& kpxe, const Change& change) {
  switch (change.letter) {
    case 's': {
      const auto text = read_file(change.value);
      if (!text) return change.value + ": the file cannot be read";
      const auto script = Script::parse(as_bytes(*text), change.value, Uri{});
      if (!script) return join({change.value, ": ", script.error().text()});
      if (!Script::recognises(as_bytes(*text))) return join({change.value, ": ", rule::not_a_script.sentence});
      kpxe.set_script(*text);
      return {};
    }
    case 'c': {
      const auto text = read_file(change.value);
      if (!text) return change.value + ": the file cannot be read";
      const auto certificates = trust::der_of(as_bytes(*text), "CERTIFICATE");
      if (certificates.empty()) return change.value + ": there is no certificate in it";
      for (const auto& der : certificates) {
        if (const auto parsed = trust::Certificate::parse(der); !parsed) return join({change.value, ": ", parsed.error().text()});
        kpxe.add_certificate(der);
      }
      return {};
    }
    case 'C':
      return take_identity(kpxe, "cert", change.value, "CERTIFICATE", is_certificate);
    case 'k':
      return take_identity(kpxe, "privkey", change.value, "PRIVATE KEY", is_private_key);
    case 'S': {
      std::string_view value = change.value;
      if (value.find('=') == value.npos) return change.value + ": a setting is written NAME=VALUE";
      const std::string_view name = split_first(value, '=');
      if (!is_setting_name(name)) return join({printable(name), ": ", Error(setting_bad_name).text()});
      // As the program will.
      if (const auto set = Settings{}.set(name, value); !set) return join({name, ": ", set.error().text()});
      kpxe.set_setting(name, value);
      return {};
    }
    default: {
      const std::string& what = change.value;
      if (what == "all") return kpxe.clear(), std::string{};
      const std::size_t removed = kpxe.remove([&](const Kpxe::Entry& entry) {
        switch (entry.kind) {
          case EmbeddedKind::script:
            return what == "script";
          case EmbeddedKind::certificate:
            return what == "certs";
          case EmbeddedKind::setting:
            break;
        }
        return setting_name(entry) == without_type(what);
      });
      return removed == 0 ? what + ": nothing of that name is in it" : std::string{};
    }
  }
}

/// NAME=VALUE for the screen.
std::string shown_setting(const Kpxe::Entry& entry) {
  const std::string_view name = setting_name(entry);
  if (is_secret_setting(name.substr(name.find_last_of('/') + 1))) return printable(name) + "=***";
  std::string_view value = as_text(entry.contents);
  const std::string_view typed_name = split_first(value, '=');
  return join({printable(typed_name), "=", printable(Uri::texts(value), entry.contents.size())});
}

void list(const Kpxe& kpxe) {
  for (const Kpxe::Entry& entry : kpxe.entries()) {
    std::string line;
    switch (entry.kind) {
      case EmbeddedKind::script:
        append(line, {"script       ", entry.contents.size(), " bytes"});
        break;
      case EmbeddedKind::certificate: {
        const auto parsed = trust::Certificate::parse(entry.contents);
        append(line, {"certificate  ", parsed ? (*parsed)->name() : std::string("of an unknown kind"), ", sha256 ",
                      format_value(ValueType::hex_raw, trust::fingerprint_of(entry.contents)).value_or("")});
        break;
      }
      case EmbeddedKind::setting:
        append(line, {"setting      ", shown_setting(entry)});
        break;
    }
    std::cout << line << '\n';
  }
  if (kpxe.entries().empty()) std::cout << "nothing\n";
}

/// Replaces the file in one step, so that a server never gives away half of it.
bool write_file(const std::string& path, Bytes contents) {
  const std::string partial = path + ".part";
  std::ofstream file(partial, std::ios::binary);
  file.write(reinterpret_cast<const char*>(contents.data()), static_cast<std::streamsize>(contents.size()));
  file.close();
  std::error_code error;
  if (file) {
    if (const auto mode = std::filesystem::status(path, error).permissions(); !error && mode != std::filesystem::perms::unknown)
      std::filesystem::permissions(partial, mode, error);
    std::filesystem::rename(partial, path, error);
    if (!error) return true;
  }
  std::filesystem::remove(partial, error);
  return false;
}

int fail_with(std::string_view why) {
  std::cerr << "undine embed: " << why << '\n';
  return status::failed;
}

}  // namespace

int embed_command(int argument_count, char** arguments) {
  std::vector<Change> changes;
  std::string output;
  bool wants_list = false, wants_script = false;
  for (int letter; (letter = getopt_long(argument_count, arguments, "s:c:C:k:S:r:lpo:", long_options, nullptr)) != -1;) {
    if (letter == '?') return bad_usage("embed", "that option is not understood");
    wants_list = wants_list || letter == 'l';
    wants_script = wants_script || letter == 'p';
    if (letter == 'o') output = optarg;
    if (letter != 'l' && letter != 'p' && letter != 'o') changes.push_back({letter, optarg});
  }
  if (argument_count - optind != 1) return bad_usage("embed", "one FILE.kpxe is needed");
  ToolConsole console({});
  ToolClock clock({}, console);
  ToolEntropy entropy;
  crypto::start(entropy, clock);
  const std::string path = arguments[optind];
  const auto file = read_file(path);
  if (!file) return fail_with(path + ": the file cannot be read");
  auto kpxe = Kpxe::parse(as_bytes(*file));
  if (!kpxe) return fail_with(join({path, ": ", kpxe.error().text()}));
  for (const Change& change : changes)
    if (const std::string wrong = carry_out(*kpxe, change); !wrong.empty()) return fail_with(wrong);
  if (!changes.empty() || !output.empty()) {
    const auto changed = kpxe->file();
    if (!changed) return fail_with(changed.error().text());
    const std::string& target = output.empty() ? path : output;
    if (!write_file(target, *changed)) return fail_with(target + ": the file cannot be written");
  }
  if (wants_script) {
    for (const Kpxe::Entry& entry : kpxe->entries())
      if (entry.kind == EmbeddedKind::script) std::cout << as_text(entry.contents);
  }
  if (wants_list || (changes.empty() && !wants_script && output.empty())) list(*kpxe);
  return status::good;
}

}  // namespace undine::tool
