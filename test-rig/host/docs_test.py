#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scripts in docs/ are checked, and those of docs/recipes.md are run as the comments behind them say:

    <!-- test: {"files": [...], "disks": {name: [...]}, "scripts": {name: text}, "options": [...], "sha256": "...", "status": 0, "prints": [regular expressions]} -->

`files` are programs that a loader takes, alone or in the folders of a CD; `sha256` in the script stands for the digest of such a file.
"""
import hashlib
import json
import re
import unittest
from pathlib import Path

from tool_bench import Bench

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```(ipxe|undine)\n(.*?)^```\n((?:<!-- test: .*? -->\n)*)", re.MULTILINE | re.DOTALL)
PROGRAM = b"\xeb\xfe" + bytes(510)
SECTOR = 2048


def both_orders(number, size=4):
    """A number as ISO 9660 has them (7.2.3, 7.3.3)."""
    return number.to_bytes(size, "little") + number.to_bytes(size, "big")


def record(name, sector, size, is_folder):
    """A directory record (ISO 9660 9.1)."""
    body = both_orders(sector) + both_orders(size) + bytes(7) + bytes([2 * is_folder, 0, 0]) + both_orders(1, 2) + bytes([len(name)]) + name + bytes(1 - len(name) % 2)
    return bytes([len(body) + 2, 0]) + body


def cd(paths):
    """A CD with PROGRAM under each of these paths, FOLDER/FILE."""
    folders = sorted({path.split("/")[0] for path in paths})
    root, program = 18, 19 + len(folders)
    sectors = [b"".join([record(b"\0", root, SECTOR, True), record(b"\1", root, SECTOR, True),
                         *(record(name.upper().encode(), root + 1 + at, SECTOR, True) for at, name in enumerate(folders))])]
    for at, folder in enumerate(folders):
        files = sorted(path.split("/")[1] for path in paths if path.startswith(folder + "/"))
        sectors.append(b"".join([record(b"\0", root + 1 + at, SECTOR, True), record(b"\1", root, SECTOR, True),
                                 *(record(name.upper().encode() + b";1", program, len(PROGRAM), False) for name in files)]))
    descriptor = bytearray(SECTOR)  # 8.4
    descriptor[0:8] = b"\x01CD001\x01\0"
    descriptor[80:88], descriptor[120:132] = both_orders(program + 1), both_orders(1, 2) * 2 + both_orders(SECTOR, 2)
    descriptor[156:190] = record(b"\0", root, SECTOR, True)
    return bytes(16 * SECTOR) + b"".join(sector.ljust(SECTOR, b"\0") for sector in (descriptor, b"\xffCD001\x01", *sectors, PROGRAM))


def scripts(page):
    """Whole scripts of a page, each with its tests: those that begin with the line that makes one."""
    for block in BLOCK.finditer((DOCS / page).read_text()):
        if block[2].startswith("#!"):
            yield block[2], [json.loads(test) for test in re.findall(r"<!-- test: (.*?) -->", block[3])]


class Scripts(Bench):
    """docs/*.md."""

    def test_every_script_on_every_page_is_free_of_findings(self):
        for page in sorted(path.name for path in DOCS.glob("*.md")):
            for number, (text, _) in enumerate(scripts(page), 1):
                with self.subTest(page=page, number=number):
                    done = self.undine("lint", "-", standard_input=text)
                    self.assertEqual(done.stdout, "", text)

    def test_the_recipes_do_what_they_say(self):
        recipes = list(scripts("recipes.md"))
        self.assertGreater(len(recipes), 5)
        for text, tests in recipes:
            self.assertTrue(tests, f"this recipe has no test:\n{text}")
            for test in tests:
                with self.subTest(script=text, test=test):
                    self.setUp()
                    for name in test.get("files", ()):
                        self.write(name, PROGRAM)
                    for name, paths in test.get("disks", {}).items():
                        self.write(name, cd(paths))
                    for name, script in test.get("scripts", {}).items():
                        self.write(name, script)
                    if "sha256" in test:
                        self.assertIn(test["sha256"], text)
                        text = text.replace(test["sha256"], hashlib.sha256(PROGRAM).hexdigest())
                    done = self.run_script(text, *test.get("options", ()))
                    self.assertEqual(done.returncode, test.get("status", 0), done.stdout + done.stderr)
                    for pattern in test["prints"]:
                        self.assertRegex(done.stdout, pattern)


if __name__ == "__main__":
    unittest.main()
