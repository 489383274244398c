// SPDX-License-Identifier: Apache-2.0
// Certificates and keys as people keep them in files: DER, or PEM (RFC 7468).
#pragma once

#include <string_view>
#include <vector>

#include "core/bytes.h"

namespace undine::trust {

/// Files are larger than this only by mistake.
inline constexpr std::size_t file_bytes_max = 64 * 1024;
/// Of one file; a certificate and its issuers, or the roots of a site.
inline constexpr std::size_t blocks_max = 16;

/// All in the file whose label ends with `label` ("CERTIFICATE", "PRIVATE KEY"), in DER and in their order. What is not PEM is
/// taken for DER, of whatever kind; several may lie side by side. Nothing if there is none, or one is damaged or protected by a pass phrase.
std::vector<std::vector<std::uint8_t>> der_of(Bytes file, std::string_view label);

}  // namespace undine::trust
