// SPDX-License-Identifier: Apache-2.0
#include "loaders/filesystems/fat.h"

#include <algorithm>
#include <bit>

#include "core/memory.h"
#include "core/text.h"

namespace undine {
namespace {

// Entries of folders (sections 6 and 7).
constexpr std::size_t entry_bytes = 32, label_bytes = 11;
constexpr std::uint8_t is_last = 0, is_free = 0xe5, is_really_e5 = 0x05;
constexpr std::uint8_t attribute_label = 0x08, attribute_folder = 0x10, attributes_of_long_name = 0x0f, attributes = 0x3f;
/// How much of the root is looked through for the label, which is its first entry as a rule.
constexpr std::uint32_t label_place_max = 64 * 1024;
/// Windows NT's: the base or the extension is in lower case.
constexpr std::uint8_t base_is_lower = 0x08, extension_is_lower = 0x10;

/// "NAME.EXT" of the 11 octets that are filled up with blanks.
std::string short_name_of(Bytes entry) {
  std::string name;
  const auto add = [&](std::size_t from, std::size_t to, bool is_lower) {
    while (to > from && entry[to - 1] == ' ') --to;
    if (to > from && from != 0) name += '.';
    for (std::size_t i = from; i < to; ++i) {
      const char letter = static_cast<char>(i == 0 && entry[0] == is_really_e5 ? is_free : entry[i]);
      name += is_lower ? to_lower(letter) : letter;
    }
  };
  add(0, 8, (entry[12] & base_is_lower) != 0);
  add(8, 11, (entry[12] & extension_is_lower) != 0);
  return name;
}

/// A long name comes in pieces before its short one, the last piece first.
class LongName {
public:
  static constexpr unsigned pieces_max = 20, units_of_piece = 13;

  void forget() { left_ = 0; }
  /// False if that piece belongs to none.
  bool add(Bytes entry) {
    constexpr std::uint8_t is_first_met = 0x40;
    constexpr std::uint8_t places[units_of_piece] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    const unsigned number = entry[0] & ~is_first_met;
    if ((entry[0] & is_first_met) != 0) {
      sum_ = entry[13];
      left_ = pieces_ = number > pieces_max ? 0 : number;
    } else if (left_ <= 1 || number != left_ - 1 || entry[13] != sum_) {
      left_ = 0;
    } else {
      --left_;
    }
    if (left_ == 0) return false;
    for (std::size_t i = 0; i < units_of_piece; ++i) units_[(left_ - 1) * units_of_piece + i] = load_le16(entry, places[i]);
    return true;
  }
  /// Only the piece that comes first was met.
  bool is_new() const { return left_ != 0 && left_ == pieces_; }
  /// Empty unless all pieces were there and belong to that short name.
  std::string name(Bytes short_entry) const {
    std::uint8_t sum = 0;
    for (std::size_t i = 0; i < 11; ++i) sum = static_cast<std::uint8_t>(std::rotr(sum, 1) + short_entry[i]);
    std::string text;
    if (left_ != 1 || sum != sum_) return text;
    std::uint16_t high = 0;
    for (std::size_t i = 0; i < pieces_ * units_of_piece && units_[i] != 0; ++i) append_utf16(text, units_[i], high);
    return text;
  }

private:
  std::uint16_t units_[pieces_max * units_of_piece];
  unsigned pieces_ = 0, left_ = 0;  ///< 1 left: the piece met last is the first one
  std::uint8_t sum_ = 0;
};

}  // namespace

Result<std::unique_ptr<FileSystem>> Fat::open(const Volume& volume) {
  std::uint8_t sector[512];
  if (volume.length_bytes < sizeof sector) return nullptr;
  TRY(volume.read(0, sector));
  auto files = make_unique_nothrow<Fat>(volume);
  if (!files) return fail(out_of_memory);
  if (!files->understand(sector)) return nullptr;
  return files;
}

/// Section 3. There is no signature: all numbers must make sense.
bool Fat::understand(Bytes boot) {
  const std::uint32_t sector_bytes = load_le16(boot, 11), cluster_sectors = boot[13], reserved = load_le16(boot, 14), tables = boot[16];
  const std::uint32_t root_entries = load_le16(boot, 17), short_table = load_le16(boot, 22), short_total = load_le16(boot, 19);
  const std::uint8_t media = boot[21];
  if (boot[0] != 0xeb && boot[0] != 0xe9) return false;
  if (!std::has_single_bit(sector_bytes) || sector_bytes < 512 || sector_bytes > 4096) return false;
  if (!std::has_single_bit(cluster_sectors) || reserved == 0 || tables == 0 || (media != 0xf0 && media < 0xf8)) return false;
  const std::uint32_t table_sectors = short_table != 0 ? short_table : load_le32(boot, 36);
  const std::uint32_t total = short_total != 0 ? short_total : load_le32(boot, 32);
  const std::uint32_t root_sectors = (root_entries * entry_bytes + sector_bytes - 1) / sector_bytes;
  // The largest table there can be has 2^28 entries; so sums fit.
  constexpr std::uint32_t table_bytes_max = 1 << 30;
  if (table_sectors == 0 || table_sectors > table_bytes_max / sector_bytes) return false;
  const std::uint32_t table_bytes = table_sectors * sector_bytes;
  const std::uint32_t root = reserved + tables * table_sectors, data = root + root_sectors;
  if (total <= data) return false;

  cluster_bytes_ = cluster_sectors * sector_bytes;
  table_at_ = reserved * sector_bytes;
  root_at_ = std::uint64_t{root} * sector_bytes;
  root_bytes_ = root_entries * entry_bytes;
  data_at_ = std::uint64_t{data} * sector_bytes;
  const std::uint32_t clusters = (total - data) / cluster_sectors;
  // By the count of clusters (section 3.5), but like Linux: small ones with the fields of FAT32 are FAT32.
  bits_ = short_table == 0 ? 32 : clusters < 4085 ? 12 : 16;
  if (bits_ == 32) root_cluster_ = load_le32(boot, 44);
  if (bits_ == 32 ? root_cluster_ < 2 : root_entries == 0) return false;
  // The first two entries of the table are of no cluster.
  const std::uint32_t entries = bits_ == 12 ? table_bytes * 2 / 3 : table_bytes / (bits_ / 8u);
  if (entries <= 2) return false;
  cluster_count_ = std::min(clusters, entries - 2);
  return true;
}

/// The root has it (section 6.1). The boot sector's may be older, since Windows writes only the root's, and "NO NAME" there is none.
Result<std::string> Fat::label() {
  std::uint8_t octets[entry_bytes];
  while (label_sought_ < label_place_max && TRY(read(root(), label_sought_, octets))) {
    if (octets[0] == is_last) break;
    const std::uint8_t attribute = octets[11] & attributes;
    if (octets[0] != is_free && attribute != attributes_of_long_name && (attribute & attribute_label) != 0) {
      if (octets[0] == is_really_e5) octets[0] = is_free;
      return std::string(trimmed(as_text(Bytes{octets}.first(label_bytes))));
    }
    label_sought_ += entry_bytes;
  }
  // Behind the octet that says that there is one, and a serial number (section 3.3).
  constexpr std::uint8_t has_label = 0x29;
  const std::uint32_t at = bits_ == 32 ? 66 : 38;
  std::uint8_t signature;
  TRY(volume_.read(at, {&signature, 1}));
  std::string label = signature == has_label ? TRY(label_at(at + 5, label_bytes)) : std::string{};
  if (label == "NO NAME") label.clear();
  return label;
}

std::string_view Fat::kind() const { return bits_ == 12 ? "FAT12" : bits_ == 16 ? "FAT16" : "FAT32"; }

/// What the table says: the next cluster of the chain, or what is none.
Result<std::uint32_t> Fat::following(std::uint32_t cluster) {
  std::uint8_t entry[4] = {};
  const std::uint32_t at = bits_ == 12 ? cluster + cluster / 2 : cluster * (bits_ / 8u);
  TRY(volume_.read(std::uint64_t{table_at_} + at, MutableBytes{entry}.first(bits_ == 32 ? 4 : 2)));
  const std::uint32_t value = load_le32(entry, 0);
  if (bits_ != 12) return value & 0x0fff'ffff;
  return cluster % 2 == 0 ? value & 0xfff : value >> 4;
}

Result<Run> Fat::run(const Node& file, std::uint64_t file_offset) {
  const auto offset = static_cast<std::uint32_t>(file_offset), first = static_cast<std::uint32_t>(file.place);  // sizes have 32 bits
  if (first == 0) {
    if (file.kind != FileKind::folder || offset >= root_bytes_) return Run{};
    return Run{root_at_ + offset, root_bytes_ - offset};
  }
  if (chain_of_ != first || offset < chain_offset_) {
    chain_of_ = chain_cluster_ = first;
    chain_offset_ = 0;
  }
  if (!is_data(chain_cluster_)) return Run{};
  while (offset - chain_offset_ >= cluster_bytes_) {
    const std::uint32_t next = TRY(following(chain_cluster_));
    if (!is_data(next)) return Run{};
    chain_cluster_ = next;
    chain_offset_ += cluster_bytes_;
  }
  // As far as the clusters are neighbours and the table is at hand.
  const std::uint32_t inside = offset - chain_offset_, wanted = static_cast<std::uint32_t>(file.size_bytes) - chain_offset_;
  std::uint32_t length = cluster_bytes_;
  for (std::uint32_t last = chain_cluster_; length < wanted && length < Run::bytes_max; length += cluster_bytes_) {
    const auto next = following(last);
    if (!next && length == cluster_bytes_) return fail(next.error());
    if (!next || *next != last + 1 || !is_data(*next)) break;
    last = *next;
  }
  return Run{data_at_ + std::uint64_t{chain_cluster_ - 2} * cluster_bytes_ + inside, length - inside};
}

Result<bool> Fat::next(const Node& folder, std::uint32_t& at, FolderEntry& entry) {
  LongName long_name;
  std::uint8_t octets[entry_bytes];
  for (std::uint32_t here = at; here < folder_bytes_max && TRY(read(folder, here, octets));) {
    if (octets[0] == is_last) return false;
    here += entry_bytes;
    const std::uint8_t attribute = octets[11] & attributes;
    if (octets[0] != is_free && attribute == attributes_of_long_name) {
      // A step begins with the first piece, so that it comes to an end.
      if (!long_name.add(octets)) at = here;
      if (long_name.is_new()) at = here - entry_bytes;
      continue;
    }
    if (octets[0] == is_free || octets[0] == '.' || (attribute & attribute_label) != 0) {
      long_name.forget();
      at = here;
      continue;
    }
    entry = {};
    entry.short_name = short_name_of(octets);
    entry.name = long_name.name(octets);
    if (entry.name.empty()) std::swap(entry.name, entry.short_name);
    const std::uint32_t high = bits_ == 32 ? load_le16(octets, 20) : 0;
    entry.node.place = high << 16 | load_le16(octets, 26);
    const bool is_folder = (attribute & attribute_folder) != 0;
    entry.node.kind = is_folder ? FileKind::folder : FileKind::file;
    entry.node.size_bytes = is_folder ? folder_bytes_max : load_le32(octets, 28);
    at = here;
    return true;
  }
  return false;
}

}  // namespace undine
