// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/kpxe.h"

#include <cstring>

#include "loaders/packed/formats.h"
#include "nbp/pack_header.h"

namespace undine::tool {
namespace {

using packed::crc32;

std::vector<std::uint8_t> owned(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

std::string_view setting_name(const Kpxe::Entry& entry) {
  const std::string_view text = as_text(entry.contents);
  return without_type(text.substr(0, text.find('=')));
}

Result<Kpxe> Kpxe::parse(Bytes file) {
  PackHeader header;
  if (file.size() < pack_header_offset + sizeof header) return fail(kpxe_foreign);
  std::memcpy(&header, file.data() + pack_header_offset, sizeof header);
  if (std::memcmp(header.magic, pack_magic, sizeof header.magic) != 0) return fail(kpxe_foreign);
  const std::uint64_t program_length = std::uint64_t{header.payload_offset} + header.payload_length;
  if (header.payload_offset < pack_header_offset + sizeof header || program_length + header.block_length != file.size()) return fail(kpxe_damaged);
  const Bytes program = file.first(static_cast<std::size_t>(program_length)), block = file.subspan(program.size());
  if (crc32(program.subspan(header.payload_offset)) != header.payload_crc32 || crc32(block) != header.block_crc32) return fail(kpxe_damaged);
  const auto entries = TRY(parse_embedded(block));
  Kpxe kpxe;
  kpxe.program_ = owned(program);
  for (const EmbeddedEntry& entry : entries) kpxe.entries_.push_back({entry.kind, owned(entry.contents)});
  return kpxe;
}

Result<std::vector<std::uint8_t>> Kpxe::file() const {
  std::vector<std::uint8_t> block;
  for (const Entry& entry : entries_) {
    std::uint8_t head[5] = {static_cast<std::uint8_t>(entry.kind)};
    store_le32(head, 1, static_cast<std::uint32_t>(entry.contents.size()));
    block.insert(block.end(), head, head + sizeof head);
    block.insert(block.end(), entry.contents.begin(), entry.contents.end());
    if (block.size() > embedded_bytes_max) return fail(kpxe_full);
  }
  if (entries_.size() > embedded_entries_max) return fail(kpxe_full);
  std::vector<std::uint8_t> whole = program_;
  const MutableBytes header = MutableBytes{whole}.subspan(pack_header_offset, sizeof(PackHeader));
  store_le32(header, offsetof(PackHeader, block_length), static_cast<std::uint32_t>(block.size()));
  store_le32(header, offsetof(PackHeader, block_crc32), crc32(block));
  whole.insert(whole.end(), block.begin(), block.end());
  return whole;
}

void Kpxe::set_script(std::string_view text) {
  remove([](const Entry& entry) { return entry.kind == EmbeddedKind::script; });
  entries_.insert(entries_.begin(), {EmbeddedKind::script, owned(as_bytes(text))});
}

void Kpxe::add_certificate(Bytes certificate) {
  const Entry added{EmbeddedKind::certificate, owned(certificate)};
  for (const Entry& entry : entries_)
    if (entry == added) return;
  entries_.push_back(added);
}

void Kpxe::set_setting(std::string_view name, std::string_view value) {
  remove([&](const Entry& entry) { return entry.kind == EmbeddedKind::setting && setting_name(entry) == without_type(name); });
  entries_.push_back({EmbeddedKind::setting, owned(as_bytes(std::string(name) + "=" + std::string(value)))});
}

}  // namespace undine::tool
