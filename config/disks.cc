// SPDX-License-Identifier: Apache-2.0
#include "config/disks.h"

#include <algorithm>

#include "config/boot_log.h"
#include "config/shell.h"
#include "config/version.h"
#include "core/log_json.h"
#include "core/memory.h"
#include "loaders/san/tables.h"

namespace undine {
namespace {

constexpr Cause san_bad_drive{"san.bad-drive", "no drive number: those are 0 to 255, as 0x80 for the first hard disk", pxe_status_failure};
/// As in iPXE.
constexpr std::int64_t san_retries_default = 10;

/// iPXE's default, by which targets may know the machine: the host's name, or its UUID.
std::string initiator_name(const Settings& settings) {
  if (std::string chosen = settings.text_or_empty("initiator-iqn"); !chosen.empty()) return chosen;
  std::string name = settings.text_or_empty("hostname");
  if (name.empty()) name = settings.text_or_empty("uuid");
  if (name.empty()) name = settings.text_or_empty("mac");
  return join({"iqn.2010-04.org.ipxe:", name});
}

/// Somebody else's device.
class Borrowed final : public BlockDevice {
public:
  explicit Borrowed(BlockDevice& device) : device_(device) {}
  Result<Progress> advance(Instant now) override { return device_.advance(now); }
  const BlockGeometry& geometry() const override { return device_.geometry(); }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant now) override { return device_.begin_read(first, into, now); }
  Result<void> begin_write(std::uint64_t first, Bytes from, Instant now) override { return device_.begin_write(first, from, now); }
  Result<void> begin_flush(Instant now) override { return device_.begin_flush(now); }
  void cancel() override { device_.cancel(); }
  std::string description() const override { return device_.description(); }

private:
  BlockDevice& device_;
};

/// The first blocks of a disk; waits.
Result<san::DriveShape> look_at(Shell& shell, BlockDevice& disk) {
  const BlockGeometry& geometry = disk.geometry();
  if (geometry.block_count == 0) return fail(san::san_empty);
  const std::uint64_t blocks = std::min<std::uint64_t>(geometry.block_count, (san::shape_bytes + geometry.block_bytes - 1) / geometry.block_bytes);
  const auto length = static_cast<std::size_t>(blocks * geometry.block_bytes);
  const auto beginning = make_bytes_nothrow(length);
  if (!beginning) return fail(out_of_memory);
  TRY(disk.begin_read(0, {beginning.get(), length}, shell.clock().now()));
  TRY(shell.loop().wait(disk));
  return san::guess_shape({beginning.get(), length}, geometry.block_count * geometry.block_bytes, geometry.block_bytes);
}

/// What function 48h tells of it.
san::DrivePath path_of(Shell& shell, const BlockDevice& disk) {
  san::DrivePath path;
  const auto origin = disk.origin();
  if (!origin || shell.interfaces().empty()) return path;
  if (const auto pci = shell.current()->pci()) path.pci = pci->bus_device_function;
  const bool is_iscsi = origin->kind == DiskOrigin::Kind::iscsi;
  path.interface = is_iscsi ? "SCSI" : "ATA";
  path.device = is_iscsi ? origin->lun : origin->slot;
  return path;
}

san::TableNetwork network_of(Shell& shell) {
  san::TableNetwork network;
  const Interface& card = *shell.current();
  const Settings& settings = shell.settings();
  network.address = card.address();
  network.mask = card.mask();
  // Of this card: what another one has been told is of no use here. Who answers for names may have been set for all, as we use it ourselves.
  network.gateway = settings.address(join({card.name(), "/gateway"})).value_or(Ipv4Address{});
  const RawValue* const chosen = settings.set_by_user(card.name(), "dns");
  const RawValue dns = chosen != nullptr ? *chosen : settings.octets(join({card.name(), "/dns"}));
  if (dns.size() >= 4) network.dns = {load_be32(dns, 0)};
  if (dns.size() >= 8) network.second_dns = {load_be32(dns, 4)};
  if (const auto server = settings.address(join({card.name(), ".dhcp/dhcp-server"}))) {
    network.dhcp_server = *server;
    network.is_by_dhcp = true;
  }
  network.vlan = card.vlan();
  network.mac = card.nic().address();
  if (const auto pci = card.pci()) network.pci = pci->bus_device_function;
  network.hostname = settings.text_or_empty("hostname");
  return network;
}

/// What has no scheme is relative to the script, as other files are; where there is nothing that it could be relative to, it stays as it is.
std::string absolute(const Shell& shell, std::string_view address) {
  const auto uri = Uri::parse_address(address);
  const auto resolved = uri && uri->scheme.empty() ? shell.resolve(address) : fail(uri_malformed);
  return resolved ? resolved->text_with_password() : std::string(address);
}

/// Several in one text have blanks between.
std::vector<std::string> addresses_in(const Shell& shell, std::span<const std::string> texts) {
  std::vector<std::string> addresses;
  for (std::string_view text : texts) {
    while (!text.empty())
      if (const std::string_view address = split_first(text, ' '); !address.empty()) addresses.push_back(absolute(shell, address));
  }
  return addresses;
}

std::string_view name_of(san::DriveKind kind) { return kind == san::DriveKind::cd ? "CD" : kind == san::DriveKind::floppy ? "diskette" : "disk"; }

}  // namespace

SanOptions san_options(const Settings& settings) {
  SanOptions options;
  options.fetch.user_agent = user_agent_text;
  options.initiator_name = initiator_name(settings);
  options.username = options.fetch.username = settings.text_or_empty("username");
  options.password = options.fetch.password = settings.text_or_empty("password");
  options.reverse_username = settings.text_or_empty("reverse-username");
  options.reverse_password = settings.text_or_empty("reverse-password");
  options.fetch.proxy = settings.text_or_empty("proxy");
  options.fetch.no_proxy = settings.text_or_empty("no-proxy");
  const std::int64_t retries = settings.number("san-retries").value_or(san_retries_default);
  // -1, or all ones in the one octet that the setting has.
  const bool is_for_ever = retries < 0 || retries >= UINT8_MAX;
  options.attempts = is_for_ever ? 0 : static_cast<std::uint32_t>(retries) + 1;
  return options;
}

Result<std::optional<std::uint8_t>> san_drive(Shell& shell) {
  if (!shell.settings().find("san-drive")) return std::nullopt;
  const auto number = shell.settings().number("san-drive");
  // "-128" is 80h to who gave the setting a type with a sign.
  if (!number || *number < INT8_MIN || *number > UINT8_MAX) return shell.fail_about("san-drive", san_bad_drive);
  return static_cast<std::uint8_t>(*number);
}

Result<std::uint8_t> Disks::hook(Shell& shell, const Wish& wish) {
  std::string overlay = wish.overlay.empty() ? shell.settings().text_or_empty("san-overlay") : wish.overlay;
  if (!overlay.empty() && !is_memory(overlay)) overlay = absolute(shell, overlay);
  const std::vector<std::string> paths = addresses_in(shell, wish.paths);
  if (paths.empty()) return shell.fail_about({}, san_unknown_path);
  const auto chosen = wish.drive ? wish.drive : TRY(san_drive(shell));
  DiskLayers layers = TRY(open_layers(shell, memory_, protocols_, paths, overlay, san_options(shell.settings())));
  BlockDevice& disk = *layers.device;
  const std::string shown = printable(disk.description());
  const auto shape = look_at(shell, disk);
  if (!shape) return shell.fail_about(shown, shape.error());

  const auto drive = services_.add(disk, *shape, chosen.value_or(shape->kind == san::DriveKind::floppy ? 0x00 : 0x80), path_of(shell, disk));
  if (!drive) return shell.fail_about(shown, drive.error());
  hooked_.push_back({std::move(layers), wish.is_described});
  door_.drives_changed();
  describe(shell);
  shell.log().write(Level::notice, {"drive ", hex((*drive)->number, 2), "h: ", shown, ", ", human_size(shape->sectors * shape->sector_bytes), " ", name_of(shape->kind),
                                    disk.geometry().is_read_only ? ", read only" : "", overlay.empty() ? "" : ", writes go to an overlay"});
  return (*drive)->number;
}

Result<void> Disks::boot(Shell& shell, std::uint8_t drive, const Partition& part) {
  san::Drive* const ours = services_.find(drive);
  const auto program = ours != nullptr ? san::load_boot_program(services_, *ours, shell.loop(), shell.clock(), part) : door_.load_from_bios(drive);
  std::string shown = join({"drive ", hex(drive, 2), "h"});
  if (part.number != 0) append(shown, {", partition ", part.number});
  if (!program) {
    services_.remove_emulations();
    return shell.fail_about(shown, program.error());
  }
  describe(shell);
  std::string members;
  add_member(members, "image", shown);
  add_member(members, "kind", "disk");
  shell.log().write_phase(Level::notice, "boot", {}, std::move(members), {"booting from ", shown});
  deliver_boot_log(shell);
  shell.forget_disk();             // its server hears that we leave
  shell.console().use_text();  // what is started expects no picture
  door_.start(*program);
  services_.remove_emulations();
  door_.drives_changed();
  if (ours != nullptr) account(shell, *ours);
  return shell.fail_about(shown, san_returned);
}

void Disks::account(Shell& shell, const san::Drive& drive) const {
  for (const Hooked& hooked : hooked_) {
    if (hooked.layers.device.get() == &drive.device()) shell.log().write(Level::notice, {"drive ", hex(drive.number, 2), "h: ", hooked.layers.account()});
  }
}

void Disks::account(Shell& shell) const {
  for (const auto& drive : services_.drives()) {
    for (const Hooked& hooked : hooked_) {
      if (hooked.layers.device.get() != &drive->device()) continue;
      shell.print({"drive ", hex(drive->number, 2), "h: ", printable(hooked.layers.device->description()), "\n  ", hooked.layers.account(), "\n"});
    }
  }
}

void Disks::describe(Shell& shell) {
  std::vector<DiskOrigin> origins;
  for (const Hooked& hooked : hooked_)
    if (auto origin = hooked.layers.device->origin(); origin && hooked.is_described) origins.push_back(*std::move(origin));
  door_.publish(origins.empty() ? std::vector<std::vector<std::uint8_t>>{} : san::make_tables(origins, network_of(shell), initiator_name(shell.settings())));
}

bool Disks::knows(std::string_view root_path) const {
  const std::string_view scheme = root_path.substr(0, root_path.find(':'));
  return std::ranges::any_of(protocols_, [&](const SanProtocol& protocol) { return equal_ignoring_case(protocol.scheme, scheme); });
}

Result<void> Disks::follow_root_path(Shell& shell, std::string_view root_path, Image* file) {
  const std::uint8_t drive = TRY(hook(shell, {.paths = {std::string(root_path)}}));
  const auto says = [&](std::string_view setting) { return shell.settings().number(setting).value_or(0) != 0; };
  Result<void> done;
  if (file != nullptr) {
    const std::string name = file->name;
    const unsigned cancelled_before = shell.cancellations();
    done = shell.execute(*file, true);
    // Whoever left for the BIOS, stopped the file or gave the disk back wants no boot from it.
    const bool is_stopped = !done && (done.error().is(cancelled) || shell.cancellations() != cancelled_before);
    const bool is_over = shell.is_leaving() || is_stopped || services_.find(drive) == nullptr;
    if (!is_over && !says("skip-san-boot")) {
      if (!done) shell.log().write(Level::error, {printable(name), ": ", done.error().text(), "; the disk is next"});
      done = boot(shell, drive, Choice{});
    }
  } else {
    if (says("skip-san-boot")) return {};
    done = boot(shell, drive, Choice{});
  }
  if (!says("keep-san")) (void)unhook(drive);
  return done;
}

Result<Disks::Place> Disks::find_volume(Shell& shell, std::optional<std::uint8_t> drive, std::string_view label) {
  for (const auto& ours : services_.drives()) {
    const std::uint8_t number = services_.visible_number(*ours);
    if (drive && number != *drive) continue;
    shell.about(join({"drive ", hex(number, 2), "h"}));
    auto device = make_unique_nothrow<Borrowed>(ours->device());
    if (!device) return fail(out_of_memory);
    Disk disk{std::move(device)};
    PartList parts{disk};
    for (;;) {
      TRY(shell.loop().wait(parts));
      if (parts.part() == nullptr) break;
      if (equal_ignoring_case(parts.label(), label)) return Place{number, *parts.part()};
    }
  }
  if (drive && services_.find(*drive) == nullptr) return shell.fail_about(join({"drive ", hex(*drive, 2), "h"}), san_not_ours);
  return shell.fail_about(printable(label), san_no_such_label);
}

Result<void> Disks::boot_file(Shell& shell, const Place& place, std::string_view file) {
  // As firmware of the other kind writes it.
  std::string path(file);
  std::ranges::replace(path, '\\', '/');
  std::string address = join({DiskFiles::drive_scheme, ":0x", hex(place.drive, 2), "!"});
  if (place.part) append(address, {"(", place.part->number, ")"});
  append(address, {path.starts_with('/') ? "" : "/", percent_encoded(path)});
  Image* const image = TRY(shell.fetch(address, {}));
  if (shell.booter().kind(shell.images().contents(*image), image->name) == "boot-sector") image->arguments = join({"drive=0x", hex(place.drive, 2)});
  const std::uint32_t serial = image->serial;
  const auto done = shell.execute(*image, true);
  shell.images().remove_if_there(serial);
  return done;
}

Result<void> Disks::boot(Shell& shell, std::optional<std::uint8_t> drive, const Choice& choice) {
  Place place;
  if (drive) place.drive = *drive;
  if (!choice.label.empty()) place = TRY(find_volume(shell, drive, choice.label));
  const bool is_ours = services_.find(place.drive) != nullptr;
  std::string file = choice.file;
  if (file.empty() && is_ours) file = shell.settings().text_or_empty("san-filename");
  if (file.size() >= 4 && equal_ignoring_case(std::string_view(file).substr(file.size() - 4), ".efi")) {
    // Scripts and DHCP servers that name one do so for machines of both kinds.
    shell.log().write(Level::notice, {printable(file), " is for UEFI; here the boot sector is started"});
    file.clear();
  }
  if (file.empty()) return boot(shell, place.drive, place.part.value_or(Partition{}));
  if (!is_ours) return shell.fail_about(join({"drive ", hex(place.drive, 2), "h"}), san_not_ours);
  return boot_file(shell, place, file);
}

Result<std::unique_ptr<BlockDevice>> Disks::borrow(std::string_view number) {
  const auto value = parse_number(number, 0xff);
  san::Drive* const drive = value ? services_.find(static_cast<std::uint8_t>(*value)) : nullptr;
  if (drive == nullptr) return fail(san::san_no_such_drive, static_cast<std::uint32_t>(value.value_or(0)));
  return make_unique_nothrow<Borrowed>(drive->device());
}

Result<void> Disks::unhook(std::uint8_t number) {
  san::Drive* const drive = services_.find(number);
  if (drive == nullptr) return fail(san::san_no_such_drive, number);
  if (hooked_.size() == 1 && !door_.unhook()) return fail(san_hook_stays);
  const BlockDevice* const device = &drive->device();
  services_.remove(*device);
  door_.drives_changed();
  std::erase_if(hooked_, [&](const Hooked& hooked) { return hooked.layers.device.get() == device; });
  return {};
}

}  // namespace undine
