# SPDX-License-Identifier: Apache-2.0
"""Disks on other machines, behind INT 13h: boot loaders and systems that others wrote."""

import pytest

from rig import certificates, disks, tls
from rig.lab import HTTP
from https_test import publish_roots, trusting

pytestmark = pytest.mark.undine

BOOTED = "UNDINE-INITRD-OK"
# Prints what is in DL and gives up, as a boot sector does that finds no system.
GIVES_UP = bytes.fromhex("80 fa 80 b0 59 74 02 b0 4e b4 0e bb 07 00 cd 10 cd 18".replace(" ", "")).ljust(510, b"\0") + b"\x55\xaa"


def serve_root_path(lab, path):
    """DHCP names a disk and no file."""
    lab.serve(handout=["dhcp-match=set:bios,option:client-arch,0", "dhcp-userclass=set:nbp,Undine", "dhcp-boot=tag:bios,tag:!nbp,undine.kpxe",
                       f"dhcp-option=tag:nbp,option:root-path,{path}"])


def test_syslinux_boots_from_a_disk_behind_one_that_gives_up(lab):
    lab.publish("syslinux.img", disks.syslinux())
    lab.publish("nothing.img", GIVES_UP * 2048)
    lab.serve(f"#!ipxe\nsanboot {HTTP}/nothing.img || echo BACK\nsanboot {HTTP}/syslinux.img\n")
    pc = lab.machine()
    pc.wait_for("Yboot.ipxe:2: sanboot: drive 80h: the disk.s boot program gave up", 60)
    pc.wait_for("SYSLINUX", 60)
    pc.wait_for(BOOTED, 120)


def test_grub_boots_from_a_root_path(lab):
    lab.publish("grub.img", disks.grub())
    serve_root_path(lab, f"{HTTP}/no-such.img {HTTP}/grub.img")
    pc = lab.machine("virtio-net-pci")
    pc.wait_for("GRUB-FOUND-nothing", 90)
    pc.wait_for(BOOTED, 120)


def test_a_cd_boots_over_https_by_el_torito(lab):
    lab.publish("isolinux.iso", disks.isolinux())
    publish_roots(lab)
    lab.serve(trusting(f"#!ipxe\nsanboot https://{certificates.NAME}/isolinux.iso\n"))
    tls.nginx(lab, [tls.Site(443)])
    pc = lab.machine()
    pc.wait_for("ISOLINUX", 90)
    pc.wait_for(BOOTED, 180)
