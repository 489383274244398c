// SPDX-License-Identifier: Apache-2.0
// Booting by the table of loaders: the first that recognises an image plans, the launcher carries the plan out.
#pragma once

#include "config/booter.h"
#include "core/log.h"
#include "loaders/loader.h"

namespace undine {

class LoaderBooter final : public Booter {
public:
  /// What a machine has for its programs; see BootResources.
  struct Machine {
    const MemoryMap& memory;
    std::uint32_t base_memory_end;
    const MemoryMap& machine_memory;
    Bytes acpi_root = {};
    std::uint32_t base_memory_whole = 0;
    bool (*read_video)(VideoInformation& information) = nullptr;
  };
  LoaderBooter(const Machine& machine, Launcher& launcher, Log& log) : machine_(machine), launcher_(launcher), log_(log) {}

  std::string_view kind(Bytes contents, std::string_view name) const override;
  std::string kinds() const override;
  Result<void> boot(Image& image, ImageStore& images, Bytes boot_packet) override;
  Result<void> keep_pxe(bool kept) override { return launcher_.keep_pxe(kept); }

private:
  Machine machine_;
  Launcher& launcher_;
  Log& log_;
};

}  // namespace undine
