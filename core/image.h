// SPDX-License-Identifier: Apache-2.0
// Downloaded files, held in physical memory where they can stay until the machine is handed over.
//
// Layout: images lie in the largest usable range below 4 GiB, upwards, in the order of their download and without holes, so that several
// initrds are neighbours already when a kernel wants them in one piece: each begins at the next multiple of 4, and the up to 3 bytes between
// are zero. The first one, and the one behind a kernel, begin on a page, as Linux wants its initrd. A margin at the bottom of the range is
// left for a kernel to be moved to and unpack in.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "core/memory_map.h"
#include "core/transfer.h"

namespace undine {

inline constexpr Cause image_too_large{"image.too-large", "there is not enough memory for it; free other images with 'imgfree' or give the machine more memory", 0x02};

inline constexpr Cause image_no_memory{"image.no-memory", "there is no memory at that address that could be read", pxe_status_failure};

/// One file in memory.
class Image {
public:
  std::string name;       ///< what commands call it: the last part of its URI, or `--name`
  std::string uri;        ///< where it came from, for relative URIs in a script
  std::string arguments;  ///< its command line, without the name
  std::uint64_t address = 0;
  std::uint64_t length = 0;
  std::uint32_t serial = 0;  ///< no other image of this store has it, also later
  bool is_trusted = false;  ///< verified: `imgverify`
  bool is_passing = false;  ///< goes when it was run: `--autofree`
  bool is_kernel = false;  ///< chosen to be booted: `kernel`, `imgload`, `imgselect`
};

/// Owns all images and the memory that they lie in.
class ImageStore {
public:
  /// Both outlive the store. The range is chosen now: memory that is to stay free is reserved in `map` before.
  ImageStore(const MemoryMap& map, PhysicalMemory& memory);
  ~ImageStore();
  ImageStore(const ImageStore&) = delete;
  ImageStore& operator=(const ImageStore&) = delete;

  /// A new, empty image at the end, and the sink that fills it. While one is being filled no other can be begun or removed.
  /// Ends with `finish` (the image is in the list) or `abandon` (its memory is free again).
  Result<Sink*> begin(std::string_view name);
  Image& finish();
  /// Ends it in another way: `image` becomes what was filled, and stays the same object with its name; it is the last one then.
  void finish_as(Image& image);
  void abandon();
  /// A finished image that holds a copy of `contents`.
  Result<Image*> add(std::string_view name, Bytes contents);
  /// The same of memory that may be anybody's; `image_no_memory` where there is none.
  Result<Image*> add_memory(std::string_view name, std::uint64_t address, std::uint64_t length);

  /// Pages at the end of the range, which images give up for good: their address. `out_of_memory`, with the MiB that could be had as its detail, if images lie there.
  Result<std::uint64_t> give_up_end(std::uint64_t length_bytes);

  Bytes contents(const Image& image) const;
  /// The same, to be changed where it lies.
  MutableBytes change(Image& image) { return writable(image); }
  /// The first `length_bytes` of it stay. Those behind it move up.
  void shorten(Image& image, std::uint64_t length_bytes);
  /// The memory below the images, which a program will be moved to. Until one is started it is free for work; nothing in it lasts.
  MutableBytes margin() const { return memory_.at(margin_, start_ - margin_); }
  /// nullptr if there is none of that name.
  Image* find(std::string_view name);
  /// Those behind it move up: their addresses change, and views of their contents end.
  void remove(const Image& image);
  /// As `remove`, for an image that may be gone already: by its `serial`, since its address may be another's by now.
  void remove_if_there(std::uint32_t serial);
  void clear();
  std::list<Image>& images() { return images_; }
  const std::list<Image>& images() const { return images_; }
  /// The one chosen to be booted, or nullptr.
  Image* selected();
  void select(Image& image);

private:
  class Filling;
  std::uint64_t next_address() const;
  Image& settle_last();
  MutableBytes writable(const Image& image) const { return image.length == 0 ? MutableBytes{} : memory_.at(image.address, image.length); }
  void pad(const Image& image);
  void move_up(std::list<Image>::iterator first);

  PhysicalMemory& memory_;
  std::uint64_t margin_ = 0, start_ = 0, end_ = 0;  ///< the part of the range that images may use
  std::list<Image> images_;
  std::uint32_t last_serial_ = 0;
  std::unique_ptr<Filling> filling_;
};

}  // namespace undine
