# SPDX-License-Identifier: Apache-2.0
"""What must not be believed: servers and certificates, each with the one thing that is wrong with it, all in one boot.

No octet of such a file may be used, the reason must be said, and the script goes on. What is said is kept in docs/tls-refusals.md, which this
test writes; it fails when the file in the tree says something else, so that no sentence changes unseen.
"""

import re
from typing import NamedTuple

import pytest

from rig import certificates, servers, tls
from rig.paths import CHECKOUT

FIRST_PORT = 8400
TABLE = CHECKOUT / "docs" / "tls-refusals.md"
HEADER = """# What HTTPS refuses

Each row is a server that the rig plays: what is wrong with it, and what is said then. `test-rig/boot_tests/tls_refusals_test.py` writes this
file and fails if it changes. In none of these cases is anything of the file used.

| the server | what is said |
|---|---|
"""


class Case(NamedTuple):
    description: str
    cause: str              # a regular expression for the name of the cause
    certificate: str = ""   # nginx with this one, and ...
    lines: str = ""         # ... these lines
    staple: bool = False
    behaviour: str = ""     # or odd_tls.py with this
    s_server: tuple = ()    # or openssl s_server with these options
    host: str = certificates.NAME


CASES = (
    Case("certificate has run out", r"trust\.expired", "expired"),
    Case("certificate is not valid yet", r"trust\.not-yet-valid", "not-yet-valid"),
    Case("issuer's certificate has run out", r"trust\.expired", "expired-issuer"),
    Case("certificate signed by itself", r"trust\.self-signed", "self-signed"),
    Case("root that nobody knows", r"trust\.unknown-root", "unknown-root"),
    Case("intermediate certificate missing", r"trust\.unknown-root", "missing-intermediate"),
    Case("certificate for another name", r"trust\.wrong-name", "other-name"),
    Case("name only in the common name", r"trust\.wrong-name", "name-in-cn-only"),
    Case("address written as a DNS name", r"trust\.wrong-name", "address-as-dns-name", host=servers.SERVER),
    Case("certificate without the address that was asked", r"trust\.wrong-name", "good-wildcard", host=servers.SERVER),
    Case("wildcard for two labels, *.test", r"trust\.wrong-name", "wildcard-too-short"),
    Case("wildcard in the middle, server.*.test", r"trust\.wrong-name", "wildcard-in-the-middle"),
    Case("one bit of the certificate's signature is wrong", r"trust\.forged-signature", "forged"),
    Case("one bit of the issuer's signature is wrong", r"trust\.forged-signature", "forged-issuer"),
    Case("issuer is another server", r"trust\.issuer-not-ca", "signed-by-a-server"),
    Case("issuer's certificate is of version 1", r"trust\.(issuer-not-ca|malformed)", "signed-by-a-v1-certificate"),
    Case("issuer's key may not sign certificates", r"trust\.issuer-not-ca", "issuer-may-not-sign"),
    Case("path longer than its issuer allows", r"trust\.path-too-long", "path-too-long"),
    Case("issuer may only give other names", r"trust\.name-constraints", "name-not-permitted"),
    Case("issuer may not give such names", r"trust\.name-constraints", "name-excluded"),
    Case("signature with SHA-1", r"trust\.weak-signature", "sha1-signature"),
    Case("issuer's signature with MD5", r"trust\.weak-signature", "md5-issuer"),
    Case("RSA key of 1024 bits", r"(trust|tls)\.weak-key", "rsa-1024"),
    Case("certificate for clients only", r"trust\.wrong-purpose", "for-clients-only"),
    Case("critical extension that nobody knows", r"trust\.unknown-extension", "unknown-critical-extension"),
    Case("must-staple, and no staple", r"trust\.must-staple", "staple-missing"),
    Case("staple says revoked", r"trust\.revoked", "revoked", staple=True),
    Case("staple signed by a stranger", r"trust\.staple-invalid", "staple-by-a-stranger", staple=True),
    Case("only TLS 1.0", r"tls\.(old-version|nothing-in-common)", "good", "ssl_protocols TLSv1; "),
    Case("only TLS 1.1", r"tls\.(old-version|nothing-in-common)", "good", "ssl_protocols TLSv1.1; "),
    Case("answers with TLS 1.0 all the same", r"tls\.old-version", behaviour="version-10"),
    Case("answers with TLS 1.1 all the same", r"tls\.old-version", behaviour="version-11"),
    Case("only CBC ciphers", r"tls\.nothing-in-common", "good", tls.VERSION_12 + "ssl_ciphers ECDHE-ECDSA-AES128-SHA; "),
    Case("only RSA key exchange", r"tls\.nothing-in-common", "good-rsa", tls.VERSION_12 + "ssl_ciphers AES128-GCM-SHA256; "),
    Case("chooses RC4, which was not offered", r"tls\.\S+", behaviour="rc4"),
    Case("only the group secp521r1", r"tls\.nothing-in-common", s_server=("-groups", "P-521")),
    Case("offer of TLS 1.3 taken out by somebody between", r"tls\.\S+", behaviour="downgrade"),
    Case("signature of the handshake is wrong", r"tls\.(bad-signature|damaged)", behaviour="bad-signature"),
    Case("record spoilt on its way", r"tls\.damaged", behaviour="bad-mac"),
    Case("record too long", r"tls\.\S+", behaviour="record-too-long"),
    Case("end in the middle of a record", r"tls\.(closed-in-handshake|truncated)", behaviour="half-record"),
    Case("handshake message of 16 MiB", r"tls\.\S+", behaviour="endless"),
    Case("nothing but warnings", r"tls\.\S+", behaviour="flood"),
    Case("alert instead of an answer", r"tls\.server-failed", behaviour="alert"),
    Case("garbage instead of TLS", r"tls\.not-tls", behaviour="garbage"),
    Case("plain HTTP on that port", r"tls\.not-tls", behaviour="plain-http"),
    Case("FTP on that port", r"tls\.not-tls", behaviour="banner"),
    Case("connection closed at once", r"tls\.closed-in-handshake|tcp\.reset", behaviour="closes-at-once"),
    Case("silence", r"\S+", behaviour="silence"),
    Case("wants a client certificate, TLS 1.2", r"tls\.\S+|http\.\S+", "good", tls.VERSION_12 + "CLIENT"),
    Case("wants a client certificate, TLS 1.3", r"tls\.\S+|http\.\S+", "good", tls.VERSION_13 + "CLIENT"),
)
BETWEEN_12, BETWEEN_13 = 8390, 8391  # good servers, for who stands between


@pytest.mark.undine
def test_each_bad_server_is_refused_with_its_reason(lab):
    lab.publish("data", bytes(range(256)) * 512)
    folder = certificates.made()
    lab.publish("root.crt", folder / "root.crt")
    lab.publish("root-rsa.crt", folder / "root-rsa.crt")
    sites = [tls.Site(BETWEEN_12, lines=tls.VERSION_12), tls.Site(BETWEEN_13)]
    odd, script = {}, ["#!ipxe", *tls.trust_lines()]
    tags = {}
    for number, case in enumerate(CASES):
        port = FIRST_PORT + number
        if case.behaviour:
            odd[port] = case.behaviour
        elif case.s_server:
            tls.s_server(lab, port, "good", *case.s_server)
        else:
            sites.append(tls.Site(port, case.certificate, case.lines.replace("CLIENT", tls.wants_client_certificate()), case.staple))
        tags[case] = f"https://{case.host}:{port}/data"
        script.append(f"imgfetch --timeout 5000 {tags[case]} && echo ACCEPTED-{number} || echo REFUSED-{number}")
    server = tls.nginx(lab, sites)
    tls.odd_tls(lab, odd, BETWEEN_13, BETWEEN_12)
    lab.serve("\n".join([*script, "imgstat", f"imgfetch https://{servers.SERVER}:{BETWEEN_13}/data && echo GOOD-STILL", "shell", ""]))
    pc = lab.machine()
    for number in range(len(CASES)):
        pc.wait_for(f"^(REFUSED|ACCEPTED)-{number}$", 120)
    pc.wait_for("^GOOD-STILL$")
    assert "ACCEPTED" not in pc.console, pc.console[-8000:]
    # imgstat has nothing to show.
    listed = pc.console.rpartition(f"REFUSED-{len(CASES) - 1}")[2].partition(f"https://{servers.SERVER}:{BETWEEN_13}/data")[0]
    assert listed.strip() == "", listed

    rows, wrong = [], []
    for case, uri in tags.items():
        line = lab.error_line(pc, uri, ".")
        said = line[0].split(uri + ": ", 1)[-1].strip() if line else "nothing"
        rows.append(f"| {case.description} | {said} |\n")
        if not line or not re.search(rf"\[({case.cause})\]", said):
            wrong.append(f"{case.description}: {said}")
    assert not wrong, "\n".join(wrong)
    # A certificate is looked at before anything is asked; only who wants one of ours is asked first (RFC 8446 4.4.2.4).
    # What comes from the server's own address was asked through odd_tls.py, which damages only what follows.
    asked = [line for line in server.access_log.read_text().splitlines()
             if '"GET /data' in line and " 400 " not in line and f" {servers.SERVER} " not in line]
    assert len(asked) <= 2, asked
    text = HEADER + "".join(rows)
    before = TABLE.read_text() if TABLE.exists() else ""
    TABLE.write_text(text)
    assert text == before, f"{TABLE.relative_to(CHECKOUT)} was written anew: look at the change, and commit it"
