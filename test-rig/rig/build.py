# SPDX-License-Identifier: Apache-2.0
"""Calls test-rig/build."""

import subprocess

from .paths import RIG


def build(preset):
    """Builds one preset; its output is shown. True if all went well."""
    return subprocess.run([RIG / "build", preset]).returncode == 0
