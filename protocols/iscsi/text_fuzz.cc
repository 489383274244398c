// SPDX-License-Identifier: Apache-2.0
// Keys, values and root paths of any content: what is taken apart lies in what came, and what is put together again is the same.
#include <cstdlib>

#include "protocols/iscsi/root_path.h"
#include "protocols/iscsi/scsi.h"
#include "protocols/iscsi/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  const std::string text(reinterpret_cast<const char*>(octets), size);
  std::string_view rest = text;
  std::string again;
  while (const auto pair = iscsi::take_key(rest)) {
    if (pair->key.size() + pair->value.size() > text.size()) std::abort();
    std::uint8_t into[64];
    if (const auto decoded = iscsi::decode_octets(pair->value, into)) {
      again.clear();
      iscsi::append_key(again, "k", Bytes{*decoded});
      std::uint8_t second[64];
      std::string_view once_more = again;
      const auto same = iscsi::decode_octets(iscsi::take_key(once_more)->value, second);
      if (!same || !same_bytes(*same, *decoded)) std::abort();
    }
  }
  if (const auto path = iscsi::RootPath::parse(text); path && (path->server.empty() || path->target.empty() || path->port == 0)) std::abort();
  std::string server;
  std::uint16_t port = 0;
  if (iscsi::parse_target_address(text, server, port) && (server.empty() || port == 0)) std::abort();
  const Bytes bytes{octets, size};
  scsi::Sense::parse(bytes);
  for (const auto& geometry : {scsi::parse_capacity_10(bytes), scsi::parse_capacity_16(bytes)}) {
    if (geometry && (geometry->block_count == 0 || geometry->block_bytes < 512)) std::abort();
  }
  return 0;
}
