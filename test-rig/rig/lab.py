# SPDX-License-Identifier: Apache-2.0
"""A Lab: one private network, what its servers hold, the servers, the machines, and the logs of all of them.

    with Lab("http", nbp=Nbp.undine()) as lab:
        lab.serve(linux())
        lab.machine("e1000").wait_for(payload.INITRD_OK)
"""

import os
import re
import shutil
import signal
from pathlib import Path

from . import machine, payload, servers
from .namespace import Namespace
from .paths import BUILD, LOGS, RIG
from .process import Process

# Multiplies every time-out; for machines slower than two cores of 2026 shared with nobody.
PATIENCE = float(os.environ.get("UNDINE_RIG_PATIENCE", "1"))

HTTP, TFTP = f"http://{servers.SERVER}", f"tftp://{servers.SERVER}"
SCRIPT = f"{HTTP}/boot.ipxe"  # where serve() puts its script


def linux(base=HTTP, arguments="", initrds=("initrd.cpio",), magic="#!ipxe"):
    """A script that boots the payload from `base`."""
    lines = [magic, f"kernel {base}/vmlinuz {payload.COMMAND_LINE} {arguments}".rstrip()]
    lines += [f"initrd {base}/{name}" for name in initrds]
    return "\n".join(lines + ["boot", ""])


class Nbp:
    """The network boot program under test."""

    def __init__(self, name, path, user_class, prompt):
        self.name, self.path, self.user_class, self.prompt = name, Path(path), user_class, prompt

    @classmethod
    def undine(cls, path=None):
        return cls("undine", path or BUILD / "undine.kpxe", "Undine", r"undine> ")

    @classmethod
    def ipxe(cls):
        """The peer: Debian's package ipxe."""
        return cls("ipxe", "/usr/lib/ipxe/undionly.kpxe", "iPXE", r"iPXE> ")

    @classmethod
    def from_environment(cls):
        """UNDINE_RIG_NBP=ipxe runs a scenario with the peer, which shows whether the servers do their part."""
        return cls.ipxe() if os.environ.get("UNDINE_RIG_NBP") == "ipxe" else cls.undine()


class Lab:
    def __init__(self, name, nbp, echo=False, logs=None):
        self.nbp = nbp
        self._echo = echo
        self.logs = Path(logs or LOGS / name)
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        self._processes, self._machines = [], []
        self.namespace = Namespace()
        try:
            self.folder = self.namespace.folder
            self.http_root, self.tftp_root = self.folder / "http", self.folder / "tftp"
            self.http_root.mkdir()
            self.tftp_root.mkdir()
            for address in (servers.SERVER + "/24", servers.ADDRESS_SERVER + "/24", servers.SERVER6 + "/64"):
                self.namespace.add_address(address)
            self.namespace.ip("link", "add", "far", "type", "bridge")
            self.namespace.ip("link", "set", "far", "up")
            self.namespace.add_address(servers.FAR + "/24", "far")
        except BaseException:
            self.namespace.close()
            raise

    # ---- what the servers hold

    def publish(self, name, source):
        """Puts a file (a path or text or bytes) where both HTTP and TFTP find it."""
        for root in (self.http_root, self.tftp_root):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            if isinstance(source, Path):
                target.symlink_to(source.resolve())
            else:
                target.write_bytes(source.encode() if isinstance(source, str) else source)

    def publish_folder(self, folder: Path, *roots):
        """Everything in `folder`, in the given roots only."""
        for root in roots:
            for entry in folder.resolve().iterdir():
                target = root / entry.name
                target.unlink(missing_ok=True)
                target.symlink_to(entry)

    def publish_all(self, script):
        """The NBP, the payload as vmlinuz and initrd.cpio, and the script, if any, as boot.ipxe."""
        self.publish("undine.kpxe", self.nbp.path)
        self.publish("vmlinuz", payload.kernel())
        self.publish("initrd.cpio", payload.initrd())
        if script is not None:
            self.publish("boot.ipxe", script)

    # ---- servers and machines

    def process(self, name, *command):
        started = Process(name, self.namespace.command(*command), self.logs / f"{name}.log")
        self._processes.append(started)
        return started

    def serve(self, script=None, boot_file=None, lines=(), handout=None):
        """The usual set: dnsmasq (addresses, two-stage handout, DNS, TFTP) and nginx.

        `handout` replaces the lines that say who gets which boot file, `lines` are more lines for dnsmasq.
        """
        self.publish_all(script)
        self.start_nginx()
        if handout is None:
            handout = servers.handout_lines(self.nbp.user_class, boot_file or SCRIPT)
        self.dnsmasq = servers.dnsmasq(
            self, servers.address_lines() + servers.tftp_lines(self) + list(lines) + list(handout))

    def start_nginx(self, **options):
        self.http = servers.nginx(self, **options)
        return self.http

    def requests(self):
        """nginx' access log: a line an answer, in the format of servers.LOG_FORMAT."""
        return self.http.access_log.read_text().splitlines()

    def machine(self, nic="e1000", memory=512, relay=None, vendor_rom=False, pcap=None, **options):
        """Starts a PC. `relay` is a list of relay.py's arguments: the wire then goes through it.

        A boot program that is told apart from its ROM by the user class iPXE needs the ROM's hidden: QEMU's ROMs
        are iPXE too. `vendor_rom` hides it for any.
        """
        index = len(self._machines)
        name = f"pc{index}"
        self.namespace.add_tap(name)
        if vendor_rom or self.nbp.user_class == "iPXE":
            self.namespace.hide_user_class(name)
        if relay is not None:
            netdev = self._start_relay(name, relay)
        else:
            netdev = f"tap,ifname={name},script=no,downscript=no"
        line = machine.command_line(
            nic=nic, netdev=netdev, mac=f"52:54:00:77:00:{index + 1:02x}", memory=memory,
            control=self.folder / f"{name}.qmp", debug_log=self.logs / f"{name}.debug",
            pcap=pcap or self.logs / f"{name}.pcap", **options)
        started = machine.Machine(name, self.namespace.command(*line), self.logs / f"{name}.console",
                                  self.folder / f"{name}.qmp", self.logs / f"{name}.debug",
                                  echo=self._echo, patience=PATIENCE)
        self._machines.append(started)
        return started

    def _start_relay(self, tap, arguments):
        ours, theirs = self.folder / f"{tap}.relay", self.folder / f"{tap}.qemu"
        relay = self.process(f"relay-{tap}", RIG / "rig" / "relay.py", tap, ours, theirs, *arguments)
        relay.wait_until(lambda: "ready" in relay.text())
        return f"dgram,local.type=unix,local.path={theirs},remote.type=unix,remote.path={ours}"

    @staticmethod
    def error_line(pc, thing, reason):
        """The line `thing: sentence [cause.name]` on the console, if sentence or cause match `reason`.

        In a script `file:line: command: ` stands before it; behind it may stand that a mirror is asked next.
        """
        cause = r"\[[a-z0-9-]+(?:\.[a-z0-9-]+)+\]"
        pattern = rf"^(?:[^\s:]+:\d+: (?:\w+: )?)?{re.escape(thing)}[^\n]*?: (?=[^\n]*(?:{reason}))[^\n]*{cause}(?:; going on at the next mirror)?\s*$"
        return re.search(pattern, pc.unwrapped, re.IGNORECASE | re.MULTILINE)

    # ---- the end

    def close(self):
        for started in self._machines:
            started.stop()
        for started in reversed(self._processes):
            started.stop()
        self.namespace.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def end_on_signals():
    """SIGTERM and SIGHUP end the program as Ctrl-C does, so that `with` and `finally` clean up."""
    def interrupt(*_):
        raise KeyboardInterrupt
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
