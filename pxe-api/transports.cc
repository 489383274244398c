// SPDX-License-Identifier: Apache-2.0
// TFTP and UDP functions (PXE 2.1 sections 3.4 and 3.5), over our own stack.
#include <algorithm>

#include "core/memory.h"
#include "core/text.h"
#include "protocols/mtftp/client.h"
#include "protocols/tftp/client.h"
#include "pxe-api/api.h"

namespace undine {

using namespace pxe_api;

namespace {

constexpr std::uint16_t tftp_port = 69;
constexpr std::uint32_t boot_program_address = 0x7c00;

RealPointer pointer_at(Bytes block, std::size_t at) { return {load_le16(block, at), load_le16(block, at + 2)}; }

/// A file into memory of the program's.
class MemorySink final : public Sink {
public:
  explicit MemorySink(MutableBytes memory) : memory_(memory) {}
  Result<void> expect(std::uint64_t size_bytes) override {
    if (size_bytes > memory_.size()) return fail(file_too_large);
    return {};
  }
  Result<MutableBytes> room(std::uint64_t offset) override {
    if (offset >= memory_.size()) return fail(file_too_large);
    return memory_.subspan(static_cast<std::size_t>(offset));
  }
  Result<void> commit(std::uint64_t, std::size_t) override { return {}; }
  void restart() override {}

private:
  static constexpr Cause file_too_large{"pxe.file-too-large", "the file is larger than the program's buffer", failure};
  MutableBytes memory_;
};

}  // namespace

Result<Uri> PxeApi::tftp_uri(Bytes server, Bytes name, std::uint16_t port) const {
  const std::string_view text = as_text(name);
  Uri uri;
  uri.scheme = "tftp";
  uri.host = Ipv4Address{load_be32(server, 0)}.text();
  uri.has_authority = true;
  if (port != 0 && port != tftp_port) uri.port = port;
  // A name is no address: what is special in one is encoded, and the client sends it as it was.
  uri.path = join({"/", percent_encoded(text.substr(0, text.find('\0')))});
  return uri;
}

std::uint16_t PxeApi::tftp_open(MutableBytes block) {
  constexpr std::uint16_t packet_size_min = 512;
  tftp_.reset();
  if (!leave_raw_mode()) return failure;
  const std::uint16_t wished = std::max(load_le16(block, 140), packet_size_min);
  const auto uri = tftp_uri(block.subspan(2, 4), block.subspan(10, file_name_bytes), load_be16(block, 138));
  if (!uri) return uri.error().cause().pxe_status;
  auto reader = make_unique_nothrow<Reader>();
  if (!reader) return out_of_memory.pxe_status;
  // A block at a time: the server waits while the program does.
  auto download = tftp::Client::open(parts_.protocols, *uri, reader->sink(), options_, {.block_bytes_max = wished, .window_blocks_max = 1});
  if (!download) return download.error().cause().pxe_status;
  const tftp::Client& client = **download;
  reader->use(std::move(*download));
  reader->want(1);
  if (const auto opened = parts_.loop.wait(*reader); !opened) return opened.error().cause().pxe_status;
  tftp_block_bytes_ = client.block_bytes();
  tftp_block_ = 0;
  store_le16(block, 140, tftp_block_bytes_);
  tftp_ = std::move(reader);
  return success;
}

std::uint16_t PxeApi::tftp_close(MutableBytes) {
  tftp_.reset();
  return success;
}

std::uint16_t PxeApi::tftp_read(MutableBytes block) {
  if (!tftp_) return tftp_closed;
  const MutableBytes buffer = memory_at(pointer_at(block, 6), tftp_block_bytes_);
  if (buffer.empty()) return failure;
  if (!leave_raw_mode()) return failure;
  tftp_->want(tftp_block_bytes_);
  if (const auto read = parts_.loop.wait(*tftp_); !read) {
    tftp_.reset();
    return read.error().cause().pxe_status;
  }
  store_le16(block, 2, ++tftp_block_);
  store_le16(block, 4, static_cast<std::uint16_t>(tftp_->sink().take(buffer)));
  return success;
}

Result<std::uint64_t> PxeApi::load_file(Bytes server, Bytes name, std::uint16_t port, std::uint32_t physical, std::uint32_t room) {
  const MutableBytes memory = memory_at(physical, room);
  if (memory.empty() || !leave_raw_mode()) return fail(bad_buffer);
  MemorySink sink{memory};
  const Uri uri = TRY(tftp_uri(server, name, port));
  const auto download = TRY(tftp::open_tftp(parts_.protocols, uri, sink, options_, parts_.clock.now()));
  return TRY(parts_.loop.wait(*download)).done_bytes;
}

/// The same by multicast, as the block says how (PXE 2.1 section 3.4.3). `silent` if no server of that kind is there.
Result<std::uint64_t> PxeApi::load_multicast(Bytes block) {
  const MutableBytes memory = memory_at(load_le32(block, 134), load_le32(block, 130));
  if (memory.empty() || !leave_raw_mode()) return fail(bad_buffer);
  MemorySink sink{memory};
  const auto seconds = [block](std::size_t at) { return Duration{load_le16(block, at) * std::uint32_t{1000}}; };
  const mtftp::Session session{.server = {load_be32(block, 138)}, .group = {load_be32(block, 146)}, .client_port = load_be16(block, 150),
                               .server_port = load_be16(block, 152), .listen = seconds(154), .reopen = seconds(156)};
  const std::string_view name = as_text(block.subspan(2, file_name_bytes));
  const auto client = TRY(mtftp::Client::open(parts_.protocols, session, name.substr(0, name.find('\0')), sink, parts_.clock.now()));
  return TRY(parts_.loop.wait(*client)).done_bytes;
}

/// The buffer's address is physical. Where a multicast address is given and nobody answers there, the same file comes from the server itself.
std::uint16_t PxeApi::tftp_read_file(MutableBytes block) {
  std::uint16_t port = load_be16(block, 152);
  if (Ipv4Address{load_be32(block, 146)}.is_multicast()) {
    const auto loaded = load_multicast(block);
    if (loaded) store_le32(block, 130, static_cast<std::uint32_t>(*loaded));
    if (loaded || !loaded.error().is(mtftp::silent)) return loaded ? success : loaded.error().cause().pxe_status;
    port = 0;  // it was the multicast server's
  }
  const auto loaded = load_file(block.subspan(138, 4), block.subspan(2, file_name_bytes), port, load_le32(block, 134), load_le32(block, 130));
  if (!loaded) return loaded.error().cause().pxe_status;
  store_le32(block, 130, static_cast<std::uint32_t>(*loaded));
  return success;
}

std::uint16_t PxeApi::tftp_get_file_size(MutableBytes block) {
  if (!leave_raw_mode()) return failure;
  const auto uri = tftp_uri(block.subspan(2, 4), block.subspan(10, file_name_bytes), 0);
  if (!uri) return uri.error().cause().pxe_status;
  static constexpr FetchProtocol only_tftp[] = {tftp::protocol};
  Reader reader;
  auto download = open_download(only_tftp, parts_.protocols, *uri, reader.sink(), options_, parts_.clock.now());
  if (!download) return download.error().cause().pxe_status;
  reader.use(std::move(*download));
  reader.want(0, true);
  // A server that tells no size has to send the whole file.
  do {
    if (const auto told = parts_.loop.wait(reader); !told) return told.error().cause().pxe_status;
    reader.sink().discard();
  } while (!reader.sink().size() && !reader.finished());
  store_le32(block, 138, static_cast<std::uint32_t>(reader.sink().size().value_or(reader.sink().received())));
  return success;
}

/// Loads another boot program where this one stands; whoever runs us starts it. The address in the block does not count.
std::uint16_t PxeApi::restart_tftp(MutableBytes block) {
  if (restart_refused_) return unsupported;
  // The block may lie where the file will.
  std::uint8_t copy[158];
  copy_bytes(copy, block);
  const Bytes kept{copy};
  const std::uint32_t room = parts_.keeper.base_memory_end() - boot_program_address;
  const auto loaded = load_file(kept.subspan(138, 4), kept.subspan(2, file_name_bytes), load_be16(kept, 152), boot_program_address, room);
  if (!loaded) return loaded.error().cause().pxe_status;
  restart_ = true;
  return success;
}

std::uint16_t PxeApi::udp_open(MutableBytes) {
  if (udp_is_open_) return pxe_api::udp_open;
  if (!leave_raw_mode()) return failure;
  udp_is_open_ = true;
  return success;
}

std::uint16_t PxeApi::udp_close(MutableBytes) {
  for (auto& socket : udp_ports_) socket.reset();
  udp_is_open_ = false;
  return success;
}

UdpSocket* PxeApi::udp_port(std::uint16_t port) {
  for (const auto& socket : udp_ports_)
    if (socket && socket->local_port() == port) return socket.get();
  auto opened = parts_.protocols.udp.open(port);
  if (!opened) return nullptr;
  // The one that was opened first makes room.
  auto& place = udp_ports_[next_udp_port_++ % udp_ports_max];
  place = std::move(*opened);
  return place.get();
}

/// Never waits: nothing there is failure, which is how programs ask.
std::uint16_t PxeApi::udp_read(MutableBytes block) {
  if (!udp_is_open_) return udp_closed;
  const std::uint16_t port = load_be16(block, 12);
  const Ipv4Address wanted{load_be32(block, 6)};
  const RealPointer buffer = pointer_at(block, 16);
  const std::uint16_t room = load_le16(block, 14);
  const MutableBytes memory = memory_at(buffer, room);
  if (memory.empty() || !leave_raw_mode()) return failure;
  if (port != 0 && udp_port(port) == nullptr) return failure;
  parts_.network.turn(parts_.clock.now());
  for (const auto& socket : udp_ports_) {
    if (!socket || (port != 0 && socket->local_port() != port)) continue;
    while (const auto datagram = socket->receive()) {
      if (!wanted.is_unspecified() && datagram->to.address != wanted) continue;
      store_be32(block, 2, datagram->from.address.value);
      store_be32(block, 6, datagram->to.address.value);
      store_be16(block, 10, datagram->from.port);
      store_be16(block, 12, socket->local_port());
      store_le16(block, 14, static_cast<std::uint16_t>(copy_bytes(memory, datagram->payload)));
      return success;
    }
  }
  return failure;
}

std::uint16_t PxeApi::udp_write(MutableBytes block) {
  constexpr std::uint16_t usual_port = 2069;  // PXE 2.1 section 3.5.4
  /// For an answer to ARP, so that what is sent last before a program takes the card is not lost.
  constexpr Duration patience = 50_ms;
  if (!udp_is_open_) return udp_closed;
  if (!leave_raw_mode()) return failure;
  const std::uint16_t named = load_be16(block, 10);
  UdpSocket* const socket = udp_port(named == 0 ? usual_port : named);
  if (socket == nullptr) return failure;
  const std::uint16_t length = load_le16(block, 14);
  const MutableBytes payload = memory_at(pointer_at(block, 16), length);
  if (payload.empty() && length != 0) return failure;
  const auto sent = socket->send({Ipv4Address{load_be32(block, 2)}, load_be16(block, 12)}, payload);
  if (!sent) return sent.error().cause().pxe_status;
  const Instant begun = parts_.clock.now();
  const std::uint64_t frames = parts_.nic.counters().sent_frames;
  // Up to here it is queued, behind a question to ARP perhaps: that goes out first, the datagram with the answer.
  while (parts_.network.turn(parts_.clock.now()) || (parts_.nic.counters().sent_frames == frames && parts_.clock.now().since(begun) < patience)) {}
  return success;
}

}  // namespace undine
