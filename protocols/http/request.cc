// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/request.h"

#include "core/text.h"
#include "protocols/http/response.h"

namespace undine::http {
namespace {

/// Fields that would contradict ours, or cut the request in two.
constexpr std::string_view fields_of_ours = "host,connection,content-length,content-type,transfer-encoding,te,upgrade,expect,range,if-range";

bool is_token(std::string_view text) {
  for (const char c : text) {
    // RFC 9110 5.6.2, by what it leaves out.
    if (c <= ' ' || c > '~' || std::string_view{"\"(),/:;<=>?@[\\]{}"}.find(c) != std::string_view::npos) return false;
  }
  return !text.empty();
}

/// Host, and the port if there is one to be named.
void append_authority(std::string& text, const Uri& uri, std::uint16_t port_unless) {
  const bool is_literal = uri.host.find(':') != std::string::npos;
  if (is_literal) text += '[';
  text += uri.host;
  if (is_literal) text += ']';
  if (uri.port && *uri.port != port_unless) append(text, {':', *uri.port});
}

}  // namespace

std::string target_of(const Uri& uri, std::uint16_t default_port, TargetForm form) {
  std::string target;
  if (form == TargetForm::authority) {
    append_authority(target, uri, 0);
    if (!uri.port) append(target, {':', default_port});
    return target;
  }
  if (form == TargetForm::absolute) {
    append(target, {uri.scheme, "://"});
    append_authority(target, uri, default_port);
  }
  return target + uri.request_target();
}

std::string Request::text() const {
  // One += a piece: half the code of append().
  std::string head(method);
  head += ' ';
  head += target;
  head += " HTTP/1.1\r\nHost: ";
  append_authority(head, uri, default_port);
  head += "\r\nUser-Agent: ";
  head += printable(user_agent);  // a setting may hold anything, a line break too
  head += "\r\nAccept: */*\r\n";
  head += fields;
  if (end_byte != 0) {
    append(head, {"Range: bytes=", from_byte, '-', end_byte - 1, "\r\n"});
  } else if (from_byte != 0) {
    append(head, {"Range: bytes=", from_byte, "-\r\n"});
    if (!validator.empty()) append(head, {"If-Range: ", validator, "\r\n"});
  }
  if (form) append(head, {"Content-Type: ", form_type, "\r\nContent-Length: ", form->size(), "\r\n"});
  head += "\r\n";
  if (form) head += *form;
  return head;
}

Result<void> append_field(std::string& fields, std::string_view name, std::string_view value) {
  if (!is_token(name) || has_control_character(value) || lists(fields_of_ours, name)) return fail(bad_field);
  append(fields, {name, ": ", trimmed(value), "\r\n"});
  return {};
}

}  // namespace undine::http
