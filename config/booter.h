// SPDX-License-Identifier: Apache-2.0
// The seam between commands and loaders: what kind of image is this, and start it.
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/error.h"
#include "core/image.h"

namespace undine {

inline constexpr Cause boot_unknown_kind{"boot.unknown-kind", "the file is no script and no program of a kind that can be started here; 'help' lists the kinds", pxe_status_failure};

class Booter {
public:
  virtual ~Booter() = default;
  /// The kind of image that this is, recognised by its contents ("bzImage"), or nothing. The name counts for kinds without a signature.
  virtual std::string_view kind(Bytes contents, std::string_view name) const = 0;
  /// The names of all kinds, for `help`.
  virtual std::string kinds() const = 0;
  /// Plans everything that can fail, then starts the image with the other images as its initrds or modules. Returns if it could not be started, or
  /// was started and came back.
  /// `boot_packet`: what DHCP answered, as a BOOTP packet, for programs that are handed it.
  virtual Result<void> boot(Image& image, ImageStore& images, Bytes boot_packet) = 0;
  /// Whether what is booted next has the PXE API behind it even if it is no network boot program (`startpxe`).
  virtual Result<void> keep_pxe(bool kept) = 0;
};

}  // namespace undine
