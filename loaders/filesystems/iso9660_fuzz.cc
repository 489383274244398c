// SPDX-License-Identifier: Apache-2.0
#include "loaders/filesystems/iso9660.h"
#include "loaders/filesystems/testing/fuzz_disk.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return undine::testing::fuzz_file_system({data, size}, undine::Iso9660::open, "/boot/link/../grub/./grub.cfg");
}
