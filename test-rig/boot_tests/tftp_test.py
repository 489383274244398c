# SPDX-License-Identifier: Apache-2.0
"""Files over TFTP, from a server with windows (RFC 7440) and from one without."""

import pytest

from rig import pcap, servers
from rig.lab import TFTP, linux
from rig.payload import INITRD_OK


def test_linux_over_tftp_block_by_block(lab):
    lab.serve(linux(TFTP), boot_file=f"{TFTP}/boot.ipxe")
    lab.machine().wait_for(INITRD_OK, 180)


def test_linux_over_tftp_from_a_server_with_windows(lab):
    servers.atftpd(lab)
    lab.serve(linux(f"tftp://{servers.FAR}"))
    lab.machine().wait_for(INITRD_OK, 180)


@pytest.mark.undine
def test_windows_are_asked_for_and_used(lab):
    servers.atftpd(lab)
    lab.serve(f"#!ipxe\nimgfetch tftp://{servers.FAR}/vmlinuz && echo FETCHED\nshell\n")
    pc = lab.machine()
    pc.wait_for("FETCHED", 90)
    pc.stop()
    trace = [packet.payload for packet in pcap.packets(lab.logs / "pc0.pcap") if packet.protocol == pcap.UDP]
    accepted = [place for place, payload in enumerate(trace) if payload.startswith(b"\0\6") and b"windowsize\0" in payload]
    assert accepted, "the server was not asked for a window"
    data, acknowledgements = (sum(payload.startswith(opcode) for payload in trace[accepted[0]:])
                              for opcode in (b"\0\3", b"\0\4"))
    assert acknowledgements < data / 2, f"{acknowledgements} acknowledgements for {data} blocks"
