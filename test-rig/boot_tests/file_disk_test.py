# SPDX-License-Identifier: Apache-2.0
"""Files from inside disk images on servers."""

import pytest

from rig import file_disks, payload
from rig.lab import HTTP
from rig.payload import COMMAND_LINE, INITRD_OK, random_payload

pytestmark = pytest.mark.undine
MENU = f"""#!ipxe
ls ../install.amd/
kernel ../install.amd/vmlinuz {COMMAND_LINE} check=/payload.bin
initrd /install.amd/initrd.cpio
ls {HTTP}/disk.img
chain {HTTP}/disk.img!(1)/Settings.ipxe
sanhook {HTTP}/disk.img
ls drive:0x80!(1)/
ls drive:0x80!(2)/boot/
initrd drive:0x80!/boot/payload.cpio
sanunhook
boot
"""


def sent_bytes(lab, name):
    """What nginx sent of that file, without heads."""
    return sum(int(line.split('"')[2].split()[1]) for line in lab.requests() if f'"GET /{name} ' in line)


@pytest.fixture
def disks(lab):
    """A script, kernel and initrd in an ISO, and on a disk a script in FAT and another initrd in ext4."""
    lab.contents = random_payload(8)
    lab.publish("debian.iso", file_disks.iso(lab.folder / "debian.iso", {
        "boot/menu.ipxe": MENU, "install.amd/vmlinuz": payload.kernel(), "install.amd/initrd.cpio": payload.initrd()}))
    lab.publish("disk.img", file_disks.partitioned(
        lab.folder / "disk.img", {"Settings.ipxe": "#!ipxe\necho FROM-FAT\n"}, {"boot/payload.cpio": lab.contents.path}))
    lab.serve(f"#!ipxe\nchain {HTTP}/debian.iso!/boot/menu.ipxe\n")
    return lab


def test_a_machine_boots_with_files_from_inside_disks_and_little_more_crosses_the_network(disks):
    pc = disks.machine()
    pc.wait_for(r"\d MiB  vmlinuz", 60)
    pc.wait_for(r"disk.img!\(1\)  FAT12", 60)
    pc.wait_for(r"disk.img!\(2\)  ext4", 60)
    pc.wait_for("FROM-FAT", 60)
    pc.wait_for(r" B  Settings.ipxe", 60)
    pc.wait_for(r"\d MiB  payload.cpio", 60)
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == disks.contents.checked
    kernel, initrd, contents = (path.stat().st_size for path in (payload.kernel(), payload.initrd(), disks.contents.path))
    assert kernel + initrd < sent_bytes(disks, "debian.iso") < (kernel + initrd) * 1.1
    assert contents < sent_bytes(disks, "disk.img") < contents * 1.1
