// SPDX-License-Identifier: Apache-2.0
// A plugin for QEMU's translator that counts the guest's instructions where another program can read them: in a file of eight octets, mapped by
// both. A halted processor executes nothing, so rest is not counted, and the count does not depend on how busy the machine is.
//
//   qemu-system-x86_64 -plugin counter.so,count=COUNT ...
//
// Debian packages no header for plugins; these are the few declarations of API version 1 (QEMU 4.2 to 8.2, docs/devel/tcg-plugins).

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

extern "C" {

using qemu_plugin_id_t = std::uint64_t;
struct qemu_plugin_tb;
struct qemu_info_t;

std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*translated)(qemu_plugin_id_t, qemu_plugin_tb*));
void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb* block, int operation, void* counter, std::uint64_t addend);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

}  // extern "C"

namespace {

constexpr int add_u64 = 0;
void* counter;

/// A block counts as a whole when it is entered. One that a fault leaves early is counted too high: rare enough.
void on_translated(qemu_plugin_id_t, qemu_plugin_tb* block) {
  qemu_plugin_register_vcpu_tb_exec_inline(block, add_u64, counter, qemu_plugin_tb_n_insns(block));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t*, int count, char** arguments) {
  constexpr char key[] = "count=";
  if (count != 1 || std::strncmp(arguments[0], key, sizeof key - 1) != 0) return -1;
  const int file = open(arguments[0] + sizeof key - 1, O_RDWR);
  if (file < 0) return -1;
  counter = mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (counter == MAP_FAILED) return -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
  return 0;
}
