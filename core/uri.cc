// SPDX-License-Identifier: Apache-2.0
// URIs taken apart, resolved and put together (RFC 3986). Nothing is normalised but the scheme's case and dot segments.

#include "core/uri.h"

#include "core/text.h"

namespace undine {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The length of the scheme that `text` begins with, RFC 3986 3.1; 0 if there is none.
std::size_t scheme_length(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return i;
    if (is_letter(c)) continue;
    if (i == 0 || !(is_digit(c) || c == '+' || c == '-' || c == '.')) return 0;
  }
  return 0;
}

/// Cuts `text` at the first of `stops`: what is before it is returned, `text` becomes the stop and what follows.
std::string_view cut_before(std::string_view& text, std::string_view stops) {
  std::size_t at = text.find_first_of(stops);
  if (at == text.npos) at = text.size();
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at);
  return before;
}

/// [ user info "@" ] host [ ":" port ], RFC 3986 3.2.
bool parse_authority(std::string_view authority, Uri& uri) {
  // A password that holds an '@' is written without encoding often enough; a host never holds one.
  if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
    uri.user_info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  std::string_view host;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == authority.npos || authority[1] == '[') return false;
    host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
  } else {
    host = cut_before(authority, ":");
  }
  uri.host = host;
  if (authority.empty()) return true;
  if (!authority.starts_with(':')) return false;
  authority.remove_prefix(1);
  if (authority.empty()) return true;  // RFC 3986 3.2.3: "host:" has the default port
  std::uint32_t port = 0;
  for (const char c : authority) {
    if (!is_digit(c)) return false;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > 0xffff) return false;
  }
  if (port == 0) return false;
  uri.port = static_cast<std::uint16_t>(port);
  return true;
}

/// RFC 3986 5.2.4.
std::string without_dot_segments(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    if (path.starts_with("../")) {
      path.remove_prefix(3);
    } else if (path.starts_with("./") || path.starts_with("/./")) {
      path.remove_prefix(2);
    } else if (path == "/.") {
      path = "/";
    } else if (path.starts_with("/../") || path == "/..") {
      path = path.size() == 3 ? std::string_view{"/"} : path.substr(3);
      const std::size_t last = result.rfind('/');
      result.resize(last == result.npos ? 0 : last);
    } else if (path == "." || path == "..") {
      break;
    } else {
      std::size_t end = path.find('/', 1);
      if (end == path.npos) end = path.size();
      result += path.substr(0, end);
      path.remove_prefix(end);
    }
  }
  return result;
}

}  // namespace

Result<Uri> Uri::parse(std::string_view text) {
  if (text.size() > length_max) return fail(uri_too_long);
  for (const char c : text) {
    // They would end a request line early, or a TFTP file name.
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return fail(uri_malformed);
  }
  text = text.substr(0, text.find('#'));
  Uri uri;
  const std::size_t scheme_size = scheme_length(text);
  if (scheme_size != 0) {
    for (const char c : text.substr(0, scheme_size)) uri.scheme += to_lower(c);
    text.remove_prefix(scheme_size + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::string_view authority = cut_before(text, "/?");
    if (authority.find(' ') != authority.npos || !parse_authority(authority, uri)) return fail(uri_malformed);
    uri.has_authority = true;
  }
  uri.path = cut_before(text, "?");
  if (uri.has_authority && uri.path.empty()) uri.path = "/";
  if (!text.empty()) {
    uri.has_query = true;
    uri.query = text.substr(1);
  }
  return uri;
}

Result<Uri> Uri::parse_address(std::string_view text) {
  Uri uri = TRY(parse(text));
  for (std::string* const part : {&uri.path, &uri.query}) {
    std::size_t at = 0;
    while ((at = part->find('!', at)) != part->npos && !part->substr(at + 1).starts_with('/') && !part->substr(at + 1).starts_with('(')) ++at;
    if (at == part->npos) continue;
    uri.inside = part->substr(at + 1);
    part->resize(at);
    if (part == &uri.path && uri.has_query) {
      append(uri.inside, {'?', uri.query});
      uri.query.clear();
      uri.has_query = false;
    }
    break;
  }
  return uri;
}

Uri Uri::disk() const {
  Uri disk = *this;
  disk.inside.clear();
  return disk;
}

Uri Uri::resolved_against(const Uri& base) const {
  Uri target = *this;
  if (!scheme.empty()) {
    if (path.starts_with('/')) target.path = without_dot_segments(path);
    return target;
  }
  if (!base.inside.empty() && !has_authority && (path.empty() || inside.empty())) {
    target = base;
    if (!inside.empty()) target.inside = inside;  // "!(2)/x": the same disk
    if (path.empty()) return target;
    const std::size_t number_end = base.inside.starts_with('(') ? base.inside.find(')') + 1 : 0;
    std::string_view folder = std::string_view(base.inside).substr(number_end);
    folder = path.starts_with('/') ? std::string_view{} : folder.substr(0, folder.rfind('/') + 1);
    target.inside = base.inside.substr(0, number_end) + without_dot_segments(join({folder, path}));
    if (has_query) append(target.inside, {'?', query});
    return target;
  }
  target.scheme = base.scheme;
  if (!has_authority) {
    target.has_authority = base.has_authority;
    target.user_info = base.user_info;
    target.host = base.host;
    target.port = base.port;
    if (path.empty()) {
      target.path = base.path;
      if (!has_query) {
        target.query = base.query;
        target.has_query = base.has_query;
      }
      return target;
    }
    // RFC 3986 5.2.3: everything of the base up to its last '/'.
    if (!path.starts_with('/')) target.path = base.path.substr(0, base.path.rfind('/') + 1) + path;
  }
  target.path = without_dot_segments(target.path);
  if (target.has_authority && target.path.empty()) target.path = "/";
  return target;
}

std::string Uri::texts(std::string_view text) {
  std::string shown;
  for (std::size_t slashes; (slashes = text.find("//")) != text.npos;) {
    append(shown, {text.substr(0, slashes + 2)});
    text.remove_prefix(slashes + 2);
    const std::string_view word = text.substr(0, text.find(' '));
    const std::string_view authority = word.substr(0, word.find_first_of("/?#"));
    const std::size_t colon = authority.find(':');
    if (colon == authority.npos || authority.starts_with('[')) continue;
    std::size_t at = authority.rfind('@');
    // No port: perhaps the password has one of those characters, and the address is none.
    if (at == authority.npos && authority.find_first_not_of("0123456789", colon + 1) != authority.npos) at = word.rfind('@');
    if (at == word.npos || at < colon) continue;
    append(shown, {text.substr(0, colon), ":***"});
    text.remove_prefix(at);
  }
  append(shown, {text});
  return shown;
}

std::string Uri::composed(bool with_password) const {
  std::string result = scheme;
  if (!scheme.empty()) result += ':';
  if (has_authority) {
    result += "//";
    const std::size_t colon = with_password ? user_info.npos : user_info.find(':');
    result.append(user_info, 0, colon);
    if (colon != user_info.npos) result += ":***";
    if (!user_info.empty()) result += '@';
    const bool literal = host.find(':') != host.npos;
    if (literal) result += '[';
    result += host;
    if (literal) result += ']';
    if (port) append(result, {':', *port});
  } else if (path.starts_with("//")) {
    result += "/.";  // RFC 3986 4.2 and 5.3: otherwise the path would be read as a host
  }
  result += path;
  if (has_query) {
    result += '?';
    result += query;
  }
  if (!inside.empty()) {
    result += '!';
    result += inside;
  }
  return result;
}

std::string Uri::request_target() const {
  std::string target = path;
  if (has_query) {
    target += '?';
    target += query;
  }
  for (std::size_t at = 0; (at = target.find(' ', at)) != target.npos;) target.replace(at, 1, "%20");
  return target;
}

std::string Uri::file_name() const {
  const std::string_view whole = inside.empty() ? path : inside;
  return percent_decoded(whole.substr(whole.rfind('/') + 1));
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high && low) {
        result += static_cast<char>(*high << 4 | *low);
        i += 2;
        continue;
      }
    }
    result += text[i];
  }
  return result;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";  // upper case: RFC 3986 2.1
  std::string result;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || std::string_view{"-._~/"}.find(c) != std::string_view::npos) {
      result += c;
    } else {
      const auto octet = static_cast<unsigned char>(c);
      result += '%';
      result += digits[octet >> 4];
      result += digits[octet & 15];
    }
  }
  return result;
}

}  // namespace undine
