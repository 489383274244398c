// SPDX-License-Identifier: Apache-2.0
// What steers a script: its blocks, its functions, and the words that stand before a command.
#include "config/commands/commands.h"
#include "config/shell.h"
#include "core/memory.h"

namespace undine {
namespace {

constexpr Cause script_no_function{"script.no-function", "this works only in a function", pxe_status_failure};
constexpr Cause script_no_loop{"script.no-loop", "no loop is going on here", pxe_status_failure};
constexpr Cause test_worked{"test.worked", "the command worked", pxe_status_failure};
constexpr Cause include_no_script{"include.no-script", "only a script can be included: its first line must be #!undine, #!ipxe or #!gpxe", pxe_status_failure};

/// More words than this before one command are a mistake.
constexpr unsigned prefixes_max = 8;
constexpr Duration first_pause = 1_s, longest_pause = 8_s;

/// Nothing that happened, but something wrongly written: no answer for `not`, nothing that `try` lets pass or that gets better by asking again.
bool is_mistake(const Error& error) {
  const std::string_view name = error.cause().name;
  return name.starts_with("usage.") || name.starts_with("command.") || error.is(script_value_as_command) || error.is(script_block_place);
}

std::vector<RawCommand> without_words(std::span<const RawCommand> line, std::size_t count) {
  std::vector<RawCommand> commands(line.begin(), line.end());
  std::vector<std::string_view>& words = commands[0].words;
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
  return commands;
}

}  // namespace

Result<void> Shell::run_prefixed(std::span<const std::string_view> words, Dialect dialect, const Where& where, unsigned prefixes) {
  if (words.empty()) return {};
  enum : std::size_t { not_word, try_word, retry_word, time_word };
  const std::size_t prefix = place_in(prefix_words, words[0]);
  if (prefix == not_in_list) return run_plain(words, dialect);
  if (prefixes == prefixes_max) return fail(usage_many);
  const std::size_t before = prefix == retry_word ? 2 : 1;
  if (words.size() <= before) return fail(usage_few);
  const unsigned cancelled_before = cancellations_;
  const auto attempt = [&] { return run_prefixed(words.subspan(before), dialect, where, prefixes + 1); };
  const auto is_final = [&](const Result<void>& done) {
    return !done && (is_mistake(done.error()) || cancellations_ != cancelled_before || stop_ != Stop::no);
  };
  switch (prefix) {
    case not_word: {
      const auto done = attempt();
      if (done) return fail(test_worked);
      if (is_final(done)) return done;
      if (!is_quiet(done.error())) report(where, words[command_word(words)], done.error());
      return {};
    }
    case try_word: {
      const auto done = attempt();
      if (done) last_error_.reset();
      if (done || is_final(done)) return done;
      note(done.error());
      return {};
    }
    case time_word: {
      const Instant begun = clock().now();
      const auto done = attempt();
      const std::uint64_t ms = clock().now().since(begun).ms;
      print({printable(words[command_word(words) % words.size()]), ": ", ms / 1000, ".", padded(ms % 1000, 3), " s\n"});
      return done;
    }
    default: {
      const std::string count = TRY(expand(words[1], dialect, settings_));
      // A word that iPXE has not: no number is none, and none is octal.
      const auto attempts = parse_number(count, retries_max);
      if (!attempts) return fail_about(count, usage_number, retries_max);
      Duration pause = first_pause;
      for (auto left = static_cast<std::uint32_t>(*attempts);; --left) {
        const auto done = attempt();
        if (done || left <= 1 || is_final(done)) return done;
        report(where, words[command_word(words)], done.error());
        subject_.clear();
        if (const auto waited = loop().pause(pause, false); !waited) return fail(waited.error());
        if (pause < longest_pause) pause = pause * 2;
      }
    }
  }
}

Result<void> Shell::run_plain(std::span<const std::string_view> words, Dialect dialect) {
  const std::vector<std::string> expanded = TRY(expand_command(words, dialect, settings_));
  const Function function = find_function(words[0]);
  const auto done = function.script == nullptr ? run_words(expanded) : call_function(function, std::span(expanded).subspan(1));
  if (!done && done.error().is(cancelled)) ++cancellations_;
  return done;
}

Shell::Function Shell::find_function(std::string_view name) const {
  if (frames_.empty()) return {};
  const Frame& frame = *frames_.back();
  // Its own first, then those that came with what it included, the newest first.
  if (const std::size_t found = frame.script.function(name); found != Script::no_block && !frame.script.wrong_block()) return {&frame.script, found};
  for (std::size_t i = frame.unit.scripts.size(); i-- > 0;) {
    Script& script = *frame.unit.scripts[i];
    if (const std::size_t found = script.function(name); found != Script::no_block && !script.wrong_block()) return {&script, found};
  }
  return {};
}

Result<void> Shell::call_function(Function function, std::span<const std::string> arguments) {
  Script& script = *function.script;
  // Ctrl-C ends functions that call themselves as it ends loops: also where they went on after what it stopped, and where nothing waits.
  for (const Frame* running : frames_)
    if (&running->script == &script && running->function == function.block && running->cancellations != cancellations_) return fail(cancelled);
  TRY(loop().pause(0_ms, false));
  const Script::Reading before = script.reading();
  script.move_to(script.blocks()[function.block].at);
  Script::Line line;
  (void)script.next(line);
  const auto head = TRY(split_line(line.command, script.dialect()));
  Frame frame{script, frames_.back()->unit, function.block};
  frame.cancellations = cancellations_;
  auto done = bind(frame, std::span(head[0].words).subspan(2), arguments);
  if (done) {
    const unsigned cancelled_before = cancellations_;
    done = run_frame(frame);
    const bool passes = stop_ != Stop::no || cancellations_ != cancelled_before;
    if (!done && !passes && !done.error().is(function_nested) && !done.error().is(function_status)) done = fail(function_failed);
  }
  while (!frame.kept.empty()) {
    settings_.put_back(std::move(frame.kept.back()));
    frame.kept.pop_back();
  }
  script.resume(before);
  if (!done && is_quiet(done.error())) subject_.clear();
  return done;
}

/// NAME must be given, [NAME] may be missing, NAME... takes all that is left.
Result<void> Shell::bind(Frame& frame, std::span<const std::string_view> names, std::span<const std::string> arguments) {
  std::size_t given = 0;
  for (std::string_view name : names) {
    const bool takes_rest = name.ends_with("...");
    if (takes_rest) name.remove_suffix(3);
    const bool may_be_missing = takes_rest || (name.starts_with('[') && name.ends_with(']'));
    if (may_be_missing && name.starts_with('[')) name = name.substr(1, name.size() - 2);
    std::string value;
    if (given == arguments.size() && !may_be_missing) return fail_about(name, usage_few);
    while (given < arguments.size()) {
      append(value, {value.empty() ? "" : " ", arguments[given++]});
      if (!takes_rest) break;
    }
    about(name);
    frame.kept.push_back(TRY(settings_.keep(name)));
    TRY(settings_.set(name, value));
  }
  subject_.clear();
  if (given < arguments.size()) return fail_about(arguments[given], usage_many);
  return {};
}

Result<void> Shell::make_local(std::string_view name, std::string_view value) {
  if (frames_.empty() || frames_.back()->function == Script::no_block) return fail(script_no_function);
  about(name);
  frames_.back()->kept.push_back(TRY(settings_.keep(name)));
  return settings_.set(name, value);
}

Result<void> Shell::return_with(std::uint32_t status) {
  if (frames_.empty() || frames_.back()->function == Script::no_block) return fail(script_no_function);
  stop_ = Stop::function;
  if (status != 0) return fail(function_status, status);
  return {};
}

Result<void> Shell::on_error(std::string_view label) {
  if (frames_.empty()) return fail(script_none_running);
  frames_.back()->on_error = label;
  return {};
}

Result<void> Shell::include(std::string_view address, const FetchWish& wish) {
  if (frames_.empty()) return fail(script_none_running);
  Unit& unit = frames_.back()->unit;
  const Image* known = images().find(address);
  std::string key = known != nullptr ? join({"image ", address}) : TRY(resolve(address)).text_with_password();
  for (const std::string& included : unit.addresses)
    if (included == key) return {};
  bool is_fresh = false;
  Image* image = TRY(acquire(address, wish, is_fresh));
  if (!Script::recognises(images().contents(*image))) {
    if (is_fresh) images().remove(*image);
    return fail(include_no_script);
  }
  auto script = TRY(take_script(*image, is_fresh));
  if (unit.scripts.size() == includes_max) return fail(script_many_included);
  if (script_bytes_ + script.size() > script_bytes_max) return fail(script_too_large);
  auto kept = make_unique_nothrow<Script>(std::move(script));
  if (!kept) return fail(out_of_memory);
  Script& included = *kept;
  script_bytes_ += included.size();
  unit.scripts.push_back(std::move(kept));
  // Before it runs, so that files that include each other end.
  unit.addresses.push_back(std::move(key));
  Frame frame{included, unit};
  frame.is_included = true;
  const auto done = run_frame(frame);
  if (done || done.error().is(script_exit_status) || done.error().is(script_nested)) return done;
  return fail(script_failed);
}

// Blocks

Result<Shell::Answer> Shell::ask(std::span<const RawCommand> commands, const Where& where, const Frame& frame) {
  const unsigned cancelled_before = cancellations_;
  const auto done = run_commands(commands, frame.script.dialect(), where, true);
  if (cancellations_ != cancelled_before) return fail(cancelled);
  if (!done && is_mistake(done.error())) return fail(done.error());
  // `while goto x` has left already, well or not.
  if (stop_ != Stop::no) return done ? Result<Answer>(Answer::gone) : fail(done.error());
  return done ? Answer::yes : Answer::no;
}

void Shell::forget_loops(Frame& frame) {
  const Script& script = frame.script;
  while (!frame.loops.empty()) {
    std::size_t around = script.block_around(script.position());
    while (around != Script::no_block && around != frame.loops.back().block) around = script.blocks()[around].outer;
    if (around != Script::no_block) return;
    frame.loops.pop_back();
  }
}

Result<void> Shell::leave_loop(bool for_good) {
  if (frames_.empty()) return fail(script_none_running);
  Frame& frame = *frames_.back();
  Script& script = frame.script;
  if (frame.loops.empty()) return fail(script_no_loop);
  const std::size_t block = frame.loops.back().block;
  const Script::BlockLine& end = script.blocks()[script.blocks()[block].next];
  script.move_to(for_good ? end.behind : end.at);
  forget_loops(frame);
  stop_ = Stop::line;
  return {};
}

Result<void> Shell::next_turn(Frame& frame, std::size_t block) {
  Script& script = frame.script;
  const Script::BlockLine& begin = script.blocks()[block];
  Frame::Turns& turns = frame.loops.back();  // one gets into a loop by its first line only
  // Ctrl-C ends the loop even where the script went on after the command that it stopped, and where no command waits.
  if (turns.cancellations != cancellations_ || !loop().pause(0_ms, false)) {
    ++cancellations_;
    return fail(cancelled);
  }
  if (begin.keyword == Keyword::while_) {
    script.move_to(begin.at);
    return {};
  }
  std::string_view rest = trimmed(turns.items);
  if (rest.empty()) {
    frame.loops.pop_back();
    script.move_to(script.blocks()[begin.next].behind);
    return {};
  }
  const std::string item(split_first(rest, ' '));
  turns.items = std::string(rest);
  script.move_to(begin.behind);
  return settings_.set(about(turns.name), item);  // the name was a plain word
}

Result<void> Shell::run_block_line(Frame& frame, std::span<const RawCommand> commands, const Where& where) {
  Script& script = frame.script;
  const std::vector<Script::BlockLine>& blocks = script.blocks();
  const std::size_t index = script.block_at(script.line_position());
  const Script::BlockLine& block = blocks[index];
  const auto end_of = [&](std::size_t i) {
    while (blocks[i].keyword != Keyword::end) i = blocks[i].next;
    return i;
  };
  const auto said = [&](Result<void> done) {
    if (!done) report(where, commands[0].words[0], done.error());
    return done;
  };
  switch (block.keyword) {
    case Keyword::else_if:
      if (frame.awaited_else != index) {
        script.move_to(blocks[end_of(index)].behind);
        return {};
      }
      [[fallthrough]];
    case Keyword::if_: {
      frame.awaited_else = Script::no_block;
      const Answer answer = TRY(ask(without_words(commands, block.keyword == Keyword::if_ ? 1 : 2), where, frame));
      if (answer != Answer::no) return {};
      const Script::BlockLine& next = blocks[block.next];
      if (next.keyword == Keyword::else_if) frame.awaited_else = block.next;
      script.move_to(next.keyword == Keyword::else_if ? next.at : next.behind);
      return {};
    }
    case Keyword::else_:
      script.move_to(blocks[end_of(index)].behind);
      return {};
    case Keyword::while_: {
      if (frame.loops.empty() || frame.loops.back().block != index) frame.loops.push_back({index, cancellations_, {}, {}});
      const Answer answer = TRY(ask(without_words(commands, 1), where, frame));
      if (answer != Answer::no) return {};
      frame.loops.pop_back();
      script.move_to(blocks[block.next].behind);
      return {};
    }
    case Keyword::for_: {
      const std::span<const std::string_view> words = commands[0].words;
      const auto list = expand_words(words.subspan(3), script.dialect(), settings_);
      if (!list) return said(fail(list.error()));
      std::string items;
      for (const std::string& word : *list) append(items, {word, ' '});
      if (!frame.loops.empty() && frame.loops.back().block == index) frame.loops.pop_back();  // `goto` led here: it begins anew
      frame.loops.push_back({index, cancellations_, std::string(words[1]), std::move(items)});
      return said(next_turn(frame, index));
    }
    case Keyword::function:
      script.move_to(blocks[block.next].behind);
      return {};
    default:
      break;
  }
  const Keyword ended = blocks[block.next].keyword;
  if (ended == Keyword::function) stop_ = Stop::function;
  if (ended != Keyword::while_ && ended != Keyword::for_) return {};
  return said(next_turn(frame, block.next));
}

}  // namespace undine
