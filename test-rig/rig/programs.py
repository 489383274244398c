# SPDX-License-Identifier: Apache-2.0
"""Programs of our own for the machines to start, assembled from test-rig/programs/."""

import subprocess

from .paths import RIG

FOLDER = RIG / "programs"


def assemble(lab, source, name, *definitions):
    """Publishes `source` as `name`; `definitions` are NASM's, as in assemble(lab, "nbi.asm", "flat.nbi", "FLAT")."""
    target = lab.folder / name
    subprocess.run(["nasm", "-f", "bin", "-i", f"{FOLDER}/", *(f"-D{each}" for each in definitions), "-o", target, FOLDER / source], check=True)
    lab.publish(name, target)
    return target


def link(lab, bits, name):
    """Publishes elf.asm, linked by lld to a program of `bits` bits."""
    made, target = lab.folder / "elf.o", lab.folder / name
    subprocess.run(["nasm", "-f", f"elf{bits}", "-i", f"{FOLDER}/", "-o", made, FOLDER / "elf.asm"], check=True)
    emulation = {32: "elf_i386", 64: "elf_x86_64"}[bits]
    subprocess.run(["ld.lld-19", "-m", emulation, "-T", FOLDER / "elf.ld", "-o", target, made], check=True)
    lab.publish(name, target)
