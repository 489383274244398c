# SPDX-License-Identifier: Apache-2.0
"""Time servers. The function takes a Lab and returns a Process that is ready."""

from . import servers
from .unpacked import Tree


def chrony(lab):
    """chronyd, which tells the machine's own time and never sets it."""
    tree = Tree("chrony")
    config = lab.folder / "chrony.conf"
    config.write_text(f"local stratum 8\nallow 10.0.0.0/8\nbindaddress {servers.SERVER}\ncmdport 0\npidfile {lab.folder}/chrony.pid\n"
                      f"bindcmdaddress /\ndriftfile {lab.folder}/chrony.drift\n")
    server = lab.process("chrony", *tree.command("usr/sbin/chronyd", "-x", "-d", "-u", "root", "-f", config))
    return server.wait_until(lambda: lab.namespace.listening(123, "udp"))
