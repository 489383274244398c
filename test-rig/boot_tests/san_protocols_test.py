# SPDX-License-Identifier: Apache-2.0
"""Disks by iSCSI, AoE and NBD: read by GRUB through INT 13h, which prints the digest of what it got."""

import time

import pytest

from rig import disks, san
from rig.lab import HTTP
from rig.servers import SERVER

pytestmark = pytest.mark.undine

CHAP, REVERSE = ("boot", "secret-of-boot"), ("disk", "secret-of-disk")
BOOTED = "UNDINE-INITRD-OK"
ISCSI = f"iscsi:{SERVER}"


def test_iscsi_reads_on_when_its_target_is_gone_for_half_a_minute(lab):
    """And gives up when it is gone for good, after as many attempts as the user allows."""
    disk = san.HashingDisk(lab.folder, "ISCSI", mebibytes=24)
    reading = lab.folder / "reading.img"
    reading.write_bytes(disks.boot_sector("reads_on").ljust(24 << 20, b"\0"))
    target = san.Tgt(lab, disk.path, reading, chap=CHAP, reverse_chap=REVERSE, digests=True)
    lab.serve(f"""#!ipxe
set username {CHAP[0]}
set password wrong
sanhook {ISCSI}:::1:{san.TARGET} || echo ERROR-1
set password {CHAP[1]}
sanhook {ISCSI}:::1:{san.TARGET}x || echo ERROR-2
sanhook {ISCSI}:::7:{san.TARGET} || echo ERROR-3
sanhook {ISCSI}:::0:{san.TARGET} || echo ERROR-4
set reverse-username {REVERSE[0]}
set reverse-password wrong
sanhook {ISCSI}:::1:{san.TARGET} || echo ERROR-5
set reverse-password {REVERSE[1]}
sanboot {ISCSI}:::1:{san.TARGET} || echo BACK
set san-retries 1
sanboot {ISCSI}:::2:{san.TARGET} || echo GONE
""")
    pc = lab.machine()
    for number, cause in enumerate(("wrong-password", "no-such-target", "no-such-lun", "not-a-disk", "not-proven"), 1):
        pc.wait_for(f"ERROR-{number}", 90)
        assert f"[iscsi.{cause}]" in pc.unwrapped
    pc.wait_for("HASHING-ISCSI", 60)
    target.kill()
    time.sleep(30)
    assert disk.md5 not in pc.unwrapped, "all was read before the target was gone"
    target.start()
    pc.wait_for(disk.line, 180)
    pc.wait_for("BACK", 60)
    pc.wait_for("READING-ON", 60)
    target.kill()
    pc.wait_for("STATUS-10", 60)
    pc.wait_for("GONE", 30)
    assert "[tcp.refused]" in pc.unwrapped


def test_aoe_and_nbd_read_what_the_server_has(lab):
    """And boot a kernel: the last disk has a GPT."""
    aoe, kit, qemu = (san.HashingDisk(lab.folder, name, mebibytes=4) for name in ("AOE", "NBDKIT", "QEMU"))
    san.vblade(lab, aoe.path, 3, 7)
    san.vblade(lab, disks.grub_on_gpt(), 3, 9, read_only=True)
    san.nbdkit(lab, kit.path)
    san.qemu_nbd(lab, qemu.path, "a disk")
    lab.serve(f"""#!ipxe
sanboot aoe:e3.7 || echo BACK-1
sanboot nbd://{SERVER} || echo BACK-2
sanboot nbd://{SERVER}:10810/other || echo ERROR-1
sanboot nbd://{SERVER}:10810/a%20disk || echo BACK-3
sanboot aoe:e3.8 || echo ERROR-2
sanboot aoe:e3.9
""")
    pc = lab.machine("virtio-net-pci")
    for number, disk in enumerate((aoe, kit), 1):
        pc.wait_for(disk.line, 120)
        pc.wait_for(f"BACK-{number}", 30)
    pc.wait_for("ERROR-1", 30)
    pc.wait_for(qemu.line, 120)
    pc.wait_for("ERROR-2", 60)
    assert "[nbd.no-such-export]" in pc.unwrapped and "[aoe.no-answer]" in pc.unwrapped
    pc.wait_for("GRUB-READ-nothing", 60)
    pc.wait_for(BOOTED, 120)


def test_iscsi_takes_writes_where_the_target_does(lab):
    writable, protected = lab.folder / "writable.img", lab.folder / "protected.img"
    for file in (writable, protected):
        file.write_bytes(disks.grub().read_bytes())
    before = protected.read_bytes()
    san.Tgt(lab, writable, protected, read_only=(2,))
    lab.serve(f"#!ipxe\nsanboot {ISCSI}:::1:{san.TARGET}\n")
    pc = lab.machine()
    pc.wait_for("GRUB-FOUND-nothing", 120)
    pc.wait_for("GRUB-READ-written", 60)
    assert b"found=written" in writable.read_bytes()
    lab.publish("boot.ipxe", f"#!ipxe\nsanboot {ISCSI}:::2:{san.TARGET}\n")
    second = lab.machine("virtio-net-pci")
    second.wait_for("GRUB-READ-nothing", 120)
    assert protected.read_bytes() == before


def test_overlays_take_what_the_golden_image_does_not(lab):
    golden, store = lab.folder / "golden.img", lab.folder / "store.img"
    golden.write_bytes(disks.grub().read_bytes())
    store.write_bytes(bytes(4 << 20))
    before = golden.read_bytes()
    lab.publish("golden.img", golden)
    san.qemu_nbd(lab, store, "store")
    san.nbdkit(lab, golden, arguments=("--readonly",))
    lab.serve(f"#!ipxe\nsanboot --overlay ram {HTTP}/golden.img\n")
    pc = lab.machine()
    pc.wait_for("GRUB-FOUND-nothing", 120)
    pc.wait_for("GRUB-READ-written", 60)
    pc.wait_for(BOOTED, 120)
    pc.stop()
    # The next machines read over NBD, too, and write to a disk: the second finds what the first has written.
    lab.publish("boot.ipxe", f"#!ipxe\nsanboot --overlay nbd://{SERVER}:10810/store nbd://{SERVER}\n")
    for found in ("nothing", "written"):
        pc = lab.machine("virtio-net-pci")
        pc.wait_for(f"GRUB-FOUND-{found}", 120)
        pc.wait_for("GRUB-READ-written", 60)
        pc.wait_for(BOOTED, 120)
        pc.stop()
    assert golden.read_bytes() == before
