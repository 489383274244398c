// SPDX-License-Identifier: Apache-2.0
// What becomes of the boot log: shown, sent on, posted as JSON lines.
#pragma once

#include "config/shell.h"

namespace undine {

/// The whole log as JSON lines (core/log_json.h), headed by one that tells which machine and program it is of.
std::string boot_log_lines(const Shell& shell);

/// Posts it to `uri`, an http or https address. Nothing that the server answers is kept.
Result<void> post_boot_log(Shell& shell, std::string_view uri);

/// Before the machine is handed over or a person is needed: posts the log where the setting `boot-log` says, and lets the lines for the log server
/// leave. Takes a few seconds at the most and never fails; what went wrong is in the log.
void deliver_boot_log(Shell& shell);

}  // namespace undine
