# SPDX-License-Identifier: Apache-2.0
"""A folder with files, and the program `undine`, which the environment's UNDINE names, run there."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

UNDINE = os.environ["UNDINE"]


class Bench(unittest.TestCase):
    """What test cases of the program begin with."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, contents):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())

    def undine(self, *arguments, standard_input=""):
        return subprocess.run([UNDINE, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120, input=standard_input)

    def run_script(self, script, *options):
        self.write("boot.ipxe", script)
        return self.undine("run", *options, "boot.ipxe")
