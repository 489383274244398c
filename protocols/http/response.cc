// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/response.h"

#include <cstring>

#include "core/text.h"

namespace undine::http {
namespace {

/// No file is longer, and sums of two such numbers do not wrap.
constexpr std::uint64_t size_max = INT64_MAX;

/// The fields that count, in the order of `field_names`.
enum class Field : std::uint8_t {
  content_length, transfer_encoding, connection, content_range, retry_after, location, etag, last_modified, www_authenticate, proxy_authenticate, other
};

Field field_named(std::string_view name) {
  static constexpr std::string_view field_names[] = {"content-length", "transfer-encoding", "connection",    "content-range",    "retry-after",
                                                     "location",       "etag",              "last-modified", "www-authenticate", "proxy-authenticate"};
  std::uint8_t field = 0;
  for (const std::string_view known : field_names) {
    if (equal_ignoring_case(name, known)) break;
    ++field;
  }
  return static_cast<Field>(field);
}

/// Decimal digits only: parse_number also knows "0x".
std::optional<std::uint64_t> parse_size(std::string_view text) {
  if (text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  return parse_number(text, size_max);
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  ContentRange range;
  if (!equal_ignoring_case(trimmed(split_first(text, ' ')), "bytes")) return std::nullopt;
  std::string_view part = trimmed(split_first(text, '/'));
  if (text = trimmed(text); text != "*") {
    range.total = parse_size(text);
    if (!range.total) return std::nullopt;
  }
  if (part == "*") return range;
  const auto first = parse_size(split_first(part, '-')), last = parse_size(part);
  if (!first || !last || *last < *first || (range.total && *last >= *range.total)) return std::nullopt;
  range.first = *first;
  range.last = *last;
  range.satisfied = true;
  return range;
}

}  // namespace

bool lists(std::string_view value, std::string_view word) {
  while (!value.empty()) {
    if (equal_ignoring_case(trimmed(split_first(value, ',')), word)) return true;
  }
  return false;
}

bool has_control_character(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return true;
  }
  return false;
}

void ResponseHead::expect_another() {
  const std::size_t total = total_bytes_;
  *this = {};
  total_bytes_ = total;
}

Result<std::size_t> ResponseHead::feed(Bytes bytes) {
  std::size_t used = 0;
  while (!complete_ && used < bytes.size()) {
    const Bytes rest = bytes.subspan(used);
    const auto* end = static_cast<const std::uint8_t*>(std::memchr(rest.data(), '\n', rest.size()));
    const std::size_t count = end ? static_cast<std::size_t>(end - rest.data()) + 1 : rest.size();
    total_bytes_ += count;
    if (total_bytes_ > head_bytes_max || line_.size() + count > line_bytes_max) return fail(head_too_long);
    line_ += as_text(rest.first(count));
    used += count;
    if (end) TRY(take_line());
  }
  // Who speaks something else may never end its line.
  constexpr std::string_view beginning = "HTTP/";
  if (status == 0 && !line_.empty() && line_.substr(0, beginning.size()) != beginning.substr(0, line_.size()) && line_ != "\r") return fail(no_http);
  return used;
}

/// RFC 9112 2.2: a lone LF ends a line as well as CR LF does.
Result<void> ResponseHead::take_line() {
  line_.pop_back();
  if (line_.ends_with('\r')) line_.pop_back();
  const std::string line = std::move(line_);
  line_.clear();
  if (status == 0) {
    // RFC 9112 2.2 lets a server receive empty lines first; some clients' servers send one after a body.
    return line.empty() ? Result<void>{} : take_status_line(line);
  }
  if (line.starts_with(' ') || line.starts_with('\t')) {
    append(field_, {' ', trimmed(line)});
    return {};
  }
  TRY(take_field());
  field_ = line;
  complete_ = line.empty();
  return {};
}

Result<void> ResponseHead::take_status_line(std::string_view line) {
  // "HTTP/1.1 200 OK"; the phrase is for nobody and may be missing, with its blank.
  const auto is_digit = [line](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || !is_digit(7) || line[8] != ' ' || !is_digit(9) || !is_digit(10) || !is_digit(11) ||
      (line.size() > 12 && line[12] != ' ') || line[9] == '0') {
    return fail(no_http);
  }
  status = static_cast<std::uint16_t>((line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0'));
  keep_alive = line[7] != '0';
  return {};
}

Result<void> ResponseHead::take_field() {
  std::string_view value = field_;
  if (has_control_character(value)) return {};
  const Field field = field_named(split_first(value, ':'));
  value = trimmed(value);
  switch (field) {
    case Field::content_length:
      // RFC 9112 6.3: the same number several times is one number; anything else could be read in two ways.
      while (!value.empty()) {
        const auto length = parse_size(trimmed(split_first(value, ',')));
        if (!length || (content_length && content_length != length)) return fail(malformed);
        content_length = length;
      }
      break;
    case Field::transfer_encoding:
      if (!equal_ignoring_case(value, "chunked") || chunked) return fail(foreign_coding);
      chunked = true;
      break;
    case Field::connection:
      if (lists(value, "close")) keep_alive = false;
      break;
    case Field::content_range:
      content_range = parse_content_range(value);
      if (!content_range) return fail(malformed);
      break;
    case Field::retry_after:
      // A date may stand there instead; whoever has no clock uses its own pause.
      if (const auto seconds = parse_size(value)) retry_after_s = static_cast<std::uint32_t>(*seconds < UINT32_MAX ? *seconds : UINT32_MAX);
      break;
    case Field::location: location = value; break;
    case Field::etag: etag = value; break;
    case Field::last_modified: last_modified = value; break;
    case Field::www_authenticate:
    case Field::proxy_authenticate:
      // Each asks in its own name only (RFC 9110 11.7.1).
      if (status == (field == Field::www_authenticate ? 401 : 407)) append(challenges, {value, ','});
      break;
    case Field::other: break;
  }
  return {};
}

}  // namespace undine::http
