# SPDX-License-Identifier: Apache-2.0
"""Disks on other machines, behind INT 13h: boot loaders and systems that others wrote."""

import shutil
from pathlib import Path

import pytest

from rig import certificates, disks, iscsi_root, san, tls
from rig.lab import HTTP
from rig.servers import SERVER
from rig.tls import publish_roots, trusting

pytestmark = pytest.mark.undine

BOOTED = "UNDINE-INITRD-OK"


def serve_root_path(lab, path):
    """DHCP names a disk and no file."""
    lab.serve(handout=["dhcp-match=set:bios,option:client-arch,0", "dhcp-userclass=set:nbp,Undine", "dhcp-boot=tag:bios,tag:!nbp,undine.kpxe",
                       f"dhcp-option=tag:nbp,option:root-path,{path}"])


def test_syslinux_boots_behind_disks_that_give_up(lab):
    """A disk, a diskette, and a diskette on a CD come back by INT 18h, each with the number that it had, and a partition that a script from the same disk chooses; then one boots."""
    sector = disks.giving_up()
    diskette = sector.ljust(1440 << 10, b"\0")
    images = {"disk": (sector * 2048, "80"), "diskette": (diskette, "00"), "emulated": (disks.numbered_cd(1024, "OURS", media_type=2, boot=diskette), "00")}
    for name, (contents, _) in images.items():
        lab.publish(f"{name}.img", contents)
    lab.publish("syslinux.img", disks.syslinux())
    lab.publish("labelled.img", disks.labelled("Rescue", {"menu.ipxe": "#!ipxe\nls drive:0x80\nsanboot --label RESCUE || echo BACK-FROM-PARTITION\n"}))
    lab.serve("#!ipxe\n" + "".join(f"sanboot {HTTP}/{name}.img || echo BACK-FROM-{name}\n" for name in images) +
              f"sanboot --filename /menu.ipxe {HTTP}/labelled.img\nsanboot {HTTP}/syslinux.img\n")
    pc = lab.machine()
    for name, (_, number) in images.items():
        pc.wait_for(rf"{number}drive ..h: .* read, .* fetched", 60)
        pc.wait_for(rf"sanboot: drive ..h: the disk.s boot program gave up", 10)
        pc.wait_for(f"BACK-FROM-{name}", 10)
    pc.wait_for(r"drive:0x80!\(1\)  ext2  Rescue", 60)
    pc.wait_for(r"80@0800drive 80h: .* read, .* fetched", 60)
    pc.wait_for("partition 1: the disk.s boot program gave up", 10)
    pc.wait_for("BACK-FROM-PARTITION", 10)
    pc.wait_for("SYSLINUX", 60)
    pc.wait_for(BOOTED, 120)


def test_localboot_starts_the_disk_and_then_gives_the_machine_back(lab):
    """The machine's own disk, which gives up each time: to the script first, then to the BIOS, which tries it once more."""
    disk = lab.folder / "own.img"
    disk.write_bytes(disks.giving_up() * 2048)
    lab.serve("#!ipxe\nlocalboot disk || echo BACK-FROM-DISK\nlocalboot\necho NEVER\n")
    pc = lab.machine("rtl8139", extra=("-drive", f"file={disk},if=ide,index=0,format=raw"))
    pc.wait_for("^booting from drive 80h", 90)
    pc.wait_for(r"80boot.ipxe:2: localboot: drive 80h: the disk.s boot program gave up", 20)
    pc.wait_for("^BACK-FROM-DISK", 10)
    pc.wait_for("80localboot: .* gave up .*; the BIOS is next", 20)
    pc.wait_for("^leaving; the BIOS goes on", 20)
    pc.wait_for(r"Booting from Hard Disk\.\.\.\s+80", 60)
    assert "NEVER" not in pc.console


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


def test_ipxes_own_cd_boots_in_the_place_of_undine(lab):
    lab.publish("ipxe.iso", Path("/usr/lib/ipxe/ipxe.iso"))
    lab.serve(f"#!ipxe\nsanboot {HTTP}/ipxe.iso\n")
    pc = lab.machine()
    pc.wait_for("ISOLINUX", 90)
    pc.wait_for("iPXE initialising devices", 90)


def test_a_system_finds_its_root_on_iscsi_by_the_table_in_memory(lab):
    """GRUB by INT 13h, Debian's kernel, open-iscsi with both secrets from the iBFT, a root file system that it writes to, a login prompt."""
    disk = lab.folder / "disk.img"
    shutil.copy(iscsi_root.image(), disk)
    target = san.Tgt(lab, disk, chap=("rack", "secret-of-the-rack"), reverse_chap=("target", "secret-of-the-target"))
    lab.serve("#!ipxe\nset username rack\nset password secret-of-the-rack\nset reverse-username target\nset reverse-password secret-of-the-target\n"
              f"set initiator-iqn iqn.2026-01.test.undine:pc\nsanboot iscsi:{SERVER}:::1:{san.TARGET}\n")
    pc = lab.machine(memory=512)
    pc.wait_for(r"iBFT at 9[0-9a-f]{4}h, \d+ bytes, in ACPI's list too", 60)
    pc.wait_for("IBFT-INITIATOR iqn.2026-01.test.undine:pc", 120)
    pc.wait_for(f"IBFT-TARGET {san.TARGET} {SERVER}", 10)
    pc.wait_for("IBFT-CARD 52:54:00:77:00:01 10.77.0.1", 10)
    pc.wait_for(r"ROOT-ON /dev/\w+ / ext4", 120)
    pc.wait_for("ROOT-HOLDS written", 20)
    pc.wait_for("undine-disk login:", 20)
    assert target.sessions() >= 1
