# SPDX-License-Identifier: Apache-2.0
"""Counts a machine's instructions, by a plugin of QEMU's translator (test-rig/instructions/). A figure that no other load disturbs."""

import struct
import subprocess

from .paths import RIG


class Counter:
    """Give it to Lab.machine(count=...). `read` is what the machine has executed so far; a halted one executes nothing."""

    def __init__(self, folder):
        self.plugin, self.file = folder / "counter.so", folder / "instructions"
        self.file.write_bytes(bytes(8))
        subprocess.run(["clang++-19", "-O1", "-shared", "-fPIC", "-o", self.plugin, RIG / "instructions" / "counter.cc"], check=True)

    def read(self):
        return struct.unpack("<Q", self.file.read_bytes())[0]
