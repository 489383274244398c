# SPDX-License-Identifier: Apache-2.0
"""Programs other than plain Linux kernels: Xen, which is a Multiboot kernel of both versions and starts Debian's Linux from its modules; tagged images,
boot sectors, and programs of our own where nobody packages one; and what starts as Linux does: memdisk with disks of all kinds, memtest86+,
Debian's installer."""

import gzip
import hashlib
import re
import struct
import subprocess
from pathlib import Path

import pytest

from rig import payload
from rig.file_disks import iso
from rig.lab import HTTP
from rig.paths import RIG
from rig.programs import assemble, link
from rig.unpacked import Tree

pytestmark = pytest.mark.undine

SYSLINUX = Path("/usr/lib/syslinux")
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


@pytest.mark.parametrize("version, nic", ((1, "e1000"), (1, "rtl8139"), (2, "virtio-net-pci"), (2, "e1000")))
def test_xen_starts_linux_from_its_modules(lab, version, nic):
    program = lab.folder / "xen"
    program.write_bytes(xen(without=3 - version))
    lab.publish("xen", program)
    lab.serve(f"#!ipxe\nkernel {HTTP}/xen com1=115200,8n1 console=com1 loglvl=all noreboot\n"
              f"imgfetch {HTTP}/vmlinuz console=hvc0\nimgfetch {HTTP}/initrd.cpio\nboot\n")
    pc = lab.machine(nic, memory=1024)
    pc.wait_for(rf"booting xen \(Multiboot{'2' if version == 2 else ''}\)", 60)
    pc.wait_for("Bootloader: Undine", 60)
    pc.wait_for("Command line: com1=115200,8n1 console=com1", 30)
    pc.wait_for(r"Dom0 has maximum", 60)
    pc.wait_for(r"Linux version", 90)
    pc.wait_for("UNDINE-INITRD-OK", 90)


PROBE = "0123456789abcdef" * 125


@pytest.mark.parametrize("nic, then, signs", (
    ("e1000", "chain stays.nbi", ("NBI-REAL-GOOD", "NBI-STAYS")),
    ("rtl8139", "imgfetch program32.elf\nchain ends.nbi ||\nboot program32.elf", ("NBI-REAL-GOOD", "NBI-ALONE", r"\[nbp.rom-gone\]", "ELF-32-GOOD")),
    ("virtio-net-pci", "chain test.cbt program64.elf", ("COMBOOT line program64.elf", "COMBOOT read it", "ELF-64-GOOD"))))
def test_tagged_images_return_and_what_comes_next_starts(lab, nic, then, signs):
    """Each tagged image checks its header, DHCP's packet and INT 78h. `stays.nbi` goes to 90000h, where our own real-mode part was; `ends.nbi` gives
    the card away before it returns; the COMBOOT program has the ELF program started in its place."""
    for name in ("RETURNS", "FLAT", "ENDS", "STAYS"):
        assemble(lab, "nbi.asm", f"{name.lower()}.nbi", name)
    assemble(lab, "comboot.asm", "test.cbt")
    for bits in (32, 64):
        link(lab, bits, f"program{bits}.elf")
    lab.publish("probe.txt", PROBE)
    lab.serve(f"#!ipxe\nchain --autofree {HTTP}/returns.nbi\necho CAME-BACK-1\nchain --autofree flat.nbi\necho CAME-BACK-2\n{then}\n")
    pc = lab.machine(nic)
    for sign in ("NBI-REAL-GOOD", "CAME-BACK-1", "NBI-FLAT-GOOD", "CAME-BACK-2", *signs):
        pc.wait_for(sign, 60)
        if sign.startswith("COMBOOT line"):
            pc.wait_for("COMBOOT wants a key", 20)
            pc.type("k")


@pytest.mark.parametrize("nic, name, definitions, before, sign", (
    ("rtl8139", "sector.bin", (), "startpxe\n", "SECTOR 00000081 WHOLE"),
    ("e1000", "sector.bin", (), "", "SECTOR 00000081 WHOLE"),
    ("virtio-net-pci", "image.sdi", ("SDI",), "", "SECTOR [0-9A-F]{5}041 IMAGE-GOOD"),
    ("rtl8139", "image.sdi", ("SDI",), "", "SECTOR [0-9A-F]{5}041 IMAGE-GOOD")))
def test_boot_sectors_and_sdi_images_are_entered(lab, nic, name, definitions, before, sign):
    """With the PXE API behind it a boot sector has its drive in DL as well."""
    assemble(lab, "sector.asm", name, *definitions)
    lab.serve(f"#!ipxe\n{before}chain {HTTP}/{name} drive=0x81\n")
    lab.machine(nic).wait_for(sign, 60)


@pytest.mark.parametrize("nic", ("rtl8139", "e1000"))
def test_memdisk_starts_a_floppy_that_finds_our_pxe_stack(lab, nic):
    """`startpxe` leaves the PXE API behind a program that does not come back; the floppy reads a file over TFTP with it."""
    assemble(lab, RIG / "conformance" / "floppy.asm", "floppy.img")
    lab.publish("memdisk", SYSLINUX / "memdisk")
    lab.publish("probe.txt", PROBE)
    lab.serve(f"#!ipxe\nstartpxe\nkernel {HTTP}/memdisk floppy\ninitrd {HTTP}/floppy.img\nboot\n")
    pc = lab.machine(nic)
    pc.wait_for("MEMDISK", 60)
    pc.wait_for(r"FLOPPY\|2000\|0", 60)


@pytest.mark.parametrize("nic", ("virtio-net-pci", "rtl8139"))
def test_memdisk_starts_a_hard_disk(lab, nic):
    """A disk of syslinux' that prints the geometry which INT 13h gives it: memdisk's. It is packaged by xz."""
    lab.publish("disk.img.xz", SYSLINUX / "mbr/diag/geodsp/geodsp1s.img.xz")
    lab.publish("memdisk", SYSLINUX / "memdisk")
    lab.serve(f"#!ipxe\nkernel {HTTP}/memdisk harddisk\nimgextract {HTTP}/disk.img.xz\nboot\n")
    pc = lab.machine(nic)
    pc.wait_for(r"disk\.img: \d", 60)
    pc.wait_for("MEMDISK", 60)
    pc.wait_for("^D=(EDD|CHS)", 60)


def test_compressed_images_and_single_files_reach_linux(lab):
    """A kernel by Zstandard, an initrd by xz, and a file that is put into a folder which nobody has made."""
    file = bytes(range(256)) * 40 + b"end"
    for name, source, tool in (("vmlinuz.zst", payload.kernel(), ("zstd", "-q", "-1")), ("root.cpio.xz", payload.initrd(), ("xz", "-1"))):
        (lab.folder / name).write_bytes(subprocess.run([*tool, "-c", source], check=True, capture_output=True).stdout)
        lab.publish(name, lab.folder / name)
    lab.publish("odd.bin", file)
    lab.serve(f"#!ipxe\nkernel {HTTP}/vmlinuz.zst {payload.COMMAND_LINE} check=/srv/deep/odd.bin\nimgextract {HTTP}/root.cpio.xz\n"
              f"initrd {HTTP}/odd.bin /srv/deep/odd.bin mode=600 mkdir=-1\nimgstat\nboot\n")
    pc = lab.machine()
    pc.wait_for(payload.INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == f"sha256: /srv/deep/odd.bin {hashlib.sha256(file).hexdigest()} {len(file)}"


@pytest.mark.parametrize("nic", ("e1000", "rtl8139"))
def test_memtest86_starts(lab, nic):
    lab.publish("memtest", next((Tree("memtest86+") / "boot").glob("memtest86+x64.bin")))
    lab.serve(f"#!ipxe\nkernel {HTTP}/memtest console=ttyS0,115200\nboot\n")
    lab.machine(nic).wait_for(r"Memtest86\+", 90)


@pytest.mark.parametrize("nic", ("e1000", "virtio-net-pci"))
def test_debians_installer_reaches_its_first_screen(lab, nic):
    images = next((Tree("debian-installer-12-netboot-amd64") / "usr/lib/debian-installer").rglob("text/debian-installer/amd64/linux")).parent
    lab.publish("linux", images / "linux")
    lab.publish("initrd.gz", images / "initrd.gz")
    lab.serve(f"#!ipxe\nkernel {HTTP}/linux console=ttyS0 DEBIAN_FRONTEND=text BOOTIF=01-${{netX/mac:hexhyp}}\ninitrd {HTTP}/initrd.gz\nboot\n")
    lab.machine(nic, memory=1024).wait_for("Select a language", 240)


@pytest.mark.parametrize("nic, options, video", (("e1000", {}, ""), ("rtl8139", {"extra": ["-device", "VGA"]}, "VESA")))
def test_a_multiboot_kernel_without_elf_is_told_everything(lab, nic, options, video):
    assemble(lab, "multiboot.asm", "kernel.bin")
    for name, contents in (("one", "first"), ("two", "second"), ("three", "third")):
        lab.publish(name, contents)
    lab.serve(f"#!ipxe\nimgfetch {HTTP}/one\nkernel {HTTP}/kernel.bin a b c\nimgfetch {HTTP}/two with words\nimgfetch {HTTP}/three\nboot\n")
    pc = lab.machine(nic, **options)
    pc.wait_for("MODULES 3 one=first two with words=second three=third", 60)
    pc.wait_for(rf"VIDEO {video}\r?\n", 20)
    pc.wait_for("LINE kernel.bin a b c", 20)
    pc.wait_for("MULTIBOOT-GOOD", 20)


def test_a_com32_program_finds_its_api_and_runs_a_kernel(lab):
    """At last it comes from inside a disk, where it finds its files, the kernel and the initrd, and another disk is hooked."""
    program = assemble(lab, "com32.asm", "test.c32")
    lab.publish("hooked.img", "HOOK" * 4096)
    lab.publish("tools.iso", iso(lab.folder / "tools.iso", {
        "net/test.c32": program, "net/probe.txt": PROBE, "net/vmlinuz": payload.kernel(), "net/initrd.cpio": payload.initrd()}))
    lab.serve(f"#!ipxe\nchain {HTTP}/test.c32 status || echo STATUS-TOLD\nchain test.c32 crash || echo CRASH-TOLD\nimgfree\n"
              f"sanhook --no-describe {HTTP}/hooked.img\nchain {HTTP}/tools.iso!/net/test.c32 all of it\n")
    pc = lab.machine("rtl8139")
    pc.wait_for("STATUS-TOLD", 60)
    pc.wait_for("CRASH-TOLD", 20)
    assert lab.error_line(pc, "test.c32", "status 0x3") and lab.error_line(pc, "test.c32", "has crashed")
    pc.wait_for("COM32 is still there", 60)
    facts = re.findall(r"^COM32 (.*): (yes|no)\s*$", pc.unwrapped, re.MULTILINE)
    assert len(facts) == 20 and {answer for _, answer in facts} == {"yes"}, facts
    pc.wait_for(r"Kernel command line: .*initrd=initrd.cpio ip=10.77.0.\d+:10.77.0.1:10.77.0.1:255.255.255.0 BOOTIF=01-52-54-00-77-00-01", 90)
    pc.wait_for("UNDINE-INITRD-OK", 90)
    assert not any("/probe.txt" in line or "/vmlinuz" in line for line in lab.requests())


def test_a_comboot_program_runs_a_com32_program_that_shuffles(lab):
    """What the COM32 program puts in its own place has the PXE API, but nobody behind it to go back to: no RESTART_TFTP, and FILE_EXEC of `localboot`
    is the BIOS's next boot device."""
    assemble(lab, "com32.asm", "test.c32")
    assemble(lab, "comboot.asm", "test.cbt")
    lab.publish("probe.txt", PROBE)
    lab.serve(f"#!ipxe\nchain {HTTP}/test.cbt test.c32 here\n")
    pc = lab.machine()
    pc.wait_for("COMBOOT line test.c32 here", 60)
    pc.wait_for("COMBOOT wants a key", 20)
    pc.type("k")
    pc.wait_for("k!", 20)
    pc.wait_for("COMBOOT read it", 30)
    pc.wait_for(r"booting test.c32 \(COM32\) here", 30)
    pc.wait_for(r"SHUFFLED-AND-CLEARE(?!\?)", 30)
    pc.wait_for("RESTART-REFUSED", 20)
    pc.wait_for("No bootable device", 60)
    assert "CAME-BACK" not in pc.console
