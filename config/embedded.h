// SPDX-License-Identifier: Apache-2.0
// What `undine embed` has put into undine.kpxe without a build: a script, certificates, settings. They lie behind the packed program, where the header in
// the prefix (nbp/pack_header.h) has their length and CRC.
//
// The block is a list of entries without gaps: kind (1 octet), length (4 octets, little-endian), contents.
//   1  script       its text; at most one; it takes the place of one that was put in at the build
//   2  certificate  DER; it is believed as if a script had said `trust`
//   3  setting      "name=value": as if a script had said `set name value` before anything else
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause embedded_malformed{"embedded.malformed", "what was embedded in this program makes no sense; embed it again with 'undine embed' of the same version", pxe_status_failure};

/// As much as a ROM can be trusted to load with the program before it.
inline constexpr std::size_t embedded_bytes_max = 64 * 1024;
inline constexpr std::size_t embedded_entries_max = 128;

enum class EmbeddedKind : std::uint8_t { script = 1, certificate = 2, setting = 3 };

struct EmbeddedEntry {
  EmbeddedKind kind;
  Bytes contents;  ///< a view of the block
};

/// The entries of a whole block; an empty one has none.
Result<std::vector<EmbeddedEntry>> parse_embedded(Bytes block);

}  // namespace undine
