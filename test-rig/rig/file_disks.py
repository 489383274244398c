# SPDX-License-Identifier: Apache-2.0
"""Disk images with files inside, made by the tools that people make them with."""

import shutil
import subprocess
from pathlib import Path

from .payload import MIB


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def tree(folder: Path, files):
    """`files` (path inside to a path or text) below `folder`."""
    for name, source in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, Path):
            shutil.copyfile(source, target)
        else:
            target.write_text(source)
    return folder


def iso(path: Path, files, filler_bytes=64 * MIB):
    """An ISO as Debian's are, with Rock Ridge and Joliet, most of which nobody needs."""
    folder = tree(path.with_suffix(".tree"), files)
    with open(folder / "filler", "wb") as filler:
        filler.truncate(filler_bytes)
    run("xorriso", "-as", "mkisofs", "-V", "UNDINE", "-R", "-J", "-o", path, folder)
    shutil.rmtree(folder)
    return path


def partitioned(path: Path, fat_files, ext_files, size_bytes=64 * MIB):
    """A disk with a GPT: a partition with FAT, then one with ext4."""
    sector, starts, end = 512, (MIB, 4 * MIB), size_bytes - MIB
    with open(path, "wb") as disk:
        disk.truncate(size_bytes)
    table = "label: gpt\n" + "".join(f"start={start // sector}, size={(stop - start) // sector}\n" for start, stop in zip(starts, (starts[1], end)))
    subprocess.run(["sfdisk", "-q", str(path)], input=table, text=True, check=True)
    folder = tree(path.with_suffix(".tree"), ext_files)
    run("mke2fs", "-q", "-F", "-t", "ext4", "-d", folder, "-E", f"offset={starts[1]}", path, f"{(end - starts[1]) // 1024}K")
    shutil.rmtree(folder)
    folder = tree(path.with_suffix(".tree"), fat_files)
    run("mformat", "-i", f"{path}@@{starts[0]}", "-T", (starts[1] - starts[0]) // sector, "-h", 16, "-s", 63, "-H", starts[0] // sector, "::")
    run("mcopy", "-s", "-i", f"{path}@@{starts[0]}", *folder.iterdir(), "::")
    shutil.rmtree(folder)
    return path
