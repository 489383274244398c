// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/names.h"

#include "core/address.h"
#include "core/text.h"
#include "protocols/trust/causes.h"

namespace undine::trust {
namespace {

// RFC 5280 4.2.1.6, GeneralName.
constexpr std::uint8_t dns_name = context(2), directory_name = constructed(4), ip_address = context(7);
constexpr std::size_t ipv4_bytes = 4;

/// Calls `visit(tag, contents)` for each subject alternative name until it returns true; whether it did.
template <class Visitor>
bool any_name(const Certificate& certificate, Visitor visit) {
  for (const mbedtls_x509_sequence* name = &certificate.x509.subject_alt_names; name; name = name->next) {
    if (name->buf.p && visit(static_cast<std::uint8_t>(name->buf.tag), view(name->buf))) return true;
  }
  return false;
}

/// RFC 9525 6.3: at least two labels must follow the '*', so that nobody has a whole top level domain.
bool name_fits(std::string_view pattern, std::string_view host) {
  if (pattern.ends_with('.')) pattern.remove_suffix(1);
  if (pattern.starts_with("*.")) {
    pattern.remove_prefix(1);
    const std::size_t dot = host.find('.');
    if (dot == 0 || dot == std::string_view::npos || pattern.find('.', 1) == std::string_view::npos) return false;
    host.remove_prefix(dot);
  }
  return !pattern.empty() && equal_ignoring_case(pattern, host);
}

/// `name` is `base` or below it; everything is below nothing. Only what is below it if `base` begins with a dot, as some write.
bool is_below(std::string_view name, std::string_view base) {
  if (base.empty()) return true;
  if (name.size() < base.size() || !equal_ignoring_case(name.substr(name.size() - base.size()), base)) return false;
  if (base[0] == '.') return name.size() > base.size();
  return name.size() == base.size() || name[name.size() - base.size() - 1] == '.';
}

bool dns_fits(std::string_view name, std::string_view base, bool excluding) {
  if (is_below(name, base)) return true;
  // *.example.com may be what is excluded as www.example.com.
  return excluding && name.starts_with("*.") && is_below(base, name.substr(1));
}

/// `base` is an address and a mask.
bool address_fits(Bytes address, Bytes base) {
  if (base.size() != 2 * address.size()) return false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    if ((address[i] ^ base[i]) & base[address.size() + i]) return false;
  }
  return true;
}

/// The names are lists of parts, from the top down, so a name below another begins with it, octet by octet.
bool directory_fits(Bytes name, Bytes base) {
  const Bytes parts = DerReader{name}.take(sequence), first = DerReader{base}.take(sequence);
  return parts.size() >= first.size() && same_bytes(parts.first(first.size()), first);
}

bool fits(std::uint8_t tag, Bytes name, Bytes base, bool excluding) {
  switch (tag) {
    case dns_name: return dns_fits(as_text(name), as_text(base), excluding);
    case ip_address: return address_fits(name, base);
    case directory_name: return directory_fits(name, base);
    default: return excluding;  // whatever it means, it is not allowed
  }
}

/// Whether a name violates one of the lists of subtrees.
bool violates(std::uint8_t tag, Bytes name, Bytes subtrees, bool excluding) {
  bool limited = false;
  for (DerReader list{subtrees}; !list.at_end();) {
    DerReader subtree = list.inside(sequence);
    if (!subtree.is(tag)) continue;
    limited = true;
    if (fits(tag, name, subtree.take_any(), excluding)) return excluding;
  }
  return limited && !excluding;
}

/// Each subtree has a base, and neither minimum nor maximum (RFC 5280 4.2.1.10 forbids both).
bool well_formed(Bytes subtrees) {
  DerReader list{subtrees};
  while (!list.at_end()) {
    DerReader subtree = list.inside(sequence);
    const std::uint8_t tag = subtree.tag();
    const Bytes base = subtree.take_any();
    if (subtree.failed() || !subtree.at_end()) return false;
    if (tag == ip_address && base.size() != 2 * ipv4_bytes && base.size() != 32) return false;
    if (tag == directory_name && (base.empty() || base[0] != sequence)) return false;
  }
  return !list.failed();
}

}  // namespace

bool is_for_host(const Certificate& certificate, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty()) return false;
  const std::optional<Ipv4Address> address = Ipv4Address::parse(host);
  return any_name(certificate, [&](std::uint8_t tag, Bytes name) {
    if (address) return tag == ip_address && name.size() == ipv4_bytes && load_be32(name, 0) == address->value;
    return tag == dns_name && name_fits(as_text(name), host);
  });
}

bool is_named(const Certificate& certificate, std::string_view name) { return certificate.name() == name || is_for_host(certificate, name); }

std::string names_of(const Certificate& certificate) {
  constexpr unsigned shown_max = 4;
  std::string text;
  unsigned count = 0;
  any_name(certificate, [&](std::uint8_t tag, Bytes name) {
    const bool is_address = tag == ip_address && name.size() == ipv4_bytes;
    if ((!is_address && tag != dns_name) || ++count > shown_max) return false;
    if (!text.empty()) text += ", ";
    if (is_address) {
      append(text, {Ipv4Address{load_be32(name, 0)}});
    } else {
      text += printable(as_text(name), 64);
    }
    return false;
  });
  if (count > shown_max) append(text, {" and ", count - shown_max, " more"});
  if (count == 0) text = "no server at all";
  return text;
}

Result<void> check_names(const Certificate& certificate, Bytes constraints) {
  DerReader outer{constraints};
  DerReader lists = outer.inside(sequence);
  const Bytes permitted = lists.take_if(constructed(0)), excluded = lists.take_if(constructed(1));
  if (lists.failed() || !lists.at_end() || !outer.at_end() || !well_formed(permitted) || !well_formed(excluded)) return fail(malformed);
  const auto bad = [&](std::uint8_t tag, Bytes name) { return violates(tag, name, permitted, false) || violates(tag, name, excluded, true); };
  const bool has_subject = certificate.subject().size() > 2;
  if ((has_subject && bad(directory_name, certificate.subject())) || any_name(certificate, bad)) return fail(names_forbidden);
  return {};
}

}  // namespace undine::trust
