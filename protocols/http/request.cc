// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/request.h"

#include "core/text.h"

namespace undine::http {

std::string Request::text() const {
  // One += a piece: half the code of append().
  const bool literal = uri.host.find(':') != std::string::npos;
  std::string head = "GET ";
  head += uri.request_target();
  head += literal ? " HTTP/1.1\r\nHost: [" : " HTTP/1.1\r\nHost: ";
  head += uri.host;
  if (literal) head += ']';
  if (uri.port && *uri.port != default_port) append(head, {':', *uri.port});
  head += "\r\nUser-Agent: ";
  head += printable(user_agent);  // a setting may hold anything, a line break too
  head += "\r\nAccept: */*\r\n";
  if (!uri.user_info.empty()) {
    std::string credentials = percent_decoded(uri.user_info);
    if (uri.user_info.find(':') == std::string::npos) credentials += ':';  // RFC 7617 section 2
    head += "Authorization: Basic ";
    head += base64(credentials);
    head += "\r\n";
  }
  if (from_byte != 0) {
    append(head, {"Range: bytes=", from_byte, "-\r\n"});
    if (!validator.empty()) {
      head += "If-Range: ";
      head += validator;
      head += "\r\n";
    }
  }
  head += "\r\n";
  return head;
}

std::string base64(std::string_view octets) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const std::size_t count = octets.size() - at < 3 ? octets.size() - at : 3;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? static_cast<unsigned char>(octets[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) text += i <= count ? digits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

}  // namespace undine::http
