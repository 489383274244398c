// SPDX-License-Identifier: Apache-2.0
// The commands about disks in a run of which no machine takes part: no disk is opened, and what would be hooked and booted is told.
#pragma once

#include <string_view>

#include "config/command.h"

namespace undine::tool {

/// As `undine::find_command`, with such commands in the place of those that need a machine. For shells whose console is a ToolConsole.
const Command* find_dry_command(std::string_view name);

}  // namespace undine::tool
