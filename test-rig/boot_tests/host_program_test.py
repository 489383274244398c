# SPDX-License-Identifier: Apache-2.0
"""The host program `undine` against real servers. No machine is booted."""

import hashlib
import re
import subprocess

import pytest

from rig import certificates, ftp, nfs, servers, tls
from rig.lab import HTTP
from rig.paths import BUILD

pytestmark = pytest.mark.undine
CONTENTS = bytes(range(256)) * 8192  # more than a window of TCP's


def undine(lab, *arguments):
    """Runs it inside the Lab's namespace, in its scratch folder."""
    return subprocess.run(lab.namespace.command(BUILD / "undine", *arguments), cwd=lab.folder, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def test_fetch_brings_a_file_by_each_protocol(lab):
    lab.publish("data", CONTENTS)
    lab.serve("")
    server = tls.nginx(lab, [tls.Site(443)])
    ftp.vsftpd(lab)
    nfs.odd_nfs(lab)
    root = certificates.made() / "root.crt"
    digest = hashlib.sha256(CONTENTS).hexdigest()
    for uri in (f"{HTTP}/data", f"https://{certificates.NAME}/data", f"tftp://{servers.SERVER}/data", f"ftp://{servers.SERVER}/data", f"nfs://{servers.SERVER}:2050/export/good/data?version=3&mountport=2050",
                f"{HTTP}/redirect/data"):
        done = undine(lab, "fetch", "--dns", servers.SERVER, "--trust", root, "--sha256", digest, "--output", "copy", uri)
        assert done.returncode == 0, (uri, done.stdout, done.stderr)
        assert (lab.folder / "copy").read_bytes() == CONTENTS
        (lab.folder / "copy").unlink()
    assert '"GET /data HTTP/1.1" 200' in server.access_log.read_text()


def test_fetch_says_why_it_failed_and_leaves_no_file(lab):
    lab.publish("data", CONTENTS)
    lab.serve("")
    tls.nginx(lab, [tls.Site(443)])
    for uri, reason in ((f"{HTTP}/missing", "404"), (f"tftp://{servers.SERVER}/missing", "no file of that name"), (f"https://{certificates.NAME}/data", r"\[trust\."),
                        ("http://nobody.boot.test/x", "no machine has that name")):
        done = undine(lab, "fetch", "--dns", servers.SERVER, "--output", "copy", uri)
        assert done.returncode == 1
        assert uri in done.stderr and re.search(reason, done.stderr), done.stderr
    wrong = undine(lab, "fetch", "--output", "copy", "--sha256", "00" * 32, f"{HTTP}/data")
    assert wrong.returncode == 1 and hashlib.sha256(CONTENTS).hexdigest() in wrong.stderr
    assert not list(lab.folder.glob("copy*"))


def test_run_online_fetches_from_real_servers_and_names_what_would_boot(lab):
    lab.serve("#!ipxe\necho from ${cwduri}\nkernel vmlinuz quiet\ninitrd initrd.cpio\nboot\n")
    (lab.folder / "first.ipxe").write_text("#!ipxe\nchain http://server.boot.test/boot.ipxe\n")
    done = undine(lab, "run", "--online", "--set", f"dns={servers.SERVER}", "first.ipxe")
    assert done.returncode == 0, done.stderr
    assert "from http://server.boot.test/\n" in done.stdout
    for name in ("vmlinuz", "initrd.cpio"):
        assert hashlib.sha256((lab.http_root / name).read_bytes()).hexdigest() in done.stdout
    assert "booting vmlinuz (bzImage) quiet" in done.stdout
    assert any("/vmlinuz" in line for line in lab.requests())
