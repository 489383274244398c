// SPDX-License-Identifier: Apache-2.0
// Running commands, lines and scripts.
#include "config/shell.h"

#include "config/version.h"
#include "core/memory.h"
#include "core/wall_clock.h"

namespace undine {
namespace {

/// Causes that are an answer rather than a trouble: said only when nobody deals with them.
bool is_quiet(const Error& error) {
  const std::string_view name = error.cause().name;
  return name.starts_with("test.") || error.is(script_failed) || error.is(script_exit_status);
}

}  // namespace

/// What the program says of itself: version, platform, the time, the running script.
class Shell::ProgramSource final : public SettingsSource {
public:
  explicit ProgramSource(Shell& shell) : shell_(shell) {}

  std::optional<RawValue> fetch(const SettingKey& key) const override {
    enum : std::size_t { version, platform, buildarch, cwuri, cwduri, error, errnum, memsize, unixtime };
    switch (place_in("version platform buildarch cwuri cwduri error errno memsize unixtime", key.name)) {
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
      case errnum:
        return number(shell_.last_error_ ? shell_.last_error_->cause().pxe_status : 0);
      case memsize:
        return number(static_cast<std::uint32_t>(shell_.memory_map().usable_bytes() >> 20));
      case unixtime:
        if (const WallClock* time = shell_.environment_.network.wall_clock) return number(static_cast<std::uint32_t>(time->unix_seconds(shell_.clock().now())));
        return {};
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
    : environment_(environment), program_source_(make_unique_nothrow<ProgramSource>(*this)), smbios_source_(environment.machine) {
  settings_.add_scope("builtin", Rank::program, program_source_.get());
  settings_.add_scope("smbios", Rank::machine, &smbios_source_);
  for (Interface* interface : environment_.interfaces) {
    settings_.add_scope(interface->name(), Rank::interface, interface);
    lease_sources_.push_back(make_unique_nothrow<DhcpSource>());
    settings_.add_scope(join({interface->name(), ".dhcp"}), Rank::lease, lease_sources_.back().get());
  }
  settings_.add_scope("proxydhcp", Rank::proxy, &proxy_source_);
  settings_.add_scope("pxebs", Rank::boot_server, &boot_server_source_);
  if (!environment_.interfaces.empty()) settings_.use_interface(environment_.interfaces[0]->name());
}

Shell::~Shell() = default;

std::string_view Shell::about(std::string_view subject) {
  subject_ = printable(subject);
  return subject;
}

std::unexpected<Error> Shell::fail_about(std::string_view subject, Error error) {
  about(subject);
  return fail(error);
}

void Shell::explain(const Command& command) {
  print({command.name, command.arguments.empty() ? "" : " ", command.arguments, "\n  ", command.summary, "\n"});
}

void Shell::report(std::string_view where, std::string_view command, Error error) {
  log().write(Level::error, {where, printable(command, 40), hint_, command.empty() ? "" : ": ", subject_, subject_.empty() ? "" : ": ", error.text()});
}

Result<void> Shell::run_words(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const Command* command = find_command(words[0]);
  if (command == nullptr) {
    if (is_absent_command(words[0])) return fail(command_absent);
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

Result<void> Shell::run_command(const RawCommand& raw, Dialect dialect, std::string_view where) {
  subject_.clear();
  hint_.clear();
  const auto words = expand_command(raw, dialect, settings_);
  const auto done = words ? run_words(*words) : Result<void>(fail(words.error()));
  if (done) return {};
  if (!done.error().is(script_failed)) last_error_ = done.error();
  if (!is_quiet(done.error())) report(where, raw.words.empty() ? std::string_view{} : raw.words[0], done.error());
  return done;
}

Result<void> Shell::run_line(std::string_view line, Dialect dialect, std::string_view where) {
  const auto commands = split_line(line, dialect);
  if (!commands) {
    subject_.clear();
    report(where, {}, commands.error());
    return fail(commands.error());
  }
  Result<void> status;
  bool wanted = true;
  std::string_view failed;
  for (const RawCommand& command : *commands) {
    if (wanted) {
      status = run_command(command, dialect, where);
      if (!status) failed = command.words.empty() ? std::string_view{} : command.words[0];
      if (stop_ != Stop::no) break;
    }
    if (command.then == Joint::on_failure) wanted = !status;
    if (command.then == Joint::on_success) wanted = status.has_value();
    if (command.then == Joint::always) wanted = true;
  }
  // `exit 1` itself is no news; that the script which was called ended so is.
  if (!status && is_quiet(status.error()) && stop_ != Stop::sequence) report(where, failed, status.error());
  if (stop_ == Stop::line) stop_ = Stop::no;
  return status;
}

Result<void> Shell::run_lines(Script& script) {
  Script::Line line;
  for (;;) {
    const auto more = script.next(line);
    const std::string where = join({printable(script.name(), 80), ":", line.number, ": "});
    if (!more) {
      subject_.clear();
      report(where, {}, more.error());
      return fail(more.error());
    }
    if (!*more) return {};
    const auto done = run_line(line.command, script.dialect(), where);
    if (stop_ == Stop::sequence) {
      stop_ = Stop::no;
      return done;
    }
    if (!done) return done;
  }
}

Result<void> Shell::run_script(Script script) {
  for (;;) {
    std::size_t bytes = script.size();
    for (const Script* running : scripts_) bytes += running->size();
    if (scripts_.size() == script_depth_max || bytes > script_bytes_max)
      return fail_about(script.name(), scripts_.size() == script_depth_max ? script_nested : script_too_large);
    const std::string name = script.name();
    scripts_.push_back(&script);
    const auto done = run_lines(script);
    scripts_.pop_back();
    if (replacement_ == nullptr) {
      if (done) return {};
      return fail_about(name, done.error().is(script_exit_status) ? done.error() : Error{script_failed});
    }
    // `chain --replace`: a loop, so that a menu may replace itself for ever.
    Image& next = *replacement_;
    replacement_ = nullptr;
    if (!Script::recognises(images().contents(next))) return boot(next);
    auto parsed = take_script(next, replacement_is_fresh_);
    if (!parsed) return fail(parsed.error());
    script = std::move(*parsed);
  }
}

Result<void> Shell::boot(Image& image) {
  const std::string name = image.name;
  TRY(check_trusted(image));
  console().use_text();  // what is started expects no picture
  const auto booted = booter().boot(image, images());
  if (!booted) return fail_about(name, booted.error());
  return {};
}

Result<Script> Shell::take_script(Image& image, bool is_fresh) {
  const std::string name = image.name;
  const auto trusted = check_trusted(image);
  auto parsed = trusted ? Script::parse(images().contents(image), name, Uri::parse(image.uri).value_or(Uri{})) : fail(trusted.error());
  if (is_fresh) images().remove(image);
  if (!parsed) return fail_about(name, parsed.error());
  return parsed;
}

Result<void> Shell::go_to(std::string_view label) {
  if (scripts_.empty()) return fail(script_none_running);
  // A script may go round and round without a command that waits; Ctrl-C ends that too.
  const auto waited = loop().pause(0_ms, false);
  if (!waited) return fail(waited.error());
  const auto gone = scripts_.back()->go_to(label);
  if (!gone) return fail_about(label, gone.error());
  stop_ = Stop::line;
  return {};
}

Result<void> Shell::replace_with(Image& image, bool is_fresh) {
  if (scripts_.empty()) return execute(image, is_fresh);
  replacement_ = &image;
  replacement_is_fresh_ = is_fresh;
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
