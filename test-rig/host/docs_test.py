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

from rig.file_disks import iso
from tool_bench import Bench

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```(ipxe|undine)\n(.*?)^```\n((?:<!-- test: .*? -->\n)*)", re.MULTILINE | re.DOTALL)
PROGRAM = b"\xeb\xfe" + bytes(510)


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
                        self.write("program", PROGRAM)
                        iso(self.folder / name, dict.fromkeys(paths, self.folder / "program"), filler_bytes=0)
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
