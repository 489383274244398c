// SPDX-License-Identifier: Apache-2.0
#include "protocols/fetch/retries.h"

#include "core/text.h"

namespace undine {
namespace {

/// How the number ends in English. (A 21st attempt reads "21th"; hardly any boot gets there.)
const char* ordinal_ending(std::uint32_t number) { return number == 1 ? "st" : number == 2 ? "nd" : number == 3 ? "rd" : "th"; }

}  // namespace

bool is_final(const Error& why) {
  // Those two kinds have this status (PXENV_STATUS_TFTP_CANNOT_OPEN_CONNECTION) for it, and another one for what merely broke.
  const Cause& cause = why.cause();
  return cause.pxe_status == 0x3c && (cause.name.starts_with("tls.") || cause.name.starts_with("trust."));
}

void note_retry(Log& log, const Uri& uri, const Error& why, std::string_view what_next, std::uint64_t done_bytes, std::uint32_t attempt) {
  std::string size;
  if (done_bytes != 0) append(size, {" after ", human_size(done_bytes)});
  log.write_phase(Level::notice, phase_retry, {}, {}, {printable(uri.text()), ": ", why.text(), "; ", what_next, size, " (", attempt, ordinal_ending(attempt), " attempt)"});
}

}  // namespace undine
