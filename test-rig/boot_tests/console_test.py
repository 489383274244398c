# SPDX-License-Identifier: Apache-2.0
"""Who sits at a serial line: the rig's BIOS copies the screen there; one that does not leaves it to the boot program."""

import pytest

# The BIOS leaves the serial port alone, and there is no other console.
NO_BIOS_CONSOLE = ["-M", "graphics=on"]


@pytest.mark.undine
def test_a_script_switches_the_serial_console_on(lab):
    lab.serve("#!ipxe\necho BEFORE\nconsole --serial 115200\necho ON-SERIAL\nshell\n")
    pc = lab.machine(extra=NO_BIOS_CONSOLE)
    pc.wait_for("^ON-SERIAL", 90)
    assert "BEFORE" not in pc.console
    pc.type("echo TYPED-${net0/mac}\n")
    pc.wait_for("^TYPED-52:54:00:77:00:01")
    pc.send(b"\x1b[A")  # up: the last line again
    pc.wait_for("echo TYPED")
    pc.type("-twice\n")
    pc.wait_for("^TYPED-52:54:00:77:00:01-twice")
