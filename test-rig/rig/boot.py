# SPDX-License-Identifier: Apache-2.0
"""test-rig/boot: one machine for a developer, with its console on the terminal and a log of everything.

  test-rig/boot --script my.ipxe --nic virtio-net-pci
  test-rig/boot --script my.ipxe --expect 'login:' --seconds 60     status 0 when the text appears
"""

import argparse
import sys
from pathlib import Path

from . import terminal
from .lab import Lab, Nbp, end_on_signals, linux
from .machine import NIC_MODELS, ConsoleTimeout


def arguments():
    parser = argparse.ArgumentParser(prog="test-rig/boot", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--script", type=Path, help="the script that DHCP names (default: boots the rig's own Linux)")
    parser.add_argument("--nic", choices=NIC_MODELS, default="e1000")
    parser.add_argument("--memory", type=int, default=512, help="MiB")
    parser.add_argument("--kpxe", type=Path, help="the boot program (default: build/undine.kpxe)")
    parser.add_argument("--user-class", help="the user class by which the boot program is known (default: Undine)")
    parser.add_argument("--tftp-root", type=Path, help="a folder to serve by TFTP, besides the rig's own files")
    parser.add_argument("--http-root", type=Path, help="a folder to serve by HTTP, besides the rig's own files")
    parser.add_argument("--boot-file", help="the name or URI that DHCP gives to the boot program")
    parser.add_argument("--relay", help="arguments of rig/relay.py, for a bad wire: '--delay 20 --lose 1'")
    parser.add_argument("--interactive", action="store_true", help="keys go to the machine; Ctrl-] ends it")
    parser.add_argument("--pcap", type=Path, help="where the capture goes (default: among the logs)")
    parser.add_argument("--seconds", type=float, default=120, help="without --interactive, the time until it is ended")
    parser.add_argument("--expect", help="a regular expression; status 0 when it appears, 1 if not in time")
    return parser.parse_args()


def main():
    end_on_signals()
    wanted = arguments()
    nbp = Nbp.from_environment()
    if wanted.kpxe:
        nbp.path = wanted.kpxe.resolve()
    if wanted.user_class:
        nbp.user_class = wanted.user_class
    if not nbp.path.exists():
        sys.exit(f"{nbp.path} does not exist: run test-rig/build")
    status = 0
    with Lab("boot", nbp, echo=True) as lab:
        lab.serve(wanted.script.read_text() if wanted.script else linux(), boot_file=wanted.boot_file)
        if wanted.http_root:
            lab.publish_folder(wanted.http_root, lab.http_root)
        if wanted.tftp_root:
            lab.publish_folder(wanted.tftp_root, lab.tftp_root)
        pc = lab.machine(wanted.nic, wanted.memory, relay=wanted.relay.split() if wanted.relay else None,
                         pcap=wanted.pcap and wanted.pcap.resolve())
        try:
            if wanted.expect:
                pc.wait_for(wanted.expect, wanted.seconds)
            if wanted.interactive:
                terminal.attach(pc)
            elif not wanted.expect:
                pc.wait_for_end(wanted.seconds)
        except ConsoleTimeout as problem:
            print(f"\n{problem}" if wanted.expect else f"\nended after {wanted.seconds} s", file=sys.stderr)
            status = 1 if wanted.expect else 0
        print(f"\nlogs: {lab.logs}", file=sys.stderr)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
