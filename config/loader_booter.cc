// SPDX-License-Identifier: Apache-2.0
#include "config/loader_booter.h"

#include "core/text.h"

namespace undine {

std::string_view LoaderBooter::kind(Bytes contents) const {
  const Loader* loader = loader_for(contents);
  return loader == nullptr ? std::string_view{} : loader->name;
}

std::string LoaderBooter::kinds() const {
  std::string names;
  for (const Loader& loader : loaders()) append(names, {names.empty() ? "" : " ", loader.name});
  return names;
}

Result<void> LoaderBooter::boot(Image& image, ImageStore& images) {
  const Loader* loader = loader_for(images.contents(image));
  if (loader == nullptr) return fail(boot_unknown_kind);
  // Loaders take every image but the chosen one for an initrd.
  images.select(image);
  const auto plan = loader->plan(image, {images, memory_, base_memory_end_});
  if (!plan) return fail(plan.error());
  log_.write(Level::notice, {"booting ", printable(image.name), " (", loader->name, ") ", printable(image.arguments)});
  return launcher_.launch(*plan);
}

}  // namespace undine
