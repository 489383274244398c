// SPDX-License-Identifier: Apache-2.0
// Settings: what DHCP, the machine, the card and the user say, under one roof.
//
// A name is `[scope/]setting[:type]`: `filename`, `net0/ip`, `net0.dhcp/67:string`, `175.190`. Scopes form a tree by their dots: a question
// to `net0` is answered by what was set in net0 itself, then by the scopes below it (`net0.dhcp`, `net0.rom`). A question without a
// scope goes through all of them in the order of their ranks: what the user set comes first; but groups with a higher `priority` (DHCP option 175.1)
// answer before those with a lower one, as a rule 0. `netX` is the interface that was configured last.
//
// Values set by the user are kept here. All other values stay with those who know them and are asked for through SettingsSource.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/setting_table.h"
#include "config/values.h"
#include "core/address.h"
#include "core/error.h"

namespace undine {

inline constexpr Cause setting_unset{"setting.unset", "there is no such setting, or it has no value", pxe_status_failure};
inline constexpr Cause setting_bad_name{"setting.bad-name", "that is no setting's name; it is written [scope/]name[:type]", pxe_status_failure};
inline constexpr Cause setting_no_scope{"setting.no-scope", "there is no such group of settings; 'show' lists them", pxe_status_failure};
inline constexpr Cause settings_full{"settings.full", "too many variables are set; 'clear' some", pxe_status_failure};

/// Which setting is meant, without its scope.
struct SettingKey {
  std::string name;  ///< as in the table if it is there, else the user's
  DhcpTag tag = 0;
  bool is_hardware = false;       ///< `tag` is a number of smbios, pci, cpuid or memmap, not of DHCP
  std::optional<ValueType> type;  ///< from the table, the scope or the user; text if none says

  bool same_setting(const SettingKey& other) const {
    return tag != 0 && tag == other.tag ? true : !name.empty() && name == other.name;
  }
};

/// A group of values that somebody else owns.
class SettingsSource {
public:
  virtual ~SettingsSource() = default;
  /// The raw octets, or nothing.
  virtual std::optional<RawValue> fetch(const SettingKey& key) const = 0;
};

/// The order in which scopes answer a question without a scope: the user, then the most specific server, then the hardware.
enum class Rank : std::uint8_t { user, interface, boot_server, proxy, lease, machine, program };

/// Whether the setting of that name, without scope and type, holds what must not be seen: a password or a key.
bool is_secret_setting(std::string_view name);

/// A value fit for the screen: as its type says, and what must stay secret as stars.
std::string shown_value(ValueType type, Bytes raw, const SettingKey& key);

class Settings {
public:
  /// More than any script sets; bounds the search.
  static constexpr std::size_t variables_max = 512;
  static constexpr std::size_t scopes_max = 64;
  /// Octets in all variables together: a fraction of the heap.
  static constexpr std::size_t variable_bytes_max = 64 * 1024;
  static constexpr std::size_t name_length_max = 128;

  Settings();

  /// Adds a scope, or gives an existing one its source and rank. The source must outlive the scope's use or be replaced (nullptr: what the user
  /// set in it stays). A scope that is added later answers before those of the same rank.
  void add_scope(std::string_view name, Rank rank, const SettingsSource* source);
  /// Forgets a scope, those below it, and what the user set in them.
  void remove_scope(std::string_view name);
  /// `netX` becomes this interface.
  void use_interface(std::string_view name);
  std::string_view newest_interface() const { return newest_interface_; }

  struct Found {
    std::string scope;
    SettingKey key;
    RawValue raw;
    ValueType type() const { return key.type.value_or(ValueType::text); }
    /// "net0.dhcp/filename"
    std::string full_name() const;
  };
  std::optional<Found> find(std::string_view name) const;
  /// Formatted by its type.
  Result<std::string> text(std::string_view name) const;
  /// Formatted; empty if unset or malformed.
  std::string text_or_empty(std::string_view name) const;
  /// Its octets; none if unset.
  RawValue octets(std::string_view name) const;
  std::optional<Ipv4Address> address(std::string_view name) const;
  std::optional<std::int64_t> number(std::string_view name) const;

  /// An empty text clears, as scripts expect. Makes the scope if there is none of that name.
  Result<void> set(std::string_view name, std::string_view text);
  /// As they are, whatever the type.
  Result<void> set_octets(std::string_view name, RawValue raw);
  Result<void> set_number(std::string_view name, std::int64_t number);
  /// Forgets what the user set. What a server said shows again.
  Result<void> clear(std::string_view name);

  /// What the user set under that name for all, or in that scope, whatever servers say; nothing if it was not set.
  const RawValue* set_by_user(std::string_view scope, std::string_view name) const;

  /// What the user set, and in which scope, for `show` and completion.
  struct Variable {
    std::string scope;
    SettingKey key;
    RawValue raw;
  };
  const std::vector<Variable>& variables() const { return variables_; }

  /// A variable that is kept for later, or that there is none: what `local` hides.
  class Kept {
    friend class Settings;
    Variable variable_;
    bool was_set_ = false;
  };
  /// At most `variables_max` and `variable_bytes_max` are kept at a time.
  Result<Kept> keep(std::string_view name);
  void put_back(Kept&& kept);
  std::vector<std::string_view> scope_names() const;

private:
  struct Scope {
    std::string name;
    Rank rank;
    const SettingsSource* source;
    std::unique_ptr<Scope> next;
  };
  struct Parsed {
    std::string scope;
    SettingKey key;
  };

  Result<void> parse_name(std::string_view name, Parsed& parsed) const;
  std::int64_t priority_of(const Scope& scope) const;
  std::optional<Found> find(const Parsed& wanted) const;
  std::optional<Found> find_in(const Scope& scope, const SettingKey& key) const;
  /// The variable's index, or the number of variables.
  std::size_t index_of(const Parsed& where) const;
  Result<void> store(Parsed& where, RawValue raw);

  std::unique_ptr<Scope> scopes_;  ///< in the order of their ranks, newest first; a list, since it is only ever walked
  std::vector<Variable> variables_;
  std::size_t kept_ = 0, kept_bytes_ = 0;
  std::string newest_interface_ = "net0";
};

}  // namespace undine
