# SPDX-License-Identifier: Apache-2.0
"""Programs of our own for the machines to start."""

import subprocess

from .paths import RIG

FOLDER = RIG / "programs"


def binary(source, target, *definitions):
    """`source` in machine code, as it stands in memory; `definitions` are NASM's."""
    subprocess.run(["nasm", "-f", "bin", "-i", f"{source.parent}/", *(f"-D{each}" for each in definitions), "-o", target, source], check=True)
    return target


def assemble(lab, source, name, *definitions):
    """Publishes `source`, a path below test-rig/programs/ or a whole one, as `name`, as in assemble(lab, "nbi.asm", "flat.nbi", "FLAT")."""
    target = binary(FOLDER / source, lab.folder / name, *definitions)
    lab.publish(name, target)
    return target


def link(lab, bits, name):
    """Publishes elf.asm, linked by lld to a program of `bits` bits."""
    made, target = lab.folder / "elf.o", lab.folder / name
    subprocess.run(["nasm", "-f", f"elf{bits}", "-i", f"{FOLDER}/", "-o", made, FOLDER / "elf.asm"], check=True)
    emulation = {32: "elf_i386", 64: "elf_x86_64"}[bits]
    subprocess.run(["ld.lld-19", "-m", emulation, "-T", FOLDER / "elf.ld", "-o", target, made], check=True)
    lab.publish(name, target)
