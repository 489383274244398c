# SPDX-License-Identifier: Apache-2.0
"""Disk images that a machine boots by INT 13h alone, made from Debian's boot loaders and the rig's payload; kept in the cache."""

import hashlib
import struct
import subprocess
from pathlib import Path

from . import payload
from .paths import CACHE

SYSLINUX_CFG = """SERIAL 0
DEFAULT linux
PROMPT 0
LABEL linux
 KERNEL vmlinuz
 INITRD initrd.cpio
 APPEND {arguments}
"""


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)


def cached(name, *inputs):
    """The path for a file that is made from `inputs` (paths and text), and whether it has to be made."""
    digest = hashlib.sha256()
    for thing in inputs:
        digest.update(thing.read_bytes() if isinstance(thing, Path) else str(thing).encode())
    path = CACHE / f"{name}-{digest.hexdigest()[:16]}"
    return path, not path.exists()


def syslinux(arguments="console=ttyS0 quiet panic=-1") -> Path:
    """A disk without partitions: FAT16, SYSLINUX, the payload's kernel and initrd. It reads by INT 13h and nothing else."""
    kernel, initrd = payload.kernel(), payload.initrd()
    with payload.locked("disks"):
        path, is_missing = cached("syslinux.img", kernel, initrd, SYSLINUX_CFG, arguments)
        if is_missing:
            partial = path.with_suffix(".partial")
            configuration = CACHE / "syslinux.cfg"
            configuration.write_text(SYSLINUX_CFG.format(arguments=arguments))
            partial.unlink(missing_ok=True)
            with open(partial, "wb") as file:
                file.truncate(32 * payload.MIB)
            run("mformat", "-i", partial, "-v", "UNDINE", "-c", "4", "-T", "65536", "-h", "16", "-s", "63", "::")
            run("syslinux", "--install", partial)
            run("mcopy", "-i", partial, configuration, "::/syslinux.cfg")
            run("mcopy", "-i", partial, kernel, "::/vmlinuz")
            run("mcopy", "-i", partial, initrd, "::/initrd.cpio")
            configuration.unlink()
            partial.rename(path)
    return path


SECTOR, CD_SECTOR = 512, 2048


def numbered(sectors, owner):
    """Sectors of 512 octets, each of which begins with its number and the name (4 letters) of its owner."""
    return bytearray(b"".join(struct.pack("<I4s", number, owner.encode()).ljust(SECTOR, b"\0") for number in range(sectors)))


def numbered_disk(sectors, owner, heads=16, track=63):
    """With one partition, whose end tells the geometry."""
    disk = numbered(sectors, owner)
    disk[446:462] = struct.pack("<BBBBBBBBII", 0x80, 1, 1, 0, 0x83, heads - 1, track, 0, track, sectors - track)
    disk[510:512] = b"\x55\xaa"
    return bytes(disk)


def numbered_cd(sectors, owner, catalogue=20, image=24):
    """As much of ISO 9660 and El Torito as a BIOS looks at: a descriptor, a boot record, a catalogue with one entry without emulation."""
    cd = numbered(sectors * CD_SECTOR // SECTOR, owner)

    def put(sector, contents):
        cd[sector * CD_SECTOR:(sector + 1) * CD_SECTOR] = contents.ljust(CD_SECTOR, b"\0")
    put(16, b"\1CD001\1")
    put(17, b"\0CD001\1EL TORITO SPECIFICATION".ljust(0x47, b"\0") + struct.pack("<I", catalogue))
    put(18, b"\xffCD001\1")
    put(catalogue, struct.pack("<BB26xH2s", 1, 0, -(1 + 0xAA55) & 0xFFFF, b"\x55\xaa") + struct.pack("<BBHBBHI20x", 0x88, 0, 0, 0, 0, 4, image))
    return bytes(cd)
