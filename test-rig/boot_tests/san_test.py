# SPDX-License-Identifier: Apache-2.0
"""Disks on other machines, behind INT 13h: boot loaders and systems that others wrote."""

import pytest

from rig import disks
from rig.lab import HTTP

pytestmark = pytest.mark.undine

BOOTED = "UNDINE-INITRD-OK"


def test_syslinux_boots_from_a_disk_over_http(lab):
    lab.publish("syslinux.img", disks.syslinux())
    lab.serve(f"#!ipxe\nsanboot {HTTP}/syslinux.img\n")
    pc = lab.machine()
    pc.wait_for("SYSLINUX", 60)
    pc.wait_for(BOOTED, 120)
