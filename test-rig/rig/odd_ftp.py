#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""FTP servers that behave badly: `odd_ftp.py ADDRESS PORT ROOT`. The first folder of the path says how.

  good/F       as it should be, in few words: no SIZE, no MDTM, no EPSV
  cut/F        half of the bytes at the first request of each file, then all connections end; later ones, with REST, are served well
  no-rest/F    as cut/, but REST is not understood
  short/F      SIZE announces more than there is
  long/F       SIZE announces less than there is
  silent/F     half of the bytes, then silence
  mute/F       no answer to RETR
  no-data/F    the port for the data is one where nobody listens
  elsewhere/F  PASV names another machine; the data is at the server all the same
  550/F        no such file
  gone/F       the control connection ends instead of an answer to RETR
  endless/F    a reply that never ends
"""

import re
import socket
import sys
import threading
import time
from pathlib import Path

SILENCE_SECONDS = 600
CLOSED_PORT = 9
LIES = {"cut": 0, "silent": 0, "short": 1000, "long": -1000}  # what is added to the size
ANSWERS = {"USER": "331 password?", "PASS": "230 welcome", "TYPE": "200 binary", "QUIT": "221 bye"}


class Session:
    asked_before = set()

    def __init__(self, control, address, root):
        self._control, self._address, self._root = control, address, root
        self._how, self._listener, self._offset = "", None, 0

    def reply(self, text):
        self._control.sendall(text.encode() + b"\r\n")

    def serve(self):
        self.reply("220-A server with\r\n220 two lines to say")
        for line in self._control.makefile("r", encoding="latin-1", newline="\r\n"):
            command, _, argument = line.rstrip("\r\n").partition(" ")
            print(command, argument, flush=True)
            if not self.answer(command.upper(), argument):
                return

    def answer(self, command, argument):
        """False: the session is over."""
        if command in ("SIZE", "MDTM", "RETR"):
            self._how, _, name = argument.strip("/").partition("/")
            path = self._root / name
        if command == "RETR":
            return self.retrieve(path)
        if command == "PASV":
            self._listener = socket.create_server((self._address, 0))
            host = "10.77.0.250" if self._how == "elsewhere" else self._address
            port = CLOSED_PORT if self._how == "no-data" else self._listener.getsockname()[1]
            self.reply(f"227 Entering Passive Mode ({host.replace('.', ',')},{port >> 8},{port & 255})")
        elif command == "SIZE" and self._how in LIES and path.is_file():
            self.reply(f"213 {path.stat().st_size + LIES[self._how]}")
        elif command == "REST" and self._how != "no-rest":
            self._offset = int(argument)
            self.reply("350 from there")
        else:
            self.reply(ANSWERS.get(command, "502 no"))
        return command != "QUIT"

    def retrieve(self, path):
        how = self._how
        if how == "550" or not path.is_file():
            self.reply("550 no such file")
            return True
        if how == "mute":
            time.sleep(SILENCE_SECONDS)
            return False
        if how == "gone":
            return False
        if how == "endless":
            while True:
                self._control.sendall(b"150-and so on\r\n" * 100)
        contents = path.read_bytes()[self._offset:]
        self._offset = 0
        first = (how, path) not in self.asked_before
        self.asked_before.add((how, path))
        self._listener.settimeout(30)
        self.reply("150 here it comes")
        data, _ = self._listener.accept()
        self._listener.close()
        with data:
            if how == "silent":
                data.sendall(contents[:len(contents) // 2])
                time.sleep(SILENCE_SECONDS)
                return False
            if how in ("cut", "no-rest") and first:
                data.sendall(contents[:len(contents) // 2])
                return False
            data.sendall(contents)
        self.reply("226 that was all")
        return True


def main():
    address, port, root = sys.argv[1:]
    listener = socket.create_server((address, int(port)))

    def session(control):
        try:
            with control:
                Session(control, address, Path(root)).serve()
        except (OSError, ValueError):
            pass
    while True:
        control, _ = listener.accept()
        threading.Thread(target=session, args=(control,), daemon=True).start()


if __name__ == "__main__":
    main()
