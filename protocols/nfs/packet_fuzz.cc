// SPDX-License-Identifier: Apache-2.0
// Results of any call in any version: the first octet says which call, the second which version. What they tell lies within them and is no longer
// than it may be.
#include <cstdlib>
#include <vector>

#include "protocols/nfs/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine;
  using namespace undine::nfs;
  if (size < 2) return 0;
  const auto what = static_cast<Request>(octets[0] % (static_cast<unsigned>(Request::end_session) + 1));
  Session session;
  session.version = octets[1] & 1 ? 4 : 3;
  session.minor_version = octets[1] >> 1 & 1;
  session.slots = 4;
  const std::vector<std::uint8_t> record(octets + 2, octets + size);
  rpc::XdrReader in{record};
  if (what == Request::exports) {
    std::size_t count = 0;
    while (!next_export(in).empty())
      if (++count > record.size() / 8) std::abort();
    return 0;
  }
  Answer answer;
  if (!parse(in, what, session, answer)) return 0;
  const auto within = [&](Bytes view) { return view.empty() || (view.data() >= record.data() && view.data() + view.size() <= record.data() + record.size()); };
  if (!within(answer.handle) || !within(as_bytes(answer.link)) || !within(in.rest())) std::abort();
  if (answer.handle.size() > sizeof Handle::octets || session.slots > 4) std::abort();
  // What is asked next with what was told fits, or says that it does not.
  std::uint8_t memory[512];
  rpc::XdrWriter out{memory};
  emit(out, Request::look_up, session, {.handle = answer.handle, .name = answer.link});
  if (out.written().size() > sizeof memory) std::abort();
  return 0;
}
