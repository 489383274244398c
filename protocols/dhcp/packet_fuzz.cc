// SPDX-License-Identifier: Apache-2.0
// Any octets as a DHCP packet: every question that the program asks of it.
#include <cstdlib>

#include "protocols/dhcp/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  const auto reply = DhcpReply::parse({data, size});
  if (!reply) return 0;
  reply->boot_file();
  reply->next_server();
  reply->server_name();
  reply->message_type();
  for (unsigned code = 0; code < 256; ++code) {
    const auto whole = reply->option(static_cast<std::uint8_t>(code));
    if (whole && whole->size() > size) std::abort();
  }
  for (unsigned code = 0; code < 256; ++code) (void)reply->sub_option(dhcp_option::vendor_options, static_cast<std::uint8_t>(code));
  const auto discovery = PxeDiscovery::from(*reply);
  if (discovery && (discovery->menu.empty() || discovery->menu.size() > PxeDiscovery::items_max)) std::abort();
  if (pxe_boot_servers(*reply, 0).size() > PxeDiscovery::servers_max) std::abort();
  classless_routes(*reply);
  const std::uint32_t host_bits = ~subnet_mask(*reply).value;
  if ((host_bits & (host_bits + 1)) != 0) std::abort();
  // What the ROM's DISCOVER says about itself can be said again.
  std::uint8_t into[dhcp_question_max];
  const auto emitted = emit({}, identity_of_rom(*reply), into);
  if (emitted && !DhcpReply::parse(*emitted)) std::abort();
  return 0;
}
