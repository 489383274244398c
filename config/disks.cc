// SPDX-License-Identifier: Apache-2.0
#include "config/disks.h"

#include <algorithm>

#include "config/shell.h"
#include "config/version.h"
#include "core/memory.h"

namespace undine {
namespace {

/// iPXE's default, by which targets may know the machine: the host's name, or its UUID.
std::string initiator_name(Settings& settings) {
  if (std::string chosen = settings.text_or_empty("initiator-iqn"); !chosen.empty()) return chosen;
  std::string name = settings.text_or_empty("hostname");
  if (name.empty()) name = settings.text_or_empty("uuid");
  if (name.empty()) name = settings.text_or_empty("mac");
  return join({"iqn.2010-04.org.ipxe:", name});
}

SanOptions options_of(Settings& settings) {
  SanOptions options;
  options.fetch.user_agent = user_agent_text;
  options.initiator_name = initiator_name(settings);
  options.username = options.fetch.username = settings.text_or_empty("username");
  options.password = options.fetch.password = settings.text_or_empty("password");
  options.reverse_username = settings.text_or_empty("reverse-username");
  options.reverse_password = settings.text_or_empty("reverse-password");
  options.fetch.proxy = settings.text_or_empty("proxy");
  options.fetch.no_proxy = settings.text_or_empty("no-proxy");
  if (const auto attempts = settings.number("san-retries"); attempts && *attempts >= 0) options.attempts = static_cast<std::uint32_t>(*attempts);
  return options;
}

/// The first blocks of a disk; waits.
Result<san::DriveShape> look_at(Shell& shell, BlockDevice& disk, std::string_view path) {
  const BlockGeometry& geometry = disk.geometry();
  if (geometry.block_count == 0) return fail(san::san_empty);
  const std::uint64_t blocks = std::min<std::uint64_t>(geometry.block_count, (san::shape_bytes + geometry.block_bytes - 1) / geometry.block_bytes);
  const auto length = static_cast<std::size_t>(blocks * geometry.block_bytes);
  const auto beginning = make_bytes_nothrow(length);
  if (!beginning) return fail(out_of_memory);
  TRY(disk.begin_read(0, {beginning.get(), length}, shell.clock().now()));
  TRY(shell.loop().wait(disk, path));
  return san::guess_shape({beginning.get(), length}, geometry.block_count * geometry.block_bytes);
}

std::string_view name_of(san::DriveKind kind) { return kind == san::DriveKind::cd ? "CD" : kind == san::DriveKind::floppy ? "diskette" : "disk"; }

}  // namespace

Result<std::unique_ptr<BlockDevice>> Disks::open(Shell& shell, std::string_view path) {
  const std::string shown = printable(path);
  auto disk = TRY(open_san_disk(protocols_, shell.environment().network, path, options_of(shell.settings()), shell.clock().now()));
  TRY(shell.loop().wait(*disk, shown));
  return disk;
}

Result<std::uint8_t> Disks::hook(Shell& shell, const Wish& wish) {
  const std::string& path = wish.paths.front();
  auto opened = open(shell, path);
  if (!opened) return shell.fail_about(printable(path), opened.error());
  BlockDevice& disk = **opened;
  const std::string shown = printable(disk.description());
  const auto shape = look_at(shell, disk, shown);
  if (!shape) return shell.fail_about(shown, shape.error());

  std::uint8_t number = shape->kind == san::DriveKind::floppy ? 0x00 : 0x80;
  if (const auto chosen = shell.settings().number("san-drive")) number = static_cast<std::uint8_t>(*chosen);
  const auto drive = services_.add(disk, *shape, wish.drive.value_or(number));
  if (!drive) return shell.fail_about(shown, drive.error());
  hooked_.push_back(std::move(*opened));
  door_.drives_changed();
  shell.log().write(Level::notice, {"drive ", hex((*drive)->number, 2), "h: ", shown, ", ", human_size(shape->sectors * shape->sector_bytes), " ", name_of(shape->kind),
                                    disk.geometry().is_read_only ? ", read only" : ""});
  return (*drive)->number;
}

Result<void> Disks::boot(Shell& shell, std::uint8_t drive) {
  san::Drive* const ours = services_.find(drive);
  const auto program = ours != nullptr ? san::load_boot_program(services_, *ours, shell.loop(), shell.clock()) : door_.load_from_bios(drive);
  const std::string shown = join({"drive ", hex(drive, 2), "h"});
  if (!program) {
    services_.remove_emulations();
    return shell.fail_about(shown, program.error());
  }
  shell.log().write(Level::notice, {"booting from ", shown});
  door_.start(*program);
  services_.remove_emulations();
  door_.drives_changed();
  return shell.fail_about(shown, san_returned);
}

Result<void> Disks::unhook(std::uint8_t number) {
  san::Drive* const drive = services_.find(number);
  if (drive == nullptr) return fail(san::san_no_such_drive, number);
  if (hooked_.size() == 1 && !door_.unhook()) return fail(san_hook_stays);
  const BlockDevice* const device = &drive->device();
  services_.remove(*device);
  door_.drives_changed();
  std::erase_if(hooked_, [&](const auto& owned) { return owned.get() == device; });
  return {};
}

}  // namespace undine
