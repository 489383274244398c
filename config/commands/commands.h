// SPDX-License-Identifier: Apache-2.0
// The functions behind the rows of table.cc, by the file they stand in.
#pragma once

#include "config/command.h"
#include "config/shell.h"

namespace undine {

/// A word that must be a number not above `most`: typed_number(), and what is said is about the word.
Result<std::uint32_t> number_of(Shell& shell, std::string_view word, std::uint32_t most = UINT32_MAX);

/// What --name, --timeout, --mirror, --sha256 and --quiet say of a download.
Result<Shell::FetchWish> wish_of(Shell& shell, const Invocation& call);

/// "root.img.xz" holds "root.img".
std::string_view without_suffix(std::string_view name);

/// "0x02", "27", or one character: the number of a key.
Result<std::uint16_t> key_code(Shell& shell, std::string_view text);

/// Gives a setting a value, or with an empty one forgets it, and lets it take effect: addresses of cards that run, the keyboard if it is known.
/// If it is not, that is an error only if it `must_be_known`; else the log tells of it.
Result<void> change_setting(Shell& shell, std::string_view name, std::string_view text, bool must_be_known = false);

/// What `prompt` and `read` say when the key that was waited for did not come.
inline constexpr Cause test_other_key{"test.other-key", "another key was pressed, or none in time", pxe_status_failure};

// What commands say of their words, for who checks scripts without running them.
inline constexpr Cause network_no_configurator{"network.no-configurator", "interfaces are configured by 'dhcp' or by their settings only", pxe_status_failure};
inline constexpr Cause vlan_bad_tag{"vlan.bad-tag", "a VLAN has a tag from 1 to 4094, as in: vcreate --tag 42 net0", pxe_status_failure};
inline constexpr Cause vlan_bad_priority{"vlan.bad-priority", "a VLAN's priority is a number from 0 to 7", pxe_status_failure};
inline constexpr Cause image_nothing{"image.nothing", "an image of memory has a length of 1 or more bytes", pxe_status_failure};
inline constexpr Cause keyboard_unknown{"keyboard.unknown", "there is no such keyboard; 'help console' lists them", pxe_status_failure};
inline constexpr Cause colour_unknown{"colour.unknown", "that is no colour: a basic one is 0 to 7, 9 for the console's own, or 15 for blue that lets a picture through", pxe_status_failure};
inline constexpr Cause fingerprint_bad{"usage.sha256", "that is no SHA-256: 64 hexadecimal digits, with or without colons", pxe_status_failure};
inline constexpr Cause localboot_method{"localboot.method", "there is no such way; there are disk and bios", pxe_status_failure};
inline constexpr std::string_view localboot_methods = "disk bios";
/// How often `retry` may run a command.
inline constexpr std::uint32_t retries_max = 1000;

/// 32 octets in hexadecimal, with or without colons.
Result<RawValue> parse_sha256(std::string_view text);

// network.cc
Result<void> run_dhcp(Shell& shell, const Invocation& call);
Result<void> run_ifopen(Shell& shell, const Invocation& call);
Result<void> run_ifclose(Shell& shell, const Invocation& call);
Result<void> run_ifstat(Shell& shell, const Invocation& call);
Result<void> run_profstat(Shell& shell, const Invocation& call);
Result<void> run_vcreate(Shell& shell, const Invocation& call);
Result<void> run_vdestroy(Shell& shell, const Invocation& call);
Result<void> run_route(Shell& shell, const Invocation& call);
Result<void> run_startpxe(Shell& shell, const Invocation& call);
Result<void> run_stoppxe(Shell& shell, const Invocation& call);
Result<void> run_pxebs(Shell& shell, const Invocation& call);
Result<void> run_iflinkwait(Shell& shell, const Invocation& call);
Result<void> run_ntp(Shell& shell, const Invocation& call);

// diagnose.cc
Result<void> run_ping(Shell& shell, const Invocation& call);
Result<void> run_nslookup(Shell& shell, const Invocation& call);
Result<void> run_nstat(Shell& shell, const Invocation& call);
Result<void> run_ipstat(Shell& shell, const Invocation& call);
Result<void> run_sync(Shell& shell, const Invocation& call);
Result<void> run_pciscan(Shell& shell, const Invocation& call);

// settings.cc
Result<void> run_set(Shell& shell, const Invocation& call);
Result<void> run_show(Shell& shell, const Invocation& call);
Result<void> run_inc(Shell& shell, const Invocation& call);
Result<void> run_isset(Shell& shell, const Invocation& call);
Result<void> run_iseq(Shell& shell, const Invocation& call);

// flow.cc
Result<void> run_echo(Shell& shell, const Invocation& call);
Result<void> run_sleep(Shell& shell, const Invocation& call);
Result<void> run_prompt(Shell& shell, const Invocation& call);
Result<void> run_shell(Shell& shell, const Invocation& call);
Result<void> run_help(Shell& shell, const Invocation& call);

// steer.cc
Result<void> run_goto(Shell& shell, const Invocation& call);
Result<void> run_exit(Shell& shell, const Invocation& call);
Result<void> run_return(Shell& shell, const Invocation& call);
Result<void> run_break(Shell& shell, const Invocation& call);
Result<void> run_continue(Shell& shell, const Invocation& call);
Result<void> run_local(Shell& shell, const Invocation& call);
Result<void> run_on_error(Shell& shell, const Invocation& call);
Result<void> run_include(Shell& shell, const Invocation& call);
Result<void> run_block_word(Shell& shell, const Invocation& call);

// text.cc
Result<void> run_let(Shell& shell, const Invocation& call);
Result<void> run_is(Shell& shell, const Invocation& call);

// images.cc
Result<void> run_imgfetch(Shell& shell, const Invocation& call);
Result<void> run_imgselect(Shell& shell, const Invocation& call);
Result<void> run_imgexec(Shell& shell, const Invocation& call);
Result<void> run_imgargs(Shell& shell, const Invocation& call);
Result<void> run_imgextract(Shell& shell, const Invocation& call);
Result<void> run_imgset(Shell& shell, const Invocation& call);
Result<void> run_imgmem(Shell& shell, const Invocation& call);
Result<void> run_imgstat(Shell& shell, const Invocation& call);
Result<void> run_imgfree(Shell& shell, const Invocation& call);

// disk.cc
Result<void> run_ls(Shell& shell, const Invocation& call);

// verify.cc
Result<void> run_digest(Shell& shell, const Invocation& call);
Result<void> run_imgverify(Shell& shell, const Invocation& call);
Result<void> run_imgdecrypt(Shell& shell, const Invocation& call);
Result<void> run_imgtrust(Shell& shell, const Invocation& call);
Result<void> run_trust(Shell& shell, const Invocation& call);
Result<void> run_certstore(Shell& shell, const Invocation& call);
Result<void> run_certfree(Shell& shell, const Invocation& call);
Result<void> run_certstat(Shell& shell, const Invocation& call);

// request.cc
Result<void> run_params(Shell& shell, const Invocation& call);
Result<void> run_param(Shell& shell, const Invocation& call);

// menu.cc
Result<void> run_menu(Shell& shell, const Invocation& call);
Result<void> run_item(Shell& shell, const Invocation& call);
Result<void> run_choose(Shell& shell, const Invocation& call);
Result<void> run_present(Shell& shell, const Invocation& call);
Result<void> run_login(Shell& shell, const Invocation& call);
Result<void> run_config(Shell& shell, const Invocation& call);
Result<void> run_colour(Shell& shell, const Invocation& call);
Result<void> run_cpair(Shell& shell, const Invocation& call);

// console.cc
Result<void> run_console(Shell& shell, const Invocation& call);
Result<void> run_read(Shell& shell, const Invocation& call);

// san.cc
Result<void> run_sanhook(Shell& shell, const Invocation& call);
Result<void> run_sanboot(Shell& shell, const Invocation& call);
Result<void> run_sanstat(Shell& shell, const Invocation& call);
Result<void> run_sanunhook(Shell& shell, const Invocation& call);

// system.cc
Result<void> run_autoboot(Shell& shell, const Invocation& call);
Result<void> run_localboot(Shell& shell, const Invocation& call);
Result<void> run_cpuid(Shell& shell, const Invocation& call);
Result<void> run_reboot(Shell& shell, const Invocation& call);
Result<void> run_poweroff(Shell& shell, const Invocation& call);
Result<void> run_bootlog(Shell& shell, const Invocation& call);
Result<void> run_memmap(Shell& shell, const Invocation& call);

}  // namespace undine
