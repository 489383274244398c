// SPDX-License-Identifier: Apache-2.0
// Names to addresses, as protocols see it.
#pragma once

#include <memory>
#include <string_view>

#include "core/address.h"
#include "core/error.h"
#include "core/transfer.h"

namespace undine {

/// One question under way. Finished when `address` is valid.
class Lookup : public Transfer {
public:
  virtual Ipv4Address address() const = 0;
};

class Resolver {
public:
  virtual ~Resolver() = default;
  /// Looks up a host name, or takes an IPv4 literal, which finishes at once.
  virtual Result<std::unique_ptr<Lookup>> lookup(std::string_view host, Instant now) = 0;
};

}  // namespace undine
