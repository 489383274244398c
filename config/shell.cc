// SPDX-License-Identifier: Apache-2.0
// Running commands, lines and scripts.
#include "config/shell.h"

#include <utility>

#include "config/boot_log.h"
#include "config/boot_packets.h"
#include "config/disks.h"
#include "config/version.h"
#include "core/log_json.h"
#include "core/memory.h"
#include "core/wall_clock.h"

namespace undine {
/// What the program says of itself: version, platform, the time, the running script.
class Shell::ProgramSource final : public SettingsSource {
public:
  explicit ProgramSource(Shell& shell) : shell_(shell) {}

  std::optional<RawValue> fetch(const SettingKey& key) const override {
    enum : std::size_t { version, platform, buildarch, cwuri, cwduri, error, error_name, error_about, errnum, unixtime, sysmac, vram };
    switch (place_in("version platform buildarch cwuri cwduri error error-name error-about errno unixtime sysmac vram", key.name)) {
      case version:
        return text(version_text);
      case platform:
        return text("pcbios");
      case buildarch:
        return text("i386");
      case cwuri:
        return text(shell_.base().text());
      case cwduri: {
        const std::string whole = shell_.base().text();
        return text(std::string_view(whole).substr(0, whole.rfind('/') + 1));
      }
      case error:
        if (!shell_.last_error_) return {};
        return text(shell_.last_error_->text());
      case error_name:
        if (!shell_.last_error_) return {};
        return text(shell_.last_error_->cause().name);
      case error_about:
        if (!shell_.last_error_ || shell_.last_subject_.empty()) return {};
        return text(shell_.last_subject_);
      case errnum:
        return number(shell_.last_error_ ? shell_.last_error_->cause().pxe_status : 0);
      case unixtime:
        if (const WallClock* time = shell_.environment_.network.wall_clock) return number(static_cast<std::uint32_t>(time->unix_seconds(shell_.clock().now())));
        return {};
      case sysmac:
        if (const auto address = shell_.environment_.machine.system_address()) return RawValue(address->octets.begin(), address->octets.end());
        return {};
      case vram: {
        const Bytes screen = shell_.environment_.machine.text_screen();
        return screen.empty() ? std::nullopt : std::optional(RawValue(screen.begin(), screen.end()));
      }
      default:
        return {};
    }
  }

private:
  static RawValue text(std::string_view value) { return RawValue(value.begin(), value.end()); }
  static RawValue number(std::uint32_t value) {
    RawValue raw(4);
    store_be32(raw, 0, value);
    return raw;
  }

  Shell& shell_;
};

Shell::Shell(const Environment& environment)
    : environment_(environment), program_source_(make_unique_nothrow<ProgramSource>(*this)), smbios_source_(environment.machine),
      pci_source_(environment.machine), cpuid_source_(environment.machine), memory_map_source_(environment.memory_map) {
  settings_.add_scope("builtin", Rank::program, program_source_.get());
  settings_.add_scope("memmap", Rank::machine, &memory_map_source_);
  settings_.add_scope("cpuid", Rank::machine, &cpuid_source_);
  settings_.add_scope("pci", Rank::machine, &pci_source_);
  settings_.add_scope("smbios", Rank::machine, &smbios_source_);
  for (Interface* interface : environment_.interfaces) (void)add(*interface);
  settings_.add_scope("proxydhcp", Rank::proxy, &proxy_source_);
  settings_.add_scope("pxebs", Rank::boot_server, &boot_server_source_);
  if (!interfaces_.empty()) settings_.use_interface(interfaces_[0]->name());
}

Shell::~Shell() = default;

std::string_view Shell::about(std::string_view subject) {
  subject_ = printable(Uri::texts(subject));
  return subject;
}

std::unexpected<Error> Shell::fail_about(std::string_view subject, Error error) {
  about(subject);
  return fail(error);
}

void Shell::explain(const Command& command) {
  print({command.name, command.arguments.empty() ? "" : " ", command.arguments, "\n  ", command.summary, "\n"});
}

namespace {

/// "boot.ipxe:3: ", with the column where the line alone does not tell; nothing for what a person typed.
std::string head(std::string_view script, const Script::Line* line, std::size_t index, bool with_column) {
  if (line == nullptr) return {};
  const Place place = line->place(index);
  const std::string name = printable(script, 80);
  return with_column ? join({name, ":", place.line, ":", place.column, ": "}) : join({name, ":", place.line, ": "});
}

}  // namespace

std::string Shell::place_of(const Where& where, std::string_view word) const {
  std::size_t index = 0;
  bool with_column = false;
  if (where.line != nullptr && !word.empty()) {
    const std::string_view line = where.line->command;
    index = static_cast<std::size_t>(word.data() - line.data());
    for (const char before : line.substr(0, index)) with_column = with_column || static_cast<unsigned char>(before) > ' ';
  }
  return join({head(where.script, where.line, index, with_column), printable(word, 40), hint_, word.empty() ? "" : ": "});
}

void Shell::report_at(std::string_view place, Error error) {
  log().write(Level::error, {place, subject_, subject_.empty() ? "" : ": ", error.text()});
}

void Shell::report(const Where& where, std::string_view word, Error error) { report_at(place_of(where, word), error); }

void Shell::report_line(const Where& where, std::size_t index, Error error) {
  log().write(Level::error, {head(where.script, where.line, index, true), error.text()});
}

void Shell::report_block(const Script& script) {
  const Script::WrongBlock& wrong = *script.wrong_block();
  log().write(Level::error, {printable(script.name(), 80), ":", wrong.place.line, ":", wrong.place.column, ": ", printable(wrong.word, 40),
                             wrong.word.empty() ? "" : ": ", wrong.error.text()});
}

void Shell::note(Error error) {
  if (error.is(script_failed) || error.is(function_failed)) return;
  last_error_ = error;
  last_subject_ = subject_;
}

bool Shell::is_quiet(const Error& error) {
  const std::string_view name = error.cause().name;
  // Menus ask whether a label is theirs: `goto ${choice} || chain ${choice}.ipxe`. That a person left one is what `||` behind it is for.
  if (error.is(script_no_label) || error.is(left_by_escape)) return true;
  return name.starts_with("test.") || error.is(script_failed) || error.is(script_exit_status) || error.is(function_failed) || error.is(function_status);
}

Result<void> Shell::run_words(std::span<const std::string> words) {
  if (words.empty()) return {};
  const Command* command = environment_.find_command(words[0]);
  if (command == nullptr) {
    if (const Cause* why = absent_command(words[0])) return fail(*why);
    if (const auto nearest = nearest_command(words[0])) hint_ = join({" (perhaps '", *nearest, "'?)"});
    return fail(command_unknown);
  }
  std::string_view offending;
  const auto call = Invocation::parse(*command, words, offending);
  if (!call) return fail_about(offending, call.error());
  if (call->wants_help()) {
    explain(*command);
    return {};
  }
  return command->run(*this, *call);
}

Result<void> Shell::run_command(const RawCommand& raw, Dialect dialect, const Where& where) {
  subject_.clear();
  hint_.clear();
  const auto done = run_prefixed(raw.words, dialect, where, 0);
  const bool replaces = done && replacement_ != nullptr && replaced_at_.empty();
  if (done && !replaces) return {};
  const std::size_t name = keyword_of(raw.words) == Keyword::none ? command_word(raw.words) : 0;
  const std::string_view word = raw.words[name < raw.words.size() ? name : 0];
  if (replaces) {
    replaced_at_ = place_of(where, word);
    return {};
  }
  note(done.error());
  if (!is_quiet(done.error())) report(where, word, done.error());
  return done;
}

/// `is_question`: a no is an answer, and nothing is said of it.
Result<void> Shell::run_commands(std::span<const RawCommand> commands, Dialect dialect, const Where& where, bool is_question) {
  Result<void> status;
  bool wanted = true;
  std::string_view failed;
  for (const RawCommand& command : commands) {
    if (wanted) {
      status = run_command(command, dialect, where);
      if (!status) failed = command.words[0];
      if (stop_ != Stop::no) break;
    }
    if (command.then == Joint::on_failure) wanted = !status;
    if (command.then == Joint::on_success) wanted = status.has_value();
    if (command.then == Joint::always) wanted = true;
  }
  // `exit 1` itself is no news; that the script which was called ended so is.
  if (!status && !is_question && is_quiet(status.error()) && (stop_ == Stop::no || stop_ == Stop::line)) report(where, failed, status.error());
  return status;
}

Result<void> Shell::run_line(std::string_view line, Dialect dialect) {
  const auto commands = split_line(line, dialect);
  if (!commands) {
    report_line({}, 0, commands.error());
    return fail(commands.error());
  }
  const auto status = run_commands(*commands, dialect, {}, false);
  if (stop_ == Stop::line) stop_ = Stop::no;
  return status;
}

Result<void> Shell::run_script_line(Frame& frame, const Where& where) {
  Script& script = frame.script;
  std::size_t wrong_at = 0;
  const auto commands = split_line(where.line->command, script.dialect(), &wrong_at);
  if (!commands) {
    report_line(where, wrong_at, commands.error());
    return fail(commands.error());
  }
  if (keyword_of(commands->front().words) == Keyword::none) return run_commands(*commands, script.dialect(), where, false);
  subject_.clear();
  hint_.clear();
  if (!script.wrong_block()) return run_block_line(frame, *commands, where);
  report_block(script);
  return fail(script.wrong_block()->error);
}

Result<void> Shell::run_lines(Frame& frame) {
  Script::Line line;
  for (;;) {
    const auto more = frame.script.next(line);
    const Where where{frame.script.name(), &line};
    if (!more) {
      report_line(where, 0, more.error());
      return fail(more.error());
    }
    if (!*more) return {};
    const unsigned cancelled_before = cancellations_;
    const auto done = run_script_line(frame, where);
    switch (std::exchange(stop_, Stop::no)) {
      case Stop::sequence:
        // An end for the whole script, and for what is to take its place.
        if (frame.function != Script::no_block || (frame.is_included && replacement_ != nullptr)) stop_ = Stop::sequence;
        [[fallthrough]];
      case Stop::function:
        return done;
      case Stop::program:
        stop_ = Stop::program;
        return done;
      default:
        break;
    }
    if (done) continue;
    if (frame.on_error.empty() || cancellations_ != cancelled_before) return done;
    // Behind the label may be `on-error` again, and nothing that waits.
    if (const auto waited = loop().pause(0_ms, false); !waited) {
      ++cancellations_;
      report(where, {}, waited.error());
      return fail(waited.error());
    }
    // Once: an error behind the label would lead there again and again.
    const std::string label = std::exchange(frame.on_error, {});
    if (const auto gone = frame.script.go_to(label); !gone) {
      about(label);
      report(where, {}, gone.error());
      return fail(gone.error());
    }
    forget_loops(frame);
  }
}

Result<void> Shell::run_frame(Frame& frame) {
  unsigned scripts = 0;
  for (const Frame* running : frames_) scripts += running->function == Script::no_block ? 1 : 0;
  if (scripts >= script_depth_max && frame.function == Script::no_block) return fail(script_nested);
  if (frames_.size() == depth_max) return fail(function_nested);
  if (frame.script.wrong_block() && frame.script.dialect() == Dialect::undine) {
    report_block(frame.script);
    return fail(script_failed);
  }
  frames_.push_back(&frame);
  const auto done = run_lines(frame);
  frames_.pop_back();
  return done;
}

Result<void> Shell::run_script(Script script) {
  for (;;) {
    const std::string name = script.name();
    if (script_bytes_ + script.size() > script_bytes_max) return fail_about(name, script_too_large);
    Unit unit;
    unit.addresses.push_back(script.base().text_with_password());
    Frame frame{script, unit};
    script_bytes_ += script.size();
    const auto done = run_frame(frame);
    script_bytes_ -= script.size();
    for (const std::unique_ptr<Script>& included : unit.scripts) script_bytes_ -= included->size();
    if (replacement_ == nullptr) {
      if (done) return {};
      const bool tells_itself = done.error().is(script_exit_status) || done.error().is(script_nested) || done.error().is(function_nested);
      return fail_about(name, tells_itself ? done.error() : Error{script_failed});
    }
    // `chain --replace`: a loop, so that a menu may replace itself for ever.
    Image& next = *replacement_;
    replacement_ = nullptr;
    const std::string place = std::exchange(replaced_at_, {});
    // No line of a script runs any more that could tell what went wrong; whoever called the first one may be nobody.
    const auto tell = [&](Error error) -> std::unexpected<Error> {
      if (is_quiet(error)) return fail(error);
      note(error);
      report_at(place, error);
      return fail_about(name, script_failed);
    };
    if (!Script::recognises(images().contents(next))) {
      const bool is_freed = replacement_is_freed_;
      const std::uint32_t serial = next.serial;
      const auto booted = boot(next);
      if (is_freed) images().remove_if_there(serial);
      return booted ? booted : tell(booted.error());
    }
    auto parsed = take_script(next, replacement_is_fresh_);
    if (!parsed) return tell(parsed.error());
    script = std::move(*parsed);
  }
}

Result<void> Shell::boot(Image& image) {
  // What was fetched for the program that runs, by serial numbers; it may have gone by then.
  const std::uint32_t own = image.serial;
  std::uint32_t first = own, last = own;
  const auto forget = [&] {
    for (; first <= last; ++first) images().remove_if_there(first);
  };
  // A loop, so that menus may start one another for ever.
  for (Image* program = &image;;) {
    const auto booted = boot_alone(*program);
    Image* const next = std::exchange(next_, nullptr);
    // A program that another wanted in its place is nobody's when it has ended, or was refused.
    if (next != nullptr || first != own) forget();
    if (next == nullptr) return booted;
    first = next->serial;
    last = next_last_;
    if (Script::recognises(images().contents(*next))) {
      const auto done = execute(*next, true);
      forget();
      return done;
    }
    program = next;
  }
}

Result<void> Shell::boot_alone(Image& program) {
  const std::string name = program.name;
  TRY(check_trusted(program));
  if (environment_.disks != nullptr) environment_.disks->describe(*this);
  std::string members;
  add_member(members, "image", name);
  add_member(members, "kind", booter().kind(images().contents(program), name));
  add_member(members, "arguments", program.arguments);
  log().write_phase(Level::info, "boot", {}, std::move(members), {"starting ", printable(name)});
  deliver_boot_log(*this);
  console().use_text();  // what is started expects no picture
  forget_disk();  // its server hears that we leave
  const auto booted = booter().boot(program, images(), boot_packets(boot_packet_bytes)[1]);
  return booted ? Result<void>{} : fail_about(name, booted.error());
}

Result<Script> Shell::take_script(Image& image, bool is_fresh) {
  const std::string name = image.name;
  const auto trusted = check_trusted(image);
  auto parsed = trusted ? Script::parse(images().contents(image), name, Uri::parse_address(image.uri).value_or(Uri{})) : fail(trusted.error());
  if (is_fresh) images().remove(image);
  if (!parsed) return fail_about(name, parsed.error());
  return parsed;
}

void Shell::start_next(Image& image) {
  next_ = &image;
  next_last_ = images().images().back().serial;
}

Result<void> Shell::go_to(std::string_view label) {
  if (frames_.empty()) return fail(script_none_running);
  // A script may go round and round without a command that waits; Ctrl-C ends that too.
  const auto waited = loop().pause(0_ms, false);
  if (!waited) return fail(waited.error());
  Frame& frame = *frames_.back();
  const auto gone = frame.script.go_to(label);
  if (!gone) return fail_about(label, gone.error());
  forget_loops(frame);
  stop_ = Stop::line;
  return {};
}

Result<void> Shell::replace_with(Image& image, bool is_fresh, bool is_freed) {
  if (frames_.empty()) {
    const std::uint32_t serial = image.serial;
    const auto done = execute(image, is_fresh || is_freed);
    if (is_freed) images().remove_if_there(serial);
    return done;
  }
  replacement_ = &image;
  replacement_is_fresh_ = is_fresh || is_freed;
  replacement_is_freed_ = is_freed;
  stop();
  return {};
}

Result<void> Shell::execute(Image& image, bool is_fresh) {
  if (!Script::recognises(images().contents(image))) return boot(image);
  auto parsed = take_script(image, is_fresh);
  if (!parsed) return fail(parsed.error());
  return run_script(std::move(*parsed));
}

}  // namespace undine
