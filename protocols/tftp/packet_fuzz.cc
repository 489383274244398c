// SPDX-License-Identifier: Apache-2.0
// Any octets as each kind of packet.
#include <cstdlib>

#include "protocols/tftp/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  const Bytes packet{octets, size};
  if (const auto data = tftp::Data::parse(packet); data && data->file_bytes().size() + tftp::data_header_bytes != size) std::abort();
  if (const auto error = tftp::ErrorPacket::parse(packet); error && error->message().find('\0') != std::string_view::npos) std::abort();
  if (const auto options = tftp::Options::parse(packet); options && (options->block_bytes < 8 || options->window_blocks == 0)) std::abort();
  return 0;
}
