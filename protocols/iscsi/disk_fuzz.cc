// SPDX-License-Identifier: Apache-2.0
// A target that answers anything: the input is a list of connections, each with PDUs, whose tag and numbers may be made right so that they are looked at.
// However it goes, each command ends within its limits, and nothing is written but where it was asked for.
#include "protocols/iscsi/disk.h"
#include "protocols/san/testing/fuzzed_disk.h"

namespace {

using namespace undine;
using namespace undine::testing;

/// A piece is a PDU behind an octet that says what of it is made right.
class Connection final : public FuzzedStream {
public:
  explicit Connection(FuzzedScript script) : FuzzedStream(std::move(script), 4) {
    std::erase_if(script_.pieces, [](const std::string& piece) { return piece.empty(); });
  }
  Result<std::size_t> write(Bytes from) override {
    constexpr std::size_t header_bytes = 48;
    in_ += as_text(from);
    while (in_.size() >= header_bytes) {
      const std::size_t length = load_be32(as_bytes(in_), 4) & 0xffffff, whole = header_bytes + ((length + 3) & ~std::size_t{3});
      if (in_.size() < whole) break;
      const std::string tag = in_.substr(16, 4);
      in_.erase(0, whole);
      // One or two answers to each.
      for (unsigned i = 0; i <= (script_.how >> 1 & 1u) && !script_.pieces.empty(); ++i) answer(tag);
    }
    return from.size();
  }

private:
  void answer(std::string_view tag) {
    const std::string piece = take_piece();
    std::string pdu = piece.substr(1);
    if (pdu.size() >= 48) {
      if ((piece[0] & 1) != 0) pdu.replace(16, 4, tag);
      if ((piece[0] & 2) != 0) {
        const std::size_t length = pdu.size() - 48;
        pdu.replace(4, 4, std::string{'\0', static_cast<char>(length >> 16), static_cast<char>(length >> 8), static_cast<char>(length)});
        pdu += std::string(-length & 3, '\0');
      }
    }
    unread_ += pdu;
  }
  std::string in_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  ByteReader input{{octets, size}};
  FuzzedServer::read_max() = std::size_t{input.u8()} * 16 + 1;
  const std::uint8_t how = input.u8();
  FuzzedServer::take(input, 5000);
  FakeNetwork net;
  SanOptions options;
  options.initiator_name = "iqn.test:undine";
  options.attempts = 3;
  if ((how & 1) != 0) options.username = "boot", options.password = "secret";
  if ((how & 3) == 3) options.reverse_username = "target", options.reverse_password = "terces";
  auto disk = iscsi::Disk::open(FuzzedServer::connect<Connection>, net.network, "iscsi:10.0.0.1:::1:iqn.test:disk", options);
  if (!disk) std::abort();
  Instant now;
  give_commands(**disk, how % 5 + 1, now, ends);
  return 0;
}
