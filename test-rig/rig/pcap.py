# SPDX-License-Identifier: Apache-2.0
"""Reads what QEMU's filter-dump wrote, as far as the bench needs it: IPv4, TCP and UDP."""

import struct
from typing import NamedTuple

TCP, UDP = 6, 17


class Packet(NamedTuple):
    time: float         # seconds; with icount, 1e-9 for each instruction
    protocol: int
    source_port: int
    destination_port: int
    length: int         # of the TCP or UDP payload, also when it was not captured whole
    sequence: int       # TCP
    flags: int          # TCP
    payload: bytes      # as much of it as was captured


def packets(path):
    data = path.read_bytes()
    position = 24
    while position + 16 <= len(data):
        seconds, micros, captured, _ = struct.unpack_from("<IIII", data, position)
        position += 16
        packet = parse(seconds + micros / 1e6, data[position:position + captured])
        position += captured
        if packet:
            yield packet


def parse(time, frame):
    if len(frame) < 42 or frame[12:14] != b"\x08\x00" or frame[23] not in (TCP, UDP):
        return None
    start = 14 + (frame[14] & 15) * 4
    total = struct.unpack_from("!H", frame, 16)[0]
    source, destination = struct.unpack_from("!HH", frame, start)
    sequence = flags = 0
    header = 8
    if frame[23] == TCP:
        if len(frame) < start + 20:
            return None
        sequence, flags = struct.unpack_from("!I", frame, start + 4)[0], frame[start + 13]
        header = (frame[start + 12] >> 4) * 4
    return Packet(time, frame[23], source, destination, total - (start - 14) - header, sequence, flags,
                  frame[start + header:])


def tftp_requests(trace):
    """The read requests, by file name without a leading slash."""
    for index, packet in enumerate(trace):
        if packet.protocol == UDP and packet.destination_port == 69 and packet.payload[:2] == b"\0\1":
            yield index, packet.payload[2:].split(b"\0")[0].decode(errors="replace").lstrip("/")


def tftp_span(trace, name):
    """(time of the last request for `name`, time of its last packet)."""
    index = [place for place, wanted in tftp_requests(trace) if wanted == name][-1]
    client = trace[index].source_port
    times = [packet.time for packet in trace[index:] if packet.protocol == UDP and
             client in (packet.source_port, packet.destination_port)]
    return trace[index].time, times[-1]


def http_span(trace, path, port=80):
    """(time of the first GET of `path`, time of the last bytes from the server before its next GET, bytes sent)."""
    request = b"GET " + path.encode() + b" "
    begin = next(packet.time for packet in trace if packet.payload.startswith(request))
    other = [packet.time for packet in trace if packet.time > begin and packet.destination_port == port and
             packet.payload.startswith(b"GET ") and not packet.payload.startswith(request)]
    end = other[0] if other else float("inf")
    sent = [packet for packet in trace if packet.source_port == port and packet.protocol == TCP and packet.length and
            begin <= packet.time <= end]
    return begin, sent[-1].time, sum(packet.length for packet in sent)


def first_http_request(trace):
    return next(packet.time for packet in trace if packet.protocol == TCP and packet.payload.startswith(b"GET "))
