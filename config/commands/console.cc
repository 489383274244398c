// SPDX-License-Identifier: Apache-2.0
// Commands about the console itself: what it shows, how, and a line that a person types on it.
#include "config/commands/commands.h"
#include "config/editor.h"
#include "loaders/picture/png.h"

namespace undine {
namespace {

constexpr Cause console_no_serial{"console.no-serial", "there is no serial port, or it cannot do that speed", pxe_status_failure};

/// The picture in a file that is fetched if need be, in memory that is nobody's until a program is started. The file is forgotten unless it is to be kept.
Result<Picture> picture(Shell& shell, std::string_view name, bool keep) {
  shell.console().use_text();  // the picture that is shown now lies in the same place
  bool is_fresh = false;
  Image* const image = TRY(shell.acquire(name, {}, is_fresh));
  shell.about(name);
  const auto decoded = decode_png(shell.images().contents(*image), shell.images().margin());
  if (!keep) shell.images().remove(*image);
  return decoded;
}

}  // namespace

Result<void> run_console(Shell& shell, const Invocation& call) {
  Console& console = shell.console();
  if (const auto rate = TRY(call.number('s')); rate && !console.use_serial(*rate)) return fail(console_no_serial);
  if (const auto name = call.value('m')) TRY(change_setting(shell, "keymap", *name, true));

  GraphicsWish wish;
  struct Length {
    char letter;
    unsigned GraphicsWish::* member;
  };
  constexpr Length lengths[] = {{'x', &GraphicsWish::width}, {'y', &GraphicsWish::height}, {'d', &GraphicsWish::depth}, {'l', &GraphicsWish::left},
                                {'r', &GraphicsWish::right}, {'t', &GraphicsWish::top},    {'b', &GraphicsWish::bottom}};
  bool wants_graphics = call.has('p');
  for (const Length& length : lengths) {
    const auto number = TRY(call.number(length.letter, 0xffff));
    if (!number) continue;
    wish.*length.member = *number;
    wants_graphics = true;
  }
  if (!wants_graphics && (call.has('s') || call.has('m'))) return {};
  if (const auto name = call.value('p')) wish.picture = TRY(picture(shell, *name, call.has('k')));
  if (wants_graphics) TRY(console.use_graphics(wish));
  else console.use_text();
  shell.print({shell.theme.sequence(Pair::plain, console.shows_picture()), "\x1b[2J\x1b[H"});
  return {};
}

Result<void> run_read(Shell& shell, const Invocation& call) {
  const auto timeout = TRY(call.number('t'));
  const std::string_view name = shell.about(call.operand(0));
  LineEditor editor(shell.console(), {}, {}, nullptr, shell.settings().text_or_empty(name), shell.console().column());
  std::optional<Key> key;
  if (timeout.value_or(0) != 0) {
    const auto pressed = shell.loop().pause(Duration{*timeout}, true);
    if (pressed && !*pressed) {
      shell.print({"\n"});
      return fail(test_other_key);
    }
    key = pressed ? *pressed : Key::ctrl_c;
  }
  for (;; key.reset()) {
    if (!key) key = shell.loop().wait_for_key();
    const bool stopped = *key == Key::ctrl_c;
    if (stopped) shell.print({"\n"});
    const LineEditor::State state = stopped ? LineEditor::State::left : editor.feed(*key);
    if (state == LineEditor::State::left) return fail(stopped ? cancelled : left_by_escape);
    if (state == LineEditor::State::done) return change_setting(shell, name, editor.line());
  }
}

}  // namespace undine
