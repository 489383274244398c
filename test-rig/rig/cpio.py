# SPDX-License-Identifier: Apache-2.0
"""Writes initrds: the newc format of cpio, deterministic (no times, no owners, inode numbers by position).

Format: Linux, Documentation/driver-api/early-userspace/buffer-format.rst. Contents may be sparse files of hundreds of MiB.
"""

import os
import stat

ALIGNMENT = 4


class Writer:
    def __init__(self, file):
        self._file = file
        self._inode = 0

    def _pad(self):
        self._file.seek((self._file.tell() + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT)

    def _entry(self, name, mode, size, device=(0, 0)):
        self._inode += 1
        encoded = name.encode() + b"\0"
        fields = (self._inode, mode, 0, 0, 1, 0, size, 0, 0, *device, len(encoded), 0)
        self._file.write(b"070701" + b"".join(b"%08X" % field for field in fields) + encoded)
        self._pad()

    def folder(self, name):
        self._entry(name, stat.S_IFDIR | 0o755, 0)

    def device(self, name, major, minor):
        self._entry(name, stat.S_IFCHR | 0o600, 0, (major, minor))

    def file(self, name, source, mode=0o755):
        """`source` is bytes or a path; holes of a sparse file stay holes."""
        if isinstance(source, bytes):
            self._entry(name, stat.S_IFREG | mode, len(source))
            self._file.write(source)
        else:
            self._entry(name, stat.S_IFREG | mode, os.path.getsize(source))
            with open(source, "rb") as contents:
                self._copy(contents)
        self._pad()

    def link(self, name, target):
        self._entry(name, stat.S_IFLNK | 0o777, len(target))
        self._file.write(target.encode())
        self._pad()

    def finish(self):
        self._entry("TRAILER!!!", 0, 0)
        self._file.truncate()

    def _copy(self, contents):
        start, size = self._file.tell(), os.fstat(contents.fileno()).st_size
        self._file.truncate(start + size)
        offset = 0
        while offset < size:
            try:
                data = os.lseek(contents.fileno(), offset, os.SEEK_DATA)
            except OSError:  # ENXIO: only a hole is left
                break
            hole = os.lseek(contents.fileno(), data, os.SEEK_HOLE)
            contents.seek(data)
            self._file.seek(start + data)
            remaining = hole - data
            while remaining:
                block = contents.read(min(remaining, 1 << 20))
                self._file.write(block)
                remaining -= len(block)
            offset = hole
        self._file.seek(start + size)
