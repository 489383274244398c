// SPDX-License-Identifier: Apache-2.0
#include "config/loader_booter.h"

#include "core/text.h"
#include "loaders/packed/packed.h"

namespace undine {

std::string_view LoaderBooter::kind(Bytes contents, std::string_view name) const {
  const Loader* loader = loader_for(contents, name);
  return loader == nullptr ? std::string_view{} : loader->name;
}

std::string LoaderBooter::kinds() const {
  std::string names;
  for (const Loader& loader : loaders()) append(names, {names.empty() ? "" : " ", loader.name});
  return names;
}

namespace {

/// A compressed program becomes what it holds. Where it lay stays empty until an image before it is freed.
Result<void> unpack_in_place(Image& image, ImageStore& images) {
  if (!is_packed(images.contents(image))) return {};
  Sink* const sink = TRY(images.begin(image.name));
  const auto room = sink->room(0);
  const auto length = room ? unpack(images.contents(image), *room) : fail(room.error());
  if (!length) {
    images.abandon();
    return fail(length.error());
  }
  TRY(sink->commit(0, *length));
  images.finish_as(image);
  return {};
}

}  // namespace

Result<void> LoaderBooter::boot(Image& image, ImageStore& images, Bytes boot_packet) {
  const Loader* loader = loader_for(images.contents(image), image.name);
  if (loader == nullptr) return fail(boot_unknown_kind);
  TRY(unpack_in_place(image, images));
  // Loaders take every image but the chosen one for an initrd.
  images.select(image);
  // Nor does our real-mode part make way while INT 13h leads into it.
  const bool stays = launcher_.stays_resident();
  const MemoryMap& told = stays ? machine_.memory : machine_.machine_memory;
  const auto plan = loader->plan(image, {images, machine_.memory, machine_.base_memory_end, told, machine_.acpi_root, stays ? 0 : machine_.base_memory_whole, boot_packet,
                                         machine_.read_video});
  if (!plan) return fail(plan.error());
  log_.write(Level::notice, {"booting ", printable(image.name), " (", loader->name, ") ", printable(image.arguments)});
  return launcher_.launch(*plan);
}

}  // namespace undine
