# SPDX-License-Identifier: Apache-2.0
"""Joins the terminal to a machine's serial console."""

import os
import select
import sys
import termios
import tty
from contextlib import contextmanager

LEAVE = 0x1D  # Ctrl-]


@contextmanager
def _keys(interruptible):
    """Keys arrive one by one and unechoed; with `interruptible` Ctrl-C still interrupts us."""
    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setraw(sys.stdin)
        mode = termios.tcgetattr(sys.stdin)
        mode[1] |= termios.OPOST  # what others print still begins at the left
        if interruptible:
            mode[3] |= termios.ISIG
        termios.tcsetattr(sys.stdin, termios.TCSANOW, mode)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def attach(machine, interruptible=False):
    """Passes keys to the machine until it ends or Ctrl-] is typed. Without a terminal, only waits for the end."""
    if not sys.stdin.isatty():
        machine.wait_for_end(float("inf"))
        return
    with _keys(interruptible):
        while machine.running():
            if select.select([sys.stdin], [], [], 0.2)[0]:
                keys = os.read(sys.stdin.fileno(), 64)
                if not keys or LEAVE in keys:
                    return
                machine.send(keys)
