// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include "core/memory.h"
#include "core/text.h"

namespace undine {
namespace {

/// "175.190" or "67" or "0xaf.2": each part an octet. 0 if it is no number. DHCP has two parts, `smbios/1.4.0` up to four.
DhcpTag parse_tag(std::string_view text) {
  DhcpTag tag = 0;
  for (int part = 0; part < 4; ++part) {
    const auto number = parse_number(split_first(text, '.'), 255);
    if (!number) return 0;
    tag = tag << 8 | static_cast<DhcpTag>(*number);
    if (text.empty()) return tag;
  }
  return 0;
}

/// `inner` is `outer` or lies below it; everything lies below the root.
bool is_within(std::string_view inner, std::string_view outer) {
  if (outer.empty() || inner == outer) return true;
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '.';
}

}  // namespace

std::string shown_value(ValueType type, Bytes raw, const SettingKey& key) {
  if (key.name == "password" || key.name == "reverse-password") return "***";
  const auto text = format_value(type, raw);
  return text ? printable(*text, 400) : text.error().text();
}

Settings::Settings() { add_scope("", Rank::user, nullptr); }

void Settings::add_scope(std::string_view name, Rank rank, const SettingsSource* source) {
  std::unique_ptr<Scope> scope;
  for (std::unique_ptr<Scope>* place = &scopes_; *place; place = &(*place)->next) {
    if ((*place)->name != name) continue;
    scope = std::move(*place);
    *place = std::move(scope->next);
    break;
  }
  if (!scope) scope = make_unique_nothrow<Scope>();
  if (!scope) return;
  std::unique_ptr<Scope>* place = &scopes_;
  while (*place && ((*place)->rank < rank || (*place)->name.empty())) place = &(*place)->next;
  scope->name = name;
  scope->rank = rank;
  scope->source = source;
  scope->next = std::move(*place);
  *place = std::move(scope);
}

void Settings::use_interface(std::string_view name) { newest_interface_ = name; }

Result<void> Settings::parse_name(std::string_view name, Parsed& parsed) const {
  if (name.empty() || name.size() > name_length_max) return fail(setting_bad_name);
  if (const auto slash = name.find('/'); slash != name.npos) {
    parsed.scope = name.substr(0, slash);
    name.remove_prefix(slash + 1);
    if (parsed.scope == "netX" || parsed.scope.starts_with("netX.")) parsed.scope.replace(0, 4, newest_interface_);
  }
  const std::string_view plain = split_first(name, ':');
  if (plain.empty()) return fail(setting_bad_name);
  SettingKey& key = parsed.key;
  key.tag = parse_tag(plain);
  key.name = plain;
  if (const Setting* row = key.tag != 0 ? find_setting(key.tag) : find_setting(plain)) {
    key.name = row->name;
    key.tag = row->tag;
    key.type = row->type;
  }
  if (!name.empty()) {
    key.type = value_type(name);
    if (!key.type) return fail(type_unknown);
  }
  return {};
}

std::optional<Settings::Found> Settings::find_in(const Scope& scope, const SettingKey& key) const {
  for (const Variable& variable : variables_) {
    if (variable.scope != scope.name || !variable.key.same_setting(key)) continue;
    Found found{scope.name, variable.key, variable.raw};
    if (key.type) found.key.type = key.type;
    return found;
  }
  if (scope.source == nullptr) return {};
  auto raw = scope.source->fetch(key);
  if (!raw) return {};
  return Found{scope.name, key, std::move(*raw)};
}

std::optional<Settings::Found> Settings::find(const Parsed& wanted) const {
  // The scope itself answers before those below it; these in the order of their ranks.
  for (const bool itself : {true, false}) {
    for (const Scope* scope = scopes_.get(); scope != nullptr; scope = scope->next.get()) {
      if ((scope->name == wanted.scope) != itself || !is_within(scope->name, wanted.scope)) continue;
      if (auto found = find_in(*scope, wanted.key)) return found;
    }
  }
  return {};
}

std::optional<Settings::Found> Settings::find(std::string_view name) const {
  Parsed parsed;
  if (!parse_name(name, parsed)) return {};
  return find(parsed);
}

std::string Settings::Found::full_name() const {
  return join({scope, scope.empty() ? "" : "/", key.name});
}

Result<std::string> Settings::text(std::string_view name) const {
  Parsed parsed;
  TRY(parse_name(name, parsed));
  const auto found = find(parsed);
  if (!found) return fail(setting_unset);
  return format_value(found->type(), found->raw);
}

std::string Settings::text_or_empty(std::string_view name) const { return text(name).value_or(std::string{}); }

RawValue Settings::octets(std::string_view name) const {
  auto found = find(name);
  if (!found) return {};
  return std::move(found->raw);
}

std::optional<Ipv4Address> Settings::address(std::string_view name) const {
  const RawValue raw = octets(name);
  if (raw.size() < 4) return {};
  return Ipv4Address{load_be32(raw, 0)};
}

std::optional<std::int64_t> Settings::number(std::string_view name) const {
  const auto found = find(name);
  if (!found) return {};
  // A variable without a type is text that may be a number ("set i 3").
  if (found->type() == ValueType::text) {
    const auto number = parse_number(as_text(found->raw), INT64_MAX);
    return number ? std::optional<std::int64_t>(static_cast<std::int64_t>(*number)) : std::nullopt;
  }
  return value_number(found->type(), found->raw);
}

std::size_t Settings::index_of(const Parsed& where) const {
  std::size_t i = 0;
  while (i < variables_.size() && (variables_[i].scope != where.scope || !variables_[i].key.same_setting(where.key))) ++i;
  return i;
}

Result<void> Settings::store(Parsed& where, RawValue raw) {
  if (raw.size() > value_bytes_max) return fail(value_too_long);
  const std::size_t index = index_of(where);
  std::size_t bytes = raw.size();
  for (std::size_t i = 0; i < variables_.size(); ++i)
    if (i != index) bytes += variables_[i].raw.size();
  if (bytes > variable_bytes_max || index == variables_max) return fail(settings_full);
  if (index == variables_.size()) {
    std::size_t scopes = 0;
    bool is_known = false;
    for (const Scope* scope = scopes_.get(); scope != nullptr; scope = scope->next.get()) {
      ++scopes;
      is_known = is_known || scope->name == where.scope;
    }
    if (!is_known) {
      if (scopes == scopes_max) return fail(settings_full);
      add_scope(where.scope, Rank::interface, nullptr);
    }
    Variable& variable = variables_.emplace_back();
    variable.scope = where.scope;
    variable.key = where.key;
  }
  variables_[index].key.type = where.key.type;
  variables_[index].raw = std::move(raw);
  return {};
}

Result<void> Settings::set(std::string_view name, std::string_view text) {
  if (text.empty()) return clear(name);
  Parsed parsed;
  TRY(parse_name(name, parsed));
  return store(parsed, TRY(parse_value(parsed.key.type.value_or(ValueType::text), text)));
}

Result<void> Settings::set_number(std::string_view name, std::int64_t number) {
  Parsed parsed;
  TRY(parse_name(name, parsed));
  if (!parsed.key.type) {
    const auto old = find(parsed);
    parsed.key.type = old ? old->type() : ValueType::int32;
  }
  return store(parsed, TRY(parse_value(*parsed.key.type, join({number}))));
}

Result<void> Settings::clear(std::string_view name) {
  Parsed parsed;
  TRY(parse_name(name, parsed));
  const std::size_t index = index_of(parsed);
  if (index < variables_.size()) variables_.erase(variables_.begin() + static_cast<std::ptrdiff_t>(index));
  return {};
}

std::vector<std::string_view> Settings::scope_names() const {
  std::vector<std::string_view> names;
  for (const Scope* scope = scopes_.get(); scope != nullptr; scope = scope->next.get()) names.push_back(scope->name);
  return names;
}

}  // namespace undine
