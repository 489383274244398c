# SPDX-License-Identifier: Apache-2.0
"""Kernels other than Linux: Xen, which is a Multiboot kernel of both versions and starts Debian's Linux from its modules."""

import gzip
import struct

import pytest

from rig.lab import HTTP
from rig.unpacked import Tree

pytestmark = pytest.mark.undine

XEN = "xen-hypervisor-4.17-amd64"
MULTIBOOT = {1: 0x1BADB002, 2: 0xE85250D6}


def xen(without=None):
    """Xen's program; with the header of one version made unrecognisable."""
    packed = next((Tree(XEN) / "boot").glob("xen-4.17*.gz"))
    program = bytearray(gzip.decompress(packed.read_bytes()))
    if without:
        at = program.index(struct.pack("<I", MULTIBOOT[without]), 0, 8192)
        program[at:at + 4] = bytes(4)
    return bytes(program)


@pytest.mark.parametrize("version", (1, 2))
def test_xen_starts_linux_from_its_modules(lab, version):
    program = lab.folder / "xen"
    program.write_bytes(xen(without=3 - version))
    lab.publish("xen", program)
    lab.serve(f"#!ipxe\nkernel {HTTP}/xen com1=115200,8n1 console=com1 loglvl=all noreboot\n"
              f"imgfetch {HTTP}/vmlinuz console=hvc0\nimgfetch {HTTP}/initrd.cpio\nboot\n")
    pc = lab.machine(memory=1024)
    pc.wait_for(rf"booting xen \(Multiboot{'2' if version == 2 else ''}\)", 60)
    pc.wait_for("Bootloader: Undine", 60)
    pc.wait_for("Command line: com1=115200,8n1 console=com1", 30)
    pc.wait_for(r"Dom0 has maximum", 60)
    pc.wait_for(r"Linux version", 90)
    pc.wait_for("UNDINE-INITRD-OK", 90)
