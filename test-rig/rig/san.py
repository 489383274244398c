# SPDX-License-Identifier: Apache-2.0
"""Servers of disks, and a disk that says what it reads."""

import hashlib
import os
import random
import subprocess
from pathlib import Path

from . import disks, payload
from .servers import SERVER
from .unpacked import ARCHITECTURE, Tree

TARGET = "iqn.2026-01.test.undine:disk"


class Tgt:
    """tgt, an iSCSI target: one target with the given files as LUN 1, 2 ... (LUN 0 is its controller). It can be killed and started again."""

    def __init__(self, lab, *files, read_only=(), chap=None, reverse_chap=None, digests=False, port=3260):
        self._lab, self._files, self._read_only, self._chap, self._reverse_chap, self._digests = lab, files, read_only, chap, reverse_chap, digests
        self._port, self._tree = port, Tree("tgt")
        self._starts = 0
        self.start()

    def start(self):
        self._starts += 1
        # A socket for each start: what a killed one left behind is in the way.
        socket = self._lab.folder / f"tgt{self._starts}"
        self._environment = ["env", f"TGT_IPC_SOCKET={socket}"]
        self.process = self._lab.process("tgtd", *self._environment, *self._tree.command("usr/sbin/tgtd", "-f", "--iscsi", f"portal={SERVER}:{self._port}"))
        self.process.wait_until(lambda: self._lab.namespace.listening(self._port) and Path(f"{socket}.0").exists())
        self._set_up()

    def _admin(self, *words):
        return self._lab.namespace.run(*self._environment, *self._tree.command("usr/sbin/tgtadm", "--lld", "iscsi", *words))

    def _set_up(self):
        self._admin("--mode", "target", "--op", "new", "--tid", 1, "-T", TARGET)
        for number, file in enumerate(self._files, 1):
            self._admin("--mode", "logicalunit", "--op", "new", "--tid", 1, "--lun", number, "-b", file)
            if number in self._read_only:
                self._admin("--mode", "logicalunit", "--op", "update", "--tid", 1, "--lun", number, "--params", "readonly=1")
        for account, more in ((self._chap, ()), (self._reverse_chap, ("--outgoing",))):
            if account:
                self._admin("--mode", "account", "--op", "new", "--user", account[0], "--password", account[1])
                self._admin("--mode", "account", "--op", "bind", "--tid", 1, "--user", account[0], *more)
        if self._digests:
            for name in ("HeaderDigest", "DataDigest"):
                self._admin("--mode", "target", "--op", "update", "--tid", 1, "--name", name, "--value", "CRC32C")
        self._admin("--mode", "target", "--op", "bind", "--tid", 1, "-I", "ALL")

    def kill(self):
        self.process.kill()

    def sessions(self):
        """How many initiators are logged in."""
        return self._admin("--mode", "target", "--op", "show").count("Initiator:")


def vblade(lab, file, shelf=1, slot=0, read_only=False):
    """vblade, an AoE target."""
    server = lab.process(f"vblade{shelf}.{slot}", *Tree("vblade").command("usr/sbin/vblade", *(["-r"] if read_only else []), shelf, slot, "lan", file))
    return server.wait_until(lambda: "sectors" in server.text())


def nbdkit(lab, file, name="", port=10809, filters=(), arguments=()):
    """nbdkit with one file for every export."""
    tree = Tree("nbdkit")
    library = tree / "usr/lib" / ARCHITECTURE / "nbdkit"
    server = lab.process("nbdkit", *tree.command("usr/bin/nbdkit", "-f", "-i", SERVER, "-p", port, *(f"--filter={library}/filters/nbdkit-{filter}-filter.so" for filter in filters),
                                                 library / "plugins/nbdkit-file-plugin.so", file, *arguments))
    return server.wait_until(lambda: lab.namespace.listening(port))


def qemu_nbd(lab, file, name="disk", port=10810, *more):
    """qemu-nbd with one export of that name, for any number of clients: a machine that is switched off does not say so."""
    server = lab.process("qemu-nbd", *Tree("qemu-utils").command("usr/bin/qemu-nbd", "-b", SERVER, "-p", port, "-t", "-e", "0", "-f", "raw", "-x", name, *more, file))
    return server.wait_until(lambda: lab.namespace.listening(port))


HASH_CFG = """serial --unit=0 --speed=115200
terminal_output serial
echo HASHING-{name}
hashsum --hash md5 (hd0){first}+{sectors}
echo HASHED-{name}
exit
"""
HASH_MODULES = "biosdisk normal echo serial terminal hashsum gcry_md5 minicmd".split()


class HashingDisk:
    """A disk that boots GRUB, which prints the MD5 of what INT 13h reads behind itself, and gives up."""

    FIRST = 4096

    def __init__(self, folder, name, mebibytes=8):
        self.name, self.path = name, folder / f"{name}.img"
        sectors = mebibytes * payload.MIB // disks.SECTOR
        configuration, core = folder / f"{name}.cfg", folder / f"{name}.core"
        configuration.write_text(HASH_CFG.format(name=name, first=self.FIRST, sectors=sectors))
        subprocess.run(["grub-mkimage", "-O", "i386-pc", "-p", "(hd0)/", "-c", configuration, "-o", core, *HASH_MODULES], check=True)
        data = random.Random(name).randbytes(sectors * disks.SECTOR)
        beginning = Path("/usr/lib/grub/i386-pc/boot.img").read_bytes() + core.read_bytes()
        assert len(beginning) < self.FIRST * disks.SECTOR
        with open(self.path, "wb") as file:
            file.write(beginning)
            file.seek(self.FIRST * disks.SECTOR)
            file.write(data)
            os.fsync(file.fileno())
        self.md5 = hashlib.md5(data).hexdigest()

    @property
    def line(self):
        """What a console shows if every octet was right."""
        return rf"{self.md5}  \(hd0\)"
