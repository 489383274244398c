// SPDX-License-Identifier: Apache-2.0
// Whom a certificate is for: its subject alternative names (RFC 9525; the common name counts for nothing), and what issuers may and may not put
// there (name constraints, RFC 5280 4.2.1.10).
#pragma once

#include <string>
#include <string_view>

#include "protocols/trust/certificate.h"

namespace undine::trust {

/// Whether it is for the server that the user called `host`: a name, or an IPv4 address as it is written. A '*' stands for a whole first label.
bool is_for_host(const Certificate& certificate, std::string_view host);
/// Whether it is for somebody or something of this name: its common name too, as those mean it who pick one of several.
bool is_named(const Certificate& certificate, std::string_view name);
/// Its names for people: "a.example, 10.0.0.1 and 3 more".
std::string names_of(const Certificate& certificate);
/// Whether the names of `certificate` keep within the constraints of an issuer above: `names_forbidden`, `malformed`. DNS names, IP addresses
/// and subjects are understood; where others are limited, a certificate that has such a name is refused.
Result<void> check_names(const Certificate& certificate, Bytes constraints);

}  // namespace undine::trust
