# SPDX-License-Identifier: Apache-2.0
"""test-rig/timeline: a boot log of JSON lines as a picture, one bar for each part of the boot."""

import argparse
import json
import sys
from html import escape

COLOURS = {"rom": "#8d99ae", "dhcp": "#e9a03b", "fetch": "#2a7f9e", "retry": "#c8553d", "boot": "#3d7a4a"}
ROW, LEFT, WIDTH, TOP = 22, 330, 760, 46  # pixels


def read(lines):
    """(what the first line tells of the machine, the phases). Lines that are no JSON objects are an error, with their number."""
    about, phases = {}, []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise SystemExit(f"timeline: line {number} is no JSON: {error}") from None
        if not isinstance(entry, dict):
            raise SystemExit(f"timeline: line {number} is no JSON object")
        if "program" in entry:
            about = entry
        elif "phase" in entry:
            phases.append(entry)
    if not phases:
        raise SystemExit("timeline: the log tells of no phase; is it what Undine posted?")
    return about, phases


def label(phase):
    name = phase.get("uri") or phase.get("user-class") or phase.get("image") or phase.get("ip") or phase["text"]
    return f'{phase["phase"]} {str(name).rsplit("/", 1)[-1] or name}'


def detail(phase):
    seconds = phase["at"] - phase["began"]
    parts = [f"{seconds:.2f} s"] if seconds else [f'at {phase["at"]:.2f} s']
    if "bytes" in phase:
        parts.append(f'{phase["bytes"] / 2**20:.1f} MiB')
        if seconds:
            parts.append(f'{phase["bytes"] / 2**20 / seconds:.1f} MiB/s')
    if phase.get("retries"):
        parts.append(f'{phase["retries"]} retries')
    if "error" in phase:
        parts.append(phase["error"])
    return ", ".join(parts)


def draw(about, phases):
    """The SVG. What the machine did before Undine is drawn to the left of 0."""
    before = max((phase.get("ms_since_power_on", 0) for phase in phases), default=0) / 1000
    end = max(phase["at"] for phase in phases)
    scale = WIDTH / max(before + end, 0.001)
    x = lambda seconds: LEFT + (before + seconds) * scale  # noqa: E731
    title = " ".join(str(about[name]) for name in ("hostname", "ip", "mac", "product") if name in about) or "a boot"
    height = TOP + ROW * len(phases) + 30
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 260}" height="{height}" font-family="sans-serif" font-size="12">',
           f'<rect width="100%" height="100%" fill="#ffffff"/><text x="10" y="20" font-size="15">{escape(title)}: {end:.2f} s '
           f'from Undine\'s first instruction{f", {before:.2f} s before it" if before else ""}</text>']
    step = next(size for size in (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600) if (before + end) / size <= 16 or size == 3600)
    for mark in range(-int(before / step), int(end / step) + 1):
        at = x(mark * step)
        out.append(f'<line x1="{at:.1f}" y1="{TOP - 8}" x2="{at:.1f}" y2="{height - 24}" stroke="{"#444" if mark == 0 else "#ddd"}"/>'
                   f'<text x="{at:.1f}" y="{height - 8}" text-anchor="middle" fill="#666">{mark * step:g} s</text>')
    for row, phase in enumerate(phases):
        y = TOP + row * ROW
        begins = -phase.get("ms_since_power_on", 0) / 1000 if phase["phase"] == "rom" else phase["began"]
        width = max((phase["at"] - begins) * scale, 2)
        colour = "#b3261e" if "error" in phase else COLOURS.get(phase["phase"], "#777777")
        out.append(f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(label(phase)[:48])}</text>'
                   f'<rect x="{x(begins):.1f}" y="{y + 2}" width="{width:.1f}" height="{ROW - 8}" rx="2" fill="{colour}">'
                   f'<title>{escape(phase["text"])}</title></rect>'
                   f'<text x="{x(begins) + width + 6:.1f}" y="{y + 13}" fill="#444">{escape(detail(phase))}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(prog="test-rig/timeline", description=__doc__)
    parser.add_argument("log", nargs="?", help="the posted log; default: standard input")
    log = parser.parse_args().log
    try:
        with open(log, encoding="utf-8") if log else sys.stdin as source:
            sys.stdout.write(draw(*read(source)))
    except OSError as error:
        raise SystemExit(f"timeline: {error}") from None


if __name__ == "__main__":
    main()
