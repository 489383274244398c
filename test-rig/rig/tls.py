# SPDX-License-Identifier: Apache-2.0
"""Servers that speak TLS. Every function takes a Lab and returns a Process that is ready; certificates go by their name in certificates.py."""

import sys
from typing import NamedTuple

from . import certificates, servers
from .paths import RIG

# Debian's OpenSSL refuses to serve what is too old or too weak; a test of refusals needs just that.
LENIENT = """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = lenient
[lenient]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""
AES_GCM = "ssl_ciphers ECDHE+AESGCM; "
VERSION_12, VERSION_13 = "ssl_protocols TLSv1.2; ", "ssl_protocols TLSv1.3; "


class Site(NamedTuple):
    port: int
    certificate: str = "good"
    lines: str = ""       # more lines for nginx
    staple: bool = False  # send the certificate's OCSP answer


def lenient(lab):
    path = lab.folder / "lenient.cnf"
    path.write_text(LENIENT)
    return f"OPENSSL_CONF={path}"


def trust_lines(*roots):
    """Lines of a script that make it believe in our roots, which must be published."""
    folder = certificates.made()
    return [f"trust http://{servers.SERVER}/{root} --sha256 {certificates.fingerprint(folder / root)}"
            for root in roots or ("root.crt", "root-rsa.crt")]


def trusting(script):
    """The script with the lines in front that make it believe in our roots."""
    return "\n".join(["#!ipxe", *trust_lines(), script.removeprefix("#!ipxe\n")])


def publish_roots(lab):
    folder = certificates.made()
    for name in ("root.crt", "root-rsa.crt", certificates.ISSUERS_FILE):
        lab.publish(name, folder / name)


def wants_client_certificate():
    return f"ssl_verify_client on; ssl_verify_depth 3; ssl_client_certificate {certificates.made()}/root.crt; "


def nginx(lab, sites, name="nginx-tls", rate=None):
    """nginx over the Lab's http_root, a port for each site."""
    folder = certificates.made()
    blocks = []
    for port, certificate, lines, staple in sites:
        block = f"listen {port} ssl; ssl_certificate {folder}/{certificate}.pem; ssl_certificate_key {folder}/{certificate}.key; {lines}"
        if staple:
            block += f"ssl_stapling on; ssl_stapling_file {folder}/{certificate}.staple; "
        blocks.append(block)
    server = servers.nginx_with(lab, name, *blocks, rate=rate, environment=[lenient(lab)])
    return server.wait_until(lambda: all(lab.namespace.listening(site.port) for site in sites))


def s_server(lab, port, certificate, *options):
    """openssl's own server over http_root: any version, cipher suite and group, by its options."""
    folder = certificates.made()
    name = f"s_server-{port}"
    server = lab.process(name, "env", "-C", lab.http_root, lenient(lab), "openssl", "s_server", "-accept", f"{servers.SERVER}:{port}",
                         "-cert", folder / f"{certificate}.crt", "-key", folder / f"{certificate}.key",
                         "-cert_chain", folder / f"{certificate}.pem", "-WWW", *options)
    return server.wait_until(lambda: lab.namespace.listening(port))


def odd_tls(lab, behaviours, target=0, target_12=0):
    """TLS servers that misbehave, `behaviours` maps ports to their names in odd_tls.py; the targets are the ports of good servers for those
    that stand between, of any version and of TLS 1.2 only."""
    server = lab.process("odd-tls", sys.executable, RIG / "rig" / "odd_tls.py", servers.SERVER, target, target_12,
                         *(f"{port}={behaviour}" for port, behaviour in behaviours.items()))
    return server.wait_until(lambda: all(map(lab.namespace.listening, behaviours)))


def responder(lab):
    """openssl's OCSP responder for what `intermediate` issued; knows good-responder as good."""
    folder = certificates.made()
    server = lab.process("ocsp", "openssl", "ocsp", "-index", folder / "good-responder.index", "-port", certificates.RESPONDER_PORT, "-ignore_err",
                         "-CA", folder / "intermediate.crt", "-rsigner", folder / "intermediate.crt", "-rkey", folder / "intermediate.key", "-ndays", "1")
    return server.wait_until(lambda: lab.namespace.listening(certificates.RESPONDER_PORT))
