#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A bad wire: stands between a tap of the bridge and QEMU's datagram socket, and delays, loses or spoils frames.

  relay.py TAP OWN-SOCKET QEMU-SOCKET [--delay MS] [--lose %] [--reorder %] [--duplicate %] [--corrupt %]
           [--cut-after SECONDS] [--seed N] [--vendor-rom] [--vlan TAG TAP]

--delay is one way: --delay 20 makes a round trip of 40 ms. --vendor-rom removes the user class (option 77) and
iPXE's own option 175 from DHCP requests until the machine has asked TFTP for a file: QEMU's ROMs are iPXE and send
both, real vendors' ROMs send neither, and what is asked after that TFTP transfer is the boot program's word.
--vlan makes the machine's port of the switch a trunk: frames with that tag (IEEE 802.1Q) come from and go to the other tap,
without it, as a kernel does it that has VLANs; those with another tag go nowhere.
"""

import argparse
import collections
import fcntl
import os
import random
import select
import signal
import socket
import struct
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
BATCH = 64           # frames taken from one side before the other gets its turn
QUEUE_FRAMES = 4096  # a bounded switch queue; more is lost
IPV4, VLAN, UDP = 0x0800, 0x8100, 17
DHCP_SERVER, DHCP_CLIENT, TFTP = 67, 68, 69
OPTIONS_OFFSET = 240  # in the BOOTP message, RFC 2131 2


def open_tap(name):
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return file


def udp_destination(frame):
    """The UDP port a whole IPv4 frame goes to, and where its payload starts; or (0, 0)."""
    if len(frame) < 42 or struct.unpack_from("!H", frame, 12)[0] != IPV4 or frame[23] != UDP:
        return 0, 0
    start = 14 + (frame[14] & 15) * 4
    return struct.unpack_from("!H", frame, start + 2)[0], start + 8


def without_options(frame, start, removed):
    """The DHCP request without the options in `removed`; pads stay in their place, so no length changes."""
    changed = bytearray(frame)
    position, kept = start + OPTIONS_OFFSET, bytearray()
    while position < len(frame) and frame[position] != 255:
        if frame[position] == 0:
            position += 1
            continue
        end = position + 2 + frame[position + 1] if position + 1 < len(frame) else len(frame)
        if frame[position] not in removed:
            kept += frame[position:end]
        position = end
    space = len(frame) - start - OPTIONS_OFFSET
    changed[start + OPTIONS_OFFSET:] = (bytes(kept) + b"\xff").ljust(space, b"\0")[:space]
    changed[start - 2:start] = b"\0\0"  # no checksum, which UDP over IPv4 allows
    return bytes(changed)


class VendorRom:
    """Makes the requests of QEMU's ROM look like those of a vendor's."""

    def __init__(self):
        self._rom_runs = True

    def __call__(self, frame):
        if self._rom_runs:
            port, start = udp_destination(frame)
            if port == TFTP:
                self._rom_runs = False
            elif port in (DHCP_SERVER, 4011):
                return without_options(frame, start, (77, 175))
        return frame


def tag_of(frame):
    """The VLAN of a tagged frame, 0 for others."""
    if len(frame) < 18 or struct.unpack_from("!H", frame, 12)[0] != VLAN:
        return 0
    return struct.unpack_from("!H", frame, 14)[0] & 0xfff


def deal(directions, frame, now):
    if direction := directions.get(tag_of(frame)):
        direction.take(frame, now)


class Direction:
    """Frames under way in one direction, with what happens to them."""

    def __init__(self, send, faults, random_numbers, alter=None):
        self._send, self._faults, self._random, self._alter = send, faults, random_numbers, alter
        self._queue = collections.deque()  # (due, frame), in the order of due times
        self.lost = self.passed = 0

    def take(self, frame, now):
        faults, chance = self._faults, self._random.random
        if self._alter:
            frame = self._alter(frame)
        if faults.lose and chance() * 100 < faults.lose or len(self._queue) >= QUEUE_FRAMES:
            self.lost += 1
            return
        if faults.corrupt and chance() * 100 < faults.corrupt:
            spoilt = bytearray(frame)
            # Behind the Ethernet header: the addresses there are the wire's own, protected by its CRC.
            spoilt[self._random.randrange(14, len(frame))] ^= 1 << self._random.randrange(8)
            frame = bytes(spoilt)
        due = now + faults.delay / 1000
        self._queue.append((due, frame))
        if faults.duplicate and chance() * 100 < faults.duplicate:
            self._queue.append((due, frame))
        if faults.reorder and len(self._queue) > 1 and chance() * 100 < faults.reorder:
            (_, last), (time_before, before) = self._queue.pop(), self._queue.pop()
            self._queue += [(time_before, last), (due, before)]

    def deliver(self, now):
        """Sends what is due; False if the receiver takes no more for the moment."""
        queue = self._queue
        while queue and queue[0][0] <= now:
            try:
                self._send(queue[0][1])
                self.passed += 1
            except BlockingIOError:
                return False
            except OSError:  # QEMU is not there yet, or no longer
                self.lost += 1
            queue.popleft()
        return True

    def next_due(self):
        return self._queue[0][0] if self._queue else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tap")
    parser.add_argument("own")
    parser.add_argument("qemu")
    for name in ("delay", "lose", "reorder", "duplicate", "corrupt"):
        parser.add_argument(f"--{name}", type=float, default=0)
    parser.add_argument("--cut-after", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vendor-rom", action="store_true")
    parser.add_argument("--vlan", nargs=2, metavar=("TAG", "TAP"))
    faults = parser.parse_args()

    tap = open_tap(faults.tap)
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    wire.bind(faults.own)
    wire.setblocking(False)
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        wire.setsockopt(socket.SOL_SOCKET, option, 1 << 20)
    numbers = random.Random(faults.seed)
    to_machine = Direction(lambda frame: wire.sendto(frame, faults.qemu), faults, numbers)
    to_bridge = Direction(lambda frame: os.write(tap, frame), faults, numbers,
                          VendorRom() if faults.vendor_rom else None)
    from_machine = {0: to_bridge}  # by VLAN
    sides = [(lambda: os.read(tap, 65536), to_machine.take), (lambda: wire.recv(65536), lambda frame, now: deal(from_machine, frame, now))]
    files = [tap, wire.fileno()]
    if faults.vlan:
        tag, vlan_tap = int(faults.vlan[0]), open_tap(faults.vlan[1])
        from_machine[tag] = Direction(lambda frame: os.write(vlan_tap, frame[:12] + frame[16:]), faults, numbers)
        sides.append((lambda: os.read(vlan_tap, 65536),
                      lambda frame, now: to_machine.take(frame[:12] + struct.pack("!HH", VLAN, tag) + frame[12:], now)))
        files.append(vlan_tap)

    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    poll = select.poll()
    for file in files:
        poll.register(file, select.POLLIN)
    started = time.monotonic()
    print(f"ready, seed {faults.seed}", flush=True)
    while not stopped:
        now = time.monotonic()
        directions = [to_machine, *from_machine.values()]
        blocked = not all([direction.deliver(now) for direction in directions])
        dues = [due for direction in directions if (due := direction.next_due()) is not None]
        wait_ms = 1 if blocked else max(0, min(dues) - now) * 1000 if dues else 1000
        poll.poll(wait_ms)
        now = time.monotonic()
        cut = faults.cut_after is not None and now - started > faults.cut_after
        for receive, take in sides:
            for _ in range(BATCH):
                try:
                    frame = receive()
                except BlockingIOError:
                    break
                if not cut:
                    take(frame, now)
    print(f"to the machine {to_machine.passed} passed, {to_machine.lost} lost; "
          f"to the bridge {to_bridge.passed} passed, {to_bridge.lost} lost", flush=True)


if __name__ == "__main__":
    main()
