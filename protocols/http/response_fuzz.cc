// SPDX-License-Identifier: Apache-2.0
// Any octets as the head of a response and, behind it, chunks: in one piece and in pieces as long as the first octet says, which must come
// to the same.
#include <cstdlib>
#include <string>

#include "protocols/http/chunked.h"
#include "protocols/http/response.h"

namespace undine::http {
namespace {

struct Outcome {
  bool failed = false;
  ResponseHead head;
  std::string body;
  bool finished = false;

  void read(Bytes input, std::size_t step) {
    ChunkedDecoder chunks;
    while (!input.empty() && !finished) {
      const Bytes piece = input.first(step < input.size() ? step : input.size());
      std::size_t used = 0;
      if (!head.complete() || chunks.remaining() == 0) {
        const Result<std::size_t> fed = head.complete() ? chunks.feed(piece) : head.feed(piece);
        failed = !fed;
        if (failed) return;
        used = *fed;
      } else {
        used = chunks.remaining() < piece.size() ? static_cast<std::size_t>(chunks.remaining()) : piece.size();
        body += as_text(piece.first(used));
        chunks.took(used);
      }
      if (used == 0 || used > piece.size()) std::abort();
      input = input.subspan(used);
      finished = chunks.finished();
    }
  }
};

}  // namespace
}  // namespace undine::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace undine::http;
  if (size == 0) return 0;
  const undine::Bytes input{octets + 1, size - 1};
  Outcome whole, pieces;
  whole.read(input, SIZE_MAX);
  pieces.read(input, std::size_t{octets[0]} + 1);
  // Where it fails may differ: a line may be too long before it is seen to be wrong.
  if (whole.failed != pieces.failed || whole.finished != pieces.finished) std::abort();
  if (!whole.failed && (whole.body != pieces.body || whole.head.status != pieces.head.status || whole.head.etag != pieces.head.etag ||
                        whole.head.content_length != pieces.head.content_length)) {
    std::abort();
  }
  if (whole.head.content_length.value_or(0) > INT64_MAX) std::abort();
  if (whole.head.location.find_first_of("\r\n") != std::string::npos) std::abort();
  return 0;
}
