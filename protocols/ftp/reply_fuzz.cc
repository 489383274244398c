// SPDX-License-Identifier: Apache-2.0
// Any octets as replies: each ends within its limit, and has a code; its text as each of the numbers that may be in it.
#include <cstdlib>

#include "core/bytes.h"
#include "protocols/ftp/reply.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine::ftp;
  Reply reply;
  std::size_t length = 0;
  for (const char octet : undine::as_text({octets, size})) {
    const auto complete = reply.feed(octet);
    if (++length > Reply::reply_bytes_max + 1) std::abort();
    if (!complete) break;
    if (!*complete) continue;
    if (reply.kind() < 1 || reply.kind() > 5 || reply.text().size() > Reply::line_bytes_max) std::abort();
    for (const auto port : {extended_passive_port(reply.text()), passive_port(reply.text())})
      if (port == 0) std::abort();
    (void)leading_number(reply.text());
    reply = {};
    length = 0;
  }
  return 0;
}
