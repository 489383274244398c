// SPDX-License-Identifier: Apache-2.0
#include "protocols/http/authenticate.h"

#include <initializer_list>

#include "core/text.h"
#include "protocols/crypto/hash.h"
#include "protocols/http/response.h"

namespace undine::http {
namespace {

using Kind = Challenge::Kind;

/// In the order of Kind, from md5 on.
constexpr std::string_view algorithms[] = {"MD5", "MD5-sess", "SHA-256", "SHA-256-sess"};
constexpr auto first_digest = static_cast<std::uint8_t>(Kind::md5);

constexpr std::string_view blanks = " \t";

bool is_session(Kind kind) { return kind == Kind::md5_session || kind == Kind::sha256_session; }

/// Cuts the next token off: up to a separator, perhaps empty.
std::string_view take_token(std::string_view& rest) {
  std::size_t end = rest.find_first_of(" \t,=\"");
  if (end == rest.npos) end = rest.size();
  const std::string_view token = rest.substr(0, end);
  rest.remove_prefix(end);
  return token;
}

void skip(std::string_view& rest, std::string_view characters) {
  std::size_t end = rest.find_first_not_of(characters);
  rest.remove_prefix(end == rest.npos ? rest.size() : end);
}

/// A token, or a quoted string (RFC 9110 5.6.4) without its quotes and backslashes.
std::string take_value(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::string(take_token(rest));
  std::string value;
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
    value += rest[at];
  }
  rest.remove_prefix(at < rest.size() ? at + 1 : at);
  return value;
}

Kind kind_of(std::string_view algorithm) {
  std::uint8_t kind = first_digest;
  for (const std::string_view known : algorithms) {
    if (equal_ignoring_case(algorithm, known)) return static_cast<Kind>(kind);
    ++kind;
  }
  return Kind::none;
}

/// One parameter of a challenge.
void take_parameter(Challenge& challenge, bool& is_usable, std::string_view name, std::string value) {
  if (equal_ignoring_case(name, "realm")) {
    challenge.realm = std::move(value);
  } else if (equal_ignoring_case(name, "nonce")) {
    challenge.nonce = std::move(value);
  } else if (equal_ignoring_case(name, "opaque")) {
    challenge.opaque = std::move(value);
  } else if (equal_ignoring_case(name, "stale")) {
    challenge.stale = equal_ignoring_case(value, "true");
  } else if (equal_ignoring_case(name, "qop")) {
    challenge.has_qop = lists(value, "auth");
    is_usable = is_usable && challenge.has_qop;  // auth-int alone
  } else if (equal_ignoring_case(name, "algorithm") && challenge.kind >= Kind::md5) {
    challenge.kind = kind_of(value);
    challenge.names_algorithm = true;
    is_usable = is_usable && challenge.kind != Kind::none;
  }
}

/// H of the pieces with colons between them, in hexadecimal.
std::string digest(crypto::HashAlgorithm algorithm, std::initializer_list<std::string_view> pieces) {
  crypto::Hash hash{algorithm};
  std::string_view colon;
  for (const std::string_view piece : pieces) {
    hash.update(as_bytes(colon));
    hash.update(as_bytes(piece));
    colon = ":";
  }
  std::string text;
  for (const std::uint8_t octet : Bytes{hash.finish()}) append(text, {hex(octet, 2)});
  return text;
}

/// `, name="value"`. A control character, which only a user's name can hold, would end the field: no server knows such a user.
void append_quoted(std::string& line, std::string_view name, std::string_view value) {
  append(line, {", ", name, "=\""});
  for (const char c : value) {
    if (c == '"' || c == '\\') line += '\\';
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  line += '"';
}

}  // namespace

Challenge Challenge::strongest(std::string_view fields) {
  Challenge best, current;
  bool is_usable = true;
  const auto settle = [&] {
    // Basic needs nothing, Digest a nonce; -sess is computed with what only qop sends.
    if (current.kind >= Kind::md5 && (current.nonce.empty() || (is_session(current.kind) && !current.has_qop))) is_usable = false;
    if (is_usable && current.kind > best.kind) best = std::move(current);
    current = {};
    is_usable = true;
  };
  // RFC 9110 11.6.1: commas stand between challenges and between the parameters of one, so what follows a word decides what it is.
  for (;;) {
    skip(fields, ", \t");
    if (fields.empty()) break;
    const std::string_view word = take_token(fields);
    skip(fields, blanks);
    if (fields.starts_with('=')) {
      fields.remove_prefix(1);
      skip(fields, blanks);
      take_parameter(current, is_usable, word, take_value(fields));
    } else if (word.empty()) {
      fields.remove_prefix(1);  // a quote where none belongs
    } else {
      settle();
      current.kind = equal_ignoring_case(word, "digest") ? Kind::md5 : equal_ignoring_case(word, "basic") ? Kind::basic : Kind::none;
    }
  }
  settle();
  return best;
}

std::string authorisation(Challenge& challenge, const Credentials& credentials, std::string_view method, std::string_view target, Entropy& entropy) {
  if (challenge.kind == Kind::basic) return join({"Basic ", base64(join({credentials.user, ':', credentials.password}))});

  const auto algorithm = challenge.kind >= Kind::sha256 ? crypto::HashAlgorithm::sha256 : crypto::HashAlgorithm::md5;
  const std::string client_nonce = join({hex(entropy.u32(), 8), hex(entropy.u32(), 8)});
  const std::string count = join({hex(++challenge.count, 8)});
  std::string secret = digest(algorithm, {credentials.user, challenge.realm, credentials.password});
  if (is_session(challenge.kind)) secret = digest(algorithm, {secret, challenge.nonce, client_nonce});
  const std::string request = digest(algorithm, {method, target});
  const std::string response = challenge.has_qop ? digest(algorithm, {secret, challenge.nonce, count, client_nonce, "auth", request})
                                                 : digest(algorithm, {secret, challenge.nonce, request});
  std::string value = join({"Digest response=\"", response, '"'});
  append_quoted(value, "username", credentials.user);
  append_quoted(value, "realm", challenge.realm);
  append_quoted(value, "nonce", challenge.nonce);
  append_quoted(value, "uri", target);
  if (!challenge.opaque.empty()) append_quoted(value, "opaque", challenge.opaque);
  if (challenge.names_algorithm) append(value, {", algorithm=", algorithms[static_cast<std::uint8_t>(challenge.kind) - first_digest]});
  if (challenge.has_qop) append(value, {", qop=auth, nc=", count, ", cnonce=\"", client_nonce, '"'});
  return value;
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
