// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

#include "core/memory.h"
#include "core/text.h"
#include "core/uri.h"

namespace undine {
namespace {

/// "175.190", "67" or "0xaf.2", up to four parts. Each makes the one before a part of higher value, as octets do; that some are larger is used by
/// `pci/0x100.0.2` and `cpuid/2.0x80000001`.
std::optional<DhcpTag> parse_tag(std::string_view text) {
  DhcpTag tag = 0;
  for (int part = 0; part < 4; ++part) {
    const auto number = parse_script_number(split_first(text, '.'), UINT32_MAX);
    if (!number) return {};
    tag = tag << 8 | static_cast<DhcpTag>(*number);
    if (text.empty()) return tag;
  }
  return {};
}

/// Scopes whose numbers are no DHCP options, in which values by number are octets in hexadecimal.
constexpr std::string_view hardware_scopes = "smbios pci cpuid memmap";

/// `inner` is `outer` or lies below it; everything lies below the root.
bool is_within(std::string_view inner, std::string_view outer) {
  if (outer.empty() || inner == outer) return true;
  return inner.size() > outer.size() && inner.starts_with(outer) && inner[outer.size()] == '.';
}

}  // namespace

bool is_secret_setting(std::string_view name) { return place_in("password reverse-password privkey", name) != not_in_list; }

std::string shown_value(ValueType type, Bytes raw, const SettingKey& key) {
  if (is_secret_setting(key.name)) return "***";
  const auto text = format_value(type, raw);
  return text ? printable(Uri::texts(*text), 400) : text.error().text();
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

void Settings::remove_scope(std::string_view name) {
  for (std::unique_ptr<Scope>* place = &scopes_; *place;) {
    if (is_within((*place)->name, name)) *place = std::move((*place)->next);
    else place = &(*place)->next;
  }
  std::erase_if(variables_, [&](const Variable& variable) { return is_within(variable.scope, name); });
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
  const auto tag = parse_tag(plain);
  key.tag = tag.value_or(0);
  key.name = plain;
  const std::size_t hardware = tag && !parsed.scope.empty() ? place_in(hardware_scopes, parsed.scope) : not_in_list;
  if (std::string_view(parsed.scope).ends_with(".lldp")) {
    // More parts than a tag has: the source reads the name.
    key.is_hardware = true;
    key.type = plain.ends_with(".0") ? ValueType::text : ValueType::hex;
  } else if (hardware != not_in_list) {
    key.is_hardware = true;
    key.type = hardware != 0 ? ValueType::hex_raw : (*tag & 0xff) == 0 ? ValueType::text : ValueType::hex;
  } else if (const Setting* row = key.tag != 0 ? find_setting(key.tag) : find_setting(plain)) {
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

/// Of the group that the scope belongs to: what it says itself, or a scope below it.
std::int64_t Settings::priority_of(const Scope& scope) const {
  const std::string_view group = std::string_view(scope.name).substr(0, scope.name.find('.'));
  SettingKey key;
  const Setting& row = *find_setting("priority");
  key.name = row.name;
  key.tag = row.tag;
  key.type = row.type;
  for (const Scope* inner = scopes_.get(); inner != nullptr; inner = inner->next.get()) {
    if (group.empty() || !is_within(inner->name, group)) continue;
    if (const auto found = find_in(*inner, key)) return value_number(row.type, found->raw).value_or(0);
  }
  return 0;
}

std::optional<Settings::Found> Settings::find(const Parsed& wanted) const {
  // The scope itself answers before those below it; of these the one with the highest priority, then in the order of their ranks.
  std::optional<Found> best;
  std::int64_t best_priority = 0;
  for (const bool itself : {true, false}) {
    for (const Scope* scope = scopes_.get(); scope != nullptr; scope = scope->next.get()) {
      if ((scope->name == wanted.scope) != itself || !is_within(scope->name, wanted.scope)) continue;
      auto found = find_in(*scope, wanted.key);
      if (!found) continue;
      if (itself || !wanted.scope.empty()) return found;
      const std::int64_t priority = priority_of(*scope);
      if (best && priority <= best_priority) continue;
      best = std::move(found);
      best_priority = priority;
    }
  }
  return best;
}

std::optional<Settings::Found> Settings::find(std::string_view name) const {
  Parsed parsed;
  if (!parse_name(name, parsed)) return {};
  return find(parsed);
}

const RawValue* Settings::set_by_user(std::string_view scope, std::string_view name) const {
  Parsed parsed;
  if (!parse_name(name, parsed)) return nullptr;
  const RawValue* for_all = nullptr;
  for (const Variable& variable : variables_) {
    if (!variable.key.same_setting(parsed.key)) continue;
    if (variable.scope == scope) return &variable.raw;
    if (variable.scope.empty()) for_all = &variable.raw;
  }
  return for_all;
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
    const auto number = parse_script_number(as_text(found->raw), INT64_MAX);
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
  if (bytes > variable_bytes_max || (index == variables_.size() && index >= variables_max)) return fail(settings_full);
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

Result<void> Settings::set_octets(std::string_view name, RawValue raw) {
  Parsed parsed;
  TRY(parse_name(name, parsed));
  return store(parsed, std::move(raw));
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

Result<Settings::Kept> Settings::keep(std::string_view name) {
  Parsed parsed;
  TRY(parse_name(name, parsed));
  const std::size_t index = index_of(parsed);
  Kept kept;
  kept.was_set_ = index < variables_.size();
  if (kept.was_set_) {
    kept.variable_ = variables_[index];
  } else {
    kept.variable_.scope = std::move(parsed.scope);
    kept.variable_.key = std::move(parsed.key);
  }
  if (kept_ == variables_max || kept_bytes_ + kept.variable_.raw.size() > variable_bytes_max) return fail(settings_full);
  ++kept_;
  kept_bytes_ += kept.variable_.raw.size();
  return kept;
}

void Settings::put_back(Kept&& kept) {
  --kept_;
  kept_bytes_ -= kept.variable_.raw.size();
  const std::size_t index = index_of({kept.variable_.scope, kept.variable_.key});
  if (!kept.was_set_) {
    if (index < variables_.size()) variables_.erase(variables_.begin() + static_cast<std::ptrdiff_t>(index));
  } else if (index < variables_.size()) {
    variables_[index] = std::move(kept.variable_);
  } else {
    variables_.push_back(std::move(kept.variable_));
  }
}

std::vector<std::string_view> Settings::scope_names() const {
  std::vector<std::string_view> names;
  for (const Scope* scope = scopes_.get(); scope != nullptr; scope = scope->next.get()) names.push_back(scope->name);
  return names;
}

}  // namespace undine
