# SPDX-License-Identifier: Apache-2.0
"""A disk with a system on it that finds the disk again: Debian's GRUB, kernel and open-iscsi, busybox, and a root file system of ext4, to a login prompt.

GRUB reads kernel and initrd by INT 13h. From there on the kernel has the card, and only the boot firmware table in memory says where the disk is.
"""

import re
import subprocess
from pathlib import Path

from . import cpio, payload
from .disks import SECTOR, Making, cached, grub_beginning, run
from .paths import RIG
from .unpacked import ARCHITECTURE, LIBRARIES, Tree

GRUB_CFG = """serial --unit=0 --speed=115200
terminal_output serial
set root=(hd0,msdos1)
linux /boot/vmlinuz console=ttyS0 quiet panic=-1
initrd /boot/initrd.cpio
boot
"""
GRUB_MODULES = "biosdisk part_msdos ext2 linux normal echo serial terminal".split()
INIT = """#!/bin/sh
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
echo "ROOT-ON $(grep ' / ' /proc/mounts)"
echo written > /written && sync && echo "ROOT-HOLDS $(cat /written)"
hostname undine-disk
while true; do setsid getty 115200 ttyS0; done
"""
START, ROOT_MIB = 2048, 96


def libraries(tree, program):
    """Where the shared libraries of a program of the tree are, and the name by which each is asked for."""
    folders = ":".join(str(tree.root / where / ARCHITECTURE) for where in LIBRARIES)
    listed = subprocess.run(["ldd", tree / program], check=True, capture_output=True, text=True, env={"LD_LIBRARY_PATH": folders}).stdout
    for name, path in re.findall(r"^\s*(?:(\S+) => )?(/\S+) \(", listed, re.MULTILINE):
        yield Path(path), f"lib/{name}" if name else path.lstrip("/")


def initrd(made) -> Path:
    tree = Tree("open-iscsi")
    path = made.folder / "initrd.cpio"
    with open(path, "wb") as file:
        archive = cpio.Writer(file)
        for folder in ("bin", "dev", "etc", "etc/iscsi", "lib", "lib64", "modules", "proc", "root", "run", "sys", "tmp", "var", "var/run"):
            archive.folder(folder)
        archive.device("dev/console", 5, 1)
        archive.file("bin/busybox", payload.busybox())
        archive.file("init", RIG / "rig" / "iscsi_init.sh")
        archive.file("bin/iscsistart", tree / "sbin/iscsistart")
        for source, name in libraries(tree, "sbin/iscsistart"):
            archive.file(name, source)
        for module in payload.kernel_and_modules()[1]:
            archive.file(f"modules/{module.name}", module)
        archive.finish()
    return path


def image() -> Path:
    kernel, modules = payload.kernel_and_modules()
    with payload.locked("iscsi-root"):
        path, is_missing = cached("iscsi-root.img", Path(__file__), kernel, RIG / "rig" / "iscsi_init.sh", *modules)
        if is_missing:
            with Making(path) as made:
                tree = made.folder / "tree"
                for name in ("bin", "boot", "dev", "etc", "proc", "root", "sbin", "sys", "tmp"):
                    (tree / name).mkdir(parents=True)
                made.write("tree/boot/vmlinuz", kernel.read_bytes())
                made.write("tree/boot/initrd.cpio", initrd(made).read_bytes())
                made.write("tree/bin/busybox", payload.busybox().read_bytes()).chmod(0o755)
                made.write("tree/sbin/init", INIT).chmod(0o755)
                made.write("tree/etc/passwd", "root::0:0:root:/root:/bin/sh\n")
                for command in ("sh", "mount", "grep", "cat", "echo", "sync", "hostname", "setsid", "getty", "login"):
                    (tree / "bin" / command).symlink_to("busybox")
                root = made.folder / "root.ext4"
                run("mke2fs", "-q", "-t", "ext4", "-O", "^metadata_csum", "-L", "undine", "-d", tree, root, f"{ROOT_MIB}M")
                beginning = grub_beginning(made, GRUB_CFG, GRUB_MODULES, 0x83, START, ROOT_MIB * payload.MIB // SECTOR)
                made.image.write_bytes(beginning + root.read_bytes())
    return path
