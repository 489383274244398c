#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An NFS server of version 3 (RFC 1813) that behaves badly: `odd_nfs.py ADDRESS PORT ROOT`. MOUNT is at the same port.

/export/HOW/F is the file F of ROOT, HOW is one of
  good       as it should be
  cut        the connections end at the first reading behind the middle of each file; later it is served well
  short      the size is 1000 more than there is
  grown      the size is 1000 less than there is
  silent     no answer to READ behind the middle
  mute       no answer to LOOKUP of the file
  greedy     READ brings more than was asked for
  empty      READ brings nothing, and not the end of the file
  garbage    READ is answered with noise
  huge       READ is answered by a record of 2 GiB
  circle     the file is a symbolic link to itself
  stale      READ says for ever that the handle is stale
"""

import socket
import struct
import sys
import threading
from pathlib import Path

MOUNT, MNT, EXPORT = 100005, 1, 5
GETATTR, LOOKUP, ACCESS, READLINK, READ, FSINFO = 1, 3, 4, 5, 6, 19
REGULAR, DIRECTORY, LINK = 1, 2, 5
NO_ENTRY, STALE = 2, 70
LAST_FRAGMENT = 1 << 31
MAXIMUM = 65536  # octets in one answer to READ
HUGE = bytes(1000)  # the beginning of a record of 2 GiB


class Silence(Exception):
    """No answer, and the connection stays."""


def opaque(data):
    return struct.pack("!I", len(data)) + data + bytes(-len(data) % 4)


class Arguments:
    def __init__(self, data):
        self._data, self._place = data, 0

    def number(self):
        self._place += 4
        return struct.unpack_from("!I", self._data, self._place - 4)[0]

    def opaque(self):
        length = self.number()
        start, self._place = self._place, self._place + length + (-length % 4)
        return self._data[start:start + length]


class Server:
    def __init__(self, root):
        self._root = root
        self._cut_before = set()

    def connection(self, stream):
        try:
            with stream:
                reader = stream.makefile("rb")
                while head := reader.read(4):
                    record = reader.read(struct.unpack("!I", head)[0] & ~LAST_FRAGMENT)
                    try:
                        answer = self.answer(record)
                    except Silence:
                        continue
                    stream.sendall(answer)
        except (OSError, struct.error):
            pass

    def answer(self, record):
        body = self.call(record)
        return struct.pack("!I", 0xffffffff if body == HUGE else LAST_FRAGMENT | len(body)) + body

    def call(self, record):
        arguments = Arguments(record)
        xid, _, _, program, _, procedure = (arguments.number() for _ in range(6))
        for _ in ("credentials", "verifier"):
            arguments.number()
            arguments.opaque()
        accepted = struct.pack("!6I", xid, 1, 0, 0, 0, 0)
        if procedure == 0:
            return accepted
        if program == MOUNT and procedure != MNT:
            return accepted + (struct.pack("!I", 0) if procedure == EXPORT else b"")  # EXPORT: an empty list
        if program == MOUNT:
            path = arguments.opaque().decode()
            print("mount", path, flush=True)
            folder, export = path.removeprefix("/export"), path.startswith("/export")
            if not export or folder.count("/") > 1:
                return accepted + struct.pack("!I", NO_ENTRY)
            return accepted + struct.pack("!I", 0) + opaque(folder.encode() or b"/") + struct.pack("!II", 1, 1)
        handle = arguments.opaque().decode()
        how, name = handle.strip("/").partition("/")[::2]
        return self.nfs(accepted, procedure, handle, how, name, arguments)

    def nfs(self, accepted, procedure, handle, how, name, arguments):
        good = accepted + struct.pack("!I", 0)
        if procedure == LOOKUP:
            wanted = arguments.opaque().decode()
            path = f"{handle.rstrip('/')}/{wanted}"
            how, name = path.strip("/").partition("/")[::2]
            if how == "mute" and name:
                raise Silence
            if name and not (self._root / name).is_file():
                return accepted + struct.pack("!II", NO_ENTRY, 0)
            return good + opaque(path.encode()) + self.attributes(how, name) + struct.pack("!I", 0)
        if procedure == GETATTR:
            return good + self.attributes(how, name)[4:]
        if procedure == READLINK:
            return good + struct.pack("!I", 0) + opaque(b"data")
        if procedure == ACCESS:
            return good + struct.pack("!II", 0, arguments.number())
        if procedure == FSINFO:
            return good + struct.pack("!8I2QI", 0, MAXIMUM, MAXIMUM, 4096, MAXIMUM, MAXIMUM, 4096, 4096, 1 << 60, 1, 0)
        if procedure == READ:
            return self.read(accepted, good, how, name, arguments)
        return accepted[:20] + struct.pack("!I", 3)  # no such procedure

    def attributes(self, how, name):
        kind = DIRECTORY if not name else LINK if how == "circle" else REGULAR
        size = (self._root / name).stat().st_size if name else 4096
        size += {"short": 1000, "grown": -1000}.get(how, 0)
        return struct.pack("!I5I5Q6I", 1, kind, 0o777, 1, 0, 0, size, size, 0, 1, hash((how, name)) & 0xffffffff, 1, 0, 1, 0, 1, 0)

    def read(self, accepted, good, how, name, arguments):
        high, low, count = (arguments.number() for _ in range(3))
        offset, count = high << 32 | low, min(count, MAXIMUM)
        contents = (self._root / name).read_bytes()
        late = offset >= len(contents) // 2
        if how == "stale":
            return accepted + struct.pack("!II", STALE, 0)
        if how == "silent" and late:
            raise Silence
        if how == "cut" and late and name not in self._cut_before:
            self._cut_before.add(name)
            raise OSError
        if how == "garbage":
            return bytes(range(200))
        if how == "huge":
            return HUGE
        data = contents[offset:offset + count + (4096 if how == "greedy" else 0)] if how != "empty" else b""
        end = how != "empty" and offset + len(data) >= len(contents)
        return good + struct.pack("!III", 0, len(data), end) + opaque(data)


def main():
    address, port, root = sys.argv[1:]
    server = Server(Path(root))
    listener = socket.create_server((address, int(port)))
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=server.connection, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
