// SPDX-License-Identifier: Apache-2.0
// The images that make_images made. For unit tests only, which link undine-loaders for the unpacking.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/panic.h"
#include "loaders/packed/packed.h"

namespace undine::testing {

/// `folder` leads from where the test runs to loaders/filesystems/testing/images/.
inline std::vector<std::uint8_t> disk_image(const std::string& folder, const std::string& name) {
  std::ifstream file(folder + name + ".gz", std::ios::binary);
  const std::vector<std::uint8_t> packed{std::istreambuf_iterator<char>(file), {}};
  expect(packed.size() > 18, "there is no such image");
  std::vector<std::uint8_t> contents(load_le32(packed, packed.size() - 4));
  const auto length = unpack(packed, contents);
  expect(length && *length == contents.size(), "the image is damaged");
  return contents;
}

}  // namespace undine::testing
