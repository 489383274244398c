#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packs the 32-bit program and puts it behind the prefix: undine.kpxe.

    pack.py --encoder encode --prefix prefix.bin --program program.bin --memory-size N --out undine.kpxe

The prefix holds a header of 36 bytes, found by its magic, which tells it where the packed program is:

    char magic[8]         "UNDINEPK" (struct PackHeader of ../pack_header.h)
    u32  payload_offset   from the start of the file
    u32  payload_length   bytes, packed
    u32  program_length   bytes, unpacked
    u32  program_memory   bytes that the program needs, with .bss and stack
    u32  payload_crc32    of the packed bytes (the CRC of Ethernet and zip)
    u32  block_length     0; what `undine embed` adds later lies behind the packed program
    u32  block_crc32      0

The program goes through the branch filter below, then through encode.cc. The same input gives the same bytes.
"""
import argparse
import struct
import subprocess
import sys
import zlib

MAGIC = b"UNDINEPK"
HEADER_SIZE = 36
# What a vendor's ROM can be trusted to load below 640 KiB, with room to unpack.
FILE_SIZE_MAX = 320 * 1024


def branch_filter(program: bytes) -> bytes:
    """Turns the distance of each call or jump (E8, E9, 0F 80 to 0F 8F) into the place that it leads to.

    Calls of one function then look alike, which helps; the more so as the place is written with its highest octet first. Each step maps
    the distances -i..size-1 onto themselves and turns their octets round; to numbers that are such only when turned round it does just
    that, and it leaves others alone. So undoing the steps in reverse order restores the program, whatever it contains.
    """
    data = bytearray(program)
    size = len(data)
    for i in range(size - 4):
        opcode = data[i]
        if opcode & 0xFE == 0xE8 or (opcode & 0xF0 == 0x80 and i != 0 and data[i - 1] == 0x0F):
            distance = int.from_bytes(data[i + 1:i + 5], "little", signed=True)
            if -i <= distance < size:
                place = distance + i if distance + i < size else distance - size
                data[i + 1:i + 5] = place.to_bytes(4, "big", signed=True)
            elif -i <= int.from_bytes(data[i + 1:i + 5], "big", signed=True) < size:
                data[i + 1:i + 5] = data[i + 1:i + 5][::-1]
    return bytes(data)


def compress(data: bytes, encoder: str) -> bytes:
    """What the program `encoder` (encode.cc) makes of it: the decoder is in ../decompress."""
    return subprocess.run([encoder], input=data, stdout=subprocess.PIPE, check=True).stdout


class PackError(Exception):
    """The sentence is for the person who builds."""


def pack(prefix: bytes, program: bytes, memory_size: int, encoder: str) -> bytes:
    """The whole file; raises PackError."""
    if prefix.count(MAGIC) != 1:
        raise PackError(f"the prefix holds the header's magic {prefix.count(MAGIC)} times, it must be there once")
    header = prefix.index(MAGIC)
    if header + HEADER_SIZE > len(prefix):
        raise PackError("the prefix ends inside the header")
    if memory_size < len(program):
        raise PackError(f"the program has {len(program)} bytes, which is more than the {memory_size} it is to have in memory")
    payload = compress(branch_filter(program), encoder)
    padded = prefix + bytes(-len(prefix) % 16)
    fields = struct.pack("<8s7I", MAGIC, len(padded), len(payload), len(program), memory_size, zlib.crc32(payload), 0, 0)
    packed = padded[:header] + fields + padded[header + HEADER_SIZE:] + payload
    if len(packed) > FILE_SIZE_MAX:
        raise PackError(f"the program has {len(packed)} bytes, {len(packed) - FILE_SIZE_MAX} more than the {FILE_SIZE_MAX} that it may have; "
                        "size_table.py tells which folder takes them")
    return packed


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Packs the 32-bit program and puts it behind the prefix.")
    parser.add_argument("--encoder", required=True, help="encode.cc, compiled")
    parser.add_argument("--prefix", required=True, help="16-bit entry and decompressor, raw")
    parser.add_argument("--program", required=True, help="the 32-bit program, raw")
    parser.add_argument("--memory-size", required=True, type=lambda text: int(text, 0), help="bytes it needs, with .bss and stack")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    with open(arguments.prefix, "rb") as file:
        prefix = file.read()
    with open(arguments.program, "rb") as file:
        program = file.read()
    try:
        packed = pack(prefix, program, arguments.memory_size, arguments.encoder)
    except PackError as error:
        print(f"pack.py: {error}", file=sys.stderr)
        return 1
    with open(arguments.out, "wb") as file:
        file.write(packed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
