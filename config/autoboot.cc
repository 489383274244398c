// SPDX-License-Identifier: Apache-2.0
#include "config/autoboot.h"

#include "config/boot_log.h"
#include "config/boot_menu.h"
#include "config/commands/commands.h"
#include "config/disks.h"
#include "config/embedded.h"
#include "config/version.h"
#include "core/log_json.h"
#include "protocols/trust/trust.h"

namespace undine {
namespace {

/// Who we are for DHCP, one after the other: a server that was set up for one of the older programs need not be touched.
constexpr std::string_view user_classes[] = {user_class_text, "iPXE", "gPXE"};
constexpr std::string_view autoexec_names[] = {"autoexec.undine", "autoexec.ipxe"};

/// The address of a file that a DHCP packet names: a URI is taken as it is, anything else is a TFTP file of the server's.
std::string address_of(std::string_view file, Ipv4Address server) {
  if (file.find("://") != file.npos) return std::string(file);
  return join({"tftp://", server, "/", percent_encoded(file)});
}

/// What the ROM was told to load: this program. Empty if it did not say.
std::string own_address(const RomPackets& rom) {
  for (const auto* packet : {&rom.reply, &rom.ack}) {
    if (!*packet || (*packet)->boot_file().empty() || (*packet)->next_server().is_unspecified()) continue;
    return address_of((*packet)->boot_file(), (*packet)->next_server());
  }
  return {};
}

/// The file that the settings name; empty if there is none. The server is the one that the same scope names: a ProxyDHCP server's file is not on the
/// address server.
std::string offered_address(const Settings& settings) {
  const auto file = settings.find("filename");
  if (!file) return {};
  const std::string_view whole = as_text(file->raw);
  // Servers are set up with names like "http://10.0.0.1/boot.php?mac=${net0/mac}".
  const auto expanded = expand(whole.substr(0, whole.find('\0')), Dialect::ipxe, settings);
  if (!expanded || expanded->empty()) return {};
  const std::string& name = *expanded;
  auto server = settings.address(join({file->scope, file->scope.empty() ? "" : "/", "next-server"}));
  if (!server) server = settings.address("next-server");
  if (!server && name.find("://") == name.npos) return {};
  return address_of(name, server.value_or(Ipv4Address{}));
}

bool is_own_file(const Shell& shell, Bytes contents) {
  const Bytes own = shell.environment().own_beginning;
  return !own.empty() && contents.size() >= own.size() && same_bytes(contents.first(own.size()), own);
}

/// The scripts that may lie beside this program.
Result<void> autoexec(Shell& shell) {
  const std::string own = own_address(shell.environment().rom);
  if (own.empty()) return fail(boot_nothing);
  const std::string_view folder = std::string_view(own).substr(0, own.rfind('/') + 1);
  for (const std::string_view name : autoexec_names) {
    const std::string address = join({folder, name});
    const auto image = shell.fetch(address, {});
    if (image) return shell.execute(**image, true);
    if (image.error().is(cancelled)) return fail(image.error());
    shell.log().write(Level::info, {address, ": ", image.error().text()});
  }
  return fail(boot_nothing);
}

/// What became of one offer.
enum class Offer : std::uint8_t { none, ourselves, taken };

/// The root path, if it names a disk; empty if not.
std::string offered_disk(const Shell& shell) {
  std::string root = shell.settings().text_or_empty("root-path");
  const Disks* const disks = shell.environment().disks;
  return disks != nullptr && disks->knows(root) ? root : std::string{};
}

Result<Offer> take_offer(Shell& shell, Interface& interface) {
  if (const DhcpReply* menu = shell.boot_menu()) {
    if (!TRY(use_boot_menu(shell, interface, *PxeDiscovery::from(*menu)))) return Offer::taken;
  }
  const std::string address = offered_address(shell.settings());
  const std::string disk = offered_disk(shell);
  const bool has_disks = shell.environment().disks != nullptr;
  const std::string root = shell.settings().text_or_empty("root-path");
  const auto is_disk = [&](const SanProtocol& protocol) { return equal_ignoring_case(protocol.scheme, std::string_view(root).substr(0, root.find(':'))); };
  // Beside a file it may be anything's, NFS's as a rule.
  const bool is_missed = address.empty() || (!has_disks && std::ranges::any_of(shell.environment().san_protocols, is_disk));
  if (disk.empty() && !root.empty() && is_missed) {
    shell.log().write(Level::notice, {"DHCP names a root path (", printable(Uri::texts(root)),
                                      has_disks ? "), which is no disk of a kind that is known here" : "), but there is nothing here that hooks disks"});
  }
  if (address.empty()) {
    if (disk.empty()) return Offer::none;
    TRY(shell.environment().disks->follow_root_path(shell, disk, nullptr));
    return Offer::taken;
  }
  // What a file is called says nothing to a program that another one has started: that one's script may bear the name.
  if (shell.environment().own_beginning.empty() && address == own_address(shell.environment().rom)) return Offer::ourselves;
  Image* image = TRY(shell.fetch(address, {}));
  if (is_own_file(shell, shell.images().contents(*image))) {
    shell.images().remove(*image);
    return Offer::ourselves;
  }
  if (!Script::recognises(shell.images().contents(*image))) shell.images().select(*image);
  // Both: an installer, say, that is to find the disk.
  TRY(disk.empty() ? shell.execute(*image, true) : shell.environment().disks->follow_root_path(shell, disk, image));
  return Offer::taken;
}

/// Makes the embedded settings and certificates count and returns the script: that of the block, else that of the build; empty if there is none.
std::string_view take_embedded(Shell& shell) {
  std::string_view script = shell.environment().embedded_script;
  trust::Trust* const trust = shell.environment().network.trust;
  const auto entries = parse_embedded(shell.environment().embedded_block);
  if (!entries) {
    shell.log().write(Level::error, {"embedded: ", entries.error().text()});
    return script;
  }
  for (const EmbeddedEntry& entry : *entries) {
    if (entry.kind == EmbeddedKind::script) {
      script = as_text(entry.contents);
    } else if (entry.kind == EmbeddedKind::setting) {
      std::string_view value = as_text(entry.contents);
      const std::string_view name = split_first(value, '=');
      if (const auto set = change_setting(shell, name, value); !set) shell.log().write(Level::error, {"embedded: ", printable(name), ": ", set.error().text()});
    } else if (trust) {
      if (const auto added = trust->add_certificates(entry.contents, {}); !added) shell.log().write(Level::error, {"embedded: certificate: ", added.error().text()});
    }
  }
  if (trust) trust->keep_for_good();
  return script;
}

}  // namespace

Result<void> start(Shell& shell, std::string_view text) {
  std::string_view name = "embedded";
  // What the ROM's lease says is to be done instead (option 175.81), as iPXE does it.
  const std::string scriptlet = join({"#!ipxe\n", shell.settings().text_or_empty("scriptlet")});
  if (text.empty() && shell.settings().find("scriptlet")) {
    text = scriptlet;
    name = "scriptlet";
  }
  if (text.empty()) return shell.run_line("autoboot", Dialect::undine);
  auto script = Script::parse(as_bytes(text), name, Uri{});
  if (!script) {
    shell.log().write(Level::error, {name, ": ", script.error().text()});
    return fail(script.error());
  }
  return shell.run_script(std::move(*script));
}

Result<void> autoboot(Shell& shell, Interface& interface) {
  TRY(shell.open(interface));

  std::string chosen = shell.settings().text_or_empty("user-class");
  bool was_offered_ourselves = false;
  const bool uses_cached = shell.settings().number("use-cached").value_or(0) != 0;
  for (std::size_t i = 0; i < std::size(user_classes); ++i) {
    const std::string_view user_class = i == 0 && !chosen.empty() ? std::string_view(chosen) : user_classes[i];
    if (i == 0 && uses_cached) {
      shell.log().write(Level::notice, {"DHCP says that its first answer is enough (use-cached)"});
    } else if (const auto asked = shell.dhcp(interface, user_class, {}); !asked) {
      if (asked.error().is(cancelled) || interface.address().is_unspecified()) return fail(asked.error());
      shell.log().write(Level::notice, {interface.name(), ": ", asked.error().text(), "; going on with ", interface.address()});
      break;
    }
    const Offer offer = TRY(take_offer(shell, interface));
    if (offer == Offer::taken) return {};
    if (offer == Offer::none) break;
    was_offered_ourselves = true;
    const bool is_last = i + 1 == std::size(user_classes);
    shell.log().write(Level::notice, {"DHCP offered Undine itself again (user class '", printable(user_class),
                                      is_last ? "'); looking for " : "'); asking as '", is_last ? autoexec_names[0] : user_classes[i + 1],
                                      is_last ? " and " : "'", is_last ? autoexec_names[1] : ""});
  }
  const auto done = autoexec(shell);
  if (!done && done.error().is(boot_nothing)) return shell.fail_about({}, was_offered_ourselves ? boot_only_itself : boot_nothing);
  return done;
}

void run(Shell& shell) {
  shell.print({banner_text});
  const Environment& environment = shell.environment();
  const std::string_view embedded = take_embedded(shell);
  if (environment.rom.ack && !environment.rom.ack->your_address().is_unspecified() && !shell.interfaces().empty()) {
    DhcpLease lease{*environment.rom.ack, std::nullopt, environment.rom.reply};
    // Many ROMs keep the acknowledgement a second time where a boot server's answer would be.
    if (lease.boot_server && same_bytes(lease.boot_server->packet(), lease.ack.packet())) lease.boot_server.reset();
    shell.adopt(*shell.interfaces()[0], lease);
    std::string members;
    add_member(members, "ip", environment.rom.ack->your_address().text());
    add_member(members, "file", Uri::texts(own_address(environment.rom)));
    if (const std::uint64_t before = environment.clock.ms_before_start(); before != 0) add_member(members, "ms_since_power_on", before);
    shell.log().write_phase(Level::info, "rom", {}, std::move(members), {"the ROM's lease is ", environment.rom.ack->your_address()});
  }
  // A key that is already there, never a wait.
  bool to_shell = false;
  while (const auto key = shell.loop().key()) to_shell = to_shell || *key == Key::ctrl_b;
  const auto done = to_shell ? Result<void>{} : start(shell, embedded);
  if (!done && !shell.is_leaving()) deliver_boot_log(shell);
  // `exit 1` is how scripts say that the next boot device is meant.
  const bool has_failed = !done && !done.error().is(script_exit_status);
  if (to_shell || (has_failed && !shell.is_leaving())) {
    shell.print({"'help' lists the commands\n"});
    (void)shell.interact();
  }
  shell.print({"leaving; the BIOS goes on with the next boot device\n"});
}

}  // namespace undine
