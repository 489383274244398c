// SPDX-License-Identifier: Apache-2.0
// Two lines: a base and a reference to it. What is parsed, printed and parsed again must be the same; nothing may grow beyond its parts.
#include <cstdlib>

#include "core/uri.h"

#include "core/bytes.h"

namespace undine {
namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_round_trip(const Uri& uri) {
  const std::string text = uri.text_with_password();
  if (text.size() > Uri::length_max) return;
  const Result<Uri> again = Uri::parse(text);
  demand(again.has_value());
  demand(again->host == uri.host && again->port == uri.port && again->query == uri.query && again->user_info == uri.user_info);
  demand(again->text_with_password() == text);
  const Result<Uri> address = Uri::parse_address(text);
  demand(address && address->text_with_password() == text && address->path.size() + address->inside.size() <= text.size());
  demand(uri.request_target().find_first_of(" \r\n") == std::string::npos);
}

}  // namespace
}  // namespace undine

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace undine;
  const std::string_view input = as_text({data, size});
  const std::size_t end = input.find('\n');
  const Result<Uri> base = Uri::parse(input.substr(0, end));
  if (!base) return 0;
  check_round_trip(*base);
  demand(base->file_name().size() <= base->path.size());
  demand(percent_decoded(percent_encoded(input)) == input);
  const std::string shown = Uri::texts(input);
  demand(Uri::texts(shown) == shown);
  if (end == input.npos) return 0;
  const Result<Uri> reference = Uri::parse(input.substr(end + 1));
  if (!reference) return 0;
  const Result<Uri> disk = Uri::parse_address(input.substr(0, end)), file = Uri::parse_address(input.substr(end + 1));
  demand(file->resolved_against(*disk).inside.size() <= input.size() + 1);
  const Uri target = reference->resolved_against(*base);
  demand(target.path.size() <= base->path.size() + reference->path.size() + 1);
  if (!target.scheme.empty()) check_round_trip(target);
  return 0;
}
