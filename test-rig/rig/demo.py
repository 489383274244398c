# SPDX-License-Identifier: Apache-2.0
"""test-rig/demo: builds Undine, boots a PC with it, shows the console live. See README.md."""

import sys

from . import certificates, terminal, tls
from .build import build
from .lab import HTTP, Lab, Nbp, end_on_signals
from .payload import COMMAND_LINE, PROMPT, random_payload

SECONDS = 180  # of --once


def script(server):
    return f"""#!ipxe
echo
echo This script came over HTTP; my address is ${{net0/ip}}.
kernel {server}/vmlinuz {COMMAND_LINE} check=/payload.bin
initrd {server}/initrd.cpio
initrd {server}/payload.cpio
boot
"""


def main():
    end_on_signals()
    once = sys.argv[1:] == ["--once"]
    if sys.argv[1:] and not once:
        sys.exit("usage: test-rig/demo [--once]")
    nbp = Nbp.from_environment()
    if nbp.name == "undine" and not build("nbp"):
        return 1
    with Lab("demo", nbp, echo=True) as lab:
        contents = random_payload(64)
        lab.publish("payload.cpio", contents.path)
        if nbp.name == "undine":
            tls.publish_roots(lab)
            lab.serve(tls.trusting(script(f"https://{certificates.NAME}")))
            tls.nginx(lab, [tls.Site(443)])
        else:  # Debian's iPXE has no HTTPS
            lab.serve(script(HTTP))
        pc = lab.machine(memory=1024)
        if once:
            pc.wait_for(contents.checked, SECONDS)
            pc.wait_for(PROMPT)
            print(f"\nthe shell is there, {contents.name} arrived intact: done")
        else:
            print("Ctrl-C ends the demo. Type `poweroff -f` in the machine's shell to switch it off.")
            terminal.attach(pc, interruptible=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nended; nothing is left behind")
        sys.exit(130)
