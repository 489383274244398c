#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP servers that behave badly: `odd_http.py ADDRESS PORT ROOT`. The first part of the path says how.

  /reset/F      the connection is reset instead of an answer
  /empty/F      the connection is closed instead of an answer
  /truncate/F   half of the promised bytes, then the end, whatever is asked
  /stall/F      half of the bytes, then silence
  /cut/F        half of the bytes at the first request of each file; later requests, with ranges, are served well
  /no-range/F   as /cut/, but a range is ignored: 200 and the whole file
  /changed/F    as /cut/, but the file is another one afterwards: another ETag and size
  /garbage/F    an answer that is no HTTP
  /status/N     status N and a short page
  /loop/F       a redirect to itself
  /chunked/F    chunks of odd sizes with extensions, then a trailer
  /bad-chunk/F  a chunk size that is no number
  /close/F      HTTP/1.0 without a length: the end of the connection is the end of the file
  /huge/F       promises 2^63 bytes
"""

import re
import socket
import struct
import sys
import threading
import time
from pathlib import Path

CHUNKS = (1, 17, 4096, 3, 65536, 1447)  # taken in turn
STALL_SECONDS = 600


class Abort(Exception):
    """The connection ends here."""


class Server:
    def __init__(self, root):
        self._root = root
        self._asked_before = set()

    def serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            try:
                while head := self._read_head(stream):
                    print(head.splitlines()[0], flush=True)
                    self._answer(connection, head)
            except (Abort, OSError):
                pass

    @staticmethod
    def _read_head(stream):
        head = ""
        while line := stream.readline(65536).decode("latin-1"):
            head += line
            if line in ("\r\n", "\n"):
                return head
        return None

    def _answer(self, connection, head):
        match = re.match(r"(GET|HEAD) (?:http://[^/]*)?/([^/ ]+)/(\S*) ", head)
        if not match:
            self._respond(connection, "400 Bad Request", b"what?\n")
            raise Abort
        _, how, name = match.groups()
        if how == "status":
            self._respond(connection, f"{name} As Asked", b"an error page\n")
            return
        path = self._root / name
        if not path.is_file():
            self._respond(connection, "404 Not Found", b"no such file\n")
            return
        behaviour = getattr(self, "_" + how.replace("-", "_"), None)
        if not behaviour:
            self._respond(connection, "404 Not Found", b"no such behaviour\n")
            return
        behaviour(connection, path.read_bytes(), head)

    @staticmethod
    def _respond(connection, status, body, *headers, length=None):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def _reset(self, connection, *_):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()  # with linger 0: RST
        raise Abort

    def _empty(self, *_):
        raise Abort

    def _truncate(self, connection, body, head):
        self._respond(connection, "200 OK", body[:len(body) // 2], length=len(body))
        raise Abort

    def _stall(self, connection, body, head):
        self._respond(connection, "200 OK", body[:len(body) // 2], length=len(body))
        time.sleep(STALL_SECONDS)
        raise Abort

    def _first_half(self, connection, body, head):
        """The first request of a file gets half; says whether it was the first."""
        key = head.split()[1]
        if key in self._asked_before:
            return False
        self._asked_before.add(key)
        self._respond(connection, "200 OK", body[:len(body) // 2], "Accept-Ranges: bytes", 'ETag: "one"', length=len(body))
        return True

    def _cut(self, connection, body, head):
        if self._first_half(connection, body, head):
            raise Abort
        match = re.search(r"\r\nRange: *bytes=(\d+)-(\d*)", head, re.IGNORECASE)
        if not match:
            self._respond(connection, "200 OK", body, 'ETag: "one"')
            return
        first, last = int(match[1]), int(match[2] or len(body) - 1)
        last = min(last, len(body) - 1)
        if first > last:
            self._respond(connection, "416 Range Not Satisfiable", b"", f"Content-Range: bytes */{len(body)}")
            return
        self._respond(connection, "206 Partial Content", body[first:last + 1],
                      f"Content-Range: bytes {first}-{last}/{len(body)}", 'ETag: "one"')

    def _no_range(self, connection, body, head):
        if self._first_half(connection, body, head):
            raise Abort
        self._respond(connection, "200 OK", body, 'ETag: "one"')

    def _changed(self, connection, body, head):
        if self._first_half(connection, body, head):
            raise Abort
        self._respond(connection, "200 OK", body + b"changed", 'ETag: "two"')

    def _garbage(self, connection, *_):
        connection.sendall(b"220 ready for FTP\r\n" + bytes(range(256)) * 8)
        raise Abort

    def _loop(self, connection, body, head):
        self._respond(connection, "302 Found", b"", f"Location: {head.split()[1]}")

    def _chunked(self, connection, body, head):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = turn = 0
        while sent < len(body):
            chunk = body[sent:sent + CHUNKS[turn % len(CHUNKS)]]
            extension = b";note=odd" if turn % 2 else b""
            connection.sendall(b"%X" % len(chunk) + extension + b"\r\n" + chunk + b"\r\n")
            sent += len(chunk)
            turn += 1
        connection.sendall(b"0\r\nX-Trailer: yes\r\n\r\n")

    def _bad_chunk(self, connection, body, head):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" + body)
        raise Abort

    def _close(self, connection, body, head):
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + body)
        raise Abort

    def _huge(self, connection, body, head):
        self._respond(connection, "200 OK", body, length=1 << 63)
        time.sleep(STALL_SECONDS)
        raise Abort


def main():
    address, port, root = sys.argv[1:]
    server = Server(Path(root))
    listener = socket.create_server((address, int(port)))
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=server.serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
