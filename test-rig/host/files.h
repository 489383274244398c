// SPDX-License-Identifier: Apache-2.0
// Where a dry run finds the files of servers: in folders of this machine, by the beginning of their addresses, or, with `online`, at the
// servers themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocols/fetch/fetch.h"
#include "protocols/san/san.h"

namespace undine::tool {

inline constexpr Cause files_nowhere{"run.nowhere", "no folder here stands for that server; name one by --map, or fetch for real by --online", pxe_status_failure};

class Files {
public:
  bool online = false;

  /// Addresses that begin with `prefix` are files below `folder`. The longest prefix wins; the empty one stands for every address, whose path counts.
  void map(std::string_view prefix, std::string_view folder);
  /// The file for an address, which need not be there; empty if no folder stands for it. Never leaves the folder.
  std::string path(const Uri& uri) const;

private:
  struct Place {
    std::string prefix, folder;
  };
  std::vector<Place> places_;
};

/// A network that knows of such files: the rows of `file_protocols` are given no other.
struct FileNetwork : Network {
  const Files& files;
};

/// One row for each scheme of config/protocols.h.
std::span<const FetchProtocol> file_protocols();
/// The same for images in such files.
std::span<const SanProtocol> file_disks();

}  // namespace undine::tool
