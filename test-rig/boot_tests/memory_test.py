# SPDX-License-Identifier: Apache-2.0
"""Images that need most of the memory, or more than there is."""

from rig.lab import HTTP, linux
from rig.payload import INITRD_OK, sparse_payload


def test_an_initrd_of_600_mib(lab):
    contents = sparse_payload(600, lab.folder)
    lab.publish("payload.cpio", contents.path)
    lab.serve(linux(arguments="marks=/payload.bin", initrds=("initrd.cpio", "payload.cpio")))
    pc = lab.machine(memory=2048)
    pc.wait_for(INITRD_OK, 400)
    assert pc.wait_for_line("marks: ", 120) == contents.counted


def test_too_little_memory_is_said_and_the_script_goes_on(lab):
    contents = sparse_payload(600, lab.folder)
    lab.publish("payload.cpio", contents.path)
    lab.serve(f"#!ipxe\ninitrd {HTTP}/payload.cpio || echo FAILED-MEMORY\nimgfree\necho WENT-ON\nshell\n")
    pc = lab.machine(memory=256)
    pc.wait_for("FAILED-MEMORY", 300)
    pc.wait_for("WENT-ON")
    if lab.nbp.name == "undine":
        assert lab.error_line(pc, f"{HTTP}/payload.cpio", "memory")
