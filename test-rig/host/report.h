// SPDX-License-Identifier: Apache-2.0
// In place of a launcher: what would be started now, and of what.
#pragma once

#include "core/image.h"
#include "loaders/boot_plan.h"
#include "test-rig/host/doors.h"

namespace undine::tool {

class Reporter final : public Launcher {
public:
  Reporter(const ImageStore& images, ToolConsole& console) : images_(images), console_(console) {}
  /// Prints each image with its size and digest, and the plan; then the program ends, as the script would.
  [[noreturn]] Result<void> launch(const BootPlan& plan) override;
  Result<void> keep_pxe(bool kept) override {
    pxe_is_kept_ = kept;
    return {};
  }

private:
  const ImageStore& images_;
  ToolConsole& console_;
  bool pxe_is_kept_ = false;
};

}  // namespace undine::tool
