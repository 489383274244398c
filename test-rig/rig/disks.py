# SPDX-License-Identifier: Apache-2.0
"""Disk images that a machine boots by INT 13h alone, made from Debian's boot loaders and the rig's payload and kept in the cache; and media whose sectors
have numbers."""

import hashlib
import struct
import subprocess
import tempfile
from pathlib import Path

from . import payload
from .paths import CACHE, RIG
from .programs import binary

SECTOR, CD_SECTOR = 512, 2048
ARGUMENTS = "console=ttyS0 quiet panic=-1"
SYSLINUX_MODULES = Path("/usr/lib/syslinux/modules/bios")
SYSLINUX_CFG = """SERIAL 0
DEFAULT linux
PROMPT 0
LABEL linux
 KERNEL vmlinuz
 INITRD initrd.cpio
 APPEND {arguments}
"""


def run(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


def cached(name, *inputs):
    """The path for a file that is made from `inputs` (paths and text), and whether it has to be made."""
    digest = hashlib.sha256()
    for thing in inputs:
        digest.update(thing.read_bytes() if isinstance(thing, Path) else str(thing).encode())
    path = CACHE / f"{name}-{digest.hexdigest()[:16]}"
    return path, not path.exists()


class Making:
    """A folder for what an image is made of, and the image, which gets its name in the cache when all went well."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(dir=CACHE)
        self.folder = Path(self._folder.name)
        self.image = self.folder / "image"
        return self

    def write(self, name, contents):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        return path

    def __exit__(self, kind, *_):
        if kind is None:
            self.image.rename(self.path)
        self._folder.cleanup()


def syslinux(arguments=ARGUMENTS) -> Path:
    """A disk without partitions: FAT16, SYSLINUX, the payload's kernel and initrd. It reads by INT 13h and nothing else."""
    kernel, initrd = payload.kernel(), payload.initrd()
    with payload.locked("disks"):
        path, is_missing = cached("syslinux.img", Path(__file__), kernel, initrd, arguments)
        if is_missing:
            with Making(path) as made:
                configuration = made.write("syslinux.cfg", SYSLINUX_CFG.format(arguments=arguments))
                with open(made.image, "wb") as file:
                    file.truncate(32 * payload.MIB)
                run("mformat", "-i", made.image, "-v", "UNDINE", "-c", "4", "-T", "65536", "-h", "16", "-s", "63", "::")
                run("syslinux", "--install", made.image)
                for source, name in ((configuration, "syslinux.cfg"), (kernel, "vmlinuz"), (initrd, "initrd.cpio")):
                    run("mcopy", "-i", made.image, source, f"::/{name}")
    return path


def isolinux(arguments=ARGUMENTS) -> Path:
    """A CD that boots by El Torito without emulation: ISOLINUX, the payload's kernel and initrd."""
    kernel, initrd = payload.kernel(), payload.initrd()
    with payload.locked("disks"):
        path, is_missing = cached("isolinux.iso", Path(__file__), kernel, initrd, arguments)
        if is_missing:
            with Making(path) as made:
                made.write("tree/isolinux.cfg", SYSLINUX_CFG.format(arguments=arguments))
                for source, name in ((Path("/usr/lib/ISOLINUX/isolinux.bin"), "isolinux.bin"), (SYSLINUX_MODULES / "ldlinux.c32", "ldlinux.c32"),
                                     (kernel, "vmlinuz"), (initrd, "initrd.cpio")):
                    made.write(f"tree/{name}", source.read_bytes())
                run("xorriso", "-as", "mkisofs", "-quiet", "-o", made.image, "-b", "isolinux.bin", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4",
                    "-boot-info-table", "-V", "UNDINE", made.folder / "tree")
    return path


GRUB = Path("/usr/lib/grub/i386-pc")


def grub_beginning(made, configuration, modules, kind, start, sectors, heads=255) -> bytes:
    """What GRUB has in front of the first partition, which is of that kind: its boot sector, and its core with the configuration in it."""
    core = made.folder / "core.img"
    run("grub-mkimage", "-O", "i386-pc", "-p", "(hd0,msdos1)/grub", "-c", made.write("grub.cfg", configuration), "-o", core, *modules)
    boot = bytearray((GRUB / "boot.img").read_bytes())
    # GRUB has code for diskettes where the table is.
    boot[446:510] = struct.pack("<BBBBBBBBII", 0x80, 1, 1, 0, kind, heads - 1, 63, 0, start, sectors).ljust(64, b"\0")
    beginning = bytes(boot) + core.read_bytes()
    assert len(beginning) <= start * SECTOR
    return beginning.ljust(start * SECTOR, b"\0")


GRUB_CFG = """serial --unit=0 --speed=115200
terminal_output serial
set root=(hd0,{partition})
load_env -f /grubenv
echo GRUB-FOUND-$found-$cmdpath
set found=written
save_env -f /grubenv found
set found=
load_env -f /grubenv
echo GRUB-READ-$found
linux /vmlinuz {arguments}
initrd /initrd.cpio
boot
"""
GRUB_MODULES = "biosdisk part_msdos part_gpt fat linux normal echo serial terminal loadenv test".split()


def grub(arguments=ARGUMENTS) -> Path:
    """A disk with one partition: GRUB, which writes to a file and reads it again, then the payload's kernel and initrd from a FAT."""
    kernel, initrd = payload.kernel(), payload.initrd()
    start = 2048
    with payload.locked("disks"):
        path, is_missing = cached("grub.img", Path(__file__), kernel, initrd, arguments)
        if is_missing:
            with Making(path) as made:
                sectors = 32 * payload.MIB // SECTOR
                configuration = GRUB_CFG.format(arguments=arguments, partition="msdos1")
                made.image.write_bytes(grub_beginning(made, configuration, GRUB_MODULES, 0x0E, start, sectors, heads=16))
                with open(made.image, "r+b") as file:
                    file.truncate((start + sectors) * SECTOR)
                fill_fat(made, start, sectors, kernel, initrd)
    return path


def fill_fat(made, start, sectors, kernel, initrd):
    """What GRUB_CFG loads, in a file system that begins there in the image."""
    fat = f"{made.image}@@{start * SECTOR}"
    run("mformat", "-i", fat, "-v", "UNDINE", "-c", "4", "-T", sectors, "-h", "16", "-s", "63", "-H", start, "::")
    environment = made.write("grubenv", "# GRUB Environment Block\nfound=nothing\n".ljust(1024, "#"))
    for source, name in ((environment, "grubenv"), (kernel, "vmlinuz"), (initrd, "initrd.cpio")):
        run("mcopy", "-i", fat, source, f"::/{name}")


BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649"  # the type of a partition that holds a boot loader's code and no files


def grub_on_gpt(arguments=ARGUMENTS) -> Path:
    """The same with a GPT, behind whose protective MBR GRUB has a partition of its own for its core."""
    kernel, initrd = payload.kernel(), payload.initrd()
    core_start, start, sectors, behind = 64, 2048, 32 * payload.MIB // SECTOR, 64
    with payload.locked("disks"):
        path, is_missing = cached("grub-gpt.img", Path(__file__), kernel, initrd, arguments)
        if is_missing:
            with Making(path) as made:
                core = made.folder / "core.img"
                run("grub-mkimage", "-O", "i386-pc", "-p", "(hd0,gpt2)/grub", "-c", made.write("grub.cfg", GRUB_CFG.format(arguments=arguments, partition="gpt2")),
                    "-o", core, *GRUB_MODULES)
                with open(made.image, "wb") as file:
                    file.truncate((start + sectors + behind) * SECTOR)
                table = f"label: gpt\nfirst-lba: {core_start}\nstart={core_start}, size={start - core_start}, type={BIOS_BOOT}\nstart={start}, size={sectors}\n"
                subprocess.run(["sfdisk", "-q", made.image], input=table, text=True, check=True, capture_output=True)
                code, core = (GRUB / "boot.img").read_bytes(), bytearray(core.read_bytes())
                assert core_start * SECTOR + len(core) <= start * SECTOR
                core[0x1F4:0x1FC] = struct.pack("<Q", core_start + 1)  # its first sector loads the rest of it from there
                with open(made.image, "r+b") as file:
                    file.write(code[:0x5C] + struct.pack("<Q", core_start) + code[0x64:440])
                    file.seek(core_start * SECTOR)
                    file.write(core)
                fill_fat(made, start, sectors, kernel, initrd)
    return path


def numbered(sectors, owner):
    """Sectors of 512 octets, each of which begins with its number and the name (4 letters) of its owner."""
    return bytearray(b"".join(struct.pack("<I4s", number, owner.encode()).ljust(SECTOR, b"\0") for number in range(sectors)))


def boot_sector(name) -> bytes:
    """One of those in test-rig/conformance."""
    with tempfile.TemporaryDirectory() as folder:
        return binary(RIG / "conformance" / f"{name}.asm", Path(folder, name)).read_bytes()


def giving_up() -> bytes:
    """A boot sector that prints its drive's number and gives up."""
    return boot_sector("gives_up")


def labelled(label, files) -> bytes:
    """A disk with nothing to boot but on its one partition, an ext2 of that name with `files` (name and text), whose boot sector gives up."""
    start, sectors = 2048, 4096
    with tempfile.TemporaryDirectory() as folder:
        tree, image = Path(folder, "tree"), Path(folder, "image")
        tree.mkdir()
        for name, text in files.items():
            (tree / name).write_text(text)
        run("mke2fs", "-q", "-F", "-t", "ext2", "-L", label, "-d", tree, image, f"{sectors // 2}K")
        contents = bytearray(image.read_bytes())
    sector = giving_up()
    contents[:len(sector)] = sector
    table = struct.pack("<BBBBBBBBII", 0, 254, 255, 255, 0x83, 254, 255, 255, start, sectors)
    return bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa" + bytes((start - 1) * SECTOR) + bytes(contents)


def numbered_disk(sectors, owner, heads=16, track=63):
    """With one partition, whose end tells the geometry."""
    disk = numbered(sectors, owner)
    disk[446:462] = struct.pack("<BBBBBBBBII", 0x80, 1, 1, 0, 0x83, heads - 1, track, 0, track, sectors - track)
    disk[510:512] = b"\x55\xaa"
    return bytes(disk)


def numbered_cd(sectors, owner, catalogue=20, image=24, media_type=0, boot=b""):
    """As much of ISO 9660 and El Torito as a BIOS looks at: a descriptor, a boot record, a catalogue with one entry, which leads to `boot`."""
    cd = numbered(sectors * CD_SECTOR // SECTOR, owner)

    def put(sector, contents):
        cd[sector * CD_SECTOR:(sector + 1) * CD_SECTOR] = contents.ljust(CD_SECTOR, b"\0")
    put(16, b"\1CD001\1")
    put(17, b"\0CD001\1EL TORITO SPECIFICATION".ljust(0x47, b"\0") + struct.pack("<I", catalogue))
    put(18, b"\xffCD001\1")
    put(catalogue, struct.pack("<BB26xH2s", 1, 0, -(1 + 0xAA55) & 0xFFFF, b"\x55\xaa") + struct.pack("<BBHBBHI20x", 0x88, media_type, 0, 0, 0, 1, image))
    cd[image * CD_SECTOR:image * CD_SECTOR + len(boot)] = boot
    return bytes(cd)
