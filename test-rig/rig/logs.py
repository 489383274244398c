# SPDX-License-Identifier: Apache-2.0
"""Servers that take logs. Every function takes a Lab and returns a Process that is ready."""

import sys

from . import certificates, servers
from .paths import RIG
from .unpacked import ARCHITECTURE, Tree

POST_PORT = 8500


def rsyslog(lab):
    """rsyslogd by UDP and by TLS; what it gets stands in `messages` of the Process."""
    tree = Tree("rsyslog", "rsyslog-openssl")
    folder, config, messages = certificates.made(), lab.folder / "rsyslog.conf", lab.folder / "messages"
    config.write_text(f"""
global(defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{folder}/root.crt"
       defaultNetstreamDriverCertFile="{folder}/good.pem" defaultNetstreamDriverKeyFile="{folder}/good.key" workDirectory="{lab.folder}")
module(load="imudp")
input(type="imudp" port="514" address="{servers.SERVER}")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" port="6514" address="{servers.SERVER}")
template(name="whole" type="string" string="%inputname% %hostname% %app-name% %msgid% %syslogseverity-text% %msg%\\n")
action(type="omfile" file="{messages}" template="whole")
""")
    server = lab.process("rsyslog", *tree.command("usr/sbin/rsyslogd", "-n", "-f", config, "-i", lab.folder / "rsyslog.pid",
                                                  "-M", tree / "usr/lib" / ARCHITECTURE / "rsyslog"))
    server.messages = messages
    return server.wait_until(lambda: lab.namespace.listening(6514) and lab.namespace.listening(514, "udp"))


def receiver(lab):
    """An HTTP server that writes what is posted to it into files of the folder `posted` of the Process, the first into 1."""
    folder = lab.folder / "posted"
    folder.mkdir()
    server = lab.process("receiver", sys.executable, RIG / "rig" / "receiver.py", servers.SERVER, POST_PORT, folder)
    server.posted = folder
    return server.wait_until(lambda: lab.namespace.listening(POST_PORT))
