# SPDX-License-Identifier: Apache-2.0
"""The fixtures of the boot tests. `lab` is a private network whose logs stay in build/test-logs/ when the test fails."""

import re
import shutil
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rig.lab import Lab, Nbp, end_on_signals  # noqa: E402


def pytest_configure(config):
    end_on_signals()
    config.addinivalue_line("markers", "undine: about what Undine does; not run when the peer is under test")


def pytest_collection_modifyitems(items):
    if Nbp.from_environment().name != "undine":
        for item in items:
            if item.get_closest_marker("undine"):
                # Only when iPXE stands in for Undine, to prove the servers: never in a run that tests Undine.
                item.add_marker(pytest.mark.skip(reason="about what Undine does"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    item.failed = getattr(item, "failed", False) or report.failed


@pytest.fixture
def lab(request):
    nbp = Nbp.from_environment()
    if not nbp.path.exists():
        pytest.fail(f"{nbp.path} does not exist: run test-rig/build", pytrace=False)
    name = re.sub(r"[^\w.-]+", "-", f"{request.path.stem}-{request.node.name}").strip("-")
    with Lab(name, nbp) as made:
        yield made
    if not getattr(request.node, "failed", False):
        shutil.rmtree(made.logs)
