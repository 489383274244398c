// SPDX-License-Identifier: Apache-2.0
#include "config/disk_files.h"

#include "config/disks.h"
#include "config/impatient.h"
#include "config/shell.h"
#include "core/memory.h"

namespace undine {
namespace {

/// A file and the disk that it is on.
class FileInDisk final : public Transfer {
public:
  FileInDisk(std::unique_ptr<BlockDevice> device, std::string_view path, Sink& sink) : disk_(std::move(device)), reading_(disk_, path, sink) {}
  Result<Progress> advance(Instant now) override { return reading_.advance(now); }

private:
  Disk disk_;
  FileRead reading_;
};

}  // namespace

bool DiskFiles::knows(std::string_view scheme) const {
  if (scheme == drive_scheme) return true;
  for (const SanProtocol& row : protocols_)
    if (row.scheme == scheme) return true;
  return false;
}

Result<Disk*> DiskFiles::open(Network& network, const Uri& uri, const SanOptions& options, Disks* hooked, Instant now) {
  const std::string address = uri.disk().text_with_password();
  if (disk_ && address == address_) return disk_.get();
  close();
  std::unique_ptr<BlockDevice> device;
  if (uri.scheme == drive_scheme) {
    if (hooked == nullptr) return fail(san_unavailable);
    device = TRY(hooked->borrow(uri.path));
  } else {
    device = TRY(open_san_disk(protocols_, network, address, options, now));
  }
  if (!device) return fail(out_of_memory);
  disk_ = make_unique_nothrow<Disk>(std::move(device));
  if (!disk_) return fail(out_of_memory);
  address_ = address;
  return disk_.get();
}

void DiskFiles::close() { disk_.reset(); }

Result<Disk*> Shell::disk(const Uri& uri, const FetchOptions& options) {
  SanOptions san = san_options(settings_);
  san.fetch.fields = options.fields;
  // Another request than the one that opened it.
  if (!options.fields.empty()) forget_disk();
  return disk_files_.open(environment_.network, uri, san, environment_.disks, clock().now());
}

Result<std::unique_ptr<Transfer>> Shell::open_inside(const Uri& uri, Sink& sink) {
  auto device = TRY(open_san_disk(environment_.san_protocols, environment_.network, uri.disk().text_with_password(), san_options(settings_), clock().now()));
  std::unique_ptr<Transfer> file;
  if (device) file = make_unique_nothrow<FileInDisk>(std::move(device), uri.inside, sink);
  if (!file) return fail(out_of_memory);
  return file;
}

Result<std::string> Shell::read_from_disk(const Uri& uri, Sink& sink, const FetchWish& wish, std::string_view shown, const FetchOptions& options) {
  Disk& disk = *TRY(this->disk(uri, options));
  const std::uint64_t bytes_before = disk.cache().fetched_bytes();
  const std::uint32_t reads_before = disk.cache().reads();
  const auto read = [&]() -> Result<Progress> {
    FileRead reading{disk, uri.inside, sink};
    Impatient impatient{reading, wish.timeout};
    return loop().wait(impatient, shown);
  }();
  if (!read) {
    forget_disk();
    return fail(read.error());
  }
  const std::uint32_t reads = disk.cache().reads() - reads_before;
  log().write(wish.is_quiet ? Level::info : Level::notice,
              {printable(disk.cache().device().description()), ": ", human_size(disk.cache().fetched_bytes() - bytes_before), " of ",
               human_size(disk.cache().size_bytes()), ", ", reads, reads == 1 ? " read" : " reads"});
  finish_disk(uri);
  return uri.text_with_password();
}

}  // namespace undine
