// SPDX-License-Identifier: Apache-2.0
// The file undine.kpxe and what is embedded in it: taken apart, changed, put together again. The format is in config/embedded.h and nbp/pack_header.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/embedded.h"

namespace undine::tool {

inline constexpr Cause kpxe_foreign{"embed.foreign", "that is no undine.kpxe, or one of another version that cannot be changed", pxe_status_failure};
inline constexpr Cause kpxe_damaged{"embed.damaged", "the file is damaged: its lengths or its CRCs are wrong", pxe_status_failure};
inline constexpr Cause kpxe_full{"embed.full", "that is more than 64 KiB or 128 entries, which boot ROMs could not be trusted to load", pxe_status_failure};

/// Reads the file as the prefix and the program do, and trusts nothing in it.
class Kpxe {
public:
  struct Entry {
    EmbeddedKind kind;
    std::vector<std::uint8_t> contents;
    bool operator==(const Entry&) const = default;
  };

  static Result<Kpxe> parse(Bytes file);
  /// The same program with the entries as they are now.
  Result<std::vector<std::uint8_t>> file() const;

  const std::vector<Entry>& entries() const { return entries_; }
  /// Takes the place of the one that is there.
  void set_script(std::string_view text);
  /// DER; once, however often it is added.
  void add_certificate(Bytes certificate);
  /// `name` may have a type behind it. Takes the place of a value that is there under the same name, whatever its type.
  void set_setting(std::string_view name, std::string_view value);
  void clear() { entries_.clear(); }
  /// Those that `is_meant` says; how many.
  template <class Predicate>
  std::size_t remove(Predicate is_meant) {
    return std::erase_if(entries_, is_meant);
  }

private:
  std::vector<std::uint8_t> program_;  ///< prefix and packed program
  std::vector<Entry> entries_;
};

/// A setting's name in an entry, without its type.
std::string_view setting_name(const Kpxe::Entry& entry);
/// "[scope/]name:type": [scope/]name.
inline std::string_view without_type(std::string_view name) { return name.substr(0, name.find(':')); }

}  // namespace undine::tool
