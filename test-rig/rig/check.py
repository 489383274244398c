# SPDX-License-Identifier: Apache-2.0
"""test-rig/check: unit tests, fuzz targets and boot tests; then one line of counts and an exit status."""

import argparse
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter

from .build import build
from .lab import Nbp, end_on_signals
from .paths import BUILD, CHECKOUT, LOGS, RIG

SECTIONS = ("unit", "fuzz", "boot")
MACHINES = 2  # at a time; under TCG each keeps a processor busy


def count(report):
    """Passed, failed and skipped tests of a JUnit file, and prints the names of those that failed."""
    counts = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            kind = "failed"
            print(f"failed: {case.get('classname') or ''} {case.get('name')}")
        else:
            kind = "skipped" if case.find("skipped") is not None else "passed"
        counts[kind] += 1
    return counts


def run(command, report, where):
    """Runs a test program that writes `report`; without a report, or with a bad status and no failure in it, one failed."""
    report.unlink(missing_ok=True)
    done = subprocess.run(command, cwd=where)
    if not report.exists():
        print(f"failed: {command[0]} made no report (status {done.returncode})")
        return Counter(failed=1)
    counts = count(report)
    if done.returncode and not counts["failed"]:
        print(f"failed: {' '.join(map(str, command))} ended with status {done.returncode}")
        counts["failed"] += 1
    return counts


def ctest(preset):
    if not build(preset):
        print(f"failed: build {preset}")
        return Counter(failed=1)
    report = LOGS / f"{preset}.xml"
    return run(["ctest", "--preset", preset, "-j", str(os.cpu_count()), "--output-junit", report], report, CHECKOUT)


def boot(expression):
    if Nbp.from_environment().name == "undine":
        for preset in ("nbp", "tool"):
            if not build(preset):
                print(f"failed: build {preset}")
                return Counter(failed=1)
    report = LOGS / "boot.xml"
    command = [sys.executable, "-B", "-m", "pytest", "-q", "--tb=short", "-n", str(MACHINES), f"--junitxml={report}"]
    return run(command + (["-k", expression] if expression else []), report, RIG / "boot_tests")


def main():
    end_on_signals()
    parser = argparse.ArgumentParser(prog="test-rig/check", description=__doc__)
    parser.add_argument("section", nargs="*", choices=[*SECTIONS, []], help="unit, fuzz, boot; default: all")
    parser.add_argument("-k", dest="expression", help="which boot tests, as pytest's -k; alone: only these")
    wanted = parser.parse_args()
    sections = wanted.section or (["boot"] if wanted.expression else SECTIONS)
    LOGS.mkdir(parents=True, exist_ok=True)
    total = Counter()
    for section in sections:
        print(f"== {section}", flush=True)
        if section == "boot":
            total += boot(wanted.expression)
        else:
            total += ctest({"unit": "host", "fuzz": "fuzz"}[section])
    if total["failed"]:
        print(f"logs: {LOGS.relative_to(CHECKOUT)} and {BUILD.relative_to(CHECKOUT)}/*.log")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 0 if total["passed"] and not total["failed"] else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
