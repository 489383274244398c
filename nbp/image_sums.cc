// SPDX-License-Identifier: Apache-2.0
#include "nbp/image_sums.h"

namespace undine {
namespace {

std::uint32_t sum_of(Bytes bytes) {
  std::uint32_t sum = 1;
  for (const std::uint8_t octet : bytes) sum = sum * 31 + octet;
  return sum;
}

}  // namespace

ImageSums::ImageSums(ImageStore& store) : store_(store) {
  for (const Image& image : store.images()) sums_.push_back(sum_of(store.contents(image)));
}

void ImageSums::forget_overwritten(Log& log) {
  std::vector<std::string> overwritten;
  std::size_t i = 0;
  for (const Image& image : store_.images())
    if (i < sums_.size() && sum_of(store_.contents(image)) != sums_[i++]) overwritten.push_back(image.name);
  for (const std::string& name : overwritten) {
    log.write(Level::notice, {printable(name), ": the boot program has written over it; it is gone"});
    if (const Image* const image = store_.find(name)) store_.remove(*image);
  }
}

}  // namespace undine
