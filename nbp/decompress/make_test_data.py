#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packs some programs for unpack_test.cc with the real packer: for each NAME, NAME.plain and NAME.packed.

    make_test_data.py FOLDER ENCODER

The contents are made up here, always the same, so that every kind of match, distance and branch occurs."""
import os
import random
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "pack"))
import pack  # pylint: disable=wrong-import-position


def branches(size: int) -> bytes:
    """Calls and jumps in all forms: near, far, past both ends, and opcodes inside of operands."""
    source = random.Random(2)
    data = bytearray()
    while len(data) < size:
        opcode = source.choice([b"\xe8", b"\xe9", b"\x0f\x84", b"\x0f\x8f", b"\xe8\xe9", b"\x8b", b"\x0f"])
        target = source.choice([source.randrange(size), source.randrange(-size, 2 * size), source.randrange(-2**31, 2**31 - 2 * size), 64])
        data += opcode + struct.pack("<i", max(-2**31, target - len(data))) + source.choice([b"", b"\x55\x89\xe5", b"\xc3"])
    return bytes(data[:size])


def mutations(size: int) -> bytes:
    """Copies of earlier parts, at new and at repeated distances, with single bytes changed."""
    source = random.Random(3)
    data = bytearray(source.randbytes(300))
    while len(data) < size:
        distance = source.choice([1, 2, 3, 5, 70, 130, 260, source.randrange(1, len(data) + 1)])
        distance = min(distance, len(data))
        for _ in range(source.choice([1, 2, 3, 9, 17, 30, 300])):
            data.append(data[-distance])
        if source.random() < 0.5:
            data.append(source.randrange(256))
    return bytes(data[:size])


PROGRAMS = {
    "empty": b"",
    "one": b"\xe8",
    "five": b"\xe8\x00\x00\x00\x00",
    "zeros": bytes(50_000),
    "random": random.Random(1).randbytes(20_000),
    "branches": branches(30_000),
    "mutations": mutations(60_000),
}

for name, program in PROGRAMS.items():
    with open(os.path.join(sys.argv[1], name + ".plain"), "wb") as plain:
        plain.write(program)
    with open(os.path.join(sys.argv[1], name + ".packed"), "wb") as packed:
        packed.write(pack.compress(pack.branch_filter(program), sys.argv[2]))
