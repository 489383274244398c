# SPDX-License-Identifier: Apache-2.0
"""test-rig/bench: Undine against iPXE's undionly.kpxe (Debian's package ipxe), in turn, through the same ROM and servers.

Rows, each with the boot that measures it:
  size     bytes of the file
  start    seconds from the end of the ROM's TFTP transfer to the first HTTP request      plain
  http     MB/s of 64 MiB from nginx                                                      plain
  resent   bytes that TCP received twice, in percent                                      plain
  tftp     MB/s from dnsmasq, a block at a time                                           plain
  window   MB/s from atftpd, which knows windowsize                                       plain
  base     KiB of base memory left to a boot program that is chained, if that works       plain
  rtt40    HTTP MB/s at a round trip of 40 ms                                             rtt40
  loss1    HTTP MB/s with 1 % of the frames of the connection lost, each way              loss1
  icount   guest instructions per byte of HTTP, counted by a plugin of QEMU               icount
  https    MB/s of the same file over TLS 1.3 with AES-GCM                                secure
  soft     the same on a CPU without AES instructions                                    secure
  hello    seconds from the name to the first small file over TLS, with its handshake     secure
  ftp      MB/s from vsftpd                                                               files
  nfs      MB/s from nfs-ganesha, version 3                                               files
  iscsi    MB/s of INT 13h from an iSCSI target (tgt), 127 sectors at a time              disks
  iscsi4k  reads of 4 KiB a second, from anywhere                                         disks
  aoe      as iscsi, from vblade                                                          disks
  aoe4k    as iscsi4k                                                                     disks
  limit    MB/s that a program can receive that does nothing else (undilimit.asm)         limit

MB is 1e6 bytes. A ratio is that of one round; the table shows the middle one and the span of all rounds.
"""

import argparse
import json
import random
import statistics
import sys
import time

from . import certificates, ftp, nfs, pcap, san, servers, tls
from .build import build
from .instructions import Counter
from .lab import HTTP, Lab, Nbp, end_on_signals
from .machine import NIC_MODELS
from .paths import RIG
from .payload import MIB, random_payload
from .programs import binary

BOOTS = ("plain", "rtt40", "loss1", "icount", "secure", "files", "disks", "limit")
HTTP_MIB, SMALL_MIB = 64, 8
SNAP = 160           # bytes of each frame in the capture: headers, and the start of a request
DOWNLOAD_SECONDS = 300
# As rate.asm has them.
RATE_ROW_BYTES, RATE_PLACES, RATE_DISK_BYTES = 129 * 127 * 512, 256, 33 * MIB
LIMIT_SECONDS = 3
# Frames outstanding for undilimit: a little less than the receive ring where that is small, else what is fastest.
WINDOWS = {"rtl8139": 5, "ne2k_pci": 4, "pcnet": 24, "i82559er": 16}
USUAL_WINDOW = 44


class Bench:
    def __init__(self, nic):
        self._nic = nic
        self._http_file = random_payload(HTTP_MIB).path
        self._small_file = random_payload(SMALL_MIB).path

    def _lab(self, nbp, boot):
        lab = Lab(f"bench-{boot}-{nbp.name}", nbp)
        lab.publish("big", self._http_file)
        lab.publish("small", self._small_file)
        return lab

    def _trace(self, lab):
        return list(pcap.packets(lab.logs / "pc0.pcap"))

    def plain(self, nbp):
        with self._lab(nbp, "plain") as lab:
            lab.publish("probe.0", binary(RIG / "undilimit" / "probe.asm", lab.folder / "probe"))
            servers.atftpd(lab)
            lab.serve(f"#!ipxe\nimgfetch {HTTP}/big && echo GOT-HTTP\nimgfree\n"
                      f"imgfetch tftp://{servers.SERVER}/small && echo GOT-TFTP\nimgfree\n"
                      f"imgfetch tftp://{servers.FAR}/small && echo GOT-WINDOW\nimgfree\n"
                      f"chain {HTTP}/probe.0\n")
            pc = lab.machine(self._nic, snap=SNAP)
            for text in ("GOT-HTTP", "GOT-TFTP", "GOT-WINDOW"):
                pc.wait_for(text, DOWNLOAD_SECONDS)
            started = pc.wait_for(r"UNDINE-PROBE|boot\.unknown-kind", DOWNLOAD_SECONDS)[0] == "UNDINE-PROBE"
            base = pc.free_base_memory()
            pc.stop()
            trace = self._trace(lab)
        begin, end, sent = pcap.http_span(trace, "/big")
        size = self._http_file.stat().st_size
        results = {"size": nbp.path.stat().st_size, **({"base": base} if started else {}),
                   "start": pcap.first_http_request(trace) - pcap.tftp_span(trace, "undine.kpxe")[1],
                   "http": size / 1e6 / (end - begin), "resent": max(0, sent - size - 1000) / size * 100}
        requests = [index for index, name in pcap.tftp_requests(trace) if name == "small"]
        # The last request of each: the answer to the first may have been that an option is not wanted.
        window_begins = trace[requests[-1]].time
        before = [packet for packet in trace if packet.time < window_begins]
        for row, part in (("tftp", before), ("window", trace)):
            begin, end = pcap.tftp_span(part, "small")
            results[row] = self._small_file.stat().st_size / 1e6 / (end - begin)
        return results

    def _one_download(self, nbp, boot, relay=None):
        with self._lab(nbp, boot) as lab:
            lab.serve(f"#!ipxe\nimgfetch {HTTP}/small && echo GOT-HTTP\n")
            pc = lab.machine(self._nic, snap=SNAP, relay=relay)
            if boot == "loss1":
                lab.namespace.lose("pc0", 10, tcp_port=80)
            pc.wait_for("GOT-HTTP", DOWNLOAD_SECONDS)
            pc.stop()
            begin, end, _ = pcap.http_span(self._trace(lab), "/small")
        return end - begin

    def rtt40(self, nbp):
        return {"rtt40": self._megabytes() / self._one_download(nbp, "rtt40", relay=["--delay", "20"])}

    def loss1(self, nbp):
        return {"loss1": self._megabytes() / self._one_download(nbp, "loss1")}

    def icount(self, nbp):
        """The first file brings connection and window to speed; only the second counts."""
        with self._lab(nbp, "icount") as lab:
            counter = Counter(lab.folder)
            lab.serve(f"#!ipxe\nimgfetch {HTTP}/small && echo WARM && imgfree && imgfetch {HTTP}/big && echo GOT-HTTP\n")
            pc = lab.machine(self._nic, snap=SNAP, count=counter)
            pc.wait_for("WARM", DOWNLOAD_SECONDS)
            before = counter.read()
            pc.wait_for("GOT-HTTP", DOWNLOAD_SECONDS)
            return {"icount": (counter.read() - before) / self._http_file.stat().st_size}

    @staticmethod
    def _seconds(pc, name):
        """Between the lines BEGIN-name and GOT-name on the console."""
        pc.wait_for(f"^BEGIN-{name}$", DOWNLOAD_SECONDS)
        begin = time.monotonic()
        pc.wait_for(f"^GOT-{name}$", DOWNLOAD_SECONDS)
        return time.monotonic() - begin

    def secure(self, nbp):
        """Debian's undionly has no HTTPS."""
        results = {}
        for row, cpu in (("https", "max"), ("soft", "qemu64")) if nbp.name == "undine" else ():
            with self._lab(nbp, f"secure-{row}") as lab:
                lab.publish("root.crt", certificates.made() / "root.crt")
                tls.nginx(lab, [tls.Site(443, lines=tls.VERSION_13)])
                site = f"https://{servers.SERVER}"
                lab.serve("\n".join(["#!ipxe", *tls.trust_lines("root.crt"), f"echo BEGIN-hello\nimgfetch {site}/boot.ipxe && echo GOT-hello",
                                     f"echo BEGIN-big\nimgfetch {site}/big && echo GOT-big", ""]))
                pc = lab.machine(self._nic, snap=SNAP, extra=["-cpu", cpu])
                hello = self._seconds(pc, "hello")
                results |= {row: self._http_file.stat().st_size / 1e6 / self._seconds(pc, "big"), **({"hello": hello} if row == "https" else {})}
        return results

    def files(self, nbp):
        """Debian's undionly has NFS, but no FTP."""
        with self._lab(nbp, "files") as lab:
            folder = nfs.export(lab, {"big": self._http_file})
            nfs.rpcbind(lab)
            nfs.ganesha(lab, folder, versions=[3])
            sources = {"nfs": f"nfs://{servers.SERVER}{folder}/big"}
            if nbp.name == "undine":
                ftp.vsftpd(lab)
                sources["ftp"] = f"ftp://{servers.SERVER}/big"
            lab.serve("#!ipxe\n" + "".join(f"echo BEGIN-{name}\nimgfetch {uri} && echo GOT-{name}\nimgfree\n" for name, uri in sources.items()))
            pc = lab.machine(self._nic, snap=SNAP)
            return {name: self._http_file.stat().st_size / 1e6 / self._seconds(pc, name) for name in sources}

    def disks(self, nbp):
        """rate.asm is the disk's boot sector: it gives up when it has read, and the next disk follows."""
        paths = {"iscsi": f"iscsi:{servers.SERVER}:::1:{san.TARGET}", "aoe": "aoe:e1.0"}
        results = {}
        with self._lab(nbp, "disks") as lab:
            program = binary(RIG / "rate" / "rate.asm", lab.folder / "rate")
            disk = lab.folder / "rate.img"
            disk.write_bytes(program.read_bytes() + random.Random(1).randbytes(RATE_DISK_BYTES - 512))
            san.Tgt(lab, disk)
            san.vblade(lab, disk)
            lab.serve("#!ipxe\n" + "".join(f"sanboot {path} || echo END-{name}\n" for name, path in paths.items()))
            pc = lab.machine(self._nic, snap=SNAP)
            for name in paths:
                results[name] = RATE_ROW_BYTES / 1e6 / self._seconds(pc, "row")
                results[name + "4k"] = RATE_PLACES / self._seconds(pc, "places")
        return results

    def _megabytes(self):
        return self._small_file.stat().st_size / 1e6

    def limit(self, nbp):
        program = Nbp("limit", "", "none", "")
        with Lab("bench-limit", program) as lab:
            lab.publish("undine.kpxe", binary(RIG / "undilimit" / "undilimit.asm", lab.folder / "undilimit"))
            servers.dnsmasq(lab, [*servers.address_lines(), *servers.tftp_lines(lab), "dhcp-boot=undine.kpxe"])
            lab.machine(self._nic, snap=SNAP).wait_for("UNDILIMIT-READ", 90)
            answer = lab.namespace.run(sys.executable, RIG / "rig" / "undilimit.py", "lan",
                                       WINDOWS.get(self._nic, USUAL_WINDOW), LIMIT_SECONDS)
        return {"limit": json.loads(answer)["mb_per_second"]}


# Row, unit, decimals, and whether more is better.
ROWS = (("size", "bytes", 0, False), ("base", "KiB", 0, True), ("start", "s", 2, False), ("http", "MB/s", 2, True),
        ("resent", "%", 2, False), ("tftp", "MB/s", 2, True), ("window", "MB/s", 2, True), ("rtt40", "MB/s", 2, True),
        ("loss1", "MB/s", 2, True), ("icount", "instr/byte", 2, False),
        ("https", "MB/s", 2, True), ("soft", "MB/s", 2, True), ("hello", "s", 2, False), ("ftp", "MB/s", 2, True), ("nfs", "MB/s", 2, True),
        ("iscsi", "MB/s", 2, True), ("iscsi4k", "reads/s", 0, True), ("aoe", "MB/s", 2, True), ("aoe4k", "reads/s", 0, True))


def spread(values, decimals):
    """Middle value, and the least and greatest if they differ."""
    middle = f"{statistics.median(values):.{decimals}f}"
    low, high = f"{min(values):.{decimals}f}", f"{max(values):.{decimals}f}"
    return middle if low == high else f"{middle} ({low} to {high})"


def table(rounds, names):
    lines = [f"{'row':8}{'unit':12}" + "".join(f"{name:28}" for name in names) + " : ".join(names)]
    for row, unit, decimals, more in ROWS:
        columns = {name: [values[row] for one in rounds if row in (values := one.get(name, {}))] for name in names}
        if not any(columns.values()):
            continue
        line = f"{row:8}{unit:12}" + "".join(
            f"{spread(columns[name], decimals) if columns[name] else '-':28}" for name in names)
        pairs = [(one[names[0]][row], one[names[-1]][row]) for one in rounds
                 if all(row in one.get(name, {}) for name in names)]
        if len(names) == 2 and pairs and all(peer for _, peer in pairs):
            line += spread([own / peer for own, peer in pairs], 2) + f"   {'more' if more else 'less'} is better"
        lines.append(line)
    limits = [one["limit"] for one in rounds if "limit" in one]
    if limits:
        lines.append(f"{'limit':8}{'MB/s':12}{spread(limits, 1)}")
        for name in names:
            shares = [one[name]["http"] / one["limit"] for one in rounds if one.get("limit") and "http" in one.get(name, {})]
            if shares:
                lines.append(f"        http of {name} is {spread(shares, 2)} of the limit")
    return "\n".join(lines)


def measure(bench, boots, nbps, number):
    """One round: each boot for each program in turn; the order changes, so that neither always comes first."""
    results = {nbp.name: {} for nbp in nbps}
    for boot in boots:
        if boot == "limit":
            results.update(bench.limit(None))
            continue
        for nbp in (nbps if number % 2 == 0 else nbps[::-1]):
            try:
                results[nbp.name].update(getattr(bench, boot)(nbp))
            except (AssertionError, StopIteration, IndexError) as problem:
                # A program that does not finish has no figure; the table then shows the rounds in which it did.
                print(f"round {number + 1}, {boot}, {nbp.name}: {str(problem)[-400:] or 'no such transfer'}", file=sys.stderr)
    return results


def main():
    end_on_signals()
    parser = argparse.ArgumentParser(prog="test-rig/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("boot", nargs="*", choices=[*BOOTS, []], help=f"what to measure: {', '.join(BOOTS)}; default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--nic", choices=NIC_MODELS, default="e1000")
    parser.add_argument("--only", choices=("undine", "ipxe"), help="one program alone")
    parser.add_argument("--kpxe", help="another build of Undine")
    parser.add_argument("--json", action="store_true", help="the figures of each round, as JSON on standard output")
    wanted = parser.parse_args()
    nbps = [nbp for nbp in (Nbp.undine(wanted.kpxe), Nbp.ipxe()) if wanted.only in (None, nbp.name)]
    if wanted.only != "ipxe" and not wanted.kpxe and not build("nbp"):
        return 1
    bench = Bench(wanted.nic)
    rounds = []
    for number in range(wanted.rounds):
        print(f"round {number + 1} of {wanted.rounds}", file=sys.stderr, flush=True)
        rounds.append(measure(bench, wanted.boot or BOOTS, nbps, number))
    if wanted.json:
        print(json.dumps({"nic": wanted.nic, "rounds": rounds}, indent=1))
    else:
        print(table(rounds, [nbp.name for nbp in nbps]))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
