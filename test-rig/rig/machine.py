# SPDX-License-Identifier: Apache-2.0
"""One PC: QEMU without KVM, booting by PXE from the ROM of its network card.

SeaBIOS copies the text screen to the serial port and takes keys from it (graphics=off), so one serial line is
the whole console: ROM, network boot program, kernel.
"""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyte

# The models whose boot ROM Debian's ipxe-qemu has. tulip is a QEMU model too, but has no ROM in any package.
NIC_MODELS = ("e1000", "e1000e", "virtio-net-pci", "rtl8139", "pcnet", "ne2k_pci", "i82559er", "vmxnet3")

# For matching, only the text counts: no colours, and what is written over a line stands in a line of its own.
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][0-9A-Z]|\0")
NEW_LINES = re.compile(r"\r+\n?|(?:\x08 ?)+")


def plain(raw):
    return NEW_LINES.sub("\n", ESCAPES.sub("", raw))


# SeaBIOS has tried everything; nothing will follow.
GIVEN_UP = "No bootable device."
# Seconds after which a key counts as one that nobody echoes.
ECHO_PATIENCE = 3


class ConsoleTimeout(AssertionError):
    """What was waited for did not appear on the console."""


class Machine:
    """A running PC. `console` is all text so far, without escape sequences."""

    def __init__(self, name, command, log: Path, control: Path, debug_log: Path, echo=False, patience=1.0):
        self.name, self.log, self._control, self._debug_log = name, log, control, debug_log
        self._patience = patience
        self._echo = echo
        self._raw = ""
        self._seen = 0  # wait_for continues behind the last match
        self._news = threading.Condition()
        self._monitor = None
        self.times = []  # (seconds since start, length of the console by then)
        self.started = time.monotonic()
        self._errors = open(log.with_suffix(".qemu"), "wb")
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=self._errors, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self):
        return self._child.pid

    def _read(self):
        with open(self.log, "wb") as log:
            while chunk := os.read(self._child.stdout.fileno(), 65536):
                log.write(chunk)
                log.flush()
                if self._echo:
                    sys.stdout.buffer.write(chunk)
                    sys.stdout.buffer.flush()
                with self._news:
                    self._raw += chunk.decode("latin-1")
                    self.times.append((time.monotonic() - self.started, len(self._raw)))
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def console(self):
        return plain(self._raw)

    @property
    def unwrapped(self):
        """The console with lines that filled all 80 columns joined to the next, for messages longer than a line."""
        return re.sub(r"^(.{80})\n", r"\1", self.console, flags=re.MULTILINE)

    @property
    def debug(self):
        """What was written to the debug port 0xE9."""
        return self._debug_log.read_text(errors="replace")

    def running(self):
        return self._child.poll() is None

    def wait_for(self, pattern, seconds=60):
        """Waits until `pattern` appears behind the last match and returns the match."""
        end = time.monotonic() + seconds * self._patience
        expression = re.compile(pattern, re.MULTILINE)
        with self._news:
            while True:
                text = self.console
                if match := expression.search(text, self._seen):
                    self._seen = match.end()
                    return match
                remaining = end - time.monotonic()
                ended = not self._reader.is_alive()
                given_up = GIVEN_UP in text[-200:]
                if ended or given_up or remaining <= 0:
                    why = "the machine ended" if ended else "the BIOS gave up" if given_up else f"{seconds} s passed"
                    raise ConsoleTimeout(f"{self.name}: {why} without {pattern!r} on the console, "
                                         f"which ends:\n{text[-1500:]}")
                self._news.wait(min(remaining, 0.5))

    def wait_for_silence(self, seconds):
        """Waits until nothing has come for so long, or the machine has ended; ten times as long for one that never ends."""
        end = time.monotonic() + 10 * seconds * self._patience
        with self._news:
            before = None
            while before != (before := len(self._raw)) and time.monotonic() < end:
                self._news.wait_for(lambda: len(self._raw) > before or not self._reader.is_alive(), seconds * self._patience)

    @property
    def screen(self):
        """What a terminal shows at the moment: 25 rows, without blanks at their ends."""
        terminal = pyte.Screen(80, 25)
        pyte.Stream(terminal).feed(self._raw)
        return [row.rstrip() for row in terminal.display]

    def wait_for_screen(self, pattern, seconds=60):
        """Waits until `pattern` is on the screen, which is returned as one text."""
        end = time.monotonic() + seconds * self._patience
        expression = re.compile(pattern, re.MULTILINE)
        while not expression.search(text := "\n".join(self.screen)):
            if time.monotonic() > end or not self._reader.is_alive():
                raise ConsoleTimeout(f"{self.name}: {pattern!r} is not on the screen, which shows:\n{text}")
            time.sleep(0.2)
        return text

    def pixels(self, into: Path):
        """The screen of the display card, as a function of x and y that tells (red, green, blue), and its width and height."""
        into.unlink(missing_ok=True)
        self.monitor(f"screendump {into}")
        kind, width, height, most, data = into.read_bytes().split(maxsplit=4)
        assert (kind, most) == (b"P6", b"255")
        width, height = int(width), int(height)
        return lambda x, y: tuple(data[3 * (y * width + x):][:3]), width, height

    def wait_for_line(self, start, seconds=60):
        """The whole line that starts with `start`, once it is complete."""
        return self.wait_for(rf"^({re.escape(start)}.*)\n", seconds)[1]

    def send(self, keys):
        """Bytes for the serial console, as they are."""
        self._child.stdin.write(keys)
        self._child.stdin.flush()

    def type(self, text):
        """Types on the serial console as a person does: each key waits until the one before it was echoed. SeaBIOS loses keys that come faster."""
        for key in text:
            with self._news:
                before = len(self._raw)
                self.send(key.encode())
                if len(text) > 1:
                    self._news.wait_for(lambda: len(self._raw) > before, ECHO_PATIENCE)

    def wait_for_end(self, seconds=60):
        try:
            self._child.wait(None if seconds == float("inf") else seconds * self._patience)
        except subprocess.TimeoutExpired:
            raise ConsoleTimeout(f"{self.name}: still running after {seconds} s; "
                                 f"the console ends:\n{self.console[-1500:]}") from None

    def monitor(self, line):
        """Runs a command of QEMU's monitor and returns its answer."""
        if self._monitor is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(20)
            connection.connect(str(self._control))
            self._monitor = connection.makefile("rw")
            self._monitor.readline()  # the greeting
            self._execute("qmp_capabilities")
        return self._execute("human-monitor-command", **{"command-line": line})

    def _execute(self, command, **arguments):
        self._monitor.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._monitor.flush()
        while True:  # events come in between
            answer = json.loads(self._monitor.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])

    def free_base_memory(self):
        """KiB below the BIOS data area's limit, from 40:13, where the BIOS and boot programs report it."""
        return int(self.monitor("xp /1hx 0x413").split(":")[1], 16)

    def stop(self):
        if self.running():
            self._child.kill()
        self._child.wait()
        self._reader.join()
        self._child.stdin.close()
        self._child.stdout.close()
        self._errors.close()
        if self._monitor:
            self._monitor.close()


def command_line(*, nic, netdev, mac, memory, control, debug_log, pcap=None, snap=65536, romfile=None, count=None, extra=()):
    """QEMU's arguments. `netdev` is the back end, without its id; `snap` the bytes of a frame that the pcap keeps.

    `count` is a instructions.Counter: its file then holds the number of instructions that the machine has executed.
    """
    line = ["qemu-system-x86_64", "-accel", "tcg",
            "-M", "pc,graphics=off", "-m", str(memory),
            "-nodefaults", "-display", "none", "-vga", "none", "-no-reboot",
            "-serial", "stdio",
            "-qmp", f"unix:{control},server=on,wait=off",
            "-chardev", f"file,id=debug,path={debug_log}", "-device", "isa-debugcon,iobase=0xe9,chardev=debug",
            "-netdev", netdev + ",id=n0",
            "-device", f"{nic},netdev=n0,mac={mac},bootindex=0" + (f",romfile={romfile}" if romfile else "")]
    if pcap:
        line += ["-object", f"filter-dump,id=dump0,netdev=n0,maxlen={snap},file={pcap}"]
    if count:
        line += ["-plugin", f"{count.plugin},count={count.file}"]
    return line + list(extra)
