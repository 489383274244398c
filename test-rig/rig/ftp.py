# SPDX-License-Identifier: Apache-2.0
"""FTP servers. Every function takes a Lab and returns a Process that is ready; all know the anonymous user and serve copies of what is in
http_root when they start: they do not follow links out of their folder."""

import os
import shutil
import sys
from pathlib import Path

from . import servers
from .paths import RIG
from .unpacked import Tree


def root(lab):
    folder = lab.folder / "ftp"
    for path in sorted(lab.http_root.rglob("*")):
        target = folder / path.relative_to(lab.http_root)
        if path.is_dir() or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path.resolve(), target)
        except OSError:  # on another file system
            shutil.copy(path, target)
    lab.folder.chmod(0o755)  # the server changes to another user
    return folder


def vsftpd(lab, port=21, lines=()):
    tree = Tree("vsftpd")
    empty = lab.folder / "vsftpd-empty"
    empty.mkdir(exist_ok=True)
    config = lab.folder / "vsftpd.conf"
    config.write_text("\n".join([
        "listen=YES", f"listen_address={servers.SERVER}", f"listen_port={port}", "background=NO", "seccomp_sandbox=NO", "isolate=NO", "isolate_network=NO", "local_enable=NO",
        f"secure_chroot_dir={empty}", "anonymous_enable=YES", "ftp_username=daemon", f"anon_root={root(lab)}", "xferlog_enable=YES",
        "log_ftp_protocol=YES", f"vsftpd_log_file={lab.logs}/vsftpd.transfers", *lines]) + "\n")
    server = lab.process("vsftpd", *tree.command("usr/sbin/vsftpd", config))
    server.transfers = lab.logs / "vsftpd.transfers"
    return server.wait_until(lambda: lab.namespace.listening(port))


def pyftpdlib(lab, port=2121, user=None, password=None):
    """The FTP server of Python's; with a user it knows only that one."""
    tree = Tree("python3-pyftpdlib")
    login = ["-u", user, "-P", password] if user else []
    server = lab.process("pyftpdlib", "env", f"PYTHONPATH={tree / 'usr/lib/python3/dist-packages'}", sys.executable, "-W", "ignore",
                         "-m", "pyftpdlib", "-i", servers.SERVER, "-p", port, "-d", root(lab), *login)
    return server.wait_until(lambda: lab.namespace.listening(port))


def pure_ftpd(lab, port=2123):
    """Serves the home of the user `ftp`, which the machine may not have: the server is shown another list of users. (`ip netns exec` gives each
    process a view of its own of what is mounted.)"""
    tree = Tree("pure-ftpd")
    users = lab.folder / "ftp-users"
    known = [line for line in Path("/etc/passwd").read_text().splitlines() if not line.startswith("ftp:")]
    users.write_text("\n".join([*known, f"ftp:x:65532:65534::{root(lab)}:/usr/sbin/nologin"]) + "\n")
    server = lab.process("pure-ftpd", "sh", "-c", 'mount --bind "$0" /etc/passwd && exec "$@"', users, *tree.command(
        "usr/sbin/pure-ftpd", "-S", f"{servers.SERVER},{port}", "-e", "-H", "-g", lab.folder / "pure-ftpd.pid", "-O", f"clf:{lab.logs}/pure-ftpd.transfers"))
    server.transfers = lab.logs / "pure-ftpd.transfers"
    return server.wait_until(lambda: lab.namespace.listening(port))


def odd_ftp(lab, port=2122):
    """FTP servers that misbehave; the first folder of the path says how, see odd_ftp.py."""
    server = lab.process("odd-ftp", sys.executable, RIG / "rig" / "odd_ftp.py", servers.SERVER, port, lab.http_root)
    return server.wait_until(lambda: lab.namespace.listening(port))
