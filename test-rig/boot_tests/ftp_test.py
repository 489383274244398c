# SPDX-License-Identifier: Apache-2.0
"""FTP: three servers, connections that break, and servers that do not keep to the rules."""

import hashlib
import time

import pytest

from rig import ftp, servers
from rig.lab import HTTP
from rig.payload import INITRD_OK, kernel, random_payload
from http_test import script_of

pytestmark = pytest.mark.undine  # Debian's iPXE has no FTP
FTP, OTHER, ODD = f"ftp://{servers.SERVER}", f"ftp://rack:secret@{servers.SERVER}:2121", f"ftp://{servers.SERVER}:2122"
PURE = f"ftp://{servers.SERVER}:2123"

# What is fetched from odd_ftp.py, and a word that the reason must contain.
REFUSED = {
    "MISSING": (f"{ODD}/550/data", "550"),
    "SHORT": (f"{ODD}/short/data", "more or less"),
    "LONG": (f"{ODD}/long/data", "more or less"),
    "NO-DATA": (f"{ODD}/no-data/data", "refuse"),
    "GONE": (f"{ODD}/gone/data", "refuse|broke|clos"),
    "ENDLESS": (f"{ODD}/endless/data", "FTP"),
    "PASSWORD": (f"ftp://rack:wrong@{servers.SERVER}:2121/data", "password"),
    "NO-ANONYMOUS": (f"ftp://{servers.SERVER}:2121/data", "password"),
}


def test_linux_from_three_servers_and_what_odd_ones_get(lab):
    """One boot: a file from each server and from one that cuts; and each refusal is named."""
    contents = random_payload(8)
    lab.publish("payload.cpio", contents.path)
    lab.publish("data", bytes(range(256)) * 64)
    lab.publish("of-pure-ftpd", kernel())
    missing, _ = REFUSED["MISSING"]
    refused = "".join(f"imgfetch --mirror {missing} {uri} || echo FAILED-{tag}\n" for tag, (uri, _) in REFUSED.items())  # a mirror: nobody waits ten times
    good = "".join(f"imgfetch {ODD}/{how}/data && imgfree data && echo GOT-{how}\n" for how in ("good", "elsewhere"))
    lab.serve("#!ipxe\n" + refused + good + f"imgfetch {PURE}/of-pure-ftpd\nsha256sum of-pure-ftpd\necho WENT-ON\nimgfree\n" + script_of(
        f"{FTP}/vmlinuz", f"{OTHER}/initrd.cpio", f"{ODD}/cut/payload.cpio").removeprefix("#!ipxe\n"))
    ftp.vsftpd(lab)
    ftp.pyftpdlib(lab, 2121, "rack", "secret")
    ftp.odd_ftp(lab)
    pure = ftp.pure_ftpd(lab)
    pc = lab.machine()
    for tag in REFUSED:
        pc.wait_for(f"^FAILED-{tag}$", 120)
    for how in ("good", "elsewhere"):
        pc.wait_for(f"^GOT-{how}$")
    pc.wait_for(hashlib.sha256(kernel().read_bytes()).hexdigest(), 60)
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == contents.checked
    unnamed = [tag for tag, (uri, reason) in REFUSED.items()
               if not lab.error_line(pc, uri.replace("rack:wrong@", ""), reason)]
    assert not unnamed, pc.unwrapped[-8000:]
    assert "of-pure-ftpd" in pure.transfers.read_text()
    assert "wrong@" not in pc.console and "secret@" not in pc.console  # no password is printed


def test_a_server_restarted_in_the_middle_is_resumed_to_the_byte(lab):
    contents = random_payload(64)  # 16 s at the first server's rate
    lab.publish("payload.cpio", contents.path)
    lab.serve(script_of(f"{HTTP}/vmlinuz", f"{HTTP}/initrd.cpio", f"{FTP}/payload.cpio"))
    slow = ftp.vsftpd(lab, lines=["anon_max_rate=4000000"])
    pc = lab.machine(memory=1024)
    pc.wait_for(r"payload\.cpio", 90)
    time.sleep(3)
    slow.kill()
    lab.namespace.kill_all("vsftpd")  # its sessions outlive it
    time.sleep(2)
    ftp.vsftpd(lab)
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 120) == contents.checked
    commands = slow.transfers.read_text()
    assert '"REST ' in commands, commands


def test_a_file_sent_again_from_the_beginning_by_a_server_that_cannot_resume(lab):
    contents = random_payload(8)
    lab.publish("payload.cpio", contents.path)
    lab.serve(script_of(f"{HTTP}/vmlinuz", f"{HTTP}/initrd.cpio", f"{ODD}/no-rest/payload.cpio"))
    ftp.odd_ftp(lab)
    pc = lab.machine()
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == contents.checked
