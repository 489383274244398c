// SPDX-License-Identifier: Apache-2.0
#include "loaders/filesystems/iso9660.h"

#include <algorithm>

#include "core/memory.h"
#include "core/text.h"

namespace undine {
namespace {

/// Volume descriptors and folders come in these, whatever the size of blocks (ECMA-119 6.1.2).
constexpr std::uint32_t sector_bytes = 2048;
constexpr std::uint64_t descriptors_at = 16 * sector_bytes;
/// Discs have 3 or 4 before the one that ends the list.
constexpr unsigned descriptors_max = 32;
/// Of one file: 4 GiB each.
constexpr unsigned sections_max = 32;
/// The parts of a system use area: the longest name and link fit into 3.
constexpr unsigned areas_max = 4;

// Descriptors (ECMA-119 8.4).
constexpr std::size_t volume_name_at = 40, volume_name_bytes = 32, block_size_at = 128, escapes_at = 88, root_record_at = 156;
constexpr std::uint8_t primary = 1, supplementary = 2, terminator = 255;

// Records (ECMA-119 9.1): both byte orders are there, we take the little-endian ones.
constexpr std::size_t record_header_bytes = 33;
constexpr std::uint8_t flag_folder = 0x02, flag_associated = 0x04, flag_more_sections = 0x80;

// POSIX file modes (P1282 4.1.1).
constexpr std::uint32_t mode_kind = 0170000, mode_file = 0100000, mode_folder = 0040000, mode_link = 0120000;

}  // namespace

struct Iso9660::Record {
  std::uint64_t at = 0;  ///< of the record itself
  std::uint8_t octets[256];

  std::uint8_t length() const { return octets[0]; }
  std::uint8_t flags() const { return octets[25]; }
  std::uint32_t size_bytes() const { return load_le32(octets, 10); }
  bool is_interleaved() const { return octets[26] != 0 || octets[27] != 0; }
  Bytes name() const { return Bytes{octets}.subspan(record_header_bytes, octets[32]); }
  /// "." and "..".
  bool is_dot() const { return octets[32] == 1 && octets[record_header_bytes] <= 1; }
  std::size_t system_use() const { return record_header_bytes + octets[32] + (octets[32] % 2 == 0 ? 1 : 0); }
  /// Where the next record is.
  std::uint64_t end() const { return at + octets[0]; }
};

/// The fields of a system use area and of its continuations (SUSP 4 and 5.1).
class Iso9660::SystemUse {
public:
  SystemUse(const Volume& volume, std::uint32_t block_bytes, std::uint64_t at, std::uint64_t end) : volume_(volume), block_bytes_(block_bytes), at_(at), end_(end) {}

  /// The next field is `field`; false at the end.
  Result<bool> next() {
    for (;;) {
      if (at_ + 4 > end_) {
        if (!has_continuation_ || ++areas_ == areas_max) return false;
        has_continuation_ = false;
        at_ = continuation_;
        end_ = at_ + continuation_bytes_;
        continue;
      }
      TRY(volume_.read(at_, MutableBytes{octets_}.first(4)));
      const std::uint8_t length = octets_[2];
      if (length < 4 || length > end_ - at_ || is("ST")) {
        at_ = end_;
        continue;
      }
      TRY(volume_.read(at_, MutableBytes{octets_}.first(length)));
      at_ += length;
      if (!is("CE") || length < 28) return true;
      has_continuation_ = true;
      continuation_ = std::uint64_t{load_le32(octets_, 4)} * block_bytes_ + load_le32(octets_, 12);
      continuation_bytes_ = std::min(load_le32(octets_, 20), sector_bytes);
    }
  }
  bool is(std::string_view name) const { return as_text(Bytes{octets_}.first(2)) == name; }
  /// As long as its header says.
  Bytes field() const { return Bytes{octets_}.first(octets_[2]); }

private:
  const Volume& volume_;
  std::uint32_t block_bytes_;
  std::uint64_t at_, end_, continuation_ = 0;
  std::uint32_t continuation_bytes_ = 0;
  bool has_continuation_ = false;
  unsigned areas_ = 0;
  std::uint8_t octets_[256];
};

Result<std::unique_ptr<FileSystem>> Iso9660::open(const Volume& volume) {
  std::uint64_t primary_at = 0, joliet_at = 0;
  std::uint8_t descriptor[sector_bytes / 2];
  for (unsigned i = 0; i < descriptors_max; ++i) {
    const std::uint64_t at = descriptors_at + i * sector_bytes;
    if (volume.length_bytes < at + sector_bytes) break;
    TRY(volume.read(at, descriptor));
    if (as_text(descriptor).substr(1, 5) != "CD001" || descriptor[0] == terminator) break;
    if (descriptor[0] == primary && primary_at == 0) primary_at = at;
    // UCS-2 of level 1, 2 or 3 (the Joliet specification's table of escape sequences).
    const std::string_view escape = as_text(descriptor).substr(escapes_at, 3);
    if (descriptor[0] == supplementary && (escape == "%/@" || escape == "%/C" || escape == "%/E")) joliet_at = at;
  }
  if (primary_at == 0) return nullptr;
  auto files = make_unique_nothrow<Iso9660>(volume);
  if (!files) return fail(out_of_memory);
  TRY(files->learn_root(primary_at, joliet_at));
  return files;
}

Result<void> Iso9660::learn_root(std::uint64_t primary_at, std::uint64_t joliet_at) {
  primary_at_ = primary_at;
  std::uint8_t block_size[2];
  TRY(volume_.read(primary_at + block_size_at, block_size));
  block_bytes_ = load_le16(block_size, 0);
  if (block_bytes_ != 512 && block_bytes_ != 1024 && block_bytes_ != 2048) return fail(disk_damaged);
  // The root's own entry begins with SP if there are system use fields (SUSP 5.3), and has PX if they are Rock Ridge's.
  const Record root = TRY(record(primary_at + root_record_at));
  const Record own = TRY(record(contents_of(root)));
  SystemUse fields = system_use(own);
  bool has_fields = false;
  while (TRY(fields.next())) {
    const Bytes field = fields.field();
    if (fields.is("SP") && field.size() >= 7 && load_be16(field, 4) == 0xbeef) {
      has_fields = true;
      skip_bytes_ = field[6];
    }
    if (fields.is("PX") && has_fields) names_ = Names::rock_ridge;
  }
  if (names_ == Names::plain && joliet_at != 0) names_ = Names::joliet;
  const std::uint64_t place = (names_ == Names::joliet ? joliet_at : primary_at) + root_record_at;
  root_ = {place, TRY(record(place)).size_bytes(), FileKind::folder};
  return {};
}

Result<std::string> Iso9660::label() { return label_at(primary_at_ + volume_name_at, volume_name_bytes); }

std::string_view Iso9660::kind() const {
  switch (names_) {
    case Names::rock_ridge: return "ISO 9660 with Rock Ridge";
    case Names::joliet: return "ISO 9660 with Joliet";
    case Names::plain: break;
  }
  return "ISO 9660";
}

Result<Iso9660::Record> Iso9660::record(std::uint64_t at) {
  Record record;
  record.at = at;
  TRY(volume_.read(at, MutableBytes{record.octets}.first(1)));
  if (record.length() <= record_header_bytes) return fail(disk_damaged);
  TRY(volume_.read(at, MutableBytes{record.octets}.first(record.length())));
  if (record_header_bytes + record.octets[32] > record.length()) return fail(disk_damaged);
  return record;
}

/// Where the record is that goes on with the file: in the next sector if this one is full.
Result<std::uint64_t> Iso9660::behind(const Record& record) {
  std::uint8_t length;
  TRY(volume_.read(record.end(), {&length, 1}));
  return length != 0 ? record.end() : (record.end() | (sector_bytes - 1)) + 1;
}

/// Behind the extended attributes, if there are any.
std::uint64_t Iso9660::contents_of(const Record& record) const {
  return (std::uint64_t{load_le32(record.octets, 2)} + record.octets[1]) * block_bytes_;
}

Iso9660::SystemUse Iso9660::system_use(const Record& record) {
  return {volume_, block_bytes_, record.at + record.system_use() + skip_bytes_, record.end()};
}

Result<bool> Iso9660::next(const Node& folder, std::uint32_t& at, FolderEntry& entry) {
  const std::uint64_t start = contents_of(TRY(record(folder.place)));
  const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(folder.size_bytes, folder_bytes_max));
  while (at + record_header_bytes < size) {
    std::uint8_t length;
    TRY(volume_.read(start + at, {&length, 1}));
    if (length == 0) {  // records do not cross sectors
      at += sector_bytes - static_cast<std::uint32_t>(start + at) % sector_bytes;
      continue;
    }
    const Record first = TRY(record(start + at));
    if (first.is_dot() || (first.flags() & flag_associated) != 0) {
      at += length;
      continue;
    }

    entry = {};
    entry.node = {first.at, first.size_bytes(), (first.flags() & flag_folder) != 0 ? FileKind::folder : FileKind::file};
    // The rest of a file of 4 GiB or more.
    Record last = first;
    for (unsigned sections = 1; (last.flags() & flag_more_sections) != 0; ++sections) {
      if (sections == sections_max) return fail(disk_damaged);
      const std::uint64_t more_at = TRY(behind(last));
      last = TRY(record(more_at));
      entry.node.size_bytes += last.size_bytes();
    }
    const auto next = static_cast<std::uint32_t>(last.end() - start);

    const Bytes name = first.name();
    if (names_ == Names::joliet) {
      std::uint16_t high = 0;
      for (std::size_t i = 0; i + 2 <= name.size(); i += 2) append_utf16(entry.name, load_be16(name, i), high);
    } else {
      for (const char letter : as_text(name)) entry.name += to_lower(letter);
    }
    // "NAME.EXT;VERSION" and "NAME.;1" (ECMA-119 7.5.1).
    entry.name.resize(std::min(entry.name.size(), entry.name.find(';')));
    if (names_ == Names::plain && entry.name.ends_with('.')) entry.name.pop_back();
    const bool is_shown = names_ != Names::rock_ridge || TRY(apply_rock_ridge(first, entry));
    at = next;
    if (is_shown) return true;
  }
  return false;
}

/// Name and kind as Rock Ridge has them. False for a folder that stands here only because ISO 9660 allows eight levels (RE); it is met again where it belongs (CL).
Result<bool> Iso9660::apply_rock_ridge(const Record& record, FolderEntry& entry) {
  SystemUse fields = system_use(record);
  std::string name;
  bool is_moved = false;
  while (TRY(fields.next())) {
    const Bytes field = fields.field();
    if (fields.is("RE")) return false;
    if (fields.is("NM") && field.size() >= 5) {
      name += as_text(field.subspan(5));
    } else if (fields.is("SL")) {
      entry.node.kind = FileKind::link;
    } else if (fields.is("ZF")) {
      entry.node.kind = FileKind::other;
    } else if (fields.is("PX") && field.size() >= 8) {
      const std::uint32_t kind = load_le32(field, 4) & mode_kind;
      if (kind == mode_link) entry.node.kind = FileKind::link;
      if (kind != mode_link && kind != mode_folder && kind != mode_file) entry.node.kind = FileKind::other;
    } else if (fields.is("CL") && field.size() >= 8 && !is_moved) {  // there is one; many would lead to more places than the cache holds
      is_moved = true;
      const Record own = TRY(this->record(std::uint64_t{load_le32(field, 4)} * block_bytes_));
      entry.node = {own.at, own.size_bytes(), FileKind::folder};
    }
  }
  if (!name.empty()) entry.name = std::move(name);
  return true;
}

Result<Run> Iso9660::run(const Node& file, std::uint64_t offset) {
  std::uint64_t at = file.place;
  for (unsigned sections = 0; sections < sections_max; ++sections) {
    const Record section = TRY(record(at));
    if (section.is_interleaved()) return fail(file_unreadable);
    const std::uint32_t size = section.size_bytes();
    if (offset < size) return Run{contents_of(section) + offset, std::min(size - static_cast<std::uint32_t>(offset), Run::bytes_max)};
    offset -= size;
    if ((section.flags() & flag_more_sections) == 0) break;
    at = TRY(behind(section));
  }
  return Run{};
}

/// P1282 4.1.3: a list of components, each perhaps in several pieces, spread over several fields.
Result<std::string> Iso9660::link_target(const Node& link) {
  constexpr std::uint8_t continues = 1, current = 2, parent = 4, root = 8;
  const Record own = TRY(record(link.place));
  SystemUse fields = system_use(own);
  std::string target;
  bool goes_on = true;  // the component before: no '/' between
  while (TRY(fields.next())) {
    if (!fields.is("SL") || fields.field().size() < 5) continue;
    ByteReader components{fields.field().subspan(5)};
    while (components.remaining() >= 2) {
      const std::uint8_t flags = components.u8();
      const Bytes text = components.take(components.u8());
      if (components.failed()) return fail(disk_damaged);
      if (!goes_on) target += '/';
      if ((flags & current) != 0) target += '.';
      if ((flags & parent) != 0) target += "..";
      target += as_text(text);
      goes_on = (flags & continues) != 0;
      if ((flags & root) != 0) {
        target = "/";
        goes_on = true;
      }
    }
  }
  return target;
}

}  // namespace undine
