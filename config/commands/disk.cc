// SPDX-License-Identifier: Apache-2.0
// What disks on other machines hold.
#include "config/commands/commands.h"

namespace undine {
namespace {

/// "  18.3 KiB  name".
void print_line(Shell& shell, std::string size, std::initializer_list<Piece> pieces) {
  constexpr std::size_t width = 10;  // "1023.9 GiB"
  if (size.size() < width) size.insert(0, width - size.size(), ' ');
  shell.print({size, "  ", join(pieces), "\n"});
}

/// The whole disk, then its partitions.
Result<void> list_parts(Shell& shell, Disk& disk, std::string_view shown) {
  PartList task{disk};
  for (;;) {
    TRY(shell.loop().wait(task));
    const Partition* const part = task.part();
    if (part == nullptr) return {};
    const auto& files = task.files();
    const std::string kind = files ? std::string((*files)->kind()) : files.error().is(disk_no_file_system) ? "-" : files.error().text();
    print_line(shell, human_size(part->length_bytes), {shown, "!(", part->number, ")  ", kind, task.label().empty() ? "" : "  ", printable(task.label())});
  }
}

/// As the folder has them: to sort them they would have to be kept, and a folder may have 100,000.
Result<void> list_folder(Shell& shell, Disk& disk, std::string_view path) {
  FolderList task{disk, path};
  for (;;) {
    TRY(shell.loop().wait(task));
    const FolderEntry* const entry = task.entry();
    if (entry == nullptr) return {};
    const std::string name = entry->name.empty() ? printable(path.substr(path.rfind('/') + 1)) : printable(entry->name);
    switch (entry->node.kind) {
      case FileKind::file: print_line(shell, human_size(entry->node.size_bytes), {name}); break;
      case FileKind::folder: print_line(shell, "", {name, "/"}); break;
      case FileKind::link: print_line(shell, "link", {name}); break;
      default: print_line(shell, "-", {name}); break;
    }
  }
}

}  // namespace

Result<void> run_ls(Shell& shell, const Invocation& call) {
  const Uri uri = TRY(shell.resolve(shell.about(call.operand(0))));
  const std::string shown = printable(shell.about(uri.text()));
  FetchOptions options;
  TRY(shell.fill_options(options));
  Disk& disk = *TRY(shell.disk(uri, options));
  const auto listed = uri.inside.empty() ? list_parts(shell, disk, shown) : list_folder(shell, disk, uri.inside);
  if (!listed) shell.forget_disk();
  shell.finish_disk(uri);
  return listed;
}

}  // namespace undine
