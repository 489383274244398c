// SPDX-License-Identifier: Apache-2.0
// Any file may be given to `undine embed`. One that is accepted is the same when it is put together again.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "loaders/packed/formats.h"
#include "nbp/pack_header.h"
#include "test-rig/host/kpxe.h"

namespace {

/// The CRCs are made right as far as the lengths make sense, or nothing would ever be accepted.
void mend(std::vector<std::uint8_t>& file) {
  using undine::PackHeader;
  constexpr std::size_t at = undine::pack_header_offset;
  if (file.size() < at + sizeof(PackHeader)) return;
  PackHeader header;
  std::memcpy(&header, file.data() + at, sizeof header);
  std::memcpy(header.magic, undine::pack_magic, sizeof header.magic);
  const auto crc = [&file](std::uint64_t from, std::uint64_t length) {
    const undine::Bytes rest = undine::Bytes{file}.subspan(std::min<std::uint64_t>(from, file.size()));
    return undine::packed::crc32(rest.first(std::min<std::uint64_t>(length, rest.size())));
  };
  header.payload_crc32 = crc(header.payload_offset, header.payload_length);
  header.block_crc32 = crc(std::uint64_t{header.payload_offset} + header.payload_length, header.block_length);
  std::memcpy(file.data() + at, &header, sizeof header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> file(data, data + size);
  mend(file);
  auto kpxe = undine::tool::Kpxe::parse(file);
  if (!kpxe) return 0;
  const auto again = kpxe->file();
  if (!again || *again != file) std::abort();
  kpxe->set_setting("name", "value");
  kpxe->set_script("#!undine\n");
  if (const auto changed = kpxe->file()) {
    const auto parsed = undine::tool::Kpxe::parse(*changed);
    if (!parsed || parsed->entries() != kpxe->entries()) std::abort();
  }
  return 0;
}
