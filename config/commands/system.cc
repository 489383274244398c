// SPDX-License-Identifier: Apache-2.0
// Commands about the machine as a whole.
#include "config/autoboot.h"
#include "config/boot_log.h"
#include "config/commands/commands.h"

namespace undine {
namespace {

constexpr Cause test_no_feature{"test.no-feature", "the processor has no such feature", pxe_status_failure};
constexpr Cause machine_no_reboot{"machine.no-reboot", "the machine does not restart; switch it off and on", pxe_status_failure};

std::string_view kind_name(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::usable:
      return "usable";
    case MemoryKind::acpi_reclaimable:
      return "ACPI tables";
    case MemoryKind::acpi_nvs:
      return "ACPI NVS";
    case MemoryKind::reserved:
      break;
  }
  return "reserved";
}

}  // namespace

Result<void> run_autoboot(Shell& shell, const Invocation& call) {
  std::vector<std::string> names(call.operands().begin(), call.operands().end());
  for (const std::string& name : names) TRY(shell.interface(name));
  if (names.empty())
    for (const Interface* interface : shell.interfaces()) names.emplace_back(interface->name());
  Result<void> done = fail(boot_no_network);
  for (std::size_t i = 0; i < names.size(); ++i) {
    // By its name: what the one before has started may have destroyed it.
    done = autoboot(shell, *TRY(shell.interface(names[i])));
    if (done || done.error().is(cancelled) || shell.is_leaving()) break;
    if (i + 1 < names.size()) shell.log().write(Level::error, {names[i], ": ", done.error().text(), "; trying ", names[i + 1]});
  }
  return done;
}

Result<void> run_cpuid(Shell& shell, const Invocation& call) {
  const std::uint32_t bit = TRY(number_of(shell, call.operand(0), 31));
  const std::uint32_t first = call.has('e') ? 0x8000'0000 : 0, last = shell.machine().cpuid(first, 0)[0];
  const auto features = shell.machine().cpuid(first + 1, 0);
  // A processor without extended functions answers them with anything.
  if (last <= first || last > first + 0xffff || (features[call.has('c') ? 2 : 3] >> bit & 1) == 0) return fail(test_no_feature);
  return {};
}

Result<void> run_reboot(Shell& shell, const Invocation& call) {
  if (call.has('s')) shell.print({"a BIOS is not told to open its setup: press its key, often Del or F2, while the machine starts\n"});
  shell.machine().reboot();
  return fail(machine_no_reboot);
}

Result<void> run_poweroff(Shell& shell, const Invocation&) { return fail(shell.machine().power_off()); }

Result<void> run_bootlog(Shell& shell, const Invocation& call) {
  if (!call.operands().empty()) return post_boot_log(shell, call.operand(0));
  shell.log().for_each([&](const Log::Line& line) {
    shell.print({line.at.ms / 1000, ".", padded(line.at.ms % 1000, 3), " ", line.text, "\n"});
  });
  return {};
}

Result<void> run_memmap(Shell& shell, const Invocation&) {
  for (const MemoryRange& range : shell.memory_map().ranges())
    shell.print({hex(range.start, 10), "-", hex(range.end() - 1, 10), "  ", kind_name(range.kind), ", ", human_size(range.length), "\n"});
  for (const Image& image : shell.images().images())
    shell.print({hex(image.address, 10), "-", hex(image.address + (image.length == 0 ? 0 : image.length - 1), 10), "  image ", printable(image.name), "\n"});
  return {};
}

}  // namespace undine
