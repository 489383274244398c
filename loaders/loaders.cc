// SPDX-License-Identifier: Apache-2.0
#include "loaders/loader.h"
#include "loaders/linux/bzimage.h"
#include "loaders/pxe/boot_program.h"

namespace undine {
namespace {

constexpr Loader table[] = {
    {"bzImage", linux_kernel::recognises, linux_kernel::plan},
    {"PXE-NBP", boot_program::recognises, boot_program::plan},
};

}  // namespace

std::span<const Loader> loaders() { return table; }

const Loader* loader_for(Bytes contents) {
  for (const Loader& loader : table)
    if (loader.recognises(contents)) return &loader;
  return nullptr;
}

}  // namespace undine
