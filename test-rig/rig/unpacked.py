# SPDX-License-Identifier: Apache-2.0
"""Server packages that are not installed: unpacked into the cache, so that none of them starts a service on the machine, now or at its
next start, and packages that exclude each other (the FTP servers) can both be used.

    Tree("lighttpd", "lighttpd-mod-openssl").command("usr/sbin/lighttpd", "-D")
"""

import shutil
import subprocess
from pathlib import Path

from .paths import CACHE
from .payload import locked

LIBRARIES = ("lib", "usr/lib")
ARCHITECTURE = "x86_64-linux-gnu"


class Tree:
    """A folder with the named packages and those of their dependencies that the machine lacks; downloaded once, by apt. `alone`: nothing they depend on, for packages
    of which only files are wanted."""

    def __init__(self, *packages, alone=False):
        self.root = CACHE / "unpacked" / "-".join(packages)
        with locked(f"unpacked-{packages[0]}"):
            if not self.root.exists():
                self._unpack(packages, alone)

    def _unpack(self, packages, alone):
        archives, partial = (self.root.with_name(f"{self.root.name}.{kind}") for kind in ("archives", "partial"))
        for folder in (archives, partial):
            shutil.rmtree(folder, ignore_errors=True)
        (archives / "partial").mkdir(parents=True)
        partial.mkdir()
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
        # --reinstall: also what is installed. apt's own download user cannot write into a folder of root's.
        download = [*apt, "-o", "APT::Sandbox::User=root", "-o", f"Dir::Cache::archives={archives}", "install", "-y", "--no-install-recommends",
                    "--download-only", "--reinstall", *packages]
        if alone:
            download = [*apt, "-o", "APT::Sandbox::User=root", "download", *packages]
        if subprocess.run(download, cwd=archives, stdin=subprocess.DEVNULL).returncode != 0:
            # An index that is missing, or so old that it names files that are gone.
            subprocess.run([*apt, "update"], check=True, stdin=subprocess.DEVNULL)
            subprocess.run(download, cwd=archives, check=True, stdin=subprocess.DEVNULL)
        for archive in sorted(archives.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", archive, partial], check=True)
        shutil.rmtree(archives)
        partial.rename(self.root)

    def __truediv__(self, path) -> Path:
        return self.root / path

    def command(self, program, *arguments):
        """The command line for a program of the tree, which finds the libraries of the tree."""
        folders = [self.root / where / ARCHITECTURE for where in LIBRARIES]
        folders += [self.root / "usr/lib/ganesha", self.root / "usr/lib" / ARCHITECTURE / "libnfsidmap"]  # the latter's are opened by name
        return ["env", "LD_LIBRARY_PATH=" + ":".join(map(str, folders)), str(self.root / program), *map(str, arguments)]
