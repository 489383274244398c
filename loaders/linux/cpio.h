// SPDX-License-Identifier: Apache-2.0
// A single file put into the initrd: `initrd URI /etc/motd mode=600 mkdir=1`. The kernel finds it as a member of a cpio archive (initramfs buffer format,
// "newc"), whose header is made here; the file itself is not copied.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace undine::linux_kernel {

inline constexpr Cause bad_member{"linux.bad-member", "of a file that is put into the initrd, mode= must be an octal number and mkdir= a number of folders, or -1 for all", pxe_status_failure};

struct CpioMember {
  std::string_view name;         ///< empty: the image is an archive itself
  std::uint16_t mode = 0644;
  std::uint32_t folders = 0;     ///< how many of those above the file are made, the nearest first

  /// From an image's arguments: the first word is the name.
  static Result<CpioMember> parse(std::string_view arguments);
};

/// Appends the headers of the folders and of the file, of `file_bytes`; a multiple of 4 octets.
void append_cpio_headers(const CpioMember& member, std::uint32_t file_bytes, std::vector<std::uint8_t>& into);

}  // namespace undine::linux_kernel
