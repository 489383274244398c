// SPDX-License-Identifier: Apache-2.0
// What a C run-time does before main.
#pragma once

namespace undine {

/// Runs the constructors of static objects, in the order of the section .init_array. The linker script defines __init_array_start and
/// __init_array_end around it (KEEP(*(SORT_BY_INIT_PRIORITY(.init_array.*) .init_array))). Called once, when memory and panic() work.
void run_static_constructors();

}  // namespace undine
