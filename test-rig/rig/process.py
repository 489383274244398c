# SPDX-License-Identifier: Apache-2.0
"""A program running in the foreground inside a namespace, with a log, always stopped and reaped."""

import os
import signal
import subprocess
import time
from pathlib import Path

STOP_SECONDS = 3  # after SIGTERM; then SIGKILL (tgtd, for one, ignores SIGTERM)


class Process:
    """One child. Its standard output and error go to `log`."""

    def __init__(self, name, command, log: Path, **popen):
        self.name = name
        self.log = log
        with open(log, "ab") as file:
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                start_new_session=True, **popen)  # a session of its own: Ctrl-C reaches only us

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child.poll() is None

    def signal(self, number):
        self._child.send_signal(number)

    def kill(self):
        """At once, as a crash would, with the children that it made; the kernel closes their sockets."""
        os.killpg(self.pid, signal.SIGKILL)
        self._child.wait()

    def stop(self):
        if self.running():
            self._child.terminate()
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
        self._child.wait()

    def text(self):
        return self.log.read_text(errors="replace")

    def wait_until(self, ready, seconds=10):
        """Waits until `ready()` is true; fails at once, with the log, if the program has ended."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.running():
                raise RuntimeError(f"{self.name} ended with status {self._child.returncode}:\n{self.text()[-2000:]}")
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} was not ready after {seconds} s:\n{self.text()[-2000:]}")
            time.sleep(0.02)
        return self
