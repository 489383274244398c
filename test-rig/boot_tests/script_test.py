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
def test_a_script_that_fails_opens_the_shell_and_exit_there_leaves(lab):
    lab.serve(f"#!ipxe\nimgfetch {HTTP}/initrd.cpio\nimgfetch {HTTP}/missing\n")
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


@pytest.mark.undine
def test_our_own_words_run_as_deep_as_they_may_and_ctrl_c_ends_a_loop(lab):
    lab.publish("lib.undine", "#!undine\nfunction say word\necho LIB-${word}\nend\n")
    # Sixteen scripts and sixteen functions deep, and a download there: the most that the stack has to hold.
    lab.publish("deep.undine", f"""#!undine
inc level
if is ${{level}} < 15
  chain deep.undine
else
  dive 1
end
function dive n
  let next = ${{n}} + 1
  if is ${{next}} <= 16
    dive ${{next}}
  else
    imgfetch --name fetched {HTTP}/lib.undine && echo FETCHED-${{level}}-${{n}}
    dive ${{next}} || echo LIMIT-${{error-name}}
  end
end
""")
    lab.serve(f"""#!undine
include lib.undine
say ${{cpuid/1.0}}-${{pci/${{net0/busloc}}.0.2}}-${{memmap/0.0.1.0}}
cpuid --ext 29 && say LONG || say SHORT
try imgfetch {HTTP}/missing
echo ERROR-${{error-name}}
for i in 1 2
  retry 2 imgfetch {HTTP}/missing || echo GAVE-UP-${{i}}
end
chain deep.undine
echo READY
while iseq a a
end
""")
    pc = lab.machine("e1000", memory=256)
    pc.wait_for(r"LIB-[0-9a-f]{8}-8086-0000000000000000", 120)
    pc.wait_for("LIB-LONG")
    pc.wait_for(r"ERROR-http\.not-found")
    pc.wait_for("GAVE-UP-2")
    pc.wait_for("FETCHED-15-16", 60)
    pc.wait_for(r"LIMIT-script\.function-nested")
    pc.wait_for("READY")
    pc.type("\x03")
    pc.wait_for(r"boot\.ipxe:13: end: cancelled by Ctrl-C")
    pc.wait_for("undine> ")
