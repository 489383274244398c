// SPDX-License-Identifier: Apache-2.0
#include "loaders/loader.h"

#include "loaders/comboot/comboot.h"
#include "loaders/elf/elf.h"
#include "loaders/linux/bzimage.h"
#include "loaders/multiboot/multiboot.h"
#include "loaders/nbi/nbi.h"
#include "loaders/packed/packed.h"
#include "loaders/pxe/boot_program.h"
#include "loaders/raw/boot_sector.h"
#include "loaders/raw/sdi.h"

namespace undine {
namespace {

constexpr Loader table[] = {
    {"bzImage", linux_kernel::recognises, linux_kernel::plan},
    {"NBI", nbi::recognises, nbi::plan},
    {"SDI", sdi::recognises, sdi::plan},
    {"Multiboot", multiboot::recognises_1, multiboot::plan_1},
    {"Multiboot2", multiboot::recognises_2, multiboot::plan_2},
    {"ELF", elf::recognises, elf::plan},
    {"COM32", comboot::recognises_32, comboot::plan_32},
    {"COMBOOT", comboot::recognises, comboot::plan, comboot::has_name},
    {"boot-sector", boot_sector::recognises, boot_sector::plan},
    {"PXE-NBP", boot_program::recognises, boot_program::plan},
};

}  // namespace

std::span<const Loader> loaders() { return table; }

const Loader* loader_for(Bytes contents, std::string_view name) {
  // As much as kinds look at: a Multiboot2 header may begin this far in.
  constexpr std::size_t beginning_bytes = 0x1'0000;
  std::vector<std::uint8_t> beginning;
  if (is_packed(contents)) {
    beginning.resize(beginning_bytes);
    contents = unpack_beginning(contents, beginning);
  }
  for (const Loader& loader : table)
    if ((loader.has_name == nullptr || loader.has_name(name)) && loader.recognises(contents)) return &loader;
  return nullptr;
}

}  // namespace undine
