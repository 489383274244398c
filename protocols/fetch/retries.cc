// SPDX-License-Identifier: Apache-2.0
#include "protocols/fetch/retries.h"

#include "core/text.h"

namespace undine {
namespace {

/// How the number ends in English. (A 21st attempt reads "21th"; hardly any boot gets there.)
const char* ordinal_ending(std::uint32_t number) { return number == 1 ? "st" : number == 2 ? "nd" : number == 3 ? "rd" : "th"; }

}  // namespace

void note_retry(Log& log, const Uri& uri, const Error& why, std::string_view what_next, std::uint64_t done_bytes, std::uint32_t attempt) {
  std::string size;
  if (done_bytes != 0) append(size, {" after ", human_size(done_bytes)});
  log.write(Level::notice, {printable(uri.text()), ": ", why.text(), "; ", what_next, size, " (", attempt, ordinal_ending(attempt), " attempt)"});
}

}  // namespace undine
