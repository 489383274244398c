// SPDX-License-Identifier: Apache-2.0
// The certificates that are believed at the start, as make_store.py has put them together.
#pragma once

#include "core/bytes.h"

namespace undine {

/// To be read by trust::Store.
Bytes built_in_trust();

}  // namespace undine
