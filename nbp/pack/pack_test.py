#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of pack.py and size_table.py; unpacking is tested in ../decompress."""
import os
import random
import struct
import unittest
import zlib

import pack
import size_table

ENCODER = os.environ["UNDINE_ENCODER"]
PREFIX = bytes(7) + pack.MAGIC + bytes(28) + b"code"


class Pack(unittest.TestCase):
    """The file that the ROM loads."""

    def test_header_tells_where_the_program_is(self):
        program = b"\x55\x89\xe5" * 500
        file = pack.pack(PREFIX, program, 5000, ENCODER)
        magic, offset, length, unpacked, memory, crc, *block = struct.unpack_from("<8s7I", file, 7)
        self.assertEqual((magic, offset, unpacked, memory, block), (pack.MAGIC, 48, 1500, 5000, [0, 0]))
        self.assertEqual(len(file), offset + length)
        self.assertEqual(crc, zlib.crc32(file[offset:]))
        self.assertEqual(file[offset:], pack.compress(program, ENCODER))

    def test_only_the_header_of_the_prefix_changes(self):
        file = pack.pack(PREFIX, b"program", 7, ENCODER)
        self.assertEqual(file[:15], PREFIX[:15])
        self.assertEqual(file[43:48], b"code" + bytes(1))

    def test_same_input_gives_same_bytes(self):
        program = random.Random(1).randbytes(3000)
        self.assertEqual(pack.pack(PREFIX, program, 3000, ENCODER), pack.pack(PREFIX, program, 3000, ENCODER))

    def test_magic_must_be_there_once(self):
        for prefix in (b"", bytes(100), PREFIX + PREFIX):
            with self.assertRaisesRegex(pack.PackError, "must be there once"):
                pack.pack(prefix, b"", 0, ENCODER)
        with self.assertRaisesRegex(pack.PackError, "ends inside"):
            pack.pack(PREFIX[:20], b"", 0, ENCODER)

    def test_file_may_have_its_limit_and_no_more(self):
        with self.assertRaisesRegex(pack.PackError, "more than the 327680"):
            pack.pack(PREFIX, random.Random(1).randbytes(pack.FILE_SIZE_MAX), pack.FILE_SIZE_MAX, ENCODER)
        room = pack.FILE_SIZE_MAX - 3000
        self.assertLessEqual(len(pack.pack(PREFIX, random.Random(1).randbytes(room), room, ENCODER)), pack.FILE_SIZE_MAX)

    def test_memory_holds_the_program(self):
        with self.assertRaisesRegex(pack.PackError, "in memory"):
            pack.pack(PREFIX, bytes(100), 99, ENCODER)


class BranchFilter(unittest.TestCase):
    """Calls of one function must look alike."""

    def test_two_calls_of_one_place_become_equal(self):
        call_at_0, call_at_20 = struct.pack("<Bi", 0xE8, 50), struct.pack("<Bi", 0xE8, 30)
        filtered = pack.branch_filter(call_at_0 + bytes(15) + call_at_20 + bytes(40))
        self.assertEqual(filtered[0:5], filtered[20:25])

    def test_what_leads_out_of_the_program_is_left_alone(self):
        program = struct.pack("<Bi", 0xE8, -1) + bytes(20)
        self.assertEqual(pack.branch_filter(program), program)


MAP = """\
     VMA      LMA     Size Align Out     In      Symbol
ff800000 ff800000      100    16 .text
ff800000 ff800000       40    16         nbp/CMakeFiles/undine-program.dir/bios/clock.cc.obj:(.text._ZN6undine3nowEv)
ff800000 ff800000       40     1                 undine::now()
ff800040 ff800040       a0    16         protocols/tcp/libundine-protocols-tcp.a(client.cc.obj):(.text.advance)
ff8000e0 ff8000e0       20    16         libundine-libcxxabi.a(cxa_guard.cpp.obj):(.text.x)
ff800100 ff800100       30     1         /build/nbp/program.lto.o:(.text._ZN6undine7connectEv)
ff800130 ff800130       10     1         /build/nbp/program.lto.o:(.rodata..L__const._ZN6undine7connectEv.names.3)
ff800140 ff800140        8     1         /build/nbp/program.lto.o:(.text.template)
ff801000 ff801000     1000    16         protocols/tcp/libundine-protocols-tcp.a(client.cc.obj):(.bss.ring)
       0        0       99     1         <internal>:(.comment)
"""


SYMBOLS = """\
protocols/tcp/libundine-protocols-tcp.a:client.cc.obj: -------- T _ZN6undine7connectEv
protocols/tcp/libundine-protocols-tcp.a:client.cc.obj: -------- W template
protocols/tcp/libundine-protocols-tcp.a:other.cc.obj: -------- W template
nbp/CMakeFiles/program.dir/main.cc.obj: -------- W template
"""


class SizeTable(unittest.TestCase):
    """Bytes by folder."""

    def test_bytes_are_counted_for_the_folder_of_the_source(self):
        self.assertEqual(size_table.read_map(MAP.splitlines(), size_table.read_symbols(SYMBOLS.splitlines())),
                         {"nbp/bios": [0x40, 0], "protocols/tcp": [0xE0, 0x1000], "libc++abi": [0x20, 0], "shared": [8, 0]})

    def test_what_has_no_known_name_is_the_linkers(self):
        self.assertEqual(size_table.read_map(MAP.splitlines(), {})["linker"], [0x48, 0])

    def test_total_and_share_of_the_budget_are_printed(self):
        before = [line for line in MAP.splitlines() if ".lto.o" not in line]
        text = size_table.table(size_table.read_map(before, {}), 128, 256)
        self.assertIn("128 bytes, 50.0% of the 256", text)
        self.assertRegex(text, r"protocols/tcp +160 +4096 +80 +62\.5%")


if __name__ == "__main__":
    unittest.main()
