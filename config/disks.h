// SPDX-License-Identifier: Apache-2.0
// Disks on other machines that are hooked behind INT 13h: opened, owned, named by a drive number. The commands sanhook, sanboot and sanunhook, and
// autoboot with a root path, act on this.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/disk_layers.h"
#include "protocols/san/san.h"

namespace undine {

class Settings;
class Shell;
class Image;

inline constexpr Cause san_unavailable{"san.unavailable", "disks can be hooked only with a network card and its boot ROM", pxe_status_failure};
inline constexpr Cause san_hook_stays{"san.hook-stays", "another program has hooked INT 13h over us, so the disk has to stay", pxe_status_failure};
inline constexpr Cause san_not_ours{"san.not-ours", "the drive is the BIOS's: files and labels are looked for only on disks that were hooked here", pxe_status_failure};
inline constexpr Cause san_no_such_label{"san.no-such-label", "no volume on the disk has that label; 'ls drive:0x80' shows those of drive 0x80", pxe_status_failure};
inline constexpr Cause san_returned{"san.returned", "the disk's boot program gave up", pxe_status_failure};

/// What the settings say about disks.
SanOptions san_options(const Settings& settings);

/// The drive number that the setting san-drive names, if it is set.
Result<std::optional<std::uint8_t>> san_drive(Shell& shell);

class Disks {
public:
  /// All of them outlive this object.
  Disks(san::DiskServices& services, DiskDoor& door, std::span<const SanProtocol> protocols) : services_(services), door_(door), protocols_(protocols), memory_(door) {}

  /// A disk, and how it is to be hooked.
  struct Wish {
    std::vector<std::string> paths;       ///< of one disk; each may be several, with blanks between, and relative to the script
    std::optional<std::uint8_t> drive{};  ///< nothing: what the setting san-drive says, else 0 for a diskette and 80h for all others
    std::string overlay{};                ///< where writes go: "ram", "ram:SIZE", the path of a disk; empty: to the disk
    bool is_described = true;             ///< operating systems find it in a boot firmware table, if it is of a kind that has one
  };
  /// Opens and hooks a disk; the number that it has. Waits; an error was attributed to its path.
  Result<std::uint8_t> hook(Shell& shell, const Wish& wish);
  /// What of a disk is started, where that is not its first sector.
  struct Choice {
    std::string label{};  ///< of the disk's volume or of a partition's, whose boot sector it is; capitals do not matter
    std::string file{};   ///< on that volume, else on the first that has it; empty: what the setting san-filename says
  };
  /// Boots a drive, ours or the BIOS's. Returns an error when that failed, or when the boot program gave up. `part`: what is to be started of one of ours.
  Result<void> boot(Shell& shell, std::uint8_t drive, const Partition& part = {});
  /// The same with a choice. Without a drive the label is looked for on all of ours. Succeeds if the file is a script that ends well.
  Result<void> boot(Shell& shell, std::optional<std::uint8_t> drive, const Choice& choice);
  Result<void> unhook(std::uint8_t drive);
  /// Another use of the disk behind one of our numbers, for as long as it is hooked and no guest runs.
  Result<std::unique_ptr<BlockDevice>> borrow(std::string_view number);
  bool empty() const { return hooked_.empty(); }
  /// Hooks what DHCP names as the root path and boots it, unless skip-san-boot says no. `file`, which DHCP names too (nullptr: none), is started before, with
  /// the disk there. Gives the disk back at the end, unless keep-san says no. Where nothing was to be started at all it stays, for the next boot device.
  Result<void> follow_root_path(Shell& shell, std::string_view root_path, Image* file);
  /// The root path names a disk: one of another kind is an NFS root, say, which is the kernel's business.
  bool knows(std::string_view root_path) const;
  /// Makes the boot firmware tables anew: the address may have changed. Before anything is started.
  void describe(Shell& shell);
  /// Says of each disk what was read and written.
  void account(Shell& shell) const;

private:
  struct Place {
    std::uint8_t drive = 0x80;
    std::optional<Partition> part{};  ///< nothing: whatever a BIOS would start, or whichever has the file
  };
  Result<Place> find_volume(Shell& shell, std::optional<std::uint8_t> drive, std::string_view label);
  static Result<void> boot_file(Shell& shell, const Place& place, std::string_view file);
  struct Hooked {
    DiskLayers layers;
    bool is_described;
  };
  void account(Shell& shell, const san::Drive& drive) const;

  san::DiskServices& services_;
  DiskDoor& door_;
  std::span<const SanProtocol> protocols_;
  KeptMemory memory_;
  std::vector<Hooked> hooked_;
};

}  // namespace undine
