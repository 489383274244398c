# SPDX-License-Identifier: Apache-2.0
"""Who asks, and with what: Digest of two kinds, Basic, parameters that are posted, header fields of the user's own, digests and mirrors."""

import hashlib

import pytest

from rig import servers, web
from rig.lab import HTTP

pytestmark = pytest.mark.undine
DATA = bytes(range(256)) * 256
RIGHT, WRONG = hashlib.sha256(DATA).hexdigest(), hashlib.sha256(b"other").hexdigest()
MD5, SHA256 = (f"http://rack:secret@{servers.SERVER}:{port}/auth/data" for port in (8090, 8091))


def test_passwords_parameters_digests_and_mirrors(lab):
    lab.publish("data", DATA)
    good = {"digest-md5": MD5, "digest-sha256": SHA256, "basic": f"http://rack:secret@{servers.SERVER}/auth/data",
            "sum": f"--sha256 {RIGHT} {HTTP}/data", "mirror": f"--mirror {HTTP}/data {HTTP}/missing"}
    bad = {"password": MD5.replace("secret", "wrong"), "sum": f"--sha256 {WRONG} {HTTP}/data"}
    script = "".join(f"imgfetch {what} && imgfree && echo GOT-{name}\n" for name, what in good.items())
    script += "".join(f"imgfetch {what} && echo ACCEPTED-{name} || echo REFUSED-{name}\n" for name, what in bad.items())
    script += ("params\nparam mac ${net0/mac}\nparam odd a&b=c\nparam --header X-Rack seven\n"
               f"imgfetch --name posted {HTTP}/echo/script##params && echo POSTED\n")
    lab.serve(f"#!ipxe\n{script}shell\n")
    web.apache(lab)
    web.lighttpd(lab)
    pc = lab.machine()
    for name in good:
        pc.wait_for(f"^GOT-{name}$", 90)
    for name in bad:
        assert pc.wait_for(rf"^(REFUSED|ACCEPTED)-{name}$", 60)[1] == "REFUSED"
    assert lab.error_line(pc, f"{HTTP}/data", "digest|sum|sha")
    pc.wait_for("^POSTED$", 60)
    assert "secret@" not in pc.console and "wrong@" not in pc.console
    assert any('"POST /echo/script HTTP/1.1" 200' in line for line in lab.requests())
