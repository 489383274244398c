# SPDX-License-Identifier: Apache-2.0
"""A switch that says who it is, once a second: `lldp.py DEVICE`. Sent on the machine's port itself, since no bridge passes these frames on."""

import sys

from scapy.all import Ether, sendp
from scapy.contrib.lldp import (LLDPDUChassisID, LLDPDUEndOfLLDPDU, LLDPDUGenericOrganisationSpecific, LLDPDUPortID, LLDPDUSystemName,
                                LLDPDUTimeToLive)

MAC = "02:00:00:00:00:07"

if __name__ == "__main__":
    unit = (LLDPDUChassisID(subtype=4, id=MAC) / LLDPDUPortID(subtype=5, id=b"ge-0/0/7") / LLDPDUTimeToLive(ttl=120)
            / LLDPDUSystemName(system_name=b"rack7") / LLDPDUGenericOrganisationSpecific(org_code=0x0080c2, subtype=1, data=b"\x00\x2a")
            / LLDPDUEndOfLLDPDU())
    sendp(Ether(src=MAC, dst="01:80:c2:00:00:0e") / unit, iface=sys.argv[1], inter=1, loop=1, verbose=False)
