#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints how many bytes of the program each folder takes, from lld's map.

    size_table.py --map program.map [--map prefix.map ...] [--symbols symbols.txt] [--packed undine.kpxe] [--budget BYTES]

"file" is what takes room in the file before packing (code, constants, initialised data), "memory" is .bss. Packing mixes everything, so
the packed bytes of a folder are its share of the whole.

Optimisation at link time makes one object file of all; for what is in that the folder is looked up by the name of the symbol in symbols.txt,
which is what `nm -A --defined-only` says of the files before. A function of a header that more than one folder uses counts for "shared".
Strings are merged by the linker and have no names: "linker".
"""
import argparse
import collections
import os
import re
import sys

# VMA LMA Size Align, then "file:(section)"; a member of an archive is "archive(member)".
INPUT_SECTION = re.compile(r"^\s*[0-9a-f]+\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+\s{9,}(\S.*):\((\S+)\)$")
# "file: address type name"; a member of an archive is "archive:member".
SYMBOL = re.compile(r"^([^:]+)(?::[^:]+)?: \S+ \S (\S+)$")
NOT_LOADED = re.compile(r"^\.(comment|debug|symtab|strtab|shstrtab|note|llvm_addrsig)")
FILE_SIZE_MAX = 320 * 1024


def folder_of(path: str) -> str:
    """The folder whose source became this object file or member of an archive."""
    path = re.sub(r"\(.*\)$", "", path)
    if "libcxxabi" in path:
        return "libc++abi"
    if "mbedtls" in path or "mbedcrypto" in path:
        return "mbedtls"
    # nbp/CMakeFiles/undine-program.dir/bios/clock.cc.obj was made from nbp/bios/clock.cc
    path = re.sub(r"CMakeFiles/[^/]*\.dir/", "", path)
    return os.path.dirname(path) or "linker"


def read_symbols(lines) -> dict:
    """Symbol -> the folder that defines it, or "shared"."""
    folders: dict = {}
    for line in lines:
        match = SYMBOL.match(line.rstrip("\n"))
        if match:
            folder = folder_of(match[1])
            folders[match[2]] = folder if folders.get(match[2], folder) == folder else "shared"
    return folders


def folder_of_symbol(section: str, symbols: dict) -> str:
    """The folder of what lies in a section of its own: .text.f, .rodata.t.12 (a second t), .rodata..L__const.f.names (a constant of f)."""
    name = re.sub(r"^\.(text|rodata|data|bss)(\.rel\.ro)?\.(\.L__const\.|\.Lswitch\.table\.)?", "", section)
    while name not in symbols and "." in name:
        name = name.rpartition(".")[0]
    return symbols.get(name, "linker")


def read_map(lines, symbols: dict) -> dict:
    """Folder -> [bytes in the file, bytes of .bss]."""
    sizes = collections.defaultdict(lambda: [0, 0])
    for line in lines:
        match = INPUT_SECTION.match(line.rstrip("\n"))
        if not match or NOT_LOADED.match(match[3]):
            continue
        is_bss = match[3].startswith(".bss") or match[3] == "COMMON"
        folder = folder_of_symbol(match[3], symbols) if match[2].endswith(".lto.o") else folder_of(match[2])
        sizes[folder][int(is_bss)] += int(match[1], 16)
    return dict(sizes)


def table(sizes: dict, packed: int, budget: int) -> str:
    """The text."""
    total = sum(size[0] for size in sizes.values())
    lines = [f"{'folder':<24}{'file':>9}{'memory':>9}{'packed':>9}{'share':>7}"]
    for folder, (in_file, in_memory) in sorted(sizes.items(), key=lambda item: (-item[1][0], item[0])):
        share = in_file / total if total else 0
        lines.append(f"{folder:<24}{in_file:>9}{in_memory:>9}{round(share * packed) if packed else '':>9}{share:>7.1%}")
    lines.append(f"{'all':<24}{total:>9}{sum(size[1] for size in sizes.values()):>9}{packed or '':>9}")
    if packed:
        lines.append(f"undine.kpxe: {packed} bytes, {packed / budget:.1%} of the {budget} that it may have")
    return "\n".join(lines)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Prints how many bytes of the program each folder takes.")
    parser.add_argument("--map", action="append", required=True, help="map written by ld.lld; may be given more than once")
    parser.add_argument("--symbols", help="what `nm -A --defined-only` says of the object files and archives")
    parser.add_argument("--packed", help="the finished file")
    parser.add_argument("--budget", type=int, default=FILE_SIZE_MAX)
    arguments = parser.parse_args()
    symbols: dict = {}
    if arguments.symbols:
        with open(arguments.symbols, encoding="utf-8") as file:
            symbols = read_symbols(file)
    sizes: dict = {}
    for name in arguments.map:
        with open(name, encoding="utf-8") as file:
            for folder, (in_file, in_memory) in read_map(file, symbols).items():
                had = sizes.get(folder, [0, 0])
                sizes[folder] = [had[0] + in_file, had[1] + in_memory]
    if not sizes:
        print("size_table.py: the map names no input sections; was it written by ld.lld -Map?", file=sys.stderr)
        return 1
    print(table(sizes, os.path.getsize(arguments.packed) if arguments.packed else 0, arguments.budget))
    return 0


if __name__ == "__main__":
    sys.exit(main())
