// SPDX-License-Identifier: Apache-2.0
#include "loaders/filesystems/file_system.h"

#include <algorithm>

#include "core/text.h"

namespace undine {

Result<const FileSystem::Known*> FileSystem::known(const Node& file, std::uint32_t offset) {
  for (const Known& known : known_)
    if (known.place == file.place && offset >= known.offset && offset - known.offset < known.run.length_bytes) return &known;
  const Run run = TRY(this->run(file, offset));
  Known& fresh = known_[next_known_];
  next_known_ = (next_known_ + 1) % known_.size();
  fresh = {file.place, offset, run};
  return &fresh;
}

Result<std::string> FileSystem::label_at(std::uint64_t offset, std::size_t length_bytes) const {
  std::uint8_t field[label_bytes_max];
  const MutableBytes octets = MutableBytes{field}.first(length_bytes);
  TRY(volume_.read(offset, octets));
  const std::string_view text = as_text(octets);
  return std::string(trimmed(text.substr(0, text.find('\0'))));
}

Result<bool> FileSystem::read(const Node& file, std::uint32_t offset, MutableBytes into) {
  while (!into.empty()) {
    const Known& known = *TRY(this->known(file, offset));
    if (known.run.length_bytes == 0) return false;
    const std::uint32_t inside = offset - known.offset;
    const std::uint32_t count = std::min(static_cast<std::uint32_t>(into.size()), known.run.length_bytes - inside);
    if (known.run.is_hole) {
      std::ranges::fill(into.first(count), std::uint8_t{0});
    } else {
      TRY(volume_.read(known.run.start_bytes + inside, into.first(count)));
    }
    into = into.subspan(count);
    offset += count;
  }
  return true;
}

Result<Node> PathWalk::find() {
  for (;;) {
    std::string_view rest = rest_;
    const std::string_view name = split_first(rest, '/');
    if (rest_.empty()) return folders_.back();
    if (name.empty() || name == "." || name == "..") {
      if (name == ".." && folders_.size() > 1) folders_.pop_back();
      rest_.erase(0, rest_.size() - rest.size());
      at_ = 0;
      continue;
    }
    if (folders_.back().kind != FileKind::folder) return fail(file_not_found);
    std::uint32_t at = at_;
    FolderEntry entry;
    auto next = files_.next(folders_.back(), at, entry);
    if (!next) at_ = at;
    if (!TRY(next)) return fail(file_not_found);
    const auto is_wanted = [&](std::string_view other) { return files_.ignores_case() ? equal_ignoring_case(name, other) : name == other; };
    if (!is_wanted(entry.name) && (entry.short_name.empty() || !is_wanted(entry.short_name))) {
      at_ = at;
      continue;
    }
    Node node = entry.node;
    if (node.kind == FileKind::unknown) node = TRY(files_.node(node.place));
    if (node.kind == FileKind::link) {
      std::string target = TRY(files_.link_target(node));
      if (target.starts_with('/')) folders_.resize(1);
      append(target, {'/', rest});
      if (++links_ > links_max || target.size() > path_max) return fail(link_endless);
      rest_ = std::move(target);
    } else {
      if (folders_.size() == depth_max) return fail(link_endless);
      folders_.push_back(node);
      rest_.erase(0, rest_.size() - rest.size());
    }
    at_ = 0;
  }
}

void append_utf16(std::string& text, std::uint16_t unit, std::uint16_t& high) {
  std::uint32_t character = unit;
  const bool is_low = unit >= 0xdc00 && unit < 0xe000;
  if (high != 0 && !is_low) text += "\xef\xbf\xbd";
  if (unit >= 0xd800 && unit < 0xdc00) {
    high = unit;
    return;
  }
  if (is_low) character = high == 0 ? 0xfffd : 0x10000 + ((high & 0x3ffu) << 10) + (unit & 0x3ffu);
  high = 0;
  if (character < 0x80) {
    text += static_cast<char>(character);
    return;
  }
  // RFC 3629 section 3.
  const unsigned more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  constexpr std::uint8_t leads[] = {0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(leads[more] | character >> 6 * more);
  for (unsigned left = more; left-- != 0;) text += static_cast<char>(0x80 | (character >> 6 * left & 0x3f));
}

}  // namespace undine
