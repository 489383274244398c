# SPDX-License-Identifier: Apache-2.0
"""Every function of INT 13h, called by a boot program of ours (test-rig/conformance/int13.asm) on a diskette, a disk and a CD: what Undine answers for
images on a web server, beside what SeaBIOS answers for its own drives.

The table in docs/int13.md is this test's output; if it differs, the test fails and leaves the new one in build/test-logs/.
"""

import re

import pytest

from rig import disks
from rig.lab import HTTP, linux
from rig.paths import BUILD, RIG
from rig.payload import INITRD_OK
from rig.programs import assemble

pytestmark = pytest.mark.undine

TABLE = RIG.parent / "docs" / "int13.md"
DRIVES = ("diskette", "disk", "CD")
INTRODUCTION = """# INT 13h, function by function

What a program meets on drives 00h (a diskette of 1440 KiB), 80h (a disk of 8 MiB) and E0h (a CD): images on a web server that Undine has hooked, and the
drives of QEMU's PC as SeaBIOS has them, by the same program (`test-rig/conformance/int13.asm`). Each cell: AH, "error" if the carry is set, then what came
back. `test-rig/check boot -k int13` makes this table and compares it; it is not written by hand.

| call | diskette: Undine | SeaBIOS | disk: Undine | SeaBIOS | CD: Undine | SeaBIOS |
|---|---|---|---|---|---|---|
"""
WRITES = """
## Writes

The same for a disk that is changed: an image that takes no writes with an overlay of 64 KiB (`sanhook --overlay ram:64K`) and without one, and SeaBIOS's own
disk. Sectors hold their number until they are written, then 5757h. "On and on" writes 127 sectors at a time until that fails, 9 times at most.

| call | with an overlay | without | SeaBIOS |
|---|---|---|---|
"""


def media(owner):
    return {"floppy.img": bytes(disks.numbered(2880, owner)), "disk.img": disks.numbered_disk(16384, owner), "cd.iso": disks.numbered_cd(512, owner)}


def rows(console):
    """{(drive, name): answer} from the console; lines that are longer than the screen were joined before."""
    return {(drive, name): " ".join(f"{status} {rest}".split())
            for drive, name, status, rest in re.findall(r"^I13\|([^|\n]*)\|([^|\n]*)\|([^|\n]*)\|([^\n]*)$", console, re.MULTILINE)}


def table(columns, names):
    """Lines of a table: each name, then its cell of each column, a function of the name."""
    return "".join(f"| {name} | " + " | ".join(cell(name) for cell in columns) + " |\n" for name in names)


def test_int13_answers_as_the_table_says(lab):
    for name, definitions in (("int13.0", ()), ("writes.0", ("WRITES",))):
        assemble(lab, RIG / "conformance" / "int13.asm", name, *definitions)
    for name, contents in media("OURS").items():
        lab.publish(name, contents)
    for name, contents in media("BIOS").items():
        (lab.folder / name).write_bytes(contents)
    hooks = "".join(f"sanhook --drive {number} {HTTP}/{name}\n" for number, name in (("0x00", "floppy.img"), ("0x80", "disk.img"), ("0xe0", "cd.iso")))
    lab.serve(f"#!ipxe\nchain {HTTP}/int13.0\n{hooks}chain {HTTP}/int13.0\n"
              f"sanunhook --drive 0xe0\nsanunhook --drive 0x00\nsanunhook\nchain {HTTP}/writes.0\n"
              f"sanhook --overlay ram:64K {HTTP}/disk.img\nchain {HTTP}/writes.0\nsanunhook\n"
              f"sanhook {HTTP}/disk.img\nchain {HTTP}/writes.0\nimgfree\n" + linux().removeprefix("#!ipxe\n"))
    drive = "format=raw,snapshot=on"
    pc = lab.machine(extra=("-drive", f"file={lab.folder}/floppy.img,if=floppy,{drive}", "-drive", f"file={lab.folder}/disk.img,if=ide,index=0,{drive}",
                            "-drive", f"file={lab.folder}/cd.iso,if=ide,index=2,media=cdrom,format=raw"))
    for _ in range(5):
        pc.wait_for("I13-END", 120)
    # A kernel boots while a disk is hooked: the program stays in memory behind it.
    pc.wait_for(INITRD_OK, 90)
    bios, undine, *writes = (rows(part) for part in pc.unwrapped.split("I13-END")[:5])
    assert "the overlay holds no more writes" in pc.unwrapped.split("I13-END")[3]

    def column(answers, drive):
        return lambda name: answers.get((drive, name), "")
    text = INTRODUCTION + table([column(answers, drive) for drive in DRIVES for answers in (undine, bios)], [name for drive, name in undine if drive == DRIVES[0]])
    text += WRITES + table([column(answers, "disk") for answers in (*writes[1:], writes[0])], [name for _, name in writes[0]])
    made = BUILD / "test-logs" / "int13.md"
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text(text)
    # Whoever had our numbers has others.
    assert {name: undine[("displaced", name)] for name in ("01h", "81h", "82h")} == {name: "00 BIOS" for name in ("01h", "81h", "82h")}
    assert TABLE.exists() and TABLE.read_text() == text, f"the table has changed: look at {made}, and copy it to docs/ if it is right"
