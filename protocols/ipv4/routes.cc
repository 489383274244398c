// SPDX-License-Identifier: Apache-2.0
// Routes.
#include "protocols/ipv4/routes.h"

namespace undine {

bool Ipv4Routes::add(const Ipv4Route& route) {
  const Ipv4Address network{route.network.value & route.mask.value};
  for (Ipv4Route& old : routes_) {
    if (old.network == network && old.mask == route.mask) {
      old.gateway = route.gateway;
      return true;
    }
  }
  if (routes_.size() == routes_max) return false;
  routes_.push_back({network, route.mask, route.gateway});
  return true;
}

std::optional<Ipv4Address> Ipv4Routes::next_hop(Ipv4Address to) const {
  const Ipv4Route* best = nullptr;
  for (const Ipv4Route& route : routes_) {
    if ((to.value & route.mask.value) != route.network.value) continue;
    // A longer mask is a larger number.
    if (best == nullptr || route.mask > best->mask) best = &route;
  }
  if (best == nullptr) return std::nullopt;
  return best->gateway.is_unspecified() ? to : best->gateway;
}

}  // namespace undine
