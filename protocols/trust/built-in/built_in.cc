// SPDX-License-Identifier: Apache-2.0
#include "protocols/trust/built-in/built_in.h"

namespace undine {
namespace {

constexpr std::uint8_t store[] = {
#embed "store.bin"
};

}  // namespace

Bytes built_in_trust() { return store; }

}  // namespace undine
