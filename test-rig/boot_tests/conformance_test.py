# SPDX-License-Identifier: Apache-2.0
"""Every function of the PXE API, called by a boot program of ours (test-rig/conformance/pxe.asm): what Undine answers, beside what the boot ROM answers.

The table in docs/pxe-api.md is this test's output; if it differs, the test fails and leaves the new one in build/test-logs/.
"""

import re

import pytest

from rig import servers
from rig.lab import HTTP
from rig.paths import BUILD, RIG
from rig.programs import assemble

pytestmark = pytest.mark.undine

FILE = "0123456789abcdef" * 125
FREE_MEMORY_LEAST, TAKEN_MOST = 600, 25  # KiB, docs/architecture.md section 7
TABLE = RIG.parent / "docs" / "pxe-api.md"
INTRODUCTION = """# The PXE API, function by function

What a boot program meets that Undine has started, and what it meets under the boot ROM of QEMU's e1000 (iPXE of 2019), by the same program
(`test-rig/conformance/pxe.asm`). Each cell: AX and the status word, then what came back. `test-rig/check boot -k conformance` makes this table and
compares it; it is not written by hand. Statuses are those of PXE 2.1 appendix A; where the ROM's column ends, the ROM no longer answered.

| call | Undine | the ROM |
|---|---|---|
"""


def rows(console):
    """{name: answer} from the console; lines that are longer than the screen were joined before. A line without its end is none: a machine that hangs
    within one shows more or less of it."""
    found = {}
    for name, status, rest in re.findall(r"^PXE\|([^|\n]*)\|([^|\n]*)\|([^\n]*)\n", console, re.MULTILINE):
        found.setdefault(name.strip(), " ".join(f"{status} {rest}".split()))
    return found


def free_memory(console):
    """KiB, by INT 12h, while a boot program runs."""
    return int(re.search(r"^PXE-MEMORY\| (\d+)", console, re.MULTILINE)[1])


def probe(lab):
    for name in ("pxe", "execute"):
        assemble(lab, RIG / "conformance" / f"{name}.asm", f"{name}.0")
    lab.publish("probe.txt", FILE)


def test_every_function_answers_as_the_table_says(lab):
    probe(lab)
    bare = "52:54:00:77:00:02"  # the second machine's ROM gets the program at once
    lab.serve(f"#!ipxe\nchain {HTTP}/pxe.0 some arguments\necho CONFORMANCE-${{conformance}}\nimgfetch {HTTP}/probe.txt && echo GOES-ON\n"
              f"chain {HTTP}/execute.0 localboot\necho NEVER\n",
              handout=[f"dhcp-mac=set:bare,{bare}", "dhcp-userclass=set:undine,Undine", "dhcp-boot=tag:bare,pxe.0",
                       "dhcp-boot=tag:!bare,tag:!undine,undine.kpxe", f"dhcp-boot=tag:!bare,tag:undine,{HTTP}/boot.ipxe"])
    multicast = servers.mtftp(lab)
    pc = lab.machine()
    pc.wait_for("PXE-END", 120)
    assert "has acknowledged all 4 blocks" in multicast.text()
    # FILE_EXEC ran a line, the program returned, and the next line of the script has the network.
    pc.wait_for("CONFORMANCE-executed", 20)
    pc.wait_for("GOES-ON", 20)
    # A line that gives the machine back ends the program that ran it.
    pc.wait_for("^leaving; the BIOS goes on", 20)
    pc.wait_for("No bootable device", 60)
    assert "EXECUTED-AND-BACK" not in pc.console and "NEVER" not in pc.console
    undine = rows(pc.unwrapped)
    facts = {name: answer for name, answer in undine.items() if answer in ("yes", "no")}
    assert facts and set(facts.values()) == {"yes"}, facts
    pc.stop()

    other = lab.machine()
    other.wait_for(r"^PXE\|", 120)
    other.wait_for_silence(30)  # the ROM stops at some call: its column ends there
    rom = rows(other.unwrapped)
    ours, theirs = free_memory(pc.unwrapped), free_memory(other.unwrapped)
    print(f"free base memory: {ours} KiB with Undine, {theirs} KiB with the ROM alone")
    assert ours >= FREE_MEMORY_LEAST and theirs - ours <= TAKEN_MOST
    assert rom.get("UNDI_GET_INFORMATION") == "0000 0000 1500 1 6"
    text = INTRODUCTION + "".join(f"| {name} | {answer} | {rom.get(name, '')} |\n" for name, answer in undine.items())
    made = BUILD / "test-logs" / "pxe-api.md"
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text(text)
    assert TABLE.exists() and TABLE.read_text() == text, f"the table has changed: look at {made}, and copy it to docs/ if it is right"
