# SPDX-License-Identifier: Apache-2.0
"""The machine's port is a trunk: its ROM boots from the untagged network, and a script goes on in the VLAN that the switch names, with its own servers.
So does a program that it starts and that drives the card itself."""

import sys

import pytest

from program_test import publish_pxelinux
from rig import servers
from rig.lab import linux
from rig.paths import RIG
from rig.payload import INITRD_OK

TAG, SERVER = 42, "10.42.0.1"

# What net0 has is there again behind the VLAN that no server is in.
FIRST = f"""#!ipxe
vcreate --tag 43 net0
dhcp --timeout 3000 net0-43 || echo NOBODY-IN-43
vdestroy net0-43
:switch
isset ${{net0.lldp/5.0.0.0}} && goto named ||
sleep 1
goto switch
:named
echo SWITCH ${{netX.lldp/5.0.0.0}} PORT ${{netX.lldp/5.2.0.1.0:string}}
vcreate --tag ${{net0.lldp/0x0080c2.1.127.0.4.2:uint16}} --priority 3 net0
dhcp net0-{TAG} && isset ${{net0-{TAG}/mac}} || exit 1
echo VLAN-${{netX/ifname}} ${{netX/ip}} mtu ${{netX/mtu}}
echo BOOT ${{filename}}
echo TRUNK ${{net0/ip}}
ifstat
autoboot net0-{TAG}
"""


@pytest.mark.undine
@pytest.mark.parametrize("nic, fetcher", (("e1000", "Syslinux"), ("virtio-net-pci", "Undine")))
def test_a_script_goes_on_in_a_vlan(lab, nic, fetcher):
    lab.namespace.add_tap("vlan", master=None)
    lab.namespace.add_address(SERVER + "/24", "vlan")
    lab.serve(FIRST)
    publish_pxelinux(lab, "lpxelinux.0")
    scripts = {"Syslinux": f"#!ipxe\nset 210:string http://{SERVER}/\nchain http://{SERVER}/lpxelinux.0\n", "Undine": linux(f"http://{SERVER}")}
    lab.publish("vlan.ipxe", scripts[fetcher])
    vlan = servers.dnsmasq(lab, [f"dhcp-range=10.42.0.100,10.42.0.199,{servers.NETMASK},1h", "dhcp-authoritative", "port=0",
                                 f"dhcp-boot=http://{SERVER}/vlan.ipxe"], name="dnsmasq-vlan", interface="vlan")
    pc = lab.machine(nic, relay=["--vlan", TAG, "vlan"])
    pc.wait_for("NOBODY-IN-43", 90)
    lab.process("switch", sys.executable, RIG / "rig" / "lldp.py", "pc0")
    pc.wait_for("SWITCH rack7 PORT ge-0/0/7", 60)
    pc.wait_for(rf"VLAN-net0-{TAG} 10\.42\.0\.1\d\d mtu 1496", 60)
    pc.wait_for(r"BOOT http://10\.42\.0\.1/vlan\.ipxe", 30)
    pc.wait_for(r"TRUNK 10\.77\.0\.1\d\d", 30)
    pc.wait_for(INITRD_OK, 120)
    assert f"VLAN {TAG}, priority 3" in pc.unwrapped
    assert "DHCPACK" in vlan.text()
    asked = [line for line in lab.requests() if "vmlinuz" in line or "initrd" in line]
    assert len(asked) == 2 and all(" 10.42.0.1" in line and fetcher in line for line in asked)
