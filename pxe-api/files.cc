// SPDX-License-Identifier: Apache-2.0
// Cached packets (PXE 2.1 section 3.3.2), and gPXE's extension of the API by files of any address (functions E0h to E8h), which PXELINUX uses.
#include "core/memory.h"
#include "core/text.h"
#include "pxe-api/api.h"

namespace undine {

using namespace pxe_api;

namespace {

constexpr std::size_t uri_bytes_max = 2048, line_bytes_max = 1024;

RealPointer pointer_at(Bytes block, std::size_t at) { return {load_le16(block, at), load_le16(block, at + 2)}; }

void store_pointer(MutableBytes block, std::size_t at, RealPointer pointer) {
  store_le16(block, at, pointer.offset);
  store_le16(block, at + 2, pointer.segment);
}

}  // namespace

/// BufferLimit is never written: callers exist that have no room for it.
std::uint16_t PxeApi::get_cached_info(MutableBytes block) {
  const std::uint16_t type = load_le16(block, 2);
  if (type < 1 || type > 3) return unsupported;
  const RealPointer packet{static_cast<std::uint16_t>(packets_.offset + (type - 1) * cached_packet_bytes), packets_.segment};
  const std::uint16_t room = load_le16(block, 4);
  if (room == 0) {
    store_pointer(block, 6, packet);
    store_le16(block, 4, cached_packet_bytes);
    return success;
  }
  const MutableBytes buffer = memory_at(pointer_at(block, 6), std::min<std::size_t>(room, cached_packet_bytes));
  if (buffer.empty()) return failure;
  copy_bytes(buffer, parts_.low_memory.at(packet.linear(), cached_packet_bytes));
  store_le16(block, 4, static_cast<std::uint16_t>(buffer.size()));
  return success;
}

Reader* PxeApi::file_of(std::uint16_t handle) { return handle >= 1 && handle <= files_max ? files_[handle - 1].get() : nullptr; }

std::uint16_t PxeApi::file_open(MutableBytes block) {
  const auto uri = Uri::parse_address(text_at(pointer_at(block, 4), uri_bytes_max));
  const auto handle = uri ? open_file(uri->resolved_against(base_uri_)) : fail(uri.error());
  if (!handle) return handle.error().cause().pxe_status;
  store_le16(block, 2, *handle);
  return success;
}

Result<std::uint16_t> PxeApi::open_file(const Uri& uri) {
  if (!leave_raw_mode()) return fail(nic_closed);
  std::uint16_t handle = 1;
  while (handle <= files_max && files_[handle - 1]) ++handle;
  if (handle > files_max) return fail(out_of_memory);
  auto reader = make_unique_nothrow<Reader>();
  if (!reader) return fail(out_of_memory);
  if (uri.inside.empty()) reader->use(TRY(open_download(parts_.fetch_protocols, parts_.protocols, uri, reader->sink(), options_, parts_.clock.now())));
  else reader->use(TRY(parts_.keeper.open_inside(uri, reader->sink())));
  // Errors are told here, where a program expects them: once something has come, or the end.
  reader->want(1);
  TRY(parts_.loop.wait(*reader));
  files_[handle - 1] = std::move(reader);
  return handle;
}

std::uint16_t PxeApi::file_close(MutableBytes block) { return close_file(load_le16(block, 2)) ? success : failure; }

bool PxeApi::close_file(std::uint16_t handle) {
  if (file_of(handle) == nullptr) return false;
  files_[handle - 1].reset();
  return true;
}

/// Moves a file on without waiting; false if it has failed.
bool PxeApi::advance(Reader& file) {
  file.want(1);
  parts_.network.turn(parts_.clock.now());
  return file.advance(parts_.clock.now()).has_value();
}

std::uint16_t PxeApi::file_select(MutableBytes block) {
  constexpr std::uint16_t ready_to_read = 1;
  Reader* const file = file_of(load_le16(block, 2));
  if (file == nullptr || !leave_raw_mode() || !advance(*file)) return failure;
  store_le16(block, 4, file->sink().waiting() != 0 || file->finished() ? ready_to_read : 0);
  return success;
}

/// Never waits. Nothing there yet is a failure with the status TFTP_OPEN, a length of 0 the end.
std::uint16_t PxeApi::file_read(MutableBytes block) {
  Reader* const file = file_of(load_le16(block, 2));
  if (file == nullptr || !leave_raw_mode()) return failure;
  const MutableBytes buffer = memory_at(pointer_at(block, 6), load_le16(block, 4));
  if (buffer.empty()) return failure;
  if (!advance(*file)) return failure;
  if (file->sink().waiting() == 0 && !file->finished()) return pxe_api::tftp_open;
  store_le16(block, 4, static_cast<std::uint16_t>(file->sink().take(buffer)));
  return success;
}

std::uint16_t PxeApi::file_size(MutableBytes block) {
  Reader* const file = file_of(load_le16(block, 2));
  if (file == nullptr || !leave_raw_mode()) return failure;
  file->want(0, true);
  if (const auto told = parts_.loop.wait(*file); !told) return told.error().cause().pxe_status;
  // Without a word of the server's it is known at the end, if all of it fits here.
  if (!file->sink().size() && !file->finished()) return no_file_size;
  store_le32(block, 4, static_cast<std::uint32_t>(file->sink().size().value_or(file->sink().received())));
  return success;
}

std::uint16_t PxeApi::file_execute(MutableBytes block) {
  if (!leave_raw_mode()) return failure;
  const auto ran = parts_.keeper.run_line(text_at(pointer_at(block, 2), line_bytes_max));
  return ran ? success : ran.error().cause().pxe_status;
}

std::uint16_t PxeApi::file_api_check(MutableBytes block) {
  constexpr std::uint32_t question = 0x91d4'47b2, answer = 0xe9c1'7b20, provider = 0x4e444e55;  // "UNDN"
  constexpr std::uint16_t size = 20;
  if (load_le16(block, 2) < size || load_le32(block, 4) != question) return failure;
  // A bit for each function of the extension that is there.
  std::uint32_t mask = 0;
  for (const Function& function : functions())
    if (function.number >= 0xe0) mask |= 1u << (function.number - 0xe0);
  store_le16(block, 2, size);
  store_le32(block, 4, answer);
  store_le32(block, 8, provider);
  store_le32(block, 12, mask);
  store_le32(block, 16, 0);
  return success;
}

/// The length counts the zero; 0 if the program has no command line.
std::uint16_t PxeApi::file_command_line(MutableBytes block) {
  const auto length = static_cast<std::uint16_t>(command_line_.empty() ? 0 : command_line_.size() + 1);
  const MutableBytes buffer = memory_at(pointer_at(block, 4), load_le16(block, 2));
  if (!buffer.empty()) copy_bytes(buffer, {reinterpret_cast<const std::uint8_t*>(command_line_.c_str()), length});
  store_le16(block, 2, length);
  return success;
}

}  // namespace undine
