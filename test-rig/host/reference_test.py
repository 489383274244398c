#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages that are made of the program's tables are what the tables say now, and what they promise is tested. REFERENCE names the program that makes them."""
import os
import re
import subprocess
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# Where scripts are tried: in unit tests, on machines, and on both.
TESTS = [*TOP.glob("config/**/*_test.cc"), *TOP.glob("test-rig/boot_tests/*_test.py"), *TOP.glob("test-rig/host/run_test.py"),
         *TOP.glob("test-rig/host/transcripts/*.ipxe")]


def made(page):
    """The page as it has to be."""
    return subprocess.run([os.environ["REFERENCE"], page, TOP / "config" / "setting_table.h"], check=True, capture_output=True, text=True).stdout


class Pages(unittest.TestCase):
    """docs/reference.md and docs/compatibility.md."""

    def test_pages_are_what_the_tables_say(self):
        for page in ("reference", "compatibility"):
            self.assertEqual((TOP / "docs" / f"{page}.md").read_text(), made(page), f"docs/{page}.md is out of date: run test-rig/update-reference and commit what it writes")

    def test_what_is_here_is_tried_by_a_test(self):
        tried = "\n".join(path.read_text() for path in TESTS).replace("\\n", "\n")
        section, untried = "", []
        for line in made("compatibility").splitlines():
            section = line if line.startswith("## ") else section
            row = re.match(r"\| `([^`]+)` \| (same|better|differs) ", line)
            if not row:
                continue
            name = re.escape(row[1])
            pattern = {"## Commands": rf"(?:^|[^\w-]){name}(?![\w-])", "## Types of settings": rf":{name}\b", "## Settings": rf"(?:\b|/){name}\b"}[section]
            if not re.search(pattern, tried, re.MULTILINE):
                untried.append(row[1])
        self.assertEqual(untried, [], "docs/compatibility.md promises these; no test has them")


if __name__ == "__main__":
    unittest.main()
