# SPDX-License-Identifier: Apache-2.0
"""Files that are encrypted for a certificate by `openssl cms -encrypt`, and parted into file and envelope as iPXE's cmsdetach does."""

import subprocess

from . import certificates

SEQUENCE, DETACHED = 0x30, 0x80  # what holds more elements has the bit 0x20


def elements(der):
    """Tag, contents and the whole of each element."""
    while der:
        size, head = der[1], 2
        if size & 0x80:
            head += size & 0x7F
            size = int.from_bytes(der[2:head], "big")
        yield der[0], der[head:head + size], der[:head + size]
        der = der[head + size:]


def element(tag, contents):
    size = len(contents)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 0x80 else bytes([0x80 | len(octets)]) + octets) + contents


def part(der, depth=0):
    """The same without the encrypted content, which is in the fourth sequence, and that content."""
    kept, found = b"", b""
    for tag, contents, whole in elements(der):
        if depth == 4 and tag == DETACHED:
            found = contents
        elif depth < 4 and tag in (SEQUENCE, DETACHED | 0x20):
            contents, inner = part(contents, depth + 1)
            kept, found = kept + element(tag, contents), inner or found
        else:
            kept += whole
    return kept, found


def encrypted(contents, recipient, *options):
    """(file, envelope), for the certificate of that name in certificates.made()."""
    whole = subprocess.run(["openssl", "cms", "-encrypt", "-binary", "-outform", "DER", "-recip", certificates.made() / f"{recipient}.crt", *options],
                           input=contents, check=True, capture_output=True).stdout
    envelope, data = part(whole)
    return data, envelope
