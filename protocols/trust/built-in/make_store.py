#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the built-in trust: the certificates that are believed at the start, in the form that protocols/trust/store.h reads.

    make_store.py --certificates FOLDER --whole roots.txt [--own FILE.pem [--only]] [--client FILE.pem --key FILE.pem]
                  [--date SECONDS] --output store.bin

Numbers are big-endian. The store is

    2 octets  how many keys of roots follow, then for each
                1 octet   key: 1 P-256, 2 P-384 (both as compressed points), 3, 4, 5 RSA of 2048, 3072, 4096 bits with exponent 65537
                2 octets  the last day on which it is valid, days since 1970
                4 octets  beginning of the SHA-256 of the subject (DER): by this it is found, the key is what proves
                8 octets  beginning of the SHA-256 of the certificate, to be shown
                1 octet   length of the name, and the name
                          key: point, or modulus
    2 octets  how many certificates of one's own follow, then for each 2 octets of length and the certificate (DER)
    2 octets  length of the client certificate (DER, then those of its issuers), and it; likewise its key; 0 if there is none
    the rest  pins: the first 16 octets of the SHA-256 of a certificate each, sorted. To pass a false certificate somebody would have to
              find another one with the same 128 bits, which is no easier than to break a P-256 key.

The same input gives the same output. Roots that have run out by the build date are left out. Only the standard library is used.
"""
import argparse
import base64
import datetime
import hashlib
import os
import re
import subprocess
import sys

PIN_OCTETS = 16
SHOWN_OCTETS = 8
SIZE_MAX = 12 * 1024  # without certificates of one's own
RSA_OID = bytes.fromhex("2a864886f70d010101")
CURVES = {bytes.fromhex("2a8648ce3d030107"): (1, 32), bytes.fromhex("2b81040022"): (2, 48)}
RSA_KINDS = {256: 3, 384: 4, 512: 5}
EPOCH = datetime.datetime(1970, 1, 1)


def warn(text: str) -> None:
    """Something that the builder should know."""
    print(f"make_store.py: {text}", file=sys.stderr)


def elements(der: bytes):
    """The elements one after the other: (tag, contents, whole)."""
    at = 0
    while at < len(der):
        tag, length, body = der[at], der[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, body = int.from_bytes(der[body:body + count], "big"), body + count
        if body + length > len(der):
            raise ValueError("an element is longer than what it lies in")
        yield tag, der[body:body + length], der[at:body + length]
        at = body + length


def seconds(tag: int, text: bytes) -> int:
    """UTCTime or GeneralizedTime (RFC 5280 4.1.2.5)."""
    digits = text.decode("ascii").rstrip("Z")
    if tag == 0x17:
        digits = ("19" if digits >= "50" else "20") + digits
    return int((datetime.datetime.strptime(digits, "%Y%m%d%H%M%S") - EPOCH).total_seconds())


class Root:
    """What is needed of one certificate."""

    def __init__(self, der: bytes):
        self.der = der
        self.sha256 = hashlib.sha256(der).digest()
        (_, certificate, _), = elements(der)
        fields = list(elements(next(elements(certificate))[1]))
        if fields[0][0] == 0xA0:  # the version
            fields.pop(0)
        self.not_before, self.not_after = (seconds(tag, text) for tag, text, _ in elements(fields[3][1]))
        self.subject = fields[4][2]
        (_, algorithm, _), (_, key, _) = elements(fields[5][1])
        self.kind, self.key = self.short_key([contents for _, contents, _ in elements(algorithm)], key[1:])
        self.constrained = b"\x06\x03\x55\x1d\x1e" in der

    @staticmethod
    def short_key(algorithm: list, key: bytes) -> tuple:
        """(kind, octets) of a key that can be kept whole, else (0, b"")."""
        if algorithm[0] == RSA_OID:
            (_, numbers, _), = elements(key)
            modulus, exponent = (contents.lstrip(b"\0") for _, contents, _ in elements(numbers))
            if exponent == b"\1\0\1" and len(modulus) in RSA_KINDS:
                return RSA_KINDS[len(modulus)], modulus
        elif algorithm[1] in CURVES:
            kind, size = CURVES[algorithm[1]]
            if key[0] == 4 and len(key) == 1 + 2 * size:
                return kind, bytes([2 + (key[-1] & 1)]) + key[1:1 + size]
        return 0, b""

    def record(self, name: str) -> bytes:
        """As the store has it whole."""
        shown = name.encode("ascii", "replace")[:40]
        return (bytes([self.kind]) + (self.not_after // 86400).to_bytes(2, "big") + hashlib.sha256(self.subject).digest()[:4] +
                self.sha256[:SHOWN_OCTETS] + bytes([len(shown)]) + shown + self.key)


def read_pem(path: str, kind: str) -> list:
    """What a PEM file has of one kind, in DER; or a file in DER."""
    with open(path, "rb") as file:
        contents = file.read()
    if contents[:1] == b"\x30":
        return [contents]
    if b"ENCRYPTED" in contents:
        raise SystemExit(f"make_store.py: {path} is protected by a pass phrase, for which nobody could be asked; "
                         "decrypt it with: openssl pkey -in FILE -out FILE.pem")
    found = re.findall(b"-----BEGIN (?:[A-Z]+ )?%b-----(.*?)-----END" % kind.encode(), contents, re.S)
    if not found:
        raise SystemExit(f"make_store.py: {path} has no {kind.lower()}, in PEM or DER")
    return [base64.b64decode(text) for text in found]


def read_folder(folder: str) -> dict:
    """File name without its end -> certificate."""
    roots = {}
    for name in sorted(os.listdir(folder)):
        stem, end = os.path.splitext(name)
        if end in (".crt", ".pem"):
            roots[stem] = Root(read_pem(os.path.join(folder, name), "CERTIFICATE")[0])
    return roots


def read_list(path: str) -> list:
    """[(file name, name to show)]."""
    with open(path, encoding="utf-8") as file:
        lines = [line.split("#")[0].split(None, 1) for line in file]
    return [(line[0], line[1].strip()) for line in lines if len(line) == 2]


def build_date(source: str) -> int:
    """The day of SOURCE_DATE_EPOCH, else of the commit, else 0; in seconds since 1970."""
    if os.environ.get("SOURCE_DATE_EPOCH"):
        return int(os.environ["SOURCE_DATE_EPOCH"]) // 86400 * 86400
    try:
        said = subprocess.run(["git", "-C", source, "log", "-1", "--format=%ct"], capture_output=True, text=True, check=True).stdout
        return int(said) // 86400 * 86400
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0


def with_length(octets: bytes) -> bytes:
    """Behind its length."""
    return len(octets).to_bytes(2, "big") + octets


def make_store(roots: dict, wanted: list, own: list, client: tuple, date: int) -> bytes:
    """The octets. `client` is certificate and key."""
    # Without any other clock: it was made after the youngest certificate in it.
    date = date or max((root.not_before for root in list(roots.values()) + own), default=0)
    whole = []
    for name, shown in wanted:
        root = roots.get(name)
        if root is None:
            warn(f"ca-certificates has no {name}; it is left out")
        elif root.not_after < date:
            warn(f"{name} has run out; it is left out")
        elif root.constrained or not root.kind:
            warn(f"{name} has a key or a limit that only its certificate can tell; it becomes a pin")
        else:
            whole.append((root, shown))
    for root in own:
        if root.not_after < date:
            warn("a certificate of your own has run out")
    kept = {root.sha256 for root, _ in whole}
    pins = {root.sha256[:PIN_OCTETS] for root in roots.values() if root.sha256 not in kept and root.not_after >= date}
    if not pins and not whole and not own:
        warn("nothing at all is trusted; certificates will have to be named at run time")
    public = b"".join(root.record(shown) for root, shown in whole), b"".join(sorted(pins))
    if len(public[0]) + len(public[1]) > SIZE_MAX:
        raise SystemExit(f"make_store.py: the roots would take {len(public[0]) + len(public[1])} bytes; {SIZE_MAX} are allowed")
    return b"".join([len(whole).to_bytes(2, "big"), public[0], len(own).to_bytes(2, "big"),
                     *(with_length(root.der) for root in own), *(with_length(part) for part in client), public[1]])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Makes the built-in trust.")
    parser.add_argument("--certificates", help="a folder of roots, as ca-certificates has one")
    parser.add_argument("--whole", required=True, help="the list of roots whose keys go in whole")
    parser.add_argument("--own", help="certificates of one's own, PEM or DER")
    parser.add_argument("--only", action="store_true", help="nothing but one's own")
    parser.add_argument("--client", help="our certificate, for servers that ask for one, PEM or DER; its issuers may follow")
    parser.add_argument("--key", help="the key of --client")
    parser.add_argument("--date", type=int, help="build date, seconds since 1970")
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    if bool(arguments.client) != bool(arguments.key):
        parser.error("a client certificate needs its key, and a key its certificate")
    own = [Root(der) for der in read_pem(arguments.own, "CERTIFICATE")] if arguments.own else []
    client = (b"", b"")
    if arguments.client:
        client = b"".join(read_pem(arguments.client, "CERTIFICATE")), read_pem(arguments.key, "PRIVATE KEY")[0]
    roots, wanted = {}, []
    if not arguments.only:
        if not arguments.certificates or not os.path.isdir(arguments.certificates):
            warn(f"there is no folder {arguments.certificates}; install the package ca-certificates")
            return 1
        roots, wanted = read_folder(arguments.certificates), read_list(arguments.whole)
    date = arguments.date if arguments.date is not None else build_date(os.path.dirname(os.path.abspath(arguments.whole)))
    store = make_store(roots, wanted, own, client, date)
    try:
        with open(arguments.output, "rb") as file:
            if file.read() == store:
                return 0  # nothing that hangs on it is built anew
    except OSError:
        pass
    with open(arguments.output, "wb") as file:
        file.write(store)
    return 0


if __name__ == "__main__":
    sys.exit(main())
