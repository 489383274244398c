# SPDX-License-Identifier: Apache-2.0
"""HTTP servers: names, redirects, chunks, passwords, and connections that break."""

import time

import pytest

from rig import servers
from rig.lab import HTTP, linux
from rig.payload import COMMAND_LINE, INITRD_OK, random_payload

ODD = f"http://{servers.SERVER}:8080"


def script_of(kernel, *initrds, arguments="check=/payload.bin"):
    return "\n".join(["#!ipxe", f"kernel {kernel} {COMMAND_LINE} {arguments}",
                      *(f"initrd {uri}" for uri in initrds), "boot", ""])


def test_names_redirects_chunks_and_passwords(lab):
    """One boot in which each file comes another way; the digest says that the chunked one is exact."""
    contents = random_payload(8)
    lab.publish("payload.cpio", contents.path)
    lab.serve(script_of("http://server.boot.test/redirect/vmlinuz", f"{HTTP}/chunked/initrd.cpio",
                        "http://rack:secret@server.boot.test/auth/payload.cpio"))
    pc = lab.machine()
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == contents.checked
    log = "\n".join(lab.requests())
    assert '"GET /redirect/vmlinuz HTTP/1.1" 302' in log and '"GET /chunked/initrd.cpio HTTP/1.1" 200' in log


@pytest.mark.undine
def test_odd_chunks_and_answers_without_a_length(lab):
    contents = random_payload(8)
    lab.publish("payload.cpio", contents.path)
    servers.odd_http(lab)
    lab.serve(script_of(f"{ODD}/close/vmlinuz", f"{HTTP}/initrd.cpio", f"{ODD}/chunked/payload.cpio"))
    pc = lab.machine()
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == contents.checked


@pytest.mark.undine
def test_one_connection_serves_several_files(lab):
    lab.serve(linux())
    lab.machine().wait_for(INITRD_OK, 120)
    connections = {line.split()[2].split(":")[0] for line in lab.requests()}
    assert len(connections) == 1, lab.requests()


@pytest.mark.undine
def test_a_server_restarted_in_the_middle_is_resumed_to_the_byte(lab):
    contents = random_payload(64)
    lab.publish("payload.cpio", contents.path)
    lab.serve(script_of(f"{HTTP}/vmlinuz", f"{HTTP}/initrd.cpio", f"http://{servers.FAR}:81/payload.cpio"))
    slow = servers.nginx(lab, port=81, address=servers.FAR, rate="8m", name="nginx-slow")
    pc = lab.machine(memory=1024)
    pc.wait_for(r"payload\.cpio", 90)
    time.sleep(3)
    slow.kill()
    time.sleep(2)
    again = servers.nginx(lab, port=81, address=servers.FAR, name="nginx-again")
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 120) == contents.checked
    assert " 206 " in again.access_log.read_text()


@pytest.mark.undine
def test_a_connection_cut_in_the_middle_is_resumed(lab):
    contents = random_payload(8)
    lab.publish("payload.cpio", contents.path)
    servers.odd_http(lab)
    lab.serve(script_of(f"{ODD}/cut/vmlinuz", f"{HTTP}/initrd.cpio", f"{ODD}/no-range/payload.cpio"))
    pc = lab.machine()
    pc.wait_for(INITRD_OK, 120)
    assert pc.wait_for_line("sha256: ", 60) == contents.checked


@pytest.mark.parametrize("wire", [["--delay", "20"], ["--lose", "1"], ["--reorder", "3", "--duplicate", "3"],
                                  ["--corrupt", "1"]], ids=lambda wire: wire[0].strip("-"))
def test_a_bad_wire_spoils_nothing(lab, wire):
    contents = random_payload(8)
    lab.publish("payload.cpio", contents.path)
    lab.serve(script_of(f"{HTTP}/vmlinuz", f"{HTTP}/initrd.cpio", f"{HTTP}/payload.cpio"))
    pc = lab.machine(relay=wire)
    pc.wait_for(INITRD_OK, 240)
    assert pc.wait_for_line("sha256: ", 60) == contents.checked
