#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""undine lint as a user meets it: what it prints and its status. lint/lint_test.cc has a test for each rule."""
import json
import re
import unittest
from pathlib import Path

from tool_bench import Bench

GOOD = "#!ipxe\nkernel vmlinuz\nboot\n"
BAD = "#!ipxe\n  goto nowhere\nset filenmae \"x\"\n"


class Lint(Bench):
    """undine lint."""

    def setUp(self):
        super().setUp()
        self.write("good.ipxe", GOOD)
        self.write("bad.ipxe", BAD)

    def test_nothing_found_is_status_0_without_a_word(self):
        done = self.undine("lint", "good.ipxe")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_findings_are_lines_that_editors_understand(self):
        done = self.undine("lint", "good.ipxe", "bad.ipxe")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines(), [
            "bad.ipxe:2:8: error: nowhere: the script has no such label, or it is within a block [script.no-label]",
            "bad.ipxe:3:1: warning: set: the script never comes here [lint.unreachable]",
            "bad.ipxe:3:5: warning: filenmae: no setting has that name, and the script sets none of it; perhaps 'filename'? [lint.misspelt-setting]",
            "bad.ipxe:3:14: warning: \"x\": #!ipxe scripts have no quotes: they become part of the value [lint.kept-quote]"])

    def test_json_is_for_programs(self):
        done = self.undine("lint", "--json", "bad.ipxe")
        self.assertEqual(done.returncode, 1)
        findings = json.loads(done.stdout)
        self.assertEqual(findings[0], {"file": "bad.ipxe", "line": 2, "column": 8, "severity": "error", "rule": "script.no-label",
                                       "message": "nowhere: the script has no such label, or it is within a block"})
        self.assertEqual(findings[3]["message"][:4], '"x":')
        self.assertEqual(json.loads(self.undine("lint", "--json", "good.ipxe").stdout), [])

    def test_warnings_can_be_left_out(self):
        self.assertEqual(len(self.undine("lint", "--errors", "bad.ipxe").stdout.splitlines()), 1)
        self.write("warns.ipxe", "#!ipxe\niseq a b\n")
        self.assertEqual(self.undine("lint", "warns.ipxe").returncode, 1)
        self.assertEqual(self.undine("lint", "--errors", "warns.ipxe").returncode, 0)

    def test_files_that_are_given_together_know_what_each_other_sets(self):
        self.write("sets.ipxe", "#!ipxe\nset tftp-server 10.0.0.1\nchain reads.ipxe\n")
        self.write("reads.ipxe", "#!ipxe\necho ${tftp-server} ${netmsak}\n")
        lines = self.undine("lint", "reads.ipxe", "sets.ipxe").stdout.splitlines()
        self.assertEqual([line.split(" ")[2] for line in lines], ["netmsak:"])
        self.assertEqual(len(self.undine("lint", "reads.ipxe").stdout.splitlines()), 2)

    def test_standard_input_is_a_file(self):
        done = self.undine("lint", "-", standard_input=BAD)
        self.assertEqual(done.stdout.splitlines()[0], "-:2:8: error: nowhere: the script has no such label, or it is within a block [script.no-label]")

    def test_a_file_that_cannot_be_read_is_status_2_and_the_others_are_read(self):
        done = self.undine("lint", "none.ipxe", ".", "bad.ipxe")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr.splitlines(), ["undine lint: none.ipxe: the file cannot be read", "undine lint: .: the file cannot be read"])
        self.assertEqual(len(done.stdout.splitlines()), 4)

    def test_the_program_says_the_same_of_words_that_fail(self):
        for command in ("sleep abc", "sleep 4294968", "sleep 08", "exit abc", "inc a b", "inc a --5", "prompt --key 0x1x", "prompt --key 65536", "prompt --timeout 5s", "read --timeout x y",
                        "set ip 300.1.1.1", "console --keyboard klingon", "console --x 65536", "vcreate --tag 5000 net0", "vcreate net0",
                        "vcreate --tag 1 --priority 8 net0", "colour 8", "colour --basic 8 1", "colour --rgb 0x1000000 1", "cpair 8", "cpair --foreground 10 1",
                        "cpuid 32", "pxebs 65536", "imgmem 0 0", "imgmem 0 x", "retry 1001 echo", "ping --count x 10.0.0.1", "imgfetch --timeout x a", "imgfetch --sha256 ab a",
                        "dhcp --configurator ipv6", "localboot floppy", "localboot --drive 256", "sync --timeout x"):
            with self.subTest(command):
                script = f"#!ipxe\n{command} || echo no\n"
                found = re.findall(r" error: .*\[(\S+)\]$", self.undine("lint", "-", standard_input=script).stdout, re.MULTILINE)
                said = re.findall(r"\[(\S+)\]$", self.run_script(script).stdout, re.MULTILINE)
                self.assertEqual((len(found), found), (1, said))

    def test_every_rule_is_listed_and_has_a_test(self):
        names = re.findall(r"^(lint\.\S+) \(", self.undine("lint", "--rules").stdout, re.MULTILINE)
        source = Path(__file__).parent / "lint"
        self.assertEqual(sorted(names), sorted(re.findall(r'\{"(lint\.[^"]+)"', (source / "finding.h").read_text())))
        tests = (source / "lint_test.cc").read_text()
        self.assertEqual([name for name in names if name not in tests], [])


if __name__ == "__main__":
    unittest.main()
