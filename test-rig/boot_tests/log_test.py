# SPDX-License-Identifier: Apache-2.0
"""The boot log on its way out: to a log server by UDP and by TLS, and posted as JSON lines, of which a picture is drawn."""

import json
import re
import subprocess

import pytest

from rig import certificates, logs, servers, tls
from rig.lab import HTTP
from rig.paths import RIG
from rig.payload import INITRD_OK
from rig.tls import publish_roots
from http_test import script_of

pytestmark = pytest.mark.undine


def test_the_log_reaches_its_servers_before_the_kernel_starts(lab):
    lab.publish("data", bytes(range(256)) * 512)
    publish_roots(lab)
    syslog, receiver = logs.rsyslog(lab), logs.receiver(lab)
    script = script_of(f"{HTTP}/vmlinuz", f"{HTTP}/initrd.cpio").removeprefix("#!ipxe\n").removesuffix("boot\n")
    lab.serve("\n".join(["#!ipxe", *tls.trust_lines(), f"imgfetch {HTTP}/missing || echo ONE-IS-MISSING", f"imgfetch {HTTP}/data && imgfree data",
                         f"set syslogs {certificates.NAME}", "sleep 2",
                         f"set boot-log http://{servers.SERVER}:{logs.POST_PORT}/boot?mac=${{net0/mac}}", script, "boot", ""]),
              lines=[f"dhcp-option=option:log-server,{servers.SERVER}"])
    pc = lab.machine()
    pc.wait_for(INITRD_OK, 150)

    syslog.wait_until(lambda: syslog.messages.exists() and "starting vmlinuz" in syslog.messages.read_text(), 20)
    messages = syslog.messages.read_text()
    assert re.search(r"^imudp 10\.77\.0\.\d+ undine dhcp info .*a lease of 10\.77\.0\.", messages, re.M), messages
    assert re.search(r"^imudp 10\.77\.0\.\d+ undine - err .*missing: the server has no such file", messages, re.M), messages
    assert re.search(r"^imtcp 10\.77\.0\.\d+ undine boot info .*starting vmlinuz", messages, re.M), messages

    assert "/boot?mac=52:54:00:77:00:01 application/x-ndjson" in receiver.text()
    posted = receiver.posted / "1"
    lines = [json.loads(line) for line in posted.read_text().splitlines()]
    assert lines[0]["mac"] == "52:54:00:77:00:01" and lines[0]["program"].startswith("Undine/")
    phases = [line for line in lines if "phase" in line]
    assert [phase["phase"] for phase in phases][:2] == ["rom", "dhcp"] and phases[-1]["phase"] == "boot"
    assert phases[0]["ms_since_power_on"] > 0
    fetched = {phase["uri"].rsplit("/", 1)[1]: phase for phase in phases if phase["phase"] == "fetch"}
    assert fetched["missing"]["error"] == "http.not-found"
    assert fetched["data"]["bytes"] == 256 * 512 and fetched["data"]["retries"] == 0
    assert all(phase["began"] <= phase["at"] for phase in phases)

    picture = subprocess.run([RIG / "timeline", posted], check=True, capture_output=True, text=True).stdout
    assert picture.startswith("<svg") and "fetch vmlinuz" in picture and "http.not-found" in picture
