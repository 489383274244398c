# SPDX-License-Identifier: Apache-2.0
"""Certificates, made by openssl: two authorities, good servers, and one of each kind that must be refused.

`made()` returns the folder. In it NAME.crt is one certificate, NAME.key its key, NAME.pem what a server sends: the certificate and its
issuers without the root. The roots are root.crt (ECDSA) and root-rsa.crt. They are valid for a few days and made anew every day.
"""

import base64
import datetime
import hashlib
import shutil
import subprocess
from pathlib import Path

from .paths import CACHE
from .payload import locked

NAME, ADDRESS = "server.boot.test", "10.77.0.1"
DAY = datetime.timedelta(days=1)
KEYS = {"ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "rsa1024": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]}
CONFIG = """
[ca]
default_ca = any
[any]
database = index.txt
new_certs_dir = .
policy = any_name
unique_subject = no
rand_serial = yes
[any_name]
commonName = supplied
[req]
distinguished_name = nobody
prompt = no
[nobody]
"""

# Extensions, as openssl writes them.
LEAF = {"basicConstraints": "critical,CA:FALSE", "keyUsage": "critical,digitalSignature", "extendedKeyUsage": "serverAuth",
        "authorityKeyIdentifier": "keyid", "subjectAltName": f"DNS:{NAME},IP:{ADDRESS}"}
ISSUER = {"basicConstraints": "critical,CA:TRUE", "keyUsage": "critical,keyCertSign,cRLSign",
          "subjectKeyIdentifier": "hash", "authorityKeyIdentifier": "keyid"}
RESPONDER_PORT = 2560
ISSUERS_FILE = "intermediate.der"  # what caIssuers names; to be published over HTTP


def changed(extensions, **changes):
    """With other values; None removes one."""
    return {name: value for name, value in {**extensions, **changes}.items() if value is not None}


def forge(path: Path):
    """Flips one bit at the end of the certificate, where its signature is."""
    command = ["openssl", "x509", "-in", path, "-outform", "DER"]
    spoilt = bytearray(subprocess.run(command, check=True, capture_output=True).stdout)
    spoilt[-1] ^= 1
    path.write_bytes(subprocess.run(["openssl", "x509", "-inform", "DER"], input=spoilt, check=True, capture_output=True).stdout)


class Maker:
    def __init__(self, folder: Path):
        self._folder = folder
        self._issuers = {}  # name: the chain that it sends, without the root
        (folder / "index.txt").touch()
        (folder / "openssl.cnf").write_text(CONFIG)

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], cwd=self._folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"openssl {' '.join(map(str, arguments))}:\n{done.stderr}")

    def issue(self, name, issuer, extensions, key="ec", common_name=None, days=(-1, 3), digest="sha256", send=None, forged=False):
        """Makes NAME, signed by `issuer` (by itself if that is None). `send`: the issuers that NAME.pem holds, else all but the root."""
        self.openssl("genpkey", *KEYS[key], "-out", f"{name}.key")
        self.openssl("req", "-new", "-config", "openssl.cnf", "-key", f"{name}.key", "-subj", f"/CN={common_name or name}", "-out", f"{name}.csr")
        (self._folder / f"{name}.ext").write_text("\n".join(f"{each}={value}" for each, value in extensions.items()) + "\n")
        start, end = ((datetime.datetime.utcnow() + day * DAY).strftime("%Y%m%d%H%M%SZ") for day in days)
        signer = ["-cert", f"{issuer}.crt", "-keyfile", f"{issuer}.key"] if issuer else ["-selfsign", "-keyfile", f"{name}.key"]
        self.openssl("ca", "-batch", "-notext", "-config", "openssl.cnf", "-in", f"{name}.csr", "-out", f"{name}.crt", *signer,
                     *(["-extfile", f"{name}.ext"] if extensions else []), "-startdate", start, "-enddate", end, "-md", digest)
        if forged:
            forge(self._folder / f"{name}.crt")
        self._issuers[name] = self._issuers.get(issuer, []) + [name] if issuer else []
        chain = [name, *(reversed(self._issuers[name][:-1]) if send is None else send)]
        (self._folder / f"{name}.pem").write_text("".join((self._folder / f"{each}.crt").read_text() for each in chain))

    def staple(self, name, issuer, status="V", signer=None):
        """NAME.staple, an OCSP answer: `V` good, `R` revoked, `E` unknown to the responder; NAME.crt is what it is about."""
        serial = subprocess.run(["openssl", "x509", "-in", f"{name}.crt", "-noout", "-serial"], cwd=self._folder, check=True, capture_output=True,
                                text=True).stdout.split("=")[1].strip()
        end, now = ((datetime.datetime.utcnow() + day * DAY).strftime("%y%m%d%H%M%SZ") for day in (3, 0))
        lines = {"V": f"V\t{end}\t\t{serial}\tunknown\t/CN={name}\n", "R": f"R\t{end}\t{now}\t{serial}\tunknown\t/CN={name}\n", "E": ""}
        (self._folder / f"{name}.index").write_text(lines[status])
        self.openssl("ocsp", "-index", f"{name}.index", "-CA", f"{issuer}.crt", "-rsigner", f"{signer or issuer}.crt", "-rkey", f"{signer or issuer}.key",
                     "-issuer", f"{issuer}.crt", "-cert", f"{name}.crt", "-no_nonce", "-ndays", "2", "-respout", f"{name}.staple")


def make_authorities(make):
    make.issue("root", None, changed(ISSUER, authorityKeyIdentifier=None), common_name="Rig Root")
    make.issue("root-rsa", None, changed(ISSUER, authorityKeyIdentifier=None), "rsa", common_name="Rig Root RSA")
    make.issue("stranger", None, changed(ISSUER, authorityKeyIdentifier=None), common_name="Unknown Root")
    make.issue("intermediate", "root", ISSUER)
    make.issue("intermediate-rsa", "root-rsa", ISSUER, "rsa")
    make.openssl("x509", "-in", "intermediate.crt", "-outform", "DER", "-out", ISSUERS_FILE)


def make_good(make):
    make.issue("good", "intermediate", LEAF)
    make.issue("good-rsa", "intermediate-rsa", LEAF, "rsa")
    make.issue("good-p384", "intermediate", LEAF, "p384", digest="sha384")
    make.issue("good-wildcard", "intermediate", changed(LEAF, subjectAltName="DNS:*.boot.test"))
    make.issue("good-aia", "intermediate", changed(LEAF, authorityInfoAccess=f"caIssuers;URI:http://{ADDRESS}/{ISSUERS_FILE}"), send=[])
    make.issue("good-staple", "intermediate", changed(LEAF, tlsfeature="status_request"))
    make.staple("good-staple", "intermediate")
    make.issue("good-responder", "intermediate", changed(LEAF, authorityInfoAccess=f"OCSP;URI:http://{ADDRESS}:{RESPONDER_PORT}/"))
    make.staple("good-responder", "intermediate")
    make.issue("client", "intermediate", changed(LEAF, extendedKeyUsage="clientAuth", subjectAltName=None))
    make.issue("signer", "root", changed(LEAF, extendedKeyUsage="codeSigning", subjectAltName=None), "rsa")


def make_bad(make):
    """One of each kind; the list in tls_refusals_test.py says which is which."""
    make.issue("expired", "intermediate", LEAF, days=(-3, -1))
    make.issue("not-yet-valid", "intermediate", LEAF, days=(2, 4))
    make.issue("self-signed", None, changed(LEAF, authorityKeyIdentifier=None))
    make.issue("other-name", "intermediate", changed(LEAF, subjectAltName="DNS:other.example,IP:10.77.0.2"))
    make.issue("name-in-cn-only", "intermediate", changed(LEAF, subjectAltName=None), common_name=NAME)
    make.issue("address-as-dns-name", "intermediate", changed(LEAF, subjectAltName=f"DNS:{ADDRESS}"))
    make.issue("wildcard-too-short", "intermediate", changed(LEAF, subjectAltName="DNS:*.test"))
    make.issue("wildcard-in-the-middle", "intermediate", changed(LEAF, subjectAltName="DNS:server.*.test"))
    make.issue("unknown-root", "stranger", LEAF, send=["stranger"])
    make.issue("forged", "intermediate", LEAF, forged=True)
    make.issue("intermediate-forged", "root", ISSUER, forged=True)
    make.issue("forged-issuer", "intermediate-forged", LEAF)
    make.issue("intermediate-expired", "root", ISSUER, days=(-3, -1))
    make.issue("expired-issuer", "intermediate-expired", LEAF)
    make.issue("signed-by-a-server", "good", LEAF)
    make.issue("intermediate-v1", "root", {})
    make.issue("signed-by-a-v1-certificate", "intermediate-v1", changed(LEAF, authorityKeyIdentifier=None))
    make.issue("intermediate-unsigning", "root", changed(ISSUER, keyUsage="critical,cRLSign"))
    make.issue("issuer-may-not-sign", "intermediate-unsigning", LEAF)
    make.issue("intermediate-last", "root", changed(ISSUER, basicConstraints="critical,CA:TRUE,pathlen:0"))
    make.issue("intermediate-below-last", "intermediate-last", ISSUER)
    make.issue("path-too-long", "intermediate-below-last", LEAF)
    for kind, limits in (("not-permitted", "permitted;DNS:other.example,permitted;IP:192.0.2.0/255.255.255.0"),
                         ("excluded", "excluded;DNS:boot.test,excluded;IP:10.77.0.0/255.255.0.0")):
        make.issue(f"intermediate-{kind}", "root", changed(ISSUER, nameConstraints="critical," + limits))
        make.issue(f"name-{kind}", f"intermediate-{kind}", LEAF)
    make.issue("sha1-signature", "intermediate", LEAF, digest="sha1")
    make.issue("intermediate-md5", "root-rsa", ISSUER, "rsa", digest="md5")
    make.issue("md5-issuer", "intermediate-md5", LEAF)
    make.issue("rsa-1024", "intermediate-rsa", LEAF, "rsa1024")
    make.issue("for-clients-only", "intermediate", changed(LEAF, extendedKeyUsage="clientAuth"))
    make.issue("unknown-critical-extension", "intermediate", {**LEAF, "1.3.6.1.4.1.99999.1": "critical,ASN1:UTF8String:what"})
    make.issue("missing-intermediate", "intermediate", LEAF, send=[])
    make.issue("staple-missing", "intermediate", changed(LEAF, tlsfeature="status_request"))
    make.issue("revoked", "intermediate", changed(LEAF, tlsfeature="status_request"))
    make.staple("revoked", "intermediate", "R")
    make.issue("staple-by-a-stranger", "intermediate", changed(LEAF, tlsfeature="status_request"))
    make.staple("staple-by-a-stranger", "intermediate", signer="stranger")


def made() -> Path:
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    folder = CACHE / f"certificates-{datetime.date.today()}-{version}"
    with locked("certificates"):
        if not folder.exists():
            for old in CACHE.glob("certificates-*"):
                shutil.rmtree(old)
            partial = CACHE / "certificates.partial"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            make = Maker(partial)
            for step in (make_authorities, make_good, make_bad):
                step(make)
            partial.rename(folder)
    return folder


def fingerprint(path: Path):
    """The SHA-256 of the certificate (DER), in hexadecimal."""
    encoded = "".join(line for line in path.read_text().splitlines() if not line.startswith("-----"))
    return hashlib.sha256(base64.b64decode(encoded)).hexdigest()
