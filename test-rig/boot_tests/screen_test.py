# SPDX-License-Identifier: Apache-2.0
"""What a person sees and types: menus, forms, passwords; a picture behind the text, and a keyboard that is not American."""

import re
import struct
import time
import zlib

import pytest

from rig import servers, web
from rig.lab import HTTP

pytestmark = pytest.mark.undine
UP, DOWN = b"\x1b[A", b"\x1b[B"

MENU = f"""#!ipxe
:start
menu Rack of ${{net0/mac}}
item --gap Systems
item linux Linux
item --key r rescue Rescue
item --gap
item --default exit Back to the BIOS
choose --timeout 600000 target && goto ${{target}} || goto start
:rescue
login || goto start
imgfetch http://{servers.SERVER}:8090/auth/data && echo GOT-DIGEST
imgfetch --name again {HTTP}/auth/data && echo GOT-BASIC
params
param user ${{username}}
param rack ${{rack}}
imgfetch {HTTP}/echo/script##params && echo POSTED
goto start
:linux
form Where is it?
item rack Rack
item dns:ipv4 DNS server
present || goto start
echo -n Comment: ${{}} && read comment
echo [${{rack}}] [${{dns}}] [${{comment}}]
menu Soon
item a A
item b B
choose --default b --timeout 1000 target
echo TIME-${{target}}
shell
"""


def press(pc, keys, pattern):
    """Keys that nobody echoes, and what the screen shows after them."""
    pc.send(keys)
    return pc.wait_for_screen(pattern)


def test_menus_forms_and_passwords_on_a_serial_terminal(lab):
    lab.publish("data", b"data" * 1000)
    lab.serve(MENU)
    web.apache(lab)
    pc = lab.machine()
    screen = pc.wait_for_screen(r"Enter: choose   Esc: leave   \d+ s", 120)
    rows = [row for row in screen.split("\n") if row]
    assert [row.strip() for row in rows[:5]] == ["Rack of 52:54:00:77:00:01", "Systems", "Linux", "Rescue", "Back to the BIOS"]
    press(pc, b"r", "Username")
    assert "Linux" not in "\n".join(pc.screen)
    pc.type("rack\tsecret")
    assert re.search(r"Password +\*{6}$", pc.wait_for_screen(r"\*{6}"), re.MULTILINE)
    pc.send(b"\r")
    pc.wait_for("^GOT-DIGEST$", 60)
    pc.wait_for("^GOT-BASIC$", 60)
    pc.wait_for("^POSTED$", 60)
    assert any('"POST /echo/script HTTP/1.1" 200' in line for line in lab.requests())
    assert "secret" not in pc.console

    # Up from the default, over what separates.
    pc.wait_for_screen("Back to the BIOS")
    pc.send(UP)
    pc.send(UP)
    press(pc, b"\r", "Where is it")
    pc.type("7b\r\x15" + "10.0.0.256\r")
    pc.wait_for_screen(r"value\.")
    pc.type("\b\b\b1\r")
    pc.wait_for_screen("^Comment:")
    pc.type("all fine\r")
    pc.wait_for(r"^\[7b\] \[10\.0\.0\.1\] \[all fine\]$")
    pc.wait_for_screen("^  B")
    pc.wait_for("TIME-b")


def png(width, height, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_a_picture_behind_a_menu_and_a_german_keyboard(lab):
    width, height, margin = 640, 480, 64
    colour = (40, 80, 120)
    lab.publish("picture.png", png(width, height, (b"\0" + bytes(colour) * width) * height))
    lab.serve(f"""#!ipxe
console --serial 115200
console --picture {HTTP}/missing.png && echo ACCEPTED || echo TEXT-STAYS
set keymap de
console --picture {HTTP}/picture.png --left {margin} --top {margin} || goto failed
menu Picture
item a {"M" * 20}
choose x
prompt --set key KEY ||
echo KEY-${{key}}
console
echo BACK
:failed
shell
""")
    pc = lab.machine(extra=["-M", "graphics=on", "-vga", "std"])
    pc.wait_for("TEXT-STAYS", 120)
    pc.wait_for_screen("Enter: choose", 60)
    time.sleep(1)  # the serial line is ahead of the screen by a line or so
    pixel, *size = pc.pixels(lab.folder / "screen.ppm")
    assert size == [width, height]
    assert pixel(5, 5) == pixel(width - 1, height - 1) == colour
    # The first item is in the fourth row, and selected: its text is white on red.
    cells = {pixel(x, y) for x in range(margin + 16, margin + 16 + 8 * 20) for y in range(margin + 3 * 16, margin + 4 * 16)}
    assert cells == {(255, 255, 255), (204, 0, 0)}
    # The row below has no text, so the picture is seen.
    assert {pixel(x, margin + 4 * 16 + 8) for x in range(width)} == {colour}
    pc.monitor("sendkey ret")
    pc.wait_for("KEY$")
    pc.monitor("sendkey z")
    pc.wait_for(f"KEY-{ord('y')}$")
    pc.wait_for("BACK")
    pc.wait_for("undine> ")
    _, *size = pc.pixels(lab.folder / "screen.ppm")
    assert size == [720, 400]
    pc.monitor("sendkey alt_r-q")
    pc.wait_for("@")
