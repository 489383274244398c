// SPDX-License-Identifier: Apache-2.0
// Any octets as an SMBIOS table.
#include "config/sources.h"

using namespace undine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  (void)smbios_field({data + 3, size - 3}, data[0], data[1], data[2]);
  (void)smbios_field({data + 3, size - 3}, data[0], data[1], 0);
  return 0;
}
