// SPDX-License-Identifier: Apache-2.0
// Booting by the table of loaders: the first that recognises an image plans, the launcher carries the plan out.
#pragma once

#include "config/booter.h"
#include "core/log.h"
#include "loaders/loader.h"

namespace undine {

class LoaderBooter final : public Booter {
public:
  /// `base_memory_end`: bytes of base memory that are free from 0 on while a plan is carried out.
  /// `machine_memory`, `acpi_root`: see BootResources.
  LoaderBooter(const MemoryMap& memory, std::uint32_t base_memory_end, Launcher& launcher, Log& log, const MemoryMap& machine_memory, Bytes acpi_root = {})
      : memory_(memory), machine_memory_(machine_memory), acpi_root_(acpi_root), base_memory_end_(base_memory_end), launcher_(launcher), log_(log) {}

  std::string_view kind(Bytes contents) const override;
  std::string kinds() const override;
  Result<void> boot(Image& image, ImageStore& images) override;
  Result<void> keep_pxe(bool kept) override { return launcher_.keep_pxe(kept); }

private:
  const MemoryMap& memory_;
  const MemoryMap& machine_memory_;
  Bytes acpi_root_;
  std::uint32_t base_memory_end_;
  Launcher& launcher_;
  Log& log_;
};

}  // namespace undine
