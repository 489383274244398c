// SPDX-License-Identifier: Apache-2.0
#include "config/disk_layers.h"

#include <algorithm>

#include "config/shell.h"
#include "protocols/san/paths.h"

namespace undine {
namespace {

constexpr std::size_t kibibyte = 1024, mebibyte = 1024 * kibibyte, gibibyte = 1024 * mebibyte;
/// A cache gets this part of the memory: boot loaders read little twice, and what matters is the reading ahead.
constexpr std::uint64_t cache_part = 64;
constexpr std::size_t cache_bytes_most = 8 * mebibyte;
/// An overlay whose size nobody names.
constexpr std::uint64_t overlay_part = 4;
constexpr std::size_t overlay_bytes_most = 512 * mebibyte;

/// "256M": K, M and G stand for powers of 1024. What is too large for a number of 32 bits is the largest: there is not so much memory either.
std::optional<std::size_t> parse_size(std::string_view text) {
  std::size_t unit = 1;
  if (text.empty()) return std::nullopt;
  switch (to_lower(text.back())) {
    case 'k': unit = kibibyte; break;
    case 'm': unit = mebibyte; break;
    case 'g': unit = gibibyte; break;
    default: break;
  }
  if (unit != 1) text.remove_suffix(1);
  const auto number = parse_number(text, UINT32_MAX);
  if (!number || *number == 0) return std::nullopt;
  return *number > UINT32_MAX / unit ? std::size_t{UINT32_MAX} : static_cast<std::size_t>(*number) * unit;
}

std::size_t part_of_memory(Shell& shell, std::uint64_t part, std::size_t most) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(shell.memory_map().usable_bytes() / part, most)) & ~std::size_t{4095};
}

/// `where` is "ram" or "ram:SIZE".
Result<void> put_overlay_in_memory(Shell& shell, KeptMemory& memory, DiskLayers& layers, std::string_view where) {
  const std::size_t colon = where.find(':');
  std::optional<std::size_t> length = part_of_memory(shell, overlay_part, overlay_bytes_most);
  if (colon != where.npos) length = parse_size(where.substr(colon + 1));
  if (!length) return fail(bad_overlay);
  auto lease = memory.take(*length);
  if (!lease) return lease.error().is(out_of_memory) ? fail(overlay_too_large, lease.error().detail()) : fail(lease.error());
  layers.overlay_memory = std::move(*lease);
  auto overlay = TRY(blocks::Overlay::open(std::move(layers.device), layers.overlay_memory.bytes(), shell.log()));
  layers.overlay = overlay.get();
  layers.device = std::move(overlay);
  return {};
}

}  // namespace

std::string DiskLayers::account() const {
  std::string text;
  if (cache != nullptr) {
    const blocks::CacheCounters& counters = cache->counters();
    append(text, {human_size(counters.asked_bytes), " read, ", counters.hit_percent(), " % of it from the cache; ", human_size(counters.fetched_bytes), " fetched"});
  }
  if (overlay != nullptr) append(text, {"; the overlay holds ", human_size(overlay->written_bytes()), ", and ", human_size(overlay->left_bytes()), " more at least"});
  if (stored != nullptr) append(text, {"; the overlay uses ", human_size(stored->used_bytes()), " of ", human_size(stored->size_bytes())});
  return text;
}

Result<DiskLayers> open_layers(Shell& shell, KeptMemory& memory, std::span<const SanProtocol> protocols, std::span<const std::string> paths, std::string_view overlay,
                               const SanOptions& options) {
  shell.forget_disk();  // a target throws one of two sessions of the same initiator out
  Network& network = shell.environment().network;
  const std::string shown = printable(paths[0]);
  DiskLayers layers;
  auto disk = san::Paths::open(protocols, network, {paths.begin(), paths.end()}, options, shell.clock().now());
  if (!disk) return shell.fail_about(shown, disk.error());
  layers.device = std::move(*disk);
  if (const auto opened = shell.loop().wait(*layers.device); !opened) return shell.fail_about(shown, opened.error());

  // Without memory for it the disk is slower, but there.
  if (auto lease = memory.take(part_of_memory(shell, cache_part, cache_bytes_most)); lease && lease->bytes().size() >= blocks::Cache::memory_bytes_min) {
    layers.cache_memory = std::move(*lease);
    auto cache = blocks::Cache::open(std::move(layers.device), layers.cache_memory.bytes());
    if (!cache) return shell.fail_about(shown, cache.error());
    layers.cache = cache->get();
    layers.device = std::move(*cache);
  }
  if (overlay.empty()) return layers;

  const std::string over = printable(overlay);
  if (is_memory(overlay)) {
    const auto put = put_overlay_in_memory(shell, memory, layers, overlay);
    if (!put) return shell.fail_about(over, put.error());
  } else {
    auto store = open_san_disk(protocols, network, overlay, options, shell.clock().now());
    if (!store) return shell.fail_about(over, store.error().is(san_unknown_path) ? Error{bad_overlay} : store.error());
    if (const auto opened = shell.loop().wait(**store); !opened) return shell.fail_about(over, opened.error());
    auto stored = blocks::StoredOverlay::open(std::move(layers.device), std::move(*store), shell.log());
    if (!stored) return shell.fail_about(over, stored.error());
    layers.stored = stored->get();
    layers.device = std::move(*stored);
  }
  if (const auto opened = shell.loop().wait(*layers.device); !opened) return shell.fail_about(over, opened.error());
  return layers;
}

}  // namespace undine
