# SPDX-License-Identifier: Apache-2.0
"""What was put into the program's file by `undine embed` counts; and a script prints on a machine what `undine run` says that it will."""

import hashlib
import re
import subprocess

import pytest

from rig import certificates, servers, tls
from rig.lab import HTTP, Nbp
from rig.paths import BUILD, RIG

pytestmark = pytest.mark.undine
SCRIPTS = RIG / "host" / "transcripts"
BEGIN, END = "TRANSCRIPTS-BEGIN", "TRANSCRIPTS-END"


def all_scripts():
    """One script that chains all of them, whatever becomes of each."""
    digest = hashlib.sha256((SCRIPTS / "data").read_bytes()).hexdigest()
    lines = ["#!ipxe", f"set right-digest {digest}", f"echo {BEGIN}"]
    for path in sorted(SCRIPTS.glob("*.ipxe")):
        if path.stem not in ("deeper", "last"):  # others chain these
            lines += [f"echo == {path.stem}", f"chain {HTTP}/transcripts/{path.name} || echo {path.stem} failed"]
    return "\n".join([*lines, f"echo {END}", ""])


def transcript(text):
    """What lies between the marks, without how fast a download was, and without the words of servers, which a dry run does not have."""
    text = text[text.index(BEGIN):text.index(END)]
    text = re.sub(r'^.*: the server says ".*\n', "", text, flags=re.MULTILINE)
    text = re.sub(r", [\d.]+ \w?i?B/s(?=\n)", "", text)
    return [line.rstrip() for line in text.splitlines()]


def test_embedded_things_count_and_the_transcripts_of_a_dry_run_are_those_of_the_machine(lab):
    for path in SCRIPTS.iterdir():
        lab.publish(f"transcripts/{path.name}", path)
    lab.publish("data", b"over a secure line")
    script = lab.folder / "boot.ipxe"
    script.write_text(f"#!ipxe\necho HELLO ${{greeting}}\nimgfetch https://{certificates.NAME}/data && echo TRUSTED\nimgfree\ndhcp\nchain {HTTP}/all.ipxe\nshell\n")
    lab.publish("all.ipxe", all_scripts())
    program = lab.folder / "embedded.kpxe"
    subprocess.run([BUILD / "undine", "embed", "--script", script, "--cert", certificates.made() / "root.crt", "--set", "greeting=from the file", "--output", program,
                    lab.nbp.path], check=True)
    lab.nbp = Nbp.undine(program)
    lab.serve()
    tls.nginx(lab, [tls.Site(443)])
    pc = lab.machine()
    pc.wait_for("^HELLO from the file$", 90)
    pc.wait_for("^TRUSTED$", 60)
    pc.wait_for(f"^{END}$", 120)

    answers = lab.folder / "answers"
    address = re.search(r"^net0: (\S+) mask", pc.console, re.MULTILINE)[1]
    answers.write_text(f"""
ip = {address}
netmask = {servers.NETMASK}
gateway = {servers.SERVER}
dns = {servers.SERVER}
dhcp-server = {servers.SERVER}
next-server = {servers.SERVER}
filename = {HTTP}/boot.ipxe
net0/mac = 52:54:00:77:00:01
smbios/manufacturer = QEMU
smbios/product = Standard PC (i440FX + PIIX, 1996)
""")
    run = subprocess.run([BUILD / "undine", "run", "--answers", answers, "--map", f"{HTTP}/={lab.http_root}", "--map", f"tftp://{servers.SERVER}/={lab.tftp_root}",
                          lab.http_root / "all.ipxe"], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr
    expected, seen = transcript(run.stdout), transcript(pc.unwrapped)
    assert len([line for line in seen if line.startswith("== ")]) >= 20
    assert seen == expected
