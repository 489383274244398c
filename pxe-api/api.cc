// SPDX-License-Identifier: Apache-2.0
#include "pxe-api/api.h"

#include <utility>

#include "core/text.h"

namespace undine {

using namespace pxe_api;

std::span<const PxeApi::Function> PxeApi::functions() {
  static constexpr Function table[] = {
      {0x00, 2, &PxeApi::succeed},  // START_UNDI
      {0x01, 2, &PxeApi::succeed},  // UNDI_STARTUP
      {0x02, 2, &PxeApi::undi_cleanup},
      {0x03, 2, &PxeApi::undi_initialize},
      {0x04, 2, &PxeApi::undi_reset},
      {0x05, 2, &PxeApi::undi_shutdown},
      {0x06, 2, &PxeApi::undi_open},
      {0x07, 2, &PxeApi::undi_close},
      {0x08, 12, &PxeApi::undi_transmit},
      {0x09, 2, &PxeApi::succeed},  // UNDI_SET_MCAST_ADDRESS: group frames pass as far as the card lets them
      {0x0a, 18, &PxeApi::undi_set_station_address},
      {0x0b, 2, &PxeApi::succeed},  // UNDI_SET_PACKET_FILTER
      {0x0c, 50, &PxeApi::undi_get_information},
      {0x0d, 18, &PxeApi::undi_get_statistics},
      {0x0e, 2, &PxeApi::undi_clear_statistics},
      {0x0f, 2, &PxeApi::refuse},  // UNDI_INITIATE_DIAGS
      {0x10, 2, &PxeApi::refuse},  // UNDI_FORCE_INTERRUPT
      {0x11, 22, &PxeApi::undi_get_multicast_address},
      {0x12, 13, &PxeApi::undi_get_nic_type},  // older callers leave no room for the subsystem
      {0x13, 42, &PxeApi::undi_get_interface_info},
      {0x14, 16, &PxeApi::undi_isr},
      {0x15, 2, &PxeApi::stop_undi_or_get_state},
      {0x20, 142, &PxeApi::tftp_open},
      {0x21, 2, &PxeApi::tftp_close},
      {0x22, 10, &PxeApi::tftp_read},
      {0x23, 158, &PxeApi::tftp_read_file},
      {0x24, 2, &PxeApi::refuse},  // TFTP_READ_FILE_PMODE, of Wired for Management 1.1
      {0x25, 142, &PxeApi::tftp_get_file_size},
      {0x30, 6, &PxeApi::udp_open},
      {0x31, 2, &PxeApi::udp_close},
      {0x32, 20, &PxeApi::udp_read},
      {0x33, 20, &PxeApi::udp_write},
      {0x70, 2, &PxeApi::succeed},  // UNLOAD_STACK: callers go on to use UNDI, so nothing goes yet
      {0x71, 12, &PxeApi::get_cached_info},
      {0x72, 2, &PxeApi::refuse},  // RESTART_DHCP
      {0x73, 158, &PxeApi::restart_tftp},
      {0x74, 2, &PxeApi::refuse},   // MODE_SWITCH
      {0x75, 2, &PxeApi::refuse},   // START_BASE
      {0x76, 2, &PxeApi::succeed},  // STOP_BASE
      {0xe0, 8, &PxeApi::file_open},
      {0xe1, 4, &PxeApi::file_close},
      {0xe2, 6, &PxeApi::file_select},
      {0xe3, 10, &PxeApi::file_read},
      {0xe4, 8, &PxeApi::file_size},
      {0xe5, 6, &PxeApi::file_execute},
      {0xe6, 20, &PxeApi::file_api_check},
      {0xe8, 8, &PxeApi::file_command_line},
  };
  return table;
}

PxeExit PxeApi::call(std::uint16_t function, RealPointer block) {
  // Two octets for the status at least, wherever the program's block is.
  const MutableBytes word = memory_at(block, 2);
  if (word.empty()) return failure;
  block_ = block;
  std::uint16_t status = unsupported;
  if (stopped_) {
    status = undi_invalid_state;
  } else {
    for (const Function& known : functions()) {
      if (known.number != function) continue;
      const MutableBytes whole = memory_at(block, known.block_bytes);
      status = whole.empty() ? failure : (this->*known.run)(whole);
      break;
    }
  }
  store_le16(word, 0, status);
  return status == success ? 0 : 1;
}

void PxeApi::begin(RealPointer packets, std::string command_line, const Uri& uri, const FetchOptions& options) {
  packets_ = packets;
  command_line_ = std::move(command_line);
  base_uri_ = uri;
  options_ = options;
  raw_ = stopped_ = restart_ = restart_refused_ = udp_is_open_ = false;
  interrupt_enabled_ = true;
  transmitted_ = 0;
}

void PxeApi::end() {
  if (own_address_ && !stopped_) {
    parts_.nic.close();
    (void)parts_.nic.use_address(*own_address_);
  }
  own_address_.reset();
  if (!stopped_) leave_raw_mode();
  for (auto& socket : udp_ports_) socket.reset();
  for (auto& file : files_) file.reset();
  tftp_.reset();
}

bool PxeApi::take_restart() { return std::exchange(restart_, false); }

MutableBytes PxeApi::memory_at(RealPointer where, std::size_t length) { return memory_at(where.linear(), length); }

/// Below 1 MiB everything may be a program's but what we have reported as taken and the vectors that a BIOS uses: some programs have their stack
/// among the others. Above, what is usable.
MutableBytes PxeApi::memory_at(std::uint32_t physical, std::size_t length) {
  constexpr std::uint32_t lowest = 0x200, conventional_end = 0xa'0000, first_mebibyte = 0x10'0000;
  if (length == 0 || physical < lowest) return {};
  if (physical < conventional_end) {
    const std::uint32_t end = parts_.keeper.base_memory_end();
    if (physical >= end || length > end - physical) return {};
    return parts_.low_memory.at(physical, length);
  }
  if (physical < first_mebibyte || !parts_.memory_map.is_usable(physical, length)) return {};
  return parts_.memory.at(physical, length);
}

std::string PxeApi::text_at(RealPointer where, std::size_t most, char end) {
  std::string text;
  for (std::uint32_t at = where.linear(); text.size() < most; ++at) {
    const MutableBytes octet = memory_at(at, 1);
    if (octet.empty() || octet[0] == static_cast<std::uint8_t>(end)) break;
    text.push_back(static_cast<char>(octet[0]));
  }
  return text;
}

}  // namespace undine
