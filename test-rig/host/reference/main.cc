// SPDX-License-Identifier: Apache-2.0
// undine-reference reference|compatibility SETTING_TABLE: prints docs/reference.md or docs/compatibility.md, made of the tables of the program. What a
// setting means is the comment behind its row in config/setting_table.h, whose path is given.
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include "config/command.h"
#include "config/protocols.h"
#include "config/setting_table.h"
#include "core/text.h"
#include "loaders/loader.h"
#include "test-rig/host/reference/compatibility.h"

namespace undine::tool {
namespace {

constexpr std::string_view made_by = "<!-- Made by test-rig/update-reference from the tables of the program. Change those. -->\n";

/// A text for a cell of a table.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char character : text) {
    if (character == '|') escaped += '\\';
    escaped += character;
  }
  return escaped;
}

/// Where DHCP has it: "67", "175.190", nothing.
std::string option_of(DhcpTag tag) {
  if (tag == tag_your_address) return "`yiaddr`";
  if (tag == tag_next_server) return "`siaddr`";
  if (tag == 0) return {};
  return tag > 0xff ? join({tag >> 8, '.', tag & 0xff}) : join({tag});
}

/// What stands behind the rows of the table: the name of each setting, and the comment.
std::map<std::string, std::string> comments(const char* path) {
  std::map<std::string, std::string> found;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t row = line.find("{\""), mark = line.find("  // ");
    if (row == line.npos || mark == line.npos) continue;
    found[line.substr(row + 2, line.find('"', row + 2) - row - 2)] = line.substr(mark + 5);
  }
  return found;
}

int print_reference(const char* setting_table) {
  std::cout << made_by << "# Commands and settings\n\nWhat `help COMMAND` says of each; [scripts.md](scripts.md) has what is to be known beyond that.\n\n## Commands\n\n"
            << "In brackets is what may be missing, `...` repeats, `-x|--long VALUE` is an option with a value.\n\n| command | options and operands | what it does |\n|---|---|---|\n";
  for (const Command& command : all_commands())
    std::cout << "| `" << command.name << "` | " << (command.arguments.empty() ? "" : "`" + cell(command.arguments) + "`") << " | " << cell(command.summary) << " |\n";
  std::cout << "\n## Settings\n\nAny other name is a variable, any DHCP option is `${NUMBER}`, a sub-option `${NUMBER.NUMBER}`.\n\n| setting | DHCP | type | what it is |\n|---|---|---|---|\n";
  const auto meanings = comments(setting_table);
  for (const Setting& row : settings_table) {
    const auto meaning = meanings.find(std::string(row.name));
    if (meaning == meanings.end()) {
      std::cerr << "undine-reference: " << row.name << ": its row in config/setting_table.h has no comment behind it\n";
      return 1;
    }
    std::cout << "| `" << row.name << "` | " << option_of(row.tag) << " | `" << name_of(row.type) << "` | " << cell(meaning->second) << " |\n";
  }
  std::cout << "\nTypes: ";
  for (std::string_view rest = value_type_names(); !rest.empty();) std::cout << '`' << split_first(rest, ' ') << (rest.empty() ? "`" : "` ");
  std::cout << ".\n\n## Addresses and programs\n\nFiles are fetched from";
  for (const FetchProtocol& protocol : fetch_protocols) std::cout << " `" << protocol.scheme << "://`";
  std::cout << ". Started are scripts";
  for (const Loader& loader : loaders()) std::cout << ", " << loader.name;
  std::cout << ".\n";
  return 0;
}

/// Rows of one kind of thing. `is_here` asks the program's tables.
template <std::size_t count>
void print_compared(const Compared (&rows)[count], bool (*is_here)(std::string_view)) {
  std::cout << "\n| name | here | |\n|---|---|---|\n";
  for (const Compared& row : rows) {
    std::string_view verdict = "same", text = row.differs;
    if (!is_here(row.name)) {
      verdict = "absent";
      text = row.why_absent.empty() ? std::string_view("not written yet") : row.why_absent;
    } else if (!row.needs.empty() && find_command(row.needs) == nullptr) {
      std::cout << "| `" << row.name << "` | differs | shown, and without effect: `" << row.needs << "` is absent |\n";
      continue;
    } else if (text.starts_with("+ ")) {
      verdict = "better";
      text.remove_prefix(2);
    } else if (!text.empty()) {
      verdict = "differs";
    }
    std::cout << "| `" << row.name << "` | " << verdict << " | " << cell(text) << " |\n";
  }
}

bool is_type(std::string_view name) { return value_type(name).has_value(); }

int print_compatibility() {
  std::cout << made_by << "# Beside iPXE and gPXE\n\n"
            << "Each command, type and setting that iPXE (August 2026) or gPXE 1.0 has for a BIOS machine. *same*: a script cannot tell the difference; *better*: it cannot either, and there "
               "is more; *differs*: it can, and here is how; *absent*: a script that names it is told so. [scripts.md](scripts.md) has what differs in the language; "
               "`undine lint` finds what is absent in your scripts.\n\n## Commands\n";
  print_compared(compared_commands, [](std::string_view name) { return find_command(name) != nullptr; });
  std::cout << "\nOnly here:";
  for (const Command& command : all_commands()) {
    bool is_theirs = false;
    for (const Compared& row : compared_commands) is_theirs = is_theirs || row.name == command.name;
    if (!is_theirs) std::cout << " `" << command.name << "`";
  }
  std::cout << ".\n\n## Types of settings\n";
  print_compared(compared_types, is_type);
  std::cout << "\n## Settings\n";
  print_compared(compared_settings, [](std::string_view name) { return find_setting(name) != nullptr; });
  std::cout << "\nOnly here:";
  for (const Setting& setting : settings_table) {
    bool is_theirs = false;
    for (const Compared& row : compared_settings) is_theirs = is_theirs || row.name == setting.name;
    if (!is_theirs) std::cout << " `" << setting.name << "`";
  }
  std::cout << ".\n";
  return 0;
}

}  // namespace
}  // namespace undine::tool

int main(int count, char** words) {
  if (count == 3 && std::string_view(words[1]) == "reference") return undine::tool::print_reference(words[2]);
  if (count == 3 && std::string_view(words[1]) == "compatibility") return undine::tool::print_compatibility();
  std::cerr << "usage: undine-reference reference|compatibility SETTING_TABLE\n";
  return 2;
}
