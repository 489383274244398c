# SPDX-License-Identifier: Apache-2.0
"""Every card whose ROM QEMU has boots Linux: DHCP, a script, a kernel and an initrd over HTTP.

Without i82559er: QEMU's model of it and its ROM hang together, now and then in the ROM's own DHCP before Undine is there; iPXE's undionly
stalls on it for good. Some boots with Undine succeed and some do not, which is no test. `test-rig/boot --nic i82559er` tries one.
"""

import pytest

from rig.lab import linux
from rig.machine import NIC_MODELS
from rig.payload import INITRD_OK


RELIABLE = [nic for nic in NIC_MODELS if nic != "i82559er"]


@pytest.mark.parametrize("nic", RELIABLE)
def test_boots_linux_over_http(lab, nic):
    lab.serve(linux())
    lab.machine(nic).wait_for(INITRD_OK, 120)


def test_two_machines_boot_from_the_same_servers(lab):
    lab.serve(linux())
    machines = [lab.machine("e1000"), lab.machine("virtio-net-pci")]
    for pc in machines:
        pc.wait_for(INITRD_OK, 180)


def test_boots_with_little_memory(lab):
    lab.serve(linux())
    lab.machine(memory=128).wait_for(INITRD_OK, 120)
