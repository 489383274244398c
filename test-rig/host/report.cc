// SPDX-License-Identifier: Apache-2.0
#include "test-rig/host/report.h"

#include "config/values.h"
#include "core/text.h"
#include "protocols/crypto/hash.h"

namespace undine::tool {

Result<void> Reporter::launch(const BootPlan& plan) {
  console_.flush();
  for (const Image& image : images_.images()) {
    const auto digest = format_value(ValueType::hex_raw, crypto::hash_of(crypto::HashAlgorithm::sha256, images_.contents(image)));
    std::string line = join({image.is_kernel ? "boots: " : "with:  ", printable(image.name), ", ", image.length, " bytes, sha256 ", digest.value_or(""), "\n       from ",
                             printable(image.uri), "\n"});
    if (!image.arguments.empty()) append(line, {"       arguments ", printable(image.arguments, image.arguments.size()), "\n"});
    console_.write(line);
  }
  std::uint64_t moved = 0;
  for (const Move& move : plan.moves) moved += move.source.size();
  std::string line = join({"plan:  ", plan.moves.size(), " moves of ", moved, " bytes, first instruction at "});
  if (plan.farewell == Farewell::boot_program)
    line += "0000:7c00, with the PXE API";
  else if (plan.protected_entry.code != 0)
    append(line, {hex(plan.protected_entry.code, 8), ", protected mode"});
  else
    append(line, {hex(plan.entry.code.segment, 4), ":", hex(plan.entry.code.offset, 4), ", real mode", pxe_is_kept_ ? ", with the PXE API" : ""});
  if (plan.farewell == Farewell::comboot || plan.farewell == Farewell::com32) line += ", with the API of SYSLINUX";
  append(line, {"\n"});
  console_.write(line);
  finish(console_, status::good, "this is what would be started");
}

}  // namespace undine::tool
