#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `cmake --install` puts where, and that manual and completion know every option. BUILD names the build folder."""
import os
import re
import subprocess
import unittest

from tool_bench import Bench

COMMANDS = ("lint", "run", "fetch", "embed")


class Install(Bench):
    """cmake --install."""

    def setUp(self):
        super().setUp()
        subprocess.run(["cmake", "--install", os.environ["BUILD"], "--prefix", self.folder / "usr"], check=True, capture_output=True)

    def options(self, command):
        return re.findall(r"^ +-\w, (--[\w-]+)", self.undine(command, "--help").stdout, re.MULTILINE)

    def test_program_manual_and_completion_are_there_and_nothing_else(self):
        files = sorted(str(path.relative_to(self.folder / "usr")) for path in (self.folder / "usr").rglob("*") if path.is_file())
        self.assertEqual(files, ["bin/undine", "share/bash-completion/completions/undine", "share/man/man1/undine.1"])
        self.assertTrue(subprocess.run([self.folder / "usr/bin/undine", "--version"], capture_output=True, text=True, check=True).stdout.startswith("undine "))

    def test_the_manual_has_every_option_and_no_other(self):
        manual = (self.folder / "usr/share/man/man1/undine.1").read_text().replace("\\-", "-")
        sections = re.split(r"^\.SH UNDINE (\w+)$|^\.SH ", manual, flags=re.MULTILINE)
        of_command = {sections[i].lower(): sections[i + 1] for i in range(1, len(sections), 2) if sections[i]}
        for command in COMMANDS:
            told = re.findall(r'^\.BR -\w ", " (--[\w-]+)', of_command[command], re.MULTILINE)
            self.assertEqual(told, self.options(command), command)

    def test_bash_completes_commands_and_every_option(self):
        completion = self.folder / "usr/share/bash-completion/completions/undine"

        def complete(*words):
            script = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _undine; printf "%s\\n" "${COMPREPLY[@]}"'
            return subprocess.run(["bash", "-c", script, completion, *words], capture_output=True, text=True, check=True).stdout.split()

        self.assertEqual(complete("undine", ""), [*COMMANDS, "--help", "--version"])
        self.assertEqual(complete("undine", "l"), ["lint"])
        for command in COMMANDS:
            self.assertEqual(complete("undine", command, "--"), [*self.options(command), "--help"])
        self.write("boot.ipxe", "")
        self.assertEqual(complete("undine", "embed", "--remove", "c"), ["certs"])


if __name__ == "__main__":
    unittest.main()
