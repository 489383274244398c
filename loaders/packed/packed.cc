// SPDX-License-Identifier: Apache-2.0
#include "loaders/packed/packed.h"

#include "loaders/packed/formats.h"

namespace undine {
namespace {

const packed::Format* format_of(Bytes contents) {
  for (const packed::Format* format : {&packed::gzip, &packed::zlib, &packed::xz, &packed::zstd})
    if (format->recognises(contents)) return format;
  return nullptr;
}

}  // namespace

bool is_packed(Bytes contents) { return format_of(contents) != nullptr; }

Bytes unpack_beginning(Bytes contents, MutableBytes output) {
  std::size_t written = 0;
  if (const packed::Format* format = format_of(contents)) (void)format->unpack(contents, output, written);
  return output.first(written);
}

Result<std::size_t> unpack(Bytes contents, MutableBytes output) {
  const packed::Format* format = format_of(contents);
  if (format == nullptr) return fail(packed_damaged);
  std::size_t written = 0;
  TRY(format->unpack(contents, output, written));
  return written;
}

Result<std::size_t> unpack_zlib(Bytes contents, MutableBytes output) {
  std::size_t written = 0;
  TRY(packed::zlib.unpack(contents, output, written));
  return written;
}

}  // namespace undine
