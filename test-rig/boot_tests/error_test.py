# SPDX-License-Identifier: Apache-2.0
"""Bad inputs: each gives one line that names the thing and the reason, and the script goes on."""

from rig import servers
from rig.lab import HTTP
from rig.payload import kernel

ODD = f"http://{servers.SERVER}:8080"

# What is fetched, and a word that the reason must contain (a regular expression, any case).
FETCHES = {
    "404": (f"{HTTP}/missing", "404"),
    "500": (f"{ODD}/status/500", "500"),
    "CLOSED-PORT": (f"http://{servers.SERVER}:9/file", "refuse"),
    "NO-NAME": ("http://nosuch.boot.test/file", "name|dns"),
    "RESET": (f"{ODD}/reset/data", "reset"),
    "EMPTY": (f"{ODD}/empty/data", "clos|end"),
    "TRUNCATED": (f"{ODD}/truncate/data", "clos|short|end|missing|trunc"),
    "GARBAGE": (f"{ODD}/garbage/data", "http"),
    "BAD-CHUNK": (f"{ODD}/bad-chunk/data", "chunk"),
    "LOOP": (f"{ODD}/loop/data", "redirect"),
    "HUGE": (f"{ODD}/huge/data", "memory|large|size|sense"),
    "PASSWORD": (f"{HTTP}/auth/data", "401|password|user"),
    "TFTP-MISSING": (f"tftp://{servers.SERVER}/missing", "no.*file|not found"),
    "SCHEME": ("nosuch://host/file", "scheme|protocol|kind of address"),
}


def expect_failure(lab, pc, tag, uri, reason, seconds):
    pc.wait_for(f"^FAILED-{tag}$", seconds)
    if lab.nbp.name == "undine":
        assert lab.error_line(pc, uri, reason), pc.unwrapped[-1500:]


def test_each_bad_answer_is_named_and_the_script_goes_on(lab):
    lab.publish("data", bytes(range(256)) * 64)
    servers.odd_http(lab)
    fetches = dict(FETCHES)
    if lab.nbp.name != "undine":  # iPXE 2019 waits for ever or for minutes in these
        for tag in ("HUGE", "GARBAGE", "TRUNCATED", "BAD-CHUNK", "LOOP"):
            del fetches[tag]
    lab.serve("#!ipxe\n" + "".join(f"imgfetch {uri} || echo FAILED-{tag}\n" for tag, (uri, _) in fetches.items()) +
              "echo WENT-ON\nshell\n")
    pc = lab.machine()
    for tag in fetches:
        pc.wait_for(f"^FAILED-{tag}$", 120)
    pc.wait_for("WENT-ON")
    if lab.nbp.name == "undine":
        unnamed = [tag for tag, (uri, reason) in fetches.items() if not lab.error_line(pc, uri, reason)]
        assert not unnamed, pc.unwrapped[-8000:]


def test_servers_that_never_answer(lab):
    lab.publish("data", bytes(range(256)) * 64)
    lab.serve(f"#!ipxe\nimgfetch http://{servers.NOBODY}/file || echo FAILED-NOBODY\n"
              f"imgfetch tftp://{servers.NOBODY}/file || echo FAILED-NOBODY-TFTP\necho WENT-ON\nshell\n")
    pc = lab.machine()
    expect_failure(lab, pc, "NOBODY", f"http://{servers.NOBODY}/file", "answer|reach|respond|silent", 240)
    expect_failure(lab, pc, "NOBODY-TFTP", f"tftp://{servers.NOBODY}/file", "answer|reach|respond|silent", 240)
    pc.wait_for("WENT-ON")


def test_wrong_lines_and_images_that_are_none(lab):
    # Longer than base memory: anything shorter could be a PXE program, which has no signature.
    lab.publish("garbage", bytes(range(256)) * 4096)
    lab.publish("empty", b"")
    lab.publish("wrong.ipxe", "#!ipxe\nnosuchcommand in-a-chained-script\n")
    lab.publish("half-kernel", kernel().read_bytes()[:1 << 20])
    # iPXE starts half a kernel, and the machine hangs.
    half = f"kernel {HTTP}/half-kernel && boot || echo FAILED-HALF\nimgfree" if lab.nbp.name == "undine" else "echo FAILED-HALF"
    boot = "boot || echo FAILED-NOTHING" if lab.nbp.name == "undine" else "echo FAILED-NOTHING"  # iPXE: no error
    lab.serve(f"""#!ipxe
nosuchcommand with arguments || echo FAILED-COMMAND
goto nowhere || echo FAILED-LABEL
chain {HTTP}/garbage || echo FAILED-GARBAGE
kernel {HTTP}/garbage || echo FAILED-KERNEL
imgfree
{half}
chain {HTTP}/empty || echo FAILED-EMPTY
chain {HTTP}/wrong.ipxe || echo FAILED-CHAINED
imgfree
{boot}
echo WENT-ON
shell
""")
    pc = lab.machine()
    for tag in ("COMMAND", "LABEL", "GARBAGE", "KERNEL", "HALF", "EMPTY", "CHAINED", "NOTHING"):
        pc.wait_for(f"^FAILED-{tag}$", 60)
    pc.wait_for("WENT-ON")
    if lab.nbp.name == "undine":
        assert lab.error_line(pc, "nosuchcommand", "command"), pc.unwrapped[-1500:]
        assert lab.error_line(pc, "garbage", "image|format|kind"), pc.unwrapped[-1500:]  # an image goes by its name
