// SPDX-License-Identifier: Apache-2.0
// undine lint: what is wrong with scripts, before a machine finds out.
#include <getopt.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>
#include <vector>

#include "core/text.h"
#include "test-rig/host/commands.h"
#include "test-rig/host/doors.h"
#include "test-rig/host/lint/finding.h"

namespace undine::tool {

const char lint_usage[] =
    "undine lint [OPTION...] FILE...\n"
    "  Checks scripts and prints FILE:LINE:COLUMN: error or warning: what is wrong [rule]. '-' is standard input.\n"
    "    -j, --json                the same as a JSON array, for programs\n"
    "    -p, --portable            the script is to run under iPXE too: say what that does not have\n"
    "    -e, --errors              no warnings\n"
    "    -r, --rules               list the rules\n"
    "  Files that are given together are one menu: what one of them sets, the others know.\n"
    "  A comment '# lint: allow RULE...' on a line, or alone on the line before it, takes rules off that line.\n"
    "  Status 0: nothing was found; 1: something was; 2: wrong use, or a file that cannot be read.\n";

namespace {

constexpr option long_options[] = {{"json", no_argument, nullptr, 'j'},   {"portable", no_argument, nullptr, 'p'},
                                   {"errors", no_argument, nullptr, 'e'}, {"rules", no_argument, nullptr, 'r'}, {}};

std::string_view name_of(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

/// A string of JSON (RFC 8259 section 7). What is no UTF-8 stays as it is.
std::string json_string(std::string_view text) {
  std::string json = "\"";
  for (const char character : text) {
    if (character == '"' || character == '\\')
      append(json, {'\\', character});
    else if (static_cast<unsigned char>(character) < 0x20)
      append(json, {"\\u", hex(static_cast<unsigned char>(character), 4)});
    else
      json += character;
  }
  return json + "\"";
}

int list_rules() {
  for (const Rule* rule : rules) std::cout << rule->name << " (" << name_of(rule->severity) << ")\n    " << rule->sentence << "\n";
  std::cout << "and every error that the program itself would report, by the name that it has there\n";
  return status::good;
}

}  // namespace

int lint_command(int argument_count, char** arguments) {
  LintOptions options;
  bool as_json = false, only_errors = false;
  for (int letter; (letter = getopt_long(argument_count, arguments, "jper", long_options, nullptr)) != -1;) {
    if (letter == 'r') return list_rules();
    if (letter == '?') return bad_usage("lint", "that option is not understood");
    as_json = as_json || letter == 'j';
    options.portable = options.portable || letter == 'p';
    only_errors = only_errors || letter == 'e';
  }
  if (optind == argument_count) return bad_usage("lint", "which file?");
  std::string json;
  bool was_found = false, was_unreadable = false;
  std::vector<std::pair<std::string, std::string>> files;
  for (int i = optind; i < argument_count; ++i) {
    const std::string path = arguments[i];
    std::ifstream file;
    if (path != "-") file.open(path, std::ios::binary);
    std::istream& input = path == "-" ? std::cin : file;
    const bool is_readable = path == "-" || (file.is_open() && std::filesystem::is_regular_file(path));
    std::string text = is_readable ? std::string(std::istreambuf_iterator<char>(input), {}) : std::string{};
    if (!is_readable || input.bad()) {
      std::cerr << "undine lint: " << path << ": the file cannot be read\n";
      was_unreadable = true;
      continue;
    }
    note_set_elsewhere(as_bytes(text), options);
    files.emplace_back(path, std::move(text));
  }
  for (const auto& [path, text] : files) {
    for (const Finding& finding : lint(as_bytes(text), path, options)) {
      if (only_errors && finding.severity != Severity::error) continue;
      was_found = true;
      if (as_json) {
        append(json, {json.empty() ? "\n" : ",\n", "  {\"file\": ", json_string(path), ", \"line\": ", finding.place.line, ", \"column\": ", finding.place.column,
                      ", \"severity\": \"", name_of(finding.severity), "\", \"rule\": ", json_string(finding.rule), ", \"message\": ", json_string(finding.message), "}"});
      } else {
        std::cout << path << ':' << finding.place.line << ':' << finding.place.column << ": " << name_of(finding.severity) << ": " << finding.message << " [" << finding.rule
                  << "]\n";
      }
    }
  }
  if (as_json) std::cout << '[' << json << (json.empty() ? "]\n" : "\n]\n");
  return was_unreadable ? status::usage : was_found ? status::failed : status::good;
}

}  // namespace undine::tool
