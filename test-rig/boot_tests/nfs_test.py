# SPDX-License-Identifier: Apache-2.0
"""NFS 3 and 4: a real server, links, a restart in the middle, and a server that does not keep to the rules."""

import time

import pytest

from rig import nfs, servers
from rig.lab import HTTP
from rig.payload import INITRD_OK, initrd, kernel, random_payload
from http_test import script_of

pytestmark = pytest.mark.undine


def odd(path):
    return f"nfs://{servers.SERVER}:2050{path}?version=3&mountport=2050"


# What is fetched from odd_nfs.py, and a word that the reason must contain.
REFUSED = {
    "MISSING": (odd("/export/good/missing"), "no such file"),
    "SHORT": (odd("/export/short/data"), "shorter"),
    "GREEDY": (odd("/export/greedy/data"), "sense"),
    "GARBAGE": (odd("/export/garbage/data"), "sense|closed"),
    "HUGE": (odd("/export/huge/data"), "sense"),
    "CIRCLE": (odd("/export/circle/data"), "link"),
    "NOT-EXPORTED": (odd("/secret/data"), "export"),
    "FOLDER": (odd("/export/good"), "directory"),
}


def test_linux_from_versions_3_and_4_through_links_and_what_odd_servers_get(lab):
    contents = random_payload(8)
    lab.publish("payload.cpio", contents.path)
    lab.publish("data", bytes(range(256)) * 1024)
    folder = nfs.export(lab, {"boot/vmlinuz": kernel(), "boot/initrd.cpio": initrd()}, {"current": "boot", "initrd": "current/initrd.cpio"})
    (folder / "kernel").symlink_to(folder / "boot" / "vmlinuz")
    missing, _ = REFUSED["MISSING"]
    refused = "".join(f"imgfetch --mirror {missing} {uri} || echo FAILED-{tag}\n" for tag, (uri, _) in REFUSED.items())  # a mirror: nobody waits ten times
    lab.serve("#!ipxe\n" + refused + f"imgfetch {odd('/export/good/data')} && imgfree data && echo GOT-good\necho WENT-ON\nimgfree\n" + script_of(
        f"nfs://{servers.SERVER}{folder}/kernel?version=3", f"nfs://{servers.SERVER}/export/initrd?version=4",
        odd("/export/cut/payload.cpio")).removeprefix("#!ipxe\n"))
    nfs.rpcbind(lab)
    nfs.ganesha(lab, folder)
    nfs.odd_nfs(lab)
    pc = lab.machine()
    for tag in REFUSED:
        pc.wait_for(f"^FAILED-{tag}$", 120)
    pc.wait_for("^GOT-good")
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == contents.checked
    unnamed = [tag for tag, (uri, reason) in REFUSED.items() if not lab.error_line(pc, uri, reason)]
    assert not unnamed, pc.unwrapped[-8000:]


@pytest.mark.parametrize("version", (3, 4))
def test_a_server_restarted_in_the_middle_is_resumed_to_the_byte(lab, version):
    contents = random_payload(64)
    folder = nfs.export(lab, {"payload.cpio": contents.path})
    path = folder if version == 3 else "/export"
    lab.serve(script_of(f"{HTTP}/vmlinuz", f"{HTTP}/initrd.cpio", f"nfs://{servers.SERVER}{path}/payload.cpio?version={version}"))
    if version == 3:
        nfs.rpcbind(lab)
    first = nfs.ganesha(lab, folder, versions=[version])
    lab.namespace.cut_after(2049, 24)
    pc = lab.machine(memory=1024)
    pc.wait_for(r"payload\.cpio.* \d+%", 90)
    time.sleep(1)
    first.kill()
    lab.namespace.mend_cut(2049)
    nfs.ganesha(lab, folder, versions=[version])
    pc.wait_for(INITRD_OK, 120)
    assert "attempt" in pc.unwrapped, pc.unwrapped[-2000:]
    assert pc.wait_for_line("sha256: ", 120) == contents.checked
