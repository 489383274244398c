# SPDX-License-Identifier: Apache-2.0
"""Disk images that a machine boots by INT 13h alone, made from Debian's boot loaders and the rig's payload; kept in the cache."""

import hashlib
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
