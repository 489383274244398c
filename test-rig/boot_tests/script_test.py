# SPDX-License-Identifier: Apache-2.0
"""Scripts as sites have them: addresses by hand, chains, alternatives, jumps."""

import re

import pytest

from rig import servers
from rig.lab import HTTP, linux
from rig.machine import GIVEN_UP
from rig.payload import COMMAND_LINE, INITRD_OK


def test_a_gpxe_script_with_an_address_by_hand(lab):
    lab.serve(f"""#!gpxe
set net0/ip 10.77.0.42
set net0/netmask {servers.NETMASK}
set net0/gateway {servers.SERVER}
set net0/dns {servers.SERVER}
ifopen net0
kernel http://server.boot.test/vmlinuz {COMMAND_LINE} nic=${{net0/mac}}
initrd {HTTP}/initrd.cpio?nic=${{net0/mac}}
boot
""")
    pc = lab.machine()
    pc.wait_for(INITRD_OK, 120)
    pc.wait_for("cmdline: .*nic=52:54:00:77:00:01")
    log = "\n".join(lab.requests())
    assert "10.77.0.42 " in log
    assert "/initrd.cpio?nic=52:54:00:77:00:01" in log or "/initrd.cpio?nic=52%3A54%3A00%3A77%3A00%3A01" in log


def test_dhcp_chain_alternatives_and_goto(lab):
    lab.publish("second.ipxe", linux(arguments="chained=${chained}"))
    lab.serve(f"""#!ipxe
# a comment
dhcp net0 || goto failed
set chained yes
iseq ${{net0/ip}} 0.0.0.0 && echo NO-ADDRESS ||
goto first
echo NEVER-SHOWN
:first
chain {HTTP}/missing.ipxe || echo MISSING-AS-EXPECTED
chain second.ipxe || goto failed
:failed
echo SCRIPT-FAILED
shell
""")
    pc = lab.machine()
    pc.wait_for(INITRD_OK, 120)
    pc.wait_for("cmdline: .*chained=yes")
    assert "MISSING-AS-EXPECTED" in pc.console
    for wrong in ("NEVER-SHOWN", "NO-ADDRESS", "SCRIPT-FAILED"):
        assert wrong not in pc.console


@pytest.mark.undine
def test_a_script_that_fails_ends_in_the_shell(lab):
    lab.serve(f"#!ipxe\nimgfetch {HTTP}/missing\necho NEVER-SHOWN\n")
    pc = lab.machine()
    pc.wait_for(lab.nbp.prompt, 90)
    assert "NEVER-SHOWN" not in pc.console
    pc.type("echo STILL-${net0/mac}\n")
    pc.wait_for("STILL-52:54:00:77:00:01")


@pytest.mark.parametrize("end", ["exit", "exit 0\necho NEVER-SHOWN", "echo LAST-LINE"])
def test_a_script_that_ends_well_gives_the_machine_back_to_the_bios(lab, end):
    lab.serve(f"#!ipxe\necho SCRIPT-RAN\n{end}\n")
    pc = lab.machine()
    pc.wait_for("^SCRIPT-RAN", 60)
    pc.wait_for(GIVEN_UP, 60)  # there is no other boot device
    assert "NEVER-SHOWN" not in pc.console
    assert not re.search(lab.nbp.prompt, pc.console)


@pytest.mark.undine
def test_exit_with_a_status_opens_the_shell_and_exit_there_leaves(lab):
    lab.serve(f"#!ipxe\nimgfetch {HTTP}/initrd.cpio\nexit 1\n")
    pc = lab.machine()
    pc.wait_for(lab.nbp.prompt, 90)
    pc.type("imgstat\n")
    pc.wait_for("^initrd.cpio: .* MiB")
    pc.type("exit\n")
    pc.wait_for(GIVEN_UP, 60)


def test_the_kernel_gets_its_command_line_and_initrds_in_order(lab):
    lab.serve(linux(arguments='words="two words" last=${net0/ip}'))
    pc = lab.machine()
    pc.wait_for(INITRD_OK, 120)
    pc.wait_for(r'cmdline: .*console=ttyS0.* words="two words" last=10\.77\.0\.1\d\d')
