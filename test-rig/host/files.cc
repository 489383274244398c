// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "config/protocols.h"
#include "config/san_protocols.h"
#include "core/memory.h"
#include "core/text.h"

namespace undine::tool {
namespace {

/// What each protocol says of a file that is not there.
struct Absence {
  std::string_view scheme;
  const Cause& cause;
};
constexpr Absence absences[] = {{"http", http::not_found}, {"https", http::not_found}, {"tftp", tftp::no_such_file}, {"ftp", ftp::unavailable}, {"nfs", nfs::no_such_file}};

const Cause& absence(std::string_view scheme) {
  for (const Absence& row : absences)
    if (row.scheme == scheme) return row.cause;
  return http::not_found;
}

constexpr Cause unreadable{"run.unreadable", "the file that stands for it cannot be read", pxe_status_failure};

struct OpenFile {
  std::FILE* file = nullptr;  ///< nullptr: there is none that can be read
  std::uint64_t size_bytes = 0;
};

OpenFile open_regular(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return {};
  return {std::fopen(path.c_str(), "rb"), static_cast<std::uint64_t>(found.st_size)};
}

/// A file of this machine's on its way into a sink.
class LocalDownload final : public Download {
public:
  LocalDownload(const Uri& uri, Sink& sink, std::FILE* file, std::uint64_t size) : uri_(uri), sink_(sink), file_(file), size_(size) {}
  ~LocalDownload() override { std::fclose(file_); }
  LocalDownload(const LocalDownload&) = delete;
  LocalDownload& operator=(const LocalDownload&) = delete;

  Result<Progress> advance(Instant) override {
    if (done_ == 0) TRY(sink_.expect(size_));
    while (done_ < size_) {
      const MutableBytes room = TRY(sink_.room(done_));
      const std::size_t count = std::fread(room.data(), 1, room.size(), file_);
      if (count == 0) return fail(unreadable);
      TRY(sink_.commit(done_, count));
      done_ += count;
    }
    return Progress{true, done_, size_};
  }
  const Uri& final_uri() const override { return uri_; }

private:
  Uri uri_;
  Sink& sink_;
  std::FILE* file_;
  std::uint64_t size_, done_ = 0;
};

/// The answer is there at once, and it is no.
class NoDownload final : public Download {
public:
  NoDownload(const Uri& uri, const Cause& cause) : uri_(uri), cause_(cause) {}
  Result<Progress> advance(Instant) override { return fail(cause_); }
  const Uri& final_uri() const override { return uri_; }

private:
  Uri uri_;
  const Cause& cause_;
};

Result<std::unique_ptr<Download>> open_file(Network& network, const Uri& uri, Sink& sink, const FetchOptions& options, Instant now) {
  const Files& files = static_cast<FileNetwork&>(network).files;
  if (uri.host.empty()) return make_unique_nothrow<NoDownload>(uri, no_server);
  const std::string path = files.path(uri);
  if (path.empty()) {
    if (!files.online) return make_unique_nothrow<NoDownload>(uri, files_nowhere);
    return open_download(fetch_protocols, network, uri, sink, options, now);
  }
  const OpenFile found = open_regular(path);
  if (found.file == nullptr) return make_unique_nothrow<NoDownload>(uri, absence(uri.scheme));
  if (options.beginning != nullptr) *options.beginning = {};
  return make_unique_nothrow<LocalDownload>(uri, sink, found.file, found.size_bytes);
}

/// An image in a file as a disk that takes no writes. Zeros follow a last block that is not whole.
class LocalDisk final : public BlockDevice {
public:
  LocalDisk(std::string_view name, std::FILE* file, std::uint64_t size) : name_(name), file_(file) { geometry_ = {(size + 511) / 512, 512, true}; }
  ~LocalDisk() override { std::fclose(file_); }
  LocalDisk(const LocalDisk&) = delete;
  LocalDisk& operator=(const LocalDisk&) = delete;

  Result<Progress> advance(Instant) override {
    const MutableBytes into = std::exchange(into_, {});
    if (into.empty()) return Progress{true, 0, {}};
    if (fseeko(file_, static_cast<off_t>(at_), SEEK_SET) != 0) return fail(unreadable);
    const std::size_t count = std::fread(into.data(), 1, into.size(), file_);
    if (std::ferror(file_) != 0) return fail(unreadable);
    std::ranges::fill(into.subspan(count), std::uint8_t{0});
    return Progress{true, into.size(), into.size()};
  }
  const BlockGeometry& geometry() const override { return geometry_; }
  Result<void> begin_read(std::uint64_t first, MutableBytes into, Instant) override {
    TRY(check_blocks(geometry_, first, into.size()));
    at_ = first * geometry_.block_bytes;
    into_ = into;
    return {};
  }
  Result<void> begin_write(std::uint64_t, Bytes, Instant) override { return fail(block_read_only); }
  Result<void> begin_flush(Instant) override { return {}; }
  void cancel() override { into_ = {}; }
  std::string description() const override { return name_; }

private:
  std::string name_;
  std::FILE* file_;
  BlockGeometry geometry_;
  std::uint64_t at_ = 0;
  MutableBytes into_;
};

Result<std::unique_ptr<BlockDevice>> open_disk(Network& network, std::string_view path, const SanOptions& options, Instant now) {
  const Files& files = static_cast<FileNetwork&>(network).files;
  const Uri uri = TRY(Uri::parse(path));
  const std::string name = files.path(uri);
  if (name.empty()) {
    if (!files.online) return fail(files_nowhere);
    return open_san_disk(san_protocols, network, path, options, now);
  }
  const OpenFile found = open_regular(name);
  if (found.file == nullptr) return fail(absence(uri.scheme));
  return make_unique_nothrow<LocalDisk>(uri.text(), found.file, found.size_bytes);
}

/// The schemes of the real tables over files.
struct FileTable {
  FetchProtocol rows[std::size(fetch_protocols)];
  SanProtocol disks[std::size(san_protocols)];
  constexpr FileTable() : rows{}, disks{} {
    for (std::size_t i = 0; i < std::size(fetch_protocols); ++i) rows[i] = {fetch_protocols[i].scheme, open_file};
    for (std::size_t i = 0; i < std::size(san_protocols); ++i) disks[i] = {san_protocols[i].scheme, open_disk};
  }
};
constexpr FileTable file_table;

}  // namespace

void Files::map(std::string_view prefix, std::string_view folder) { places_.push_back({std::string(prefix), std::string(folder)}); }

std::string Files::path(const Uri& uri) const {
  const std::string address = uri.text();
  const Place* best = nullptr;
  for (const Place& place : places_)
    if (address.starts_with(place.prefix) && (best == nullptr || place.prefix.size() >= best->prefix.size())) best = &place;
  if (best == nullptr) return {};
  std::string_view rest = best->prefix.empty() ? std::string_view(uri.path) : std::string_view(address).substr(best->prefix.size());
  rest = rest.substr(0, rest.find('?'));
  const std::string decoded = percent_decoded(rest);
  std::string path = best->folder;
  for (std::string_view left = decoded; !left.empty();) {
    const std::string_view part = split_first(left, '/');
    // Nothing may lead out of the folder, nor may a zero cut the name short.
    if (part.empty() || part == "." || part == ".." || part.find('\0') != part.npos) continue;
    append(path, {'/', part});
  }
  return path;
}

std::span<const FetchProtocol> file_protocols() { return file_table.rows; }
std::span<const SanProtocol> file_disks() { return file_table.disks; }

}  // namespace undine::tool
