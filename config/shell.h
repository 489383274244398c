// SPDX-License-Identifier: Apache-2.0
// The shell: everything that commands act on, and the engine that runs lines, scripts and a person's typing. Composed once, by nbp/main on a
// PC and by tests on the host.
//
// Nothing here waits by itself: commands wait through the Loop, which is the script runner's edge of the program.
#pragma once

#include <array>
#include <initializer_list>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/booter.h"
#include "config/command.h"
#include "config/disk_files.h"
#include "config/interface.h"
#include "config/screen/menu.h"
#include "config/script.h"
#include "config/settings.h"
#include "config/sources.h"
#include "core/clock.h"
#include "core/console.h"
#include "core/image.h"
#include "core/log.h"
#include "core/loop.h"
#include "core/machine.h"
#include "core/memory_map.h"
#include "core/text.h"
#include "protocols/crypto/hash.h"
#include "protocols/fetch/fetch.h"

namespace undine {

inline constexpr Cause command_unknown{"command.unknown", "there is no such command; 'help' lists them", pxe_status_failure};
inline constexpr Cause script_failed{"script.failed", "the script ended with an error", pxe_status_failure};
inline constexpr Cause script_nested{"script.nested", "scripts call scripts more than 16 deep; use 'chain --replace' to go on in another script", pxe_status_failure};
inline constexpr Cause script_exit_status{"script.exit", "the script ended with 'exit', status", pxe_status_failure, Detail::decimal};
inline constexpr Cause function_nested{"script.function-nested", "functions and scripts call each other more than 32 deep", pxe_status_failure};
inline constexpr Cause function_failed{"script.function-failed", "the function ended with an error", pxe_status_failure};
inline constexpr Cause function_status{"script.return", "the function ended with 'return', status", pxe_status_failure, Detail::decimal};
inline constexpr Cause script_many_included{"script.many-included", "the script has included 32 files already", pxe_status_failure};
inline constexpr Cause script_none_running{"script.none-running", "this works only in a script", pxe_status_failure};
inline constexpr Cause vlan_exists{"vlan.exists", "there is such a VLAN already; 'ifstat' shows it", pxe_status_failure};
inline constexpr Cause vlan_too_many{"vlan.too-many", "there are 16 VLANs already; give one back with 'vdestroy'", pxe_status_failure};
inline constexpr Cause vlan_not_made{"vlan.not-made", "that is no VLAN that 'vcreate' made; 'ifstat' lists them", pxe_status_failure};
inline constexpr Cause network_no_interface{"network.no-interface", "there is no such interface; 'ifstat' lists them", pxe_status_failure};

class Disks;

/// What the ROM kept of its own boot (PXENV_GET_CACHED_INFO, PXE 2.1): packets of types 1, 2 and 3.
struct RomPackets {
  std::optional<DhcpReply> discover, ack, reply;
};

class LogSender;

/// What the shell is given. All of it outlives the shell.
struct Environment {
  Console& console;
  Clock& clock;
  Loop& loop;
  Log& log;
  Machine& machine;
  MemoryMap& memory_map;
  ImageStore& images;
  Network& network;
  std::span<Interface* const> interfaces;
  std::span<const FetchProtocol> protocols;
  Booter& booter;
  RomPackets rom = {};
  /// A script put in at the build; empty if there is none.
  std::string_view embedded_script = {};
  /// The first KiB of this program's file as the ROM loaded it, to know it again; may be empty.
  Bytes own_beginning = {};
  /// Takes the log to a server; nullptr where there is none.
  LogSender* log_sender = nullptr;
  /// nullptr where no disk can be hooked.
  Disks* disks = nullptr;
  /// What was put into this program's file later (config/embedded.h); may be empty.
  Bytes embedded_block = {};
  /// Disks on other machines, by scheme.
  std::span<const SanProtocol> san_protocols = {};
  /// Where commands are looked for; the tests put one in whose commands do nothing.
  const Command* (*find_command)(std::string_view name) = &undine::find_command;
};

class Shell {
public:
  /// As deep as scripts may call each other: a menu tree has 4 or 5 levels, a loop has no end.
  static constexpr unsigned script_depth_max = 16;
  /// The same with calls of functions, whose frames are smaller.
  static constexpr unsigned depth_max = 32;
  static constexpr unsigned includes_max = 32;
  static constexpr std::size_t vlans_max = 16;
  /// Text of all running scripts together.
  static constexpr std::size_t script_bytes_max = 256 * 1024;

  explicit Shell(const Environment& environment);
  ~Shell();
  Shell(Shell&&) = delete;

  // What commands act on
  Console& console() { return environment_.console; }
  Clock& clock() { return environment_.clock; }
  Loop& loop() { return environment_.loop; }
  Log& log() { return environment_.log; }
  Machine& machine() { return environment_.machine; }
  MemoryMap& memory_map() { return environment_.memory_map; }
  ImageStore& images() { return environment_.images; }
  Booter& booter() { return environment_.booter; }
  Settings& settings() { return settings_; }
  const Settings& settings() const { return settings_; }
  std::span<Interface* const> interfaces() const { return interfaces_; }
  std::span<const FetchProtocol> protocols() const { return environment_.protocols; }
  const Environment& environment() const { return environment_; }

  /// A line on the console, without a line end of its own.
  void print(std::initializer_list<Piece> pieces) { console().write(join(pieces)); }
  /// The error a command returns, and what it is about: "vmlinuz: the server answered 404 [http.status]".
  std::unexpected<Error> fail_about(std::string_view subject, Error error);
  std::unexpected<Error> fail_about(std::string_view subject, const Cause& cause, std::uint32_t detail = 0) { return fail_about(subject, Error{cause, detail}); }

  /// As `fail_about`, for errors that come from somebody else: whatever goes wrong from here on is about this, of which passwords in
  /// addresses are not shown. Returns it.
  std::string_view about(std::string_view subject);
  /// What `help` says of one command.
  void explain(const Command& command);

  // Running
  /// One line. An error was printed already.
  Result<void> run_line(std::string_view line, Dialect dialect);
  /// One command, its words already expanded; for commands that run others. An error is returned, not printed.
  Result<void> run_words(std::span<const std::string> words);
  /// To its end, and on through whatever replaces it. The error of a script is `script_failed` or its exit status; what went wrong was printed.
  Result<void> run_script(Script script);
  /// A script is run, anything else is booted. A script's image that `is_fresh` (fetched for this) is freed before it runs, so that
  /// it never lies among the initrds. Comes back when a script ends or a program returns.
  Result<void> execute(Image& image, bool is_fresh);
  /// As `execute`, but the script that is running now ends first. Without one it is the same. `is_freed`: a program's image goes when the program has
  /// come back, or could not be started.
  Result<void> replace_with(Image& image, bool is_fresh, bool is_freed);
  /// A program that runs now wants `image` to be booted in its place: that comes when it has been given up, and its own image has gone. The images behind
  /// it were fetched for it, and go with it.
  void start_next(Image& image);
  bool script_is_running() const { return !frames_.empty(); }
  /// `goto`.
  Result<void> go_to(std::string_view label);
  /// `break`, or `continue`.
  Result<void> leave_loop(bool for_good);
  /// `return`.
  Result<void> return_with(std::uint32_t status);
  /// `local`: until the function returns.
  Result<void> make_local(std::string_view name, std::string_view value);
  /// `on-error`: where the next error leads that nobody deals with; empty: it ends the script.
  Result<void> on_error(std::string_view label);
  /// `exit`: no further line of this script, or of the person's session.
  void stop() { stop_ = Stop::sequence; }
  /// All scripts end, and a person's session too: back to the BIOS, which goes on with the next boot device.
  void leave() { stop_ = Stop::program; }
  bool is_leaving() const { return stop_ == Stop::program; }
  /// How often Ctrl-C stopped something; a script's error does not tell of it.
  unsigned cancellations() const { return cancellations_; }
  /// A line that a boot program ran has ended; what it stopped was that line, unless everything is to end.
  void go_on() {
    if (!is_leaving()) stop_ = Stop::no;
  }
  /// A person at the keyboard, until `exit` or Ctrl-D. False, and nothing is done, if the person is in this shell already.
  bool interact();

  // Fetching
  struct FetchWish {
    std::string_view name = {};               ///< the image's; empty: the last part of the address
    std::optional<Duration> timeout = {};     ///< give up after so long without a byte
    std::string mirrors = {};                 ///< more addresses of the same file, with blanks between; one that ends with '/' is a folder
    RawValue sha256 = {};                     ///< 32 octets that the file must have; empty: any file
    bool is_quiet = false;                    ///< no line tells how far it has come, nor its size
  };
  Result<Image*> fetch(std::string_view address, const FetchWish& wish);
  /// Runs a script once as a part of the one that is running, which may call its functions from then on.
  Result<void> include(std::string_view address, const FetchWish& wish);
  /// Posts `options.form` to an address; `sink` gets the answer. Given up after `patience` without progress.
  Result<void> post(std::string_view address, Sink& sink, FetchOptions& options, Duration patience);
  /// An image by its name, else what that address brings; `is_fresh` tells which.
  Result<Image*> acquire(std::string_view name_or_address, const FetchWish& wish, bool& is_fresh);
  /// What relative addresses are relative to: the running script, else the server that DHCP named.
  Uri base() const;
  Result<Uri> resolve(std::string_view address) const;
  /// Starts the cards, and says what every request bears: who we are, by which proxy, and the certificates that are believed.
  Result<void> fill_options(FetchOptions& options);
  /// Whom the settings `cert` and `privkey` say that we are.
  Result<void> use_identity(trust::Trust& trust);
  /// The disk that an address names, perhaps opening still.
  Result<Disk*> disk(const Uri& uri, const FetchOptions& options);
  /// Begins to read a file inside a disk, at the pace of `sink`, which outlives it, by a connection of its own: a program that runs may read several. No
  /// hooked drives: they are the program's.
  Result<std::unique_ptr<Transfer>> open_inside(const Uri& uri, Sink& sink);
  /// The task with it is over.
  void finish_disk(const Uri& uri) { disk_files_.finish(uri); }
  /// After an error: the next who wants the disk opens it anew.
  void forget_disk() { disk_files_.close(); }
  std::span<const SanProtocol> san_protocols() const { return environment_.san_protocols; }
  /// The digest of an image, taken while the network is served.
  Result<crypto::Digest> digest(const Image& image, crypto::HashAlgorithm algorithm);
  /// `image.untrusted` unless it was verified or no image has to be.
  Result<void> check_trusted(const Image& image);

  /// What `params` and `param` put together, for the request whose address ends with "##params".
  struct Parameters {
    std::string name;
    std::optional<std::string> form;
    std::string fields;
  };
  std::vector<Parameters> parameters;
  /// What `menu`, `form` and `item` put together, and the colours of all screens.
  std::list<Menu> menus;
  Theme theme;
  /// `imgtrust`.
  bool only_trusted = false, trust_is_permanent = false;

  // The network
  /// By its name; `netX` is the one that was opened or configured last.
  Result<Interface*> interface(std::string_view name);
  /// The one that has the address; if none has, `netX`; nullptr on a machine without a card.
  Interface* current() const;
  /// Opens it, if it is closed, with the address in its settings; it becomes `netX`.
  Result<void> open(Interface& interface);
  /// The network goes back to another one that is open, if there is one.
  void close(Interface& interface);
  /// A VLAN of that card is an interface from now on: "net0-42".
  Result<void> create_vlan(Interface& trunk, std::uint16_t tag, std::uint8_t priority);
  /// Closes and forgets it, with its settings.
  Result<void> destroy_vlan(Interface& interface);
  /// Asks DHCP and uses the answer. `timeout` 0: as long as a switch port may need.
  Result<void> dhcp(Interface& interface, std::string_view user_class, Duration timeout);
  /// The packet that has a PXE boot menu, or says where boot servers are; nullptr if no server has sent one.
  const DhcpReply* boot_menu() const;
  /// Looks for the PXE boot server of a type; what it says becomes the scope `pxebs`.
  Result<void> find_boot_server(Interface& interface, std::uint16_t type);
  /// Makes a lease and its companions the interface's settings, and the interface's address. Takes the packets out of `lease`.
  void adopt(Interface& interface, DhcpLease& lease);
  /// Gives the interface the address, mask, routes and DNS servers that its settings say now.
  void apply_settings(Interface& interface);

  /// What a boot program is given as the packets of types 1 to 3 (PXENV_GET_CACHED_INFO, PXE 2.1), of at most `packet_max` octets each.
  std::array<std::vector<std::uint8_t>, 3> boot_packets(std::size_t packet_max) const;

  const std::optional<Error>& last_error() const { return last_error_; }

private:
  /// What does not run any more: the rest of the line, of the function, of the script, anything.
  enum class Stop : std::uint8_t { no, line, function, sequence, program };
  class ProgramSource;

  /// A script with those that it included, whose functions it may call.
  struct Unit {
    std::vector<std::unique_ptr<Script>> scripts;
    std::vector<std::string> addresses;
  };
  /// A script, an included script or a function that runs.
  struct Frame {
    /// A loop that goes on.
    struct Turns {
      std::size_t block;       ///< the line that begins it
      unsigned cancellations;  ///< when it began
      std::string name, items;  ///< of `for`: the items still to come, with blanks between
    };
    Script& script;
    Unit& unit;
    std::size_t function = Script::no_block;
    bool is_included = false;
    unsigned cancellations = 0;  ///< of a function: when it was called
    std::string on_error = {};
    std::vector<Turns> loops = {};
    std::vector<Settings::Kept> kept = {};  ///< what arguments and `local` hide
    std::size_t awaited_else = Script::no_block;  ///< the `else if` whose turn it is, since all before it were wrong
  };
  struct Function {
    Script* script = nullptr;
    std::size_t block = Script::no_block;
  };
  /// For messages: the line that runs, nothing if a person typed it.
  struct Where {
    std::string_view script = {};
    const Script::Line* line = nullptr;
  };
  enum class Answer : std::uint8_t { no, yes, gone };

  Result<void> run_commands(std::span<const RawCommand> commands, Dialect dialect, const Where& where, bool is_question);
  Result<void> run_command(const RawCommand& raw, Dialect dialect, const Where& where);
  Result<void> run_lines(Frame& frame);
  Result<void> run_script_line(Frame& frame, const Where& where);
  Result<void> run_frame(Frame& frame);
  /// "boot.ipxe:3: chain: " for the word of a command; nothing for what a person typed.
  std::string place_of(const Where& where, std::string_view word) const;
  void report(const Where& where, std::string_view word, Error error);
  void report_at(std::string_view place, Error error);
  void report_line(const Where& where, std::size_t index, Error error);
  void report_block(const Script& script);
  void note(Error error);
  static bool is_quiet(const Error& error);

  // steer.cc
  Result<void> run_prefixed(std::span<const std::string_view> words, Dialect dialect, const Where& where, unsigned prefixes);
  Result<void> run_plain(std::span<const std::string_view> words, Dialect dialect);
  Result<void> run_block_line(Frame& frame, std::span<const RawCommand> commands, const Where& where);
  Result<Answer> ask(std::span<const RawCommand> commands, const Where& where, const Frame& frame);
  Result<void> next_turn(Frame& frame, std::size_t block);
  static void forget_loops(Frame& frame);
  Function find_function(std::string_view name) const;
  Result<void> call_function(Function function, std::span<const std::string> arguments);
  Result<void> bind(Frame& frame, std::span<const std::string_view> names, std::span<const std::string> arguments);

  Result<void> boot(Image& image);
  Result<void> boot_alone(Image& program);
  bool add(Interface& interface);
  /// Its settings answer before those of other interfaces.
  void ask_first(const Interface& interface);
  /// The same, and it is `netX`.
  void favour(const Interface& interface);
  /// Who answers for an interface besides itself.
  struct InterfaceSources {
    explicit InterfaceSources(const Interface& interface) : lldp(interface) {}
    DhcpSource lease;
    LldpSource lldp;
  };
  DhcpSource& lease_of(const Interface& interface) const;
  /// Has the card take the address of its setting `mac`, or its own again, if it is closed.
  Result<void> use_address(Interface& card);
  DhcpIdentity identity(const Interface& interface, std::string_view user_class) const;
  Result<Image*> fetch_from_any(std::string_view address, const FetchWish& wish);
  /// The address that it came from at last, with its password.
  Result<std::string> download(const Uri& uri, Sink& sink, const FetchWish& wish, std::string_view shown, FetchOptions& options);
  Result<std::string> read_from_disk(const Uri& uri, Sink& sink, const FetchWish& wish, std::string_view shown, const FetchOptions& options);
  Result<void> take_parameters(std::string_view& address, FetchOptions& options);
  Result<std::vector<Uri>> sources(std::string_view address, std::string_view mirrors);
  Result<void> check_sha256(const Image& image, const RawValue& wanted);
  Result<Script> take_script(Image& image, bool is_fresh);

  Environment environment_;
  Settings settings_;
  DiskFiles disk_files_{environment_.san_protocols};
  std::unique_ptr<ProgramSource> program_source_;
  SmbiosSource smbios_source_;
  PciSource pci_source_;
  CpuidSource cpuid_source_;
  MemoryMapSource memory_map_source_;
  std::vector<std::unique_ptr<Interface>> vlans_;
  std::vector<Interface*> interfaces_;                      ///< the machine's, and behind them those of vlans_
  std::vector<std::unique_ptr<InterfaceSources>> interface_sources_;  ///< one for each interface
  DhcpSource proxy_source_, boot_server_source_;
  std::vector<Frame*> frames_;    ///< those that run, innermost last
  std::size_t script_bytes_ = 0;  ///< text of all scripts that run or are included
  unsigned cancellations_ = 0;
  Stop stop_ = Stop::no;
  /// How many frames there were when the person's shell was opened; nothing while there is none.
  std::optional<std::size_t> interactive_above_;
  std::vector<std::string> history_;
  Image* replacement_ = nullptr;
  std::string replaced_at_;  ///< `place_of` the command that asked for it
  Image* next_ = nullptr;
  std::uint32_t next_last_ = 0;  ///< the serial number of the last image that was fetched for it
  bool replacement_is_fresh_ = false, replacement_is_freed_ = false;
  std::string subject_, hint_;
  std::optional<Error> last_error_;
  std::string last_subject_;
};

}  // namespace undine
