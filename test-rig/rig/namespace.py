# SPDX-License-Identifier: Apache-2.0
"""A network namespace of our own, which is gone afterwards whatever happens to us.

A janitor process in its own session holds the reading end of a pipe. When we end, also by SIGKILL,
the pipe closes; the janitor then ends every process that still runs inside the namespace (all of them
are ours: nobody else knows its name), and removes the namespace and the scratch folder.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

# Runs as `python3 -c JANITOR namespace folder`, with the pipe as standard input.
JANITOR = """
import os, shutil, signal, subprocess, sys, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
namespace, folder = sys.argv[1:]
sys.stdin.buffer.read()
for attempt in range(50):
    pids = subprocess.run(['ip', 'netns', 'pids', namespace], capture_output=True, text=True).stdout.split()
    if not pids:
        break
    for pid in pids:
        try:
            os.kill(int(pid), signal.SIGTERM if attempt == 0 else signal.SIGKILL)
        except ProcessLookupError:
            pass
    time.sleep(0.1)
subprocess.run(['ip', 'netns', 'delete', namespace], stderr=subprocess.DEVNULL)
shutil.rmtree(folder, ignore_errors=True)
"""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Namespace:
    """A namespace with one bridge, `lan`, and a scratch folder in /tmp. Close it, or use it with `with`."""

    def __init__(self):
        if os.geteuid() != 0:
            sys.exit("the rig makes network namespaces and taps, which needs root: run it with sudo")
        self.name = f"undine-{os.getpid()}-{secrets.token_hex(3)}"
        self.folder = Path(tempfile.mkdtemp(prefix=self.name + "-"))
        self._janitor = subprocess.Popen(
            [sys.executable, "-c", JANITOR, self.name, str(self.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
        try:
            run("ip", "netns", "add", self.name)
            self.ip("link", "set", "lo", "up")
            # With an address of its own: else it takes one of its ports', and servers of raw frames go on with the one before.
            self.ip("link", "add", "lan", "address", "02:00:00:77:00:fe", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
            self.ip("link", "set", "lan", "up")
        except BaseException:
            self.close()
            raise

    def command(self, *arguments):
        """The command line that runs `arguments` inside; `ip` replaces itself, so the pid is the program's."""
        return ["ip", "netns", "exec", self.name, *map(str, arguments)]

    def run(self, *arguments):
        return run(*self.command(*arguments))

    def ip(self, *arguments):
        return run("ip", "-n", self.name, *arguments)

    def add_address(self, address, device="lan"):
        self.ip("address", "add", address, "dev", device, *(["nodad"] if ":" in address else []))

    def add_tap(self, name, master="lan"):
        self.ip("tuntap", "add", name, "mode", "tap")
        self.ip("link", "set", name, *(["master", master] if master else []), "up")

    def lose(self, device, per_thousand, tcp_port):
        """Drops segments to and from a TCP port at random, both ways."""
        chains = "".join(
            f"chain {hook} {{\ntype filter hook {hook} device \"{device}\" priority 0; policy accept;\n"
            f"tcp {field} {tcp_port} numgen random mod 1000 < {per_thousand} drop\n}}\n"
            for hook, field in (("ingress", "dport"), ("egress", "sport")))
        self._nft(f"loss-{device}", f"table netdev loss_{device} {{\n{chains}}}\n")

    def cut_after(self, tcp_port, mebibytes):
        """Lets a server on that port send so much, and then nothing until mend_cut()."""
        self._nft(f"cut-{tcp_port}", f"table inet cut_{tcp_port} {{\nchain c {{\ntype filter hook output priority 0; policy accept;\n"
                                     f"tcp sport {tcp_port} quota over {mebibytes} mbytes drop\n}}\n}}\n")

    def mend_cut(self, tcp_port):
        self.run("nft", "delete", "table", "inet", f"cut_{tcp_port}")

    def hide_user_class(self, device):
        """Renames option 77 (user class) in a QEMU ROM's DHCP requests, until it asks TFTP for a file.

        In the kernel, so that it costs nothing; the option's place is always the same in requests of these ROMs.
        """
        option = (8 + 240 + 3 + 4 + 4 + 5 + 34) * 8  # in bits: UDP, BOOTP, options 53, 57, 93, 94 and 60
        rules = (f"table netdev vendor_{device} {{\nset started {{ type ether_addr; flags dynamic; size 64; }}\n"
                 f"chain c {{\ntype filter hook ingress device \"{device}\" priority -1; policy accept;\n"
                 "udp dport 69 add @started { ether saddr }\n"
                 f"ether saddr != @started udp dport {{ 67, 4011 }} @th,{option},16 0x4d04 "
                 f"@th,{option},16 set 0xfe04 udp checksum set 0\n}}\n}}\n")
        self._nft(f"vendor-{device}", rules)

    def _nft(self, name, rules):
        path = self.folder / f"{name}.nft"
        path.write_text(rules)
        self.run("nft", "-f", str(path))

    def listening(self, port, protocol="tcp"):
        """Whether anybody listens on the port inside the namespace."""
        return bool(self.run("ss", "-Hln", "--" + protocol, "sport", "=", f":{port}").strip())

    def kill_all(self, program):
        """At once, as a crash would, every process here of that name: servers whose sessions leave their group."""
        for pid in run("ip", "netns", "pids", self.name).split():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip() == program:
                    os.kill(int(pid), signal.SIGKILL)

    def close(self):
        """Ends what still runs inside and removes the namespace and the folder; returns when they are gone."""
        if self._janitor:
            self._janitor.stdin.close()
            self._janitor.wait()
            self._janitor = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
