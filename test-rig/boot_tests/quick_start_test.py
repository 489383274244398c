# SPDX-License-Identifier: Apache-2.0
"""The configurations of docs/quick-start.md, as they stand there: only folders of the machine are others."""

import re

import pytest

from rig import servers
from rig.paths import CHECKOUT
from rig.payload import INITRD_OK

pytestmark = pytest.mark.undine
PAGE = CHECKOUT / "docs" / "quick-start.md"


def block(kind):
    """The one block of that kind on the page."""
    found = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(found) == 1, kind
    return found[0]


def dnsmasq(lab):
    config = block("dnsmasq").replace("/srv/tftp", str(lab.tftp_root))
    servers.dnsmasq(lab, [line for line in config.splitlines() if line != "interface=lan"])  # is there already


def dhcpd(lab):
    servers.tftp_only(lab)
    servers.isc_dhcpd_with(lab, block("dhcpd"))


def kea(lab):
    servers.tftp_only(lab)
    servers.kea(lab, block("kea").replace("/var/lib/kea/", f"{lab.folder}/"))


@pytest.mark.parametrize("server", [dnsmasq, dhcpd, kea])
def test_the_quick_start_boots_linux(lab, server):
    lab.publish_all(block("ipxe"))
    lab.start_nginx()
    server(lab)
    pc = lab.machine()
    pc.wait_for("^Booting 52:54:00:77:00:01 from 10.77.0.1$", 90)
    pc.wait_for(INITRD_OK, 120)
