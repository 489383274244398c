#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages that are made of the program's tables are what the tables say now, and what they promise is tested. REFERENCE names the program that makes them."""
import os
import re
import subprocess
import unittest
from multiprocessing.pool import ThreadPool
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# Where scripts are tried: in unit tests, on machines, and on both.
TESTS = [*TOP.glob("config/**/*_test.cc"), *TOP.glob("test-rig/boot_tests/*_test.py"), *TOP.glob("test-rig/host/run_test.py"),
         *TOP.glob("test-rig/host/transcripts/*.ipxe")]


# What stands before a command and is no command of its own: steer_test.cc.
STEERING = {"time"}
# Taken, and documented as changing nothing: no ROM tells of links, and a warm restart is a cold one.
WITHOUT_EFFECT = {"iflinkwait --timeout", "reboot --warm"}


def made(page):
    """The page as it has to be."""
    return subprocess.run([os.environ["REFERENCE"], page, TOP / "config" / "setting_table.h"], check=True, capture_output=True, text=True).stdout


def promised():
    """Section and name of each thing that the page does not call absent."""
    section = ""
    for line in made("compatibility").splitlines():
        section = line[3:] if line.startswith("## ") else section
        if row := re.match(r"\| `([^`]+)` \| (same|better|differs) ", line):
            yield section, row[1]


def unit_tests():
    """Name and text of each unit test of config/, what its file has before and between its tests included."""
    for path in TOP.glob("config/**/*_test.cc"):
        text = path.read_text().replace("\\n", "\n")
        tests = re.compile(r"^TEST(?:_F)?\((\w+), (\w+)\) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
        shared = tests.sub("", text)
        for test in tests.finditer(text):
            yield f"{test[1]}.{test[2]}", shared + test[3]


def naming(names, tests):
    """The tests with one of these names in them."""
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")
    return [test for test, text in tests if pattern.search(text)]


def is_noticed(what, tests):
    """Whether one of the tests fails while that command or option does nothing. One that waits for ever fails, too."""
    if not tests:
        return False
    program = ["prlimit", "--cpu=2", os.environ["CONFIG_TEST"], "--gtest_brief=1", "--gtest_fail_fast", "--gtest_filter=" + ":".join(tests)]
    return subprocess.run(program, env=os.environ | {"UNDINE_HOLLOW": what}, cwd=TOP / "config", capture_output=True).returncode != 0


class Pages(unittest.TestCase):
    """docs/reference.md and docs/compatibility.md."""

    maxDiff = None

    def test_pages_are_what_the_tables_say(self):
        for page in ("reference", "compatibility"):
            self.assertEqual((TOP / "docs" / f"{page}.md").read_text(), made(page), f"docs/{page}.md is out of date: run test-rig/update-reference and commit what it writes")

    def test_what_is_here_is_tried_by_a_test(self):
        tried = "\n".join(path.read_text() for path in TESTS).replace("\\n", "\n")
        patterns = {"Commands": r"(?:^|[^\w-]){}(?![\w-])", "Types of settings": r":{}\b", "Settings": r"(?:\b|/){}\b"}
        untried = [name for section, name in promised() if not re.search(patterns[section].format(re.escape(name)), tried, re.MULTILINE)]
        self.assertEqual(untried, [], "docs/compatibility.md promises these; no test has them")

    def test_a_command_that_did_nothing_would_be_noticed(self):
        """Each promised command in turn succeeds and does nothing, each of its options in turn is ignored (config/hollow.h): one of the unit tests that name it has to fail."""
        commands = [name for section, name in promised() if section == "Commands" and name not in STEERING]
        usage = dict(re.findall(r"^\| `([^`]+)` \| `(.*)` \|", made("reference"), re.MULTILINE))
        hollow = {name: [name] for name in commands}
        for name in commands:
            same = [other for other in commands if usage.get(other) == usage.get(name)]  # names for one thing
            if same[0] == name:
                hollow |= {f"{name} {option}": same for option in re.findall(r"--[\w-]+", usage.get(name, "")) if f"{name} {option}" not in WITHOUT_EFFECT}
        tests = list(unit_tests())
        with ThreadPool(os.cpu_count()) as pool:
            noticed = pool.starmap(is_noticed, [(what, naming(names, tests)) for what, names in hollow.items()])
        unnoticed = [what for what, was_noticed in zip(hollow, noticed, strict=True) if not was_noticed]
        self.assertEqual(unnoticed, [], "docs/compatibility.md promises these; the unit tests pass without them")


if __name__ == "__main__":
    unittest.main()
