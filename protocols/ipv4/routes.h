// SPDX-License-Identifier: Apache-2.0
// The ways out of the interface (RFC 1122 3.3.1).
#pragma once

#include <optional>
#include <vector>

#include "core/address.h"

namespace undine {

/// One way out: datagrams for `network`/`mask` go to `gateway`, or straight to their destination if it is unspecified.
struct Ipv4Route {
  Ipv4Address network, mask, gateway;
  constexpr bool operator==(const Ipv4Route&) const = default;
};

class Ipv4Routes {
public:
  /// More than option 121 brings to any machine that boots; a server cannot fill the heap with them.
  static constexpr std::size_t routes_max = 64;

  void clear() { routes_.clear(); }
  /// False if there are too many already. The same network again replaces the route.
  bool add(const Ipv4Route& route);
  /// The neighbour that datagrams to `to` are given to: the longest prefix decides (RFC 1122 3.3.1.2).
  std::optional<Ipv4Address> next_hop(Ipv4Address to) const;
  const std::vector<Ipv4Route>& all() const { return routes_; }

private:
  std::vector<Ipv4Route> routes_;
};

}  // namespace undine
