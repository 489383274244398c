# SPDX-License-Identifier: Apache-2.0
"""What the machines boot: Debian's kernel, a small initrd of busybox, and large files whose digest the guest prints.

The kernel comes from the package linux-image-amd64, kept in the cache outside the checkout; /init is init.sh.
"""

import fcntl
import hashlib
import os
import random
import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import cpio
from .paths import CACHE, RIG

MIB = 1 << 20
INITRD_OK = "UNDINE-INITRD-OK"
PROMPT = "payload# "
# Quiet, and nothing probed that a boot test does not need; panic=-1 ends QEMU (-no-reboot) instead of hanging.
COMMAND_LINE = "console=ttyS0 quiet panic=-1"


@contextmanager
def locked(name):
    """Two test workers may prepare the same file."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / (name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# What a system needs besides its kernel to reach a disk over iSCSI and mount it; those that they depend on come along.
MODULES = ("e1000", "iscsi_tcp", "iscsi_ibft", "sd_mod", "ext4", "crc32c_generic")


def kernel() -> Path:
    """Debian's kernel image; downloaded once."""
    return kernel_and_modules()[0]


def kernel_and_modules():
    """The kernel, and the files of its MODULES in the order in which they can be loaded."""
    path, modules = CACHE / "vmlinuz", CACHE / "modules"
    with locked("vmlinuz"):
        if not path.exists() or not modules.exists():
            depends = subprocess.run(["apt-cache", "depends", "linux-image-amd64"],
                                     check=True, capture_output=True, text=True).stdout
            package = re.search(r"Depends: (linux-image-\S+)", depends).group(1)
            with tempfile.TemporaryDirectory(dir=CACHE) as folder:
                # apt's own download user cannot write into a folder of root's
                subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package],
                               check=True, cwd=folder)
                deb = next(Path(folder).glob("*.deb"))
                subprocess.run(["dpkg", "-x", deb, folder], check=True)
                partial = Path(folder) / "modules"
                partial.mkdir()
                for number, module in enumerate(with_dependencies(Path(folder), MODULES)):
                    shutil.move(module, partial / f"{number:02}-{module.name}")
                shutil.move(next(Path(folder).glob("boot/vmlinuz-*")), path)
                shutil.rmtree(modules, ignore_errors=True)
                partial.rename(modules)
    return path, sorted(modules.iterdir())


def with_dependencies(folder: Path, names):
    """The files of the modules in `folder` and of all that they depend on, each behind those that it needs."""
    files = {path.name.partition(".")[0].replace("-", "_"): path for path in folder.rglob("*.ko")}
    ordered = []

    def add(name):
        path = files[name.replace("-", "_")]
        if path in ordered:
            return
        for needed in re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())[1].decode().split(","):
            if needed:
                add(needed)
        ordered.append(path)

    for name in names:
        add(name)
    return ordered


def busybox() -> Path:
    path = shutil.which("busybox")
    if not path:
        raise RuntimeError("busybox is not installed (Debian package busybox-static)")
    return Path(path)


def initrd() -> Path:
    """The small initrd: busybox, /init, a console."""
    script = RIG / "rig" / "init.sh"
    key = hashlib.sha256(busybox().read_bytes() + script.read_bytes()).hexdigest()[:16]
    path = CACHE / f"initrd-{key}.cpio"
    with locked("initrd"):
        if not path.exists():
            partial = path.with_suffix(".partial")
            with open(partial, "wb") as file:
                archive = cpio.Writer(file)
                for folder in ("bin", "dev", "proc", "tmp"):
                    archive.folder(folder)
                archive.device("dev/console", 5, 1)
                archive.device("dev/ttyS0", 4, 64)
                archive.device("dev/null", 1, 3)
                archive.file("bin/busybox", busybox())
                archive.file("init", script)
                archive.finish()
            partial.rename(path)
    return path


class Payload:
    """An initrd that holds one file, and what the guest must say of it after `check=/NAME`."""

    def __init__(self, path, name, size, sha256=None):
        self.path, self.name, self.size, self.sha256 = path, name, size, sha256

    @property
    def checked(self):
        """The line init.sh prints when every byte arrived."""
        return f"sha256: /{self.name} {self.sha256} {self.size}"

    @property
    def counted(self):
        """The line init.sh prints for `marks=/NAME`."""
        return f"marks: /{self.name} {self.size // MIB} of {self.size // MIB} MiB"


def random_payload(mebibytes) -> Payload:
    """A cpio with /payload.bin of pseudo-random bytes, the same in every run; kept in the cache."""
    name, size = "payload.bin", mebibytes * MIB
    data = random.Random(mebibytes).randbytes(size)
    path = CACHE / f"payload-{mebibytes}.cpio"
    with locked("payload"):
        if not path.exists():
            partial = path.with_suffix(".partial")
            with open(partial, "wb") as file:
                archive = cpio.Writer(file)
                archive.file(name, data, 0o644)
                archive.finish()
            partial.rename(path)
    return Payload(path, name, size, hashlib.sha256(data).hexdigest())


def sparse_payload(mebibytes, folder: Path) -> Payload:
    """A cpio in `folder` with a file of zeros in which each MiB starts with its number; needs little disk."""
    name = "payload.bin"
    contents = folder / name
    with open(contents, "wb") as file:
        for index in range(mebibytes):
            file.seek(index * MIB)
            file.write(b"MARK%011d\n" % index)
        file.truncate(mebibytes * MIB)
    path = folder / f"sparse-{mebibytes}.cpio"
    with open(path, "wb") as file:
        archive = cpio.Writer(file)
        archive.file(name, contents, 0o644)
        archive.finish()
    os.unlink(contents)
    return Payload(path, name, mebibytes * MIB)
