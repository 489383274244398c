// SPDX-License-Identifier: Apache-2.0
#include "core/image.h"

#include <algorithm>
#include <cstring>

#include "core/memory.h"
#include "core/panic.h"

namespace undine {
namespace {

constexpr std::uint64_t mebibyte = 0x10'0000, gibibyte = 0x4000'0000;
constexpr std::uint64_t page = 4096, neighbour_alignment = 4;
/// Linux unpacks itself at 16 MiB and takes some 50 MiB while it does; twice that leaves room to grow.
constexpr std::uint64_t kernel_margin = 128 * mebibyte;

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) & ~(to - 1); }

}  // namespace

/// The image that is being downloaded, at the end of the others.
class ImageStore::Filling final : public Sink {
public:
  Filling(ImageStore& store, std::string_view name) : store_(store) {
    image_.name = name;
    image_.address = store.next_address();
    image_.serial = ++store.last_serial_;
  }

  Result<void> expect(std::uint64_t size_bytes) override {
    if (size_bytes > capacity()) return fail(image_too_large);
    return {};
  }
  Result<MutableBytes> room(std::uint64_t offset) override {
    if (offset >= capacity()) return fail(image_too_large);
    const MutableBytes memory = store_.memory_.at(image_.address + offset, capacity() - offset);
    if (memory.empty()) return fail(image_too_large);
    return memory;
  }
  Result<void> commit(std::uint64_t offset, std::size_t length_bytes) override {
    undine::expect(offset <= capacity() && length_bytes <= capacity() - offset, "more was committed to an image than there was room for");
    image_.length = std::max(image_.length, offset + length_bytes);
    return {};
  }
  void restart() override { image_.length = 0; }

  Image& image() { return image_; }

private:
  std::uint64_t capacity() const { return image_.address < store_.end_ ? store_.end_ - image_.address : 0; }

  ImageStore& store_;
  Image image_;
};

ImageStore::ImageStore(const MemoryMap& map, PhysicalMemory& memory) : memory_(memory) {
  const MemoryRange range = map.largest(mebibyte, 4 * gibibyte);
  margin_ = rounded_up(range.start, page);
  start_ = rounded_up(range.start + std::min(kernel_margin, range.length / 4), page);
  end_ = std::max(start_, range.end());
}

ImageStore::~ImageStore() = default;

std::uint64_t ImageStore::next_address() const {
  if (images_.empty()) return start_;
  const Image& last = images_.back();
  return rounded_up(last.address + last.length, last.is_kernel ? page : neighbour_alignment);
}

Result<std::uint64_t> ImageStore::give_up_end(std::uint64_t length_bytes) {
  const std::uint64_t used_to = filling_ ? end_ : next_address();
  const std::uint64_t end = end_ & ~(page - 1), length = rounded_up(length_bytes, page);
  const std::uint64_t free = used_to < end ? end - used_to : 0;
  if (length > free) return fail(out_of_memory, static_cast<std::uint32_t>(free / mebibyte));
  end_ = end - length;
  return end_;
}

Result<Sink*> ImageStore::begin(std::string_view name) {
  expect(!filling_, "a second image was begun while one was being filled");
  filling_ = make_unique_nothrow<Filling>(*this, name);
  if (!filling_) return fail(out_of_memory);
  return filling_.get();
}

Image& ImageStore::finish() {
  expect(filling_ != nullptr, "an image was finished that had not been begun");
  images_.push_back(std::move(filling_->image()));
  return settle_last();
}

void ImageStore::finish_as(Image& image) {
  expect(filling_ != nullptr, "an image was replaced by what had not been begun");
  image.address = filling_->image().address;
  image.length = filling_->image().length;
  auto position = images_.begin();
  while (&*position != &image) ++position;
  images_.splice(images_.end(), images_, position);
  settle_last();
}

Image& ImageStore::settle_last() {
  filling_.reset();
  pad(images_.back());
  return images_.back();
}

/// Zeros up to where a neighbour may begin.
void ImageStore::pad(const Image& image) {
  const std::uint64_t end = image.address + image.length;
  if (const std::uint64_t padding = rounded_up(end, neighbour_alignment) - end; padding != 0 && end + padding <= end_)
    std::ranges::fill(memory_.at(end, padding), std::uint8_t{0});
}

void ImageStore::abandon() { filling_.reset(); }

Result<Image*> ImageStore::add(std::string_view name, Bytes contents) {
  Sink* const sink = TRY(begin(name));
  const auto fill = [&]() -> Result<void> {
    TRY(sink->expect(contents.size()));
    if (contents.empty()) return {};
    copy_bytes(TRY(sink->room(0)), contents);
    return sink->commit(0, contents.size());
  };
  if (const Result<void> filled = fill(); !filled) {
    abandon();
    return fail(filled.error());
  }
  return &finish();
}

Result<Image*> ImageStore::add_memory(std::string_view name, std::uint64_t address, std::uint64_t length) {
  const Bytes source = memory_.at(address, length);
  if (source.size() != length) return fail(image_no_memory);
  return add(name, source);
}

Bytes ImageStore::contents(const Image& image) const { return writable(image); }

Image* ImageStore::find(std::string_view name) {
  for (Image& image : images_)
    if (image.name == name) return &image;
  return nullptr;
}

void ImageStore::remove(const Image& image) {
  expect(!filling_, "an image was removed while one was being filled");
  auto position = images_.begin();
  while (&*position != &image) ++position;
  move_up(images_.erase(position));
}

void ImageStore::shorten(Image& image, std::uint64_t length_bytes) {
  expect(!filling_ && length_bytes <= image.length, "an image was made longer, or shorter while one was being filled");
  image.length = length_bytes;
  pad(image);
  auto position = images_.begin();
  while (&*position != &image) ++position;
  move_up(++position);
}

/// Closes the hole before `first`. The list is in the order of addresses, so each one moves down over memory that is free already.
void ImageStore::move_up(std::list<Image>::iterator first) {
  std::list<Image> behind;
  behind.splice(behind.begin(), images_, first, images_.end());
  while (!behind.empty()) {
    Image& moved = behind.front();
    const std::uint64_t address = next_address();
    if (address != moved.address && moved.length != 0) {
      const MutableBytes from = memory_.at(moved.address, moved.length), to = memory_.at(address, moved.length);
      std::memmove(to.data(), from.data(), from.size());
    }
    moved.address = address;
    images_.splice(images_.end(), behind, behind.begin());
    pad(moved);
  }
}

void ImageStore::remove_if_there(std::uint32_t serial) {
  for (const Image& known : images_) {
    if (known.serial != serial) continue;
    remove(known);
    return;
  }
}

void ImageStore::clear() {
  expect(!filling_, "the images were removed while one was being filled");
  images_.clear();
}

Image* ImageStore::selected() {
  for (Image& image : images_)
    if (image.is_kernel) return &image;
  return nullptr;
}

void ImageStore::select(Image& image) {
  for (Image& other : images_) other.is_kernel = &other == &image;
}

}  // namespace undine
