#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""TLS servers that behave badly: `odd_tls.py ADDRESS TARGET-PORT TARGET-PORT-12 PORT=BEHAVIOUR...`.

Alone:
  garbage          bytes that are no TLS
  plain-http       an HTTP answer
  banner           the greeting of an FTP server, before the client has said anything
  closes-at-once   the connection ends when it is there
  alert            a fatal alert to the ClientHello
  silence          no answer to the ClientHello
  record-too-long  a record whose length no version allows
  half-record      the beginning of a record, then the end of the connection
  version-10, version-11   a ServerHello of TLS 1.0, 1.1
  rc4              a ServerHello with a cipher suite that nobody offered
  endless          a handshake message that announces 16 MiB, and goes on for ever
  flood            the same warning alert for ever
Between the client and the good server at TARGET-PORT:
  bad-mac          one bit of the first encrypted file record is flipped
  bad-signature    one bit of what the TLS 1.2 server at TARGET-PORT-12 signs is flipped
  downgrade        the ClientHello's offer of TLS 1.3 is taken out
  cut              the connection ends after CUT_BYTES from the server, without a word, each time
"""

import re
import select
import socket
import struct
import sys
import threading

HANDSHAKE, ALERT, DATA = 22, 21, 23
SERVER_KEY_EXCHANGE = 12
CUT_BYTES = 20000
SPOILT_AFTER = 16384   # bytes of encrypted records, by when the handshake is over
SILENCE_SECONDS = 600


def record(kind, body, version=0x0303):
    return struct.pack("!BHH", kind, version, len(body)) + body


def server_hello(version, suite):
    """RFC 5246 7.4.1.3; no session, no extension."""
    body = struct.pack("!H", version) + bytes(range(32)) + b"\0" + struct.pack("!HB", suite, 0)
    return record(HANDSHAKE, b"\2" + len(body).to_bytes(3, "big") + body, version)


def read_record(stream):
    head = stream.read(5)
    if len(head) < 5:
        return None, b"", b""
    body = stream.read(struct.unpack("!H", head[3:])[0])
    return head[0], head, body


# Bytes to send once the ClientHello is there, or what to do then.
ANSWERS = {
    "garbage": bytes(range(1, 255)) * 16,
    "plain-http": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain",
    "alert": record(ALERT, b"\2\x50"),             # fatal, internal_error
    "record-too-long": struct.pack("!BHH", HANDSHAKE, 0x0303, 0xf000) + bytes(0xf000),
    "half-record": struct.pack("!BHH", HANDSHAKE, 0x0303, 200) + b"\2" + bytes(50),
    "version-10": server_hello(0x0301, 0xc013),
    "version-11": server_hello(0x0302, 0xc013),
    "rc4": server_hello(0x0303, 0x0005),
}


def answer(connection, how):
    if how == "banner":
        connection.sendall(b"220 ready for FTP\r\n")
    if how in ("closes-at-once",):
        return
    with connection.makefile("rb") as stream:
        kind, _, _ = read_record(stream)
        print(how, "ClientHello" if kind == HANDSHAKE else f"record of type {kind}", flush=True)
        if how == "silence":
            connection.settimeout(SILENCE_SECONDS)
            stream.read(1)
        elif how == "endless":
            connection.sendall(record(HANDSHAKE, b"\2\xff\xff\xff" + bytes(1000)))
            while True:
                connection.sendall(record(HANDSHAKE, bytes(16000)))
        elif how == "flood":
            while True:
                connection.sendall(record(ALERT, b"\1\x70") * 100)  # warning, unrecognized_name
        elif how in ANSWERS:
            connection.sendall(ANSWERS[how])
            connection.shutdown(socket.SHUT_WR)
            stream.read()


def without_version_13(hello):
    """supported_versions (extension 43) then offers TLS 1.2 twice."""
    return re.sub(rb"(?s)(\x00\x2b\x00.[\x02-\x0a](?:\x03.)*?)\x03\x04", b"\\1\x03\x03", hello, count=1)


def upwards(from_client, server, how):
    try:
        while True:
            kind, head, body = read_record(from_client)
            if kind is None:
                break
            if how == "downgrade" and kind == HANDSHAKE:
                body = without_version_13(body)
            server.sendall(head + body)
        server.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def downwards(from_server, client, how):
    passed = encrypted = 0
    spoilt = False
    while True:
        kind, head, body = read_record(from_server)
        if kind is None:
            return
        if how == "bad-signature" and kind == HANDSHAKE and body[0] == SERVER_KEY_EXCHANGE:
            body = body[:-1] + bytes([body[-1] ^ 1])  # the signature is its end
        encrypted += len(body) if kind == DATA else 0
        if how == "bad-mac" and encrypted > SPOILT_AFTER and not spoilt:
            body = bytes([body[0] ^ 1]) + body[1:]
            spoilt = True
        if how == "cut" and passed + len(body) > CUT_BYTES:
            client.sendall(head + body[:max(0, CUT_BYTES - passed)])
            return
        client.sendall(head + body)
        passed += len(body)


def between(client, how, target):
    server = socket.create_connection(target)
    with server, server.makefile("rb") as from_server:
        threading.Thread(target=upwards, args=(client.makefile("rb"), server, how), daemon=True).start()
        try:
            downwards(from_server, client, how)
        finally:
            client.shutdown(socket.SHUT_RDWR)


def serve(connection, how, target):
    try:
        with connection:
            if how in ("bad-mac", "bad-signature", "downgrade", "cut"):
                between(connection, how, target)
            else:
                answer(connection, how)
    except OSError:
        pass


def main():
    address, target, target_12, *ports = sys.argv[1:]
    behaviours = {}
    for port, how in (each.split("=") for each in ports):
        behaviours[socket.create_server((address, int(port)))] = how
    while True:
        for listener in select.select(list(behaviours), [], [])[0]:
            connection, _ = listener.accept()
            how = behaviours[listener]
            towards = (address, int(target_12 if how == "bad-signature" else target))
            threading.Thread(target=serve, args=(connection, how, towards), daemon=True).start()


if __name__ == "__main__":
    main()
