// SPDX-License-Identifier: Apache-2.0
// The person's shell: reading lines, and what the Tab key knows.
#include "config/editor.h"
#include "config/shell.h"

namespace undine {
namespace {

constexpr std::string_view prompt = "undine> ";
constexpr std::size_t history_max = 32;

/// Commands where a command may stand, settings inside of ${...} and behind the commands that take one, images elsewhere.
class ShellCompleter final : public Completer {
public:
  explicit ShellCompleter(Shell& shell) : shell_(shell) {}

  std::size_t word_start(std::string_view typed) const override {
    const std::size_t blank = typed.rfind(' ');
    const std::size_t start = blank == typed.npos ? 0 : blank + 1;
    const std::size_t opened = typed.rfind("${");
    if (opened != typed.npos && opened >= start && typed.find('}', opened) == typed.npos) return opened + 2;
    return start;
  }

  void complete(std::string_view before, Completion& completion) const override {
    if (before.ends_with("${")) return offer_settings(completion, "}");
    const std::string_view command = command_of(before);
    if (command.empty() || command == "help") {
      for (const Command& row : all_commands()) completion.offer(row.name);
    } else if (command == "set" || command == "show" || command == "clear" || command == "inc" || command == "read" || command == "choose") {
      offer_settings(completion, "");
    } else if (command.starts_with("if") || command == "dhcp") {
      for (const Interface* interface : shell_.interfaces()) completion.offer(interface->name());
    } else {
      for (const Image& image : shell_.images().images()) completion.offer(image.name);
    }
  }

private:
  /// The command that the last words belong to; empty where a command's name is being typed.
  static std::string_view command_of(std::string_view before) {
    const auto commands = split_line(before, Dialect::ipxe);
    if (!commands || commands->back().words.empty()) return {};
    return commands->back().words[0];
  }

  void offer_settings(Completion& completion, std::string_view behind) const {
    for (const Setting& row : settings_table) completion.offer(join({row.name, behind}));
    for (const Settings::Variable& variable : shell_.settings().variables()) {
      if (find_setting(variable.key.name) != nullptr && variable.scope.empty()) continue;
      completion.offer(join({variable.scope, variable.scope.empty() ? "" : "/", variable.key.name, behind}));
    }
  }

  Shell& shell_;
};

}  // namespace

bool Shell::interact() {
  if (interactive_above_ == frames_.size()) return false;
  const auto outer = interactive_above_;
  interactive_above_ = frames_.size();
  // What was stopped here is no reason to end the loops of the script that opened the shell.
  const unsigned cancellations_before = cancellations_;
  const ShellCompleter completer(*this);
  bool leaving = false;
  while (!leaving) {
    LineEditor editor(console(), prompt, history_, &completer);
    LineEditor::State state;
    do state = editor.feed(loop().wait_for_key());
    while (state == LineEditor::State::typing);
    if (state == LineEditor::State::left) break;
    if (!trimmed(editor.line()).empty() && (history_.empty() || history_.back() != editor.line())) {
      if (history_.size() == history_max) history_.erase(history_.begin());
      history_.push_back(editor.line());
    }
    (void)run_line(editor.line(), Dialect::undine);
    leaving = stop_ == Stop::sequence || stop_ == Stop::program;
    // `chain --replace` typed here replaces the script that opened this shell, so that one must stop too.
    if (replacement_ == nullptr && stop_ != Stop::program) stop_ = Stop::no;
  }
  interactive_above_ = outer;
  cancellations_ = cancellations_before;
  return true;
}

}  // namespace undine
