// SPDX-License-Identifier: Apache-2.0
// Files inside disks on other machines, for downloads and for `ls`. The disk that was used last stays open, with what was learnt about it: a kernel and its
// initrd as a rule come from one.
#pragma once

#include <memory>
#include <span>

#include "loaders/filesystems/disk.h"
#include "protocols/san/san.h"

namespace undine {

inline constexpr Cause disk_unknown_scheme{"disk.unknown-scheme", "what stands before the '!' is no kind of disk that is known here; 'help' lists them, and %21 is a '!' that means nothing", pxe_status_failure};

class Disks;

class DiskFiles {
public:
  /// `protocols` outlives it.
  explicit DiskFiles(std::span<const SanProtocol> protocols) : protocols_(protocols) {}

  /// A disk that is hooked behind INT 13h, by its number: "drive:0x80".
  static constexpr std::string_view drive_scheme = "drive";

  bool knows(std::string_view scheme) const;
  std::span<const SanProtocol> protocols() const { return protocols_; }
  /// The disk that `uri` names, whatever is inside: the one that is open, or one that begins to open. `hooked`, perhaps nullptr, has the drives.
  Result<Disk*> open(Network& network, const Uri& uri, const SanOptions& options, Disks* hooked, Instant now);
  /// A task is over. Drives are let go: a guest may change what is on them.
  void finish(const Uri& uri) {
    if (uri.scheme == drive_scheme) close();
  }
  /// Lets go of the open disk. Whoever got it has let go of it before.
  void close();

private:
  std::span<const SanProtocol> protocols_;
  std::string address_;  ///< of the open one, with its password
  std::unique_ptr<Disk> disk_;
};

}  // namespace undine
