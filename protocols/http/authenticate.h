// SPDX-License-Identifier: Apache-2.0
// Proving who we are: Basic (RFC 7617) and Digest (RFC 7616, with what is left of RFC 2617). A server answers 401, a proxy 407, with one or
// more challenges; the strongest that is known here is answered, and then goes with each request to that server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace undine::http {

struct Challenge {
  /// The weakest first.
  enum class Kind : std::uint8_t { none, basic, md5, md5_session, sha256, sha256_session };

  /// The best one in the values of all fields, joined by commas; of two of a kind the first. `none` if there is none that is known here.
  static Challenge strongest(std::string_view fields);

  Kind kind = Kind::none;
  bool names_algorithm = false;  ///< RFC 2617 servers that do not may not expect it back either
  bool has_qop = false;          ///< qop=auth is among those offered; without any, RFC 2069's digest is meant
  bool stale = false;            ///< the password was right, the nonce is too old
  std::uint32_t count = 0;       ///< requests that this nonce has served
  std::string realm, nonce, opaque;  ///< without quotes and backslashes
};

/// As they are, without percent-encoding.
struct Credentials {
  std::string user, password;
};

/// The value of (Proxy-)Authorization for a request for `target`, written as in the request line. Counts in `challenge`, whose kind is not none.
std::string authorisation(Challenge& challenge, const Credentials& credentials, std::string_view method, std::string_view target, Entropy& entropy);

/// RFC 4648 section 4, with padding.
std::string base64(std::string_view octets);

}  // namespace undine::http
