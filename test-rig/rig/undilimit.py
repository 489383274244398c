#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The host's half of undilimit.asm: `undilimit.py INTERFACE WINDOW SECONDS` prints one line of JSON.

Keeps WINDOW full frames beyond the last one acknowledged under way, as TCP would, and counts what the machine says
it has received.
"""

import json
import select
import socket
import struct
import sys
import time

ETHERTYPE = 0x88B5
FRAME_BYTES = 1514
WARM_UP_SECONDS = 0.5
STALL_SECONDS = 0.3   # nothing acknowledged: what was under way is lost
FIRST_WAIT_SECONDS = 60


def measure(interface, window, seconds):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE))
    wire.bind((interface, ETHERTYPE))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
    machine, acknowledged, received, sent, resent = None, 0, 0, 0, 0
    first = None  # (time, frames received) once warm
    began = last_news = time.monotonic()
    while True:
        now = time.monotonic()
        if machine is None and now - began > FIRST_WAIT_SECONDS:
            sys.exit("the machine sent nothing")
        if select.select([wire], [], [], 0.05)[0]:
            frame = wire.recv(2048)
            if machine is None:
                machine, began = frame[6:12], now
                header = machine + frame[6:11] + bytes([frame[11] ^ 1]) + struct.pack("!H", ETHERTYPE)
                filling = bytes(FRAME_BYTES - len(header) - 4)
            expected, received = struct.unpack_from("<II", frame, 14)
            if expected > acknowledged or sent == 0:
                acknowledged, last_news = expected, now
        if machine is None:
            continue
        if now - last_news > STALL_SECONDS:
            resent += sent - acknowledged
            sent, last_news = acknowledged, now
        while sent < acknowledged + window:
            wire.send(header + struct.pack("<I", sent) + filling)
            sent += 1
        if first is None and now - began > WARM_UP_SECONDS:
            first = (now, received, acknowledged)
        if first and now - first[0] >= seconds:
            frames, numbers = received - first[1], acknowledged - first[2]
            rate = frames / (now - first[0])
            return {"frames_per_second": rate, "mb_per_second": rate * FRAME_BYTES / 1e6,
                    "lost": max(0, numbers - frames) + resent, "frames": frames}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))), flush=True)
