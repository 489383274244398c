// SPDX-License-Identifier: Apache-2.0
// Which images a guest has written over: sums before it starts, compared when it came back.
#pragma once

#include <vector>

#include "core/image.h"
#include "core/log.h"

namespace undine {

class ImageSums {
public:
  explicit ImageSums(ImageStore& store);
  /// Removes the images that changed, and says so.
  void forget_overwritten(Log& log);

private:
  ImageStore& store_;
  std::vector<std::uint32_t> sums_;
};

}  // namespace undine
