#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps what is posted: `receiver.py ADDRESS PORT FOLDER`. The first content goes into the file 1, the next into 2; each line of the log has
path, media type and length."""

import itertools
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

LENGTH_MAX = 1 << 20


def handler(folder):
    numbers = itertools.count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            length = int(self.headers["Content-Length"])
            if length > LENGTH_MAX:
                self.send_error(413)
                return
            (folder / str(next(numbers))).write_bytes(self.rfile.read(length))
            print(self.path, self.headers["Content-Type"], length, flush=True)
            self.send_response(204)
            self.end_headers()

    return Handler


def main():
    address, port, folder = sys.argv[1:]
    HTTPServer((address, int(port)), handler(Path(folder))).serve_forever()


if __name__ == "__main__":
    main()
