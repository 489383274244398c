// SPDX-License-Identifier: Apache-2.0
// Every command, in the order in which `help` lists them: the network, files, booting, settings, the script's flow, the machine. An alias is a
// row of its own. README.md says how to add one.
#include "config/commands/commands.h"

namespace undine {
namespace {

constexpr std::string_view fetch_usage = "[-n|--name NAME] [-t|--timeout MS] [-m|--mirror URI] [-s|--sha256 HEX] [-a|--autofree] [-q|--quiet] URI [ARGUMENT...]";
constexpr std::string_view select_usage = "[-n|--name NAME] [-t|--timeout MS] [-m|--mirror URI] [-s|--sha256 HEX] [-a|--autofree] [-q|--quiet] URI-OR-IMAGE [ARGUMENT...]";
constexpr std::string_view execute_usage = "[-n|--name NAME] [-t|--timeout MS] [-m|--mirror URI] [-s|--sha256 HEX] [-a|--autofree] [-q|--quiet] [-r|--replace] [URI-OR-IMAGE] [ARGUMENT...]";
constexpr std::string_view dhcp_usage = "[-c|--configurator NAME] [-t|--timeout MS] [INTERFACE...]";
constexpr std::string_view dhcp_summary = "get an address and what to boot from DHCP";
constexpr std::string_view fetch_summary = "fetch a file";
constexpr std::string_view initrd_summary = "fetch a file that goes with the kernel";
constexpr std::string_view kernel_summary = "fetch a program and choose it for 'boot'";
constexpr std::string_view select_summary = "choose a fetched program for 'boot'";
constexpr std::string_view execute_summary = "run a script or start a program; without a name the chosen one";

constexpr std::string_view block_usage = "COMMAND [WORD...]";
constexpr std::string_view digest_summary = "show the digest of files";
constexpr std::string_view digest_usage = "[-s|--set SETTING] IMAGE-OR-URI...";

constexpr std::string_view hook_usage = "[-d|--drive NUMBER] [-n|--no-describe] [-o|--overlay WHERE] PATH...";
constexpr std::string_view boot_usage = "[-d|--drive NUMBER] [-n|--no-describe] [-k|--keep] [-o|--overlay WHERE] [-l|--label NAME] [-f|--filename PATH] [PATH...]";
constexpr std::string_view menu_usage = "[-n|--name NAME] [-d|--delete] [TITLE...]";
constexpr std::string_view colour_usage = "[-b|--basic COLOUR] [-r|--rgb 0xRRGGBB] INDEX";
constexpr std::string_view colour_summary = "define a colour of screens";
constexpr std::string_view console_usage =
    "[-x|--x PIXELS] [-y|--y PIXELS] [-l|--left PIXELS] [-r|--right PIXELS] [-t|--top PIXELS] [-b|--bottom PIXELS] [-d|--depth BITS] "
    "[-p|--picture URI-OR-IMAGE] [-k|--keep] [-s|--serial BITS-PER-SECOND] [-m|--keyboard NAME]";

constexpr Command table[] = {
    {"dhcp", dhcp_usage, dhcp_summary, run_dhcp},
    {"ifconf", dhcp_usage, dhcp_summary, run_dhcp},
    {"ifopen", "[INTERFACE...]", "start a network card, with the address in its settings", run_ifopen},
    {"ifclose", "[INTERFACE...]", "stop a network card", run_ifclose},
    {"ifstat", "[INTERFACE...]", "show the network cards and what they counted", run_ifstat},
    {"profstat", "[INTERFACE...]", "show how long the boot ROM took in each of the calls that serve a network card", run_profstat},
    {"vcreate", "[-t|--tag TAG] [-p|--priority PRIORITY] INTERFACE", "make a VLAN of a network card an interface, net0-TAG; tag 1 to 4094, priority 0 to 7", run_vcreate},
    {"vdestroy", "INTERFACE...", "give VLANs back", run_vdestroy},
    {"route", "", "show addresses and routes", run_route},
    {"pxebs", "INTERFACE-OR-TYPE [TYPE]", "find the PXE boot server of that type and take what it says as settings", run_pxebs},
    {"iflinkwait", "[-t|--timeout MS] [INTERFACE...]", "start a network card; whether its cable is in, no boot ROM tells", run_iflinkwait},
    {"ping", "[-s|--size BYTES] [-c|--count NUMBER] [-t|--timeout MS] [-q|--quiet] HOST", "see whether a host answers; without a count until Ctrl-C", run_ping},
    {"nslookup", "SETTING HOST", "ask DNS for an address and put it into a setting", run_nslookup},
    {"nstat", "", "show the neighbours and their Ethernet addresses", run_nstat},
    {"ipstat", "", "show what IPv4 and TCP counted", run_ipstat},
    {"startpxe", "[INTERFACE]", "give the PXE API to what is booted next, also if it is no network boot program", run_startpxe},
    {"stoppxe", "", "end what startpxe began", run_stoppxe},
    {"ntp", "[SERVER...]", "ask time servers, or those that DHCP names, for the time", run_ntp},

    {"imgfetch", fetch_usage, fetch_summary, run_imgfetch},
    {"fetch", fetch_usage, fetch_summary, run_imgfetch},
    {"initrd", fetch_usage, initrd_summary, run_imgfetch},
    {"module", fetch_usage, initrd_summary, run_imgfetch},
    {"kernel", select_usage, kernel_summary, run_imgselect},
    {"imgselect", select_usage, select_summary, run_imgselect},
    {"imgload", select_usage, select_summary, run_imgselect},
    {"imgargs", "[-n|--name NAME] [-t|--timeout MS] [-a|--autofree] [-q|--quiet] URI-OR-IMAGE [ARGUMENT...]", "give an image its command line, or none", run_imgargs},
    {"imgextract", "[-n|--name NAME] [-k|--keep] [-t|--timeout MS] [-q|--quiet] URI-OR-IMAGE", "unpack a file that is compressed by gzip, zlib, xz or zstd", run_imgextract},
    {"imgset", "[-k|--keep] [-t|--timeout MS] [-q|--quiet] SETTING URI-OR-IMAGE", "give a setting the contents of a file", run_imgset},
    {"imgmem", "[-n|--name NAME] ADDRESS LENGTH", "make an image of a piece of the machine's memory", run_imgmem},
    {"imgstat", "[IMAGE...]", "show the files in memory", run_imgstat},
    {"imgfree", "[IMAGE...]", "forget files; without a name all", run_imgfree},
    {"chain", execute_usage, execute_summary, run_imgexec},
    {"imgexec", execute_usage, execute_summary, run_imgexec},
    {"boot", execute_usage, execute_summary, run_imgexec},
    {"ls", "URI", "show what is in a folder of a disk (DISK!/FOLDER), or what is on a disk", run_ls},
    {"imgverify", "[-s|--signer NAME] [-k|--keep] [-K|--key URI-OR-IMAGE] [-t|--timeout MS] URI-OR-IMAGE URI-OR-IMAGE", "check the signature of a file", run_imgverify},
    {"imgdecrypt", "[-n|--name NAME] [-k|--keep] [-t|--timeout MS] URI-OR-IMAGE URI-OR-IMAGE", "decrypt a file that its envelope says was encrypted for our own certificate", run_imgdecrypt},
    {"imgtrust", "[-a|--allow] [-p|--permanent]", "run only what imgverify found good", run_imgtrust},
    {"md5sum", digest_usage, digest_summary, run_digest},
    {"sha1sum", digest_usage, digest_summary, run_digest},
    {"sha256sum", digest_usage, digest_summary, run_digest},
    {"sha384sum", digest_usage, digest_summary, run_digest},
    {"sha512sum", digest_usage, digest_summary, run_digest},
    {"trust", "URI-OR-IMAGE [WORD...]", "believe in a certificate, of a server or a root: trust URI --sha256 HEX", run_trust},
    {"certstat", "[-s|--subject NAME]", "show which certificates are believed", run_certstat},
    {"certstore", "[-s|--subject NAME] [-k|--keep] [URI-OR-IMAGE]", "remember the certificates of a file that may lie between a server and its root", run_certstore},
    {"certfree", "[-s|--subject NAME]", "forget certificates that trust, certstore and servers added; without a name all", run_certfree},
    {"params", "[-n|--name NAME] [-d|--delete]", "begin a list of parameters for an address that ends with ##params", run_params},
    {"param", "[-p|--params NAME] [-H|--header] KEY [VALUE...]", "add a parameter", run_param},
    {"sanhook", hook_usage, "give a disk on another machine a drive number; several paths to one disk are tried at once", run_sanhook},
    {"sanboot", boot_usage, "the same, and boot from it; without a path from the drive that has the number, the BIOS's own too", run_sanboot},
    {"sanstat", "", "show what was read of the disks and written to their overlays", run_sanstat},
    {"sanunhook", "[-d|--drive NUMBER]", "give a disk back", run_sanunhook},
    {"localboot", "[-d|--drive NUMBER] [WAY...]", "boot the local disk: disk starts its first sector, bios gives the machine back; without a way both in turn", run_localboot},
    {"autoboot", "[INTERFACE...]", "ask DHCP and boot what it says", run_autoboot},

    {"set", "SETTING[:TYPE] [VALUE...]", "give a setting a value, or none", run_set},
    {"clear", "SETTING", "forget the value that was set", run_set},
    {"show", "[SETTING]", "show a setting and where it comes from; without a name all that were set", run_show},
    {"inc", "SETTING [NUMBER]", "add to a setting, 1 as a rule", run_inc},
    {"isset", "VALUE", "succeed if the value is not empty", run_isset},
    {"iseq", "VALUE VALUE", "succeed if both values are the same", run_iseq},

    {"menu", menu_usage, "begin a menu", run_menu},
    {"form", menu_usage, "begin a form", run_menu},
    {"item", "[-m|--menu NAME] [-f|--form NAME] [-k|--key KEY] [-d|--default] [-g|--gap] [-s|--secret] [LABEL] [TEXT...]", "add to a menu or a form", run_item},
    {"choose", "[-m|--menu NAME] [-d|--default LABEL] [-k|--keep] [-t|--timeout MS] [-r|--retimeout MS] SETTING", "let a person choose from a menu", run_choose},
    {"present", "[-f|--form NAME] [-k|--keep]", "let a person fill in a form of settings", run_present},
    {"login", "", "ask a person for the user name and password of servers", run_login},
    {"read", "[-t|--timeout MS] SETTING", "let a person type the value of a setting", run_read},
    {"config", "[SCOPE]", "look at settings and change them on a screen", run_config},
    {"colour", colour_usage, colour_summary, run_colour},
    {"color", colour_usage, colour_summary, run_colour},
    {"cpair", "[-f|--foreground COLOUR] [-b|--background COLOUR] PAIR", "say which colours are used for what on screens", run_cpair},

    {"echo", "[-n|--n] [TEXT...]", "print text", run_echo},
    {"let", "SETTING[:TYPE] OPERATION [VALUE...]", "work on a value: = EXPRESSION, part, replace, split, join, before, after, lower, upper, length, count, pick", run_let},
    {"is", "VALUE [VALUE...]", "succeed if the expression is not 0, or VALUE like PATTERN, or VALUE in WORD...", run_is},

    {"goto", "LABEL", "go on at the line that begins with ':LABEL'", run_goto},
    {"exit", "[STATUS]", "leave the script or the shell", run_exit},
    {"if", block_usage, "run the lines up to 'else' or 'end' if the command succeeds", run_block_word},
    {"else", "[COMMAND...]", "run the lines up to 'end' otherwise; 'else if' asks again", run_block_word},
    {"while", block_usage, "run the lines up to 'end' as long as the command succeeds", run_block_word},
    {"for", "NAME WORD [WORD...]", "for NAME in WORD...: run the lines up to 'end' for each item of the list", run_block_word},
    {"function", "NAME [ARGUMENT...]", "the lines up to 'end' are a command of the script's own", run_block_word},
    {"end", "", "end a block", run_block_word},
    {"break", "", "leave the loop", run_break},
    {"continue", "", "begin the loop's next turn", run_continue},
    {"return", "[STATUS]", "leave the function", run_return},
    {"local", "SETTING[:TYPE] [VALUE...]", "set a setting until the function is left", run_local},
    {"include", "[-n|--name NAME] [-t|--timeout MS] [-m|--mirror URI] [-s|--sha256 HEX] URI-OR-IMAGE", "run a script once and have its functions", run_include},
    {"on-error", "[LABEL]", "go there at the next error, once", run_on_error},
    {"not", block_usage, "succeed if the command fails", run_block_word},
    {"try", block_usage, "run a command whose error is kept in ${error-name} and ${error} and ends nothing", run_block_word},
    {"retry", "TIMES COMMAND [WORD...]", "run a command until it succeeds, with pauses", run_block_word},
    {"sleep", "SECONDS", "wait", run_sleep},
    {"prompt", "[-k|--key KEY] [-t|--timeout MS] [-s|--set SETTING] [TEXT...]", "print text and wait for a key", run_prompt},
    {"shell", "", "let a person type commands", run_shell},
    {"help", "[COMMAND]", "list the commands, or explain one", run_help},

    {"time", block_usage, "run a command and show how long it took", run_block_word},
    {"sync", "[-t|--timeout MS]", "wait until no connection is being closed any more", run_sync},
    {"pciscan", "SETTING", "put the PCI device behind the one in a setting into it; fails behind the last", run_pciscan},
    {"cpuid", "[-e|--ext] [-c|--ecx] BIT", "succeed if the processor has the feature with that bit of CPUID", run_cpuid},
    {"reboot", "[-w|--warm] [-s|--setup]", "restart the machine", run_reboot},
    {"poweroff", "", "switch the machine off", run_poweroff},
    {"console", console_usage, "graphics, a picture behind the text, a serial line beside the screen, the keyboard; alone: back to text", run_console},
    {"bootlog", "[URI]", "show what happened so far, or post it there as JSON lines", run_bootlog},
    {"memmap", "", "show the machine's memory", run_memmap},
};

/// Commands of iPXE's that scripts may name and that are not here.
constexpr std::string_view absent =
    "cert digest gdbstub md4sum sha224sum";

/// Those that are not to come, and why.
constexpr Cause no_shim{"command.no-shim", "a shim is for UEFI's Secure Boot; a BIOS starts kernels without one: leave the line away", pxe_status_failure};
constexpr Cause no_fdt{"command.no-fdt", "device trees are for other processors than a PC's; a BIOS's ACPI tables are handed on as they are: leave the line away", pxe_status_failure};
constexpr Cause one_card{"command.one-card", "frames go round between two network cards, and a boot ROM drives one; 'ifstat' and 'profstat' tell of it", pxe_status_failure};
struct Refused {
  std::string_view name;
  const Cause& why;
};
constexpr Refused refused[] = {{"fdt", no_fdt}, {"lotest", one_card}, {"shim", no_shim}};

}  // namespace

Result<std::uint32_t> number_of(Shell& shell, std::string_view word, std::uint32_t most) {
  const auto number = typed_number(word, most);
  if (!number) return shell.fail_about(word, number.error());
  return *number;
}

std::span<const Command> all_commands() { return table; }

const Command* find_command(std::string_view name) {
  for (const Command& command : table)
    if (command.name == name) return &command;
  return nullptr;
}

const Cause* absent_command(std::string_view name) {
  for (const Refused& command : refused)
    if (command.name == name) return &command.why;
  if (place_in(foreign_commands, name) != not_in_list) return &command_foreign;
  return place_in(absent, name) != not_in_list ? &command_absent : nullptr;
}

}  // namespace undine
