# SPDX-License-Identifier: Apache-2.0
"""HTTPS from servers of every good kind, who wants to know who we are included, files that are encrypted for us; broken in the middle, over a proxy, and on a machine whose clock is wrong."""

import hashlib
import random
import time

import pytest

from rig import certificates, cms, ntp, servers, tls, web
from rig.lab import HTTP
from rig.payload import INITRD_OK, random_payload
from rig.tls import publish_roots, trusting
from http_test import script_of

pytestmark = pytest.mark.undine
NAME = certificates.NAME

# Port, certificate, lines for nginx and whether a staple is sent: each serves one small file.
KINDS = {
    "tls-12-ecdsa": tls.Site(8401, lines=tls.VERSION_12),
    "tls-12-rsa": tls.Site(8402, "good-rsa", tls.VERSION_12),
    "tls-13-rsa": tls.Site(8403, "good-rsa", tls.VERSION_13),
    "tls-13-p384": tls.Site(8404, "good-p384", tls.VERSION_13),
    "wildcard": tls.Site(8405, "good-wildcard"),
    "issuer-fetched": tls.Site(8406, "good-aia"),
    "staple": tls.Site(8407, "good-staple", staple=True),
    "chacha-12": tls.Site(8408, lines=tls.VERSION_12 + "ssl_ciphers ECDHE-ECDSA-CHACHA20-POLY1305; "),
    "aes-256-12": tls.Site(8409, lines=tls.VERSION_12 + "ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384; "),
    "p384-group": tls.Site(8410, lines="ssl_ecdh_curve secp384r1; "),
    "client-12": tls.Site(8411, lines=tls.VERSION_12 + "CLIENT"),
    "client-13": tls.Site(8412, lines=tls.VERSION_13 + "CLIENT"),
}
# What openssl is told, and whether anybody has changed an octet on the way.
ENCRYPTED = {"gcm": (["-aes-256-gcm"], False), "cbc": (["-aes-128-cbc"], False), "oaep": (["-aes-128-gcm", "-keyopt", "rsa_padding_mode:oaep"], False),
             "changed": (["-aes-256-gcm"], True)}


def test_linux_from_servers_of_every_kind(lab):
    """One boot: a small file from each, encrypted files, then the kernel over TLS 1.3 after a redirect from http, and a payload of TLS 1.2."""
    contents = random_payload(8)
    lab.publish("payload.cpio", contents.path)
    lab.publish("data", bytes(range(256)) * 512)
    publish_roots(lab)
    # Several of the pieces in which a file is decrypted, and no whole number of blocks.
    secret = random.Random(7).randbytes(1_000_003)
    for kind, (options, is_changed) in ENCRYPTED.items():
        data, envelope = cms.encrypted(secret, "signer", *options)
        lab.publish(f"{kind}.dat", data[:-1] + bytes([data[-1] ^ is_changed]))
        lab.publish(f"{kind}.env", envelope)
    for name in ("client.pem", "client.key", "signer.pem", "signer.key"):
        lab.publish(name, certificates.made() / name)
    we_are = f"imgset cert {HTTP}/NAME.pem && imgset privkey {HTTP}/NAME.key\n"
    script = we_are.replace("NAME", "signer")
    script += "".join(f"imgdecrypt {HTTP}/{kind}.dat {HTTP}/{kind}.env && sha256sum {kind} && imgfree {kind} && echo GOT-{kind} || echo REFUSED-{kind}\n" for kind in ENCRYPTED)
    script += we_are.replace("NAME", "client")
    script += "".join(f"imgfetch https://{NAME}:{site.port}/data && imgfree data && echo GOT-{kind}\n" for kind, site in KINDS.items())
    lab.serve(trusting(script + script_of(f"http://{servers.SERVER}:8420/vmlinuz", f"https://{NAME}/initrd.cpio",
                                          f"https://{servers.SERVER}:8401/payload.cpio").removeprefix("#!ipxe\n")))
    server = tls.nginx(lab, [tls.Site(443), *(site._replace(lines=site.lines.replace("CLIENT", tls.wants_client_certificate())) for site in KINDS.values())])
    servers.nginx_with(lab, "nginx-redirect", f"listen 8420; return 302 https://{NAME}$request_uri; ").wait_until(
        lambda: lab.namespace.listening(8420))
    pc = lab.machine()
    for kind, (_, is_changed) in ENCRYPTED.items():
        if not is_changed:
            assert pc.wait_for(rf"^(\w+)  {kind}$", 60)[1] == hashlib.sha256(secret).hexdigest()
        assert pc.wait_for(f"^(GOT|REFUSED)-{kind}$", 60)[1] == ("REFUSED" if is_changed else "GOT")
    assert lab.error_line(pc, "changed", r"envelope\.wrong")
    for kind in KINDS:
        pc.wait_for(f"^GOT-{kind}$", 60)
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == contents.checked
    assert '"GET /vmlinuz HTTP/1.1" 200' in server.access_log.read_text()


def test_a_server_restarted_in_the_middle_is_resumed_to_the_byte(lab):
    contents = random_payload(64)
    lab.publish("payload.cpio", contents.path)
    publish_roots(lab)
    lab.serve(trusting(script_of(f"{HTTP}/vmlinuz", f"{HTTP}/initrd.cpio", f"https://{NAME}/payload.cpio")))
    slow = tls.nginx(lab, [tls.Site(443)], rate="8m")
    pc = lab.machine(memory=1024)
    pc.wait_for(r"payload\.cpio", 90)
    time.sleep(3)
    slow.kill()
    time.sleep(2)
    again = tls.nginx(lab, [tls.Site(443)], name="nginx-again")
    pc.wait_for(INITRD_OK, 180)
    assert pc.wait_for_line("sha256: ", 120) == contents.checked
    assert " 206 " in again.access_log.read_text()


def test_a_wrong_clock_is_set_by_a_time_server_before_certificates_are_looked_at(lab):
    lab.publish("data", bytes(range(256)) * 64)
    publish_roots(lab)
    lab.serve(trusting(f"ntp {servers.SERVER}\nimgfetch https://{NAME}/data && echo GOT-IT || echo REFUSED\nshell\n"))
    ntp.chrony(lab)
    tls.nginx(lab, [tls.Site(443)])
    pc = lab.machine(extra=["-rtc", "base=2001-01-01"])
    assert pc.wait_for("^(GOT-IT|REFUSED)$", 90)[1] == "GOT-IT"


def test_through_a_proxy_plain_and_with_connect(lab):
    """By address: the proxy would ask the names of the machine that the rig runs on."""
    lab.publish("data", bytes(range(256)) * 512)
    publish_roots(lab)
    lab.serve(trusting(f"set proxy http://{servers.SERVER}:8888\nimgfetch http://{servers.FAR}:81/data && imgfree && echo GOT-PLAIN\n"
                       f"imgfetch https://{servers.SERVER}/data && echo GOT-SECURE\nshell\n"))
    servers.nginx(lab, port=81, address=servers.FAR, name="nginx-far")
    tls.nginx(lab, [tls.Site(443)])
    proxy = web.tinyproxy(lab)
    pc = lab.machine()
    pc.wait_for("^GOT-PLAIN$", 90)
    pc.wait_for("^GOT-SECURE$", 60)
    assert f"GET http://{servers.FAR}:81/data" in proxy.text() and f"CONNECT {servers.SERVER}:443" in proxy.text()
