# SPDX-License-Identifier: Apache-2.0
"""A multicast TFTP server as PXE 2.1 has it; Debian packages none.

    mtftp.py ADDRESS PORT GROUP CLIENT_PORT FOLDER

Who asks on PORT gets the first block by unicast, which makes it the one that acknowledges; everything goes to the group.
"""

import socket
import struct
import sys
from pathlib import Path

BLOCK = 512


def main(address, port, group, client_port, folder):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, int(port)))
    server.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    everybody = (group, int(client_port))
    contents, client = b"", None
    while True:
        request, peer = server.recvfrom(2048)
        opcode = struct.unpack("!H", request[:2])[0]
        if opcode == 1:
            name = request[2:].split(b"\0")[0].decode()
            contents, client, number = (Path(folder) / name).read_bytes(), peer, 1
            print(f"{peer[0]} asks for {name}", flush=True)
        elif opcode == 4 and peer == client:
            number = struct.unpack("!H", request[2:4])[0] + 1
        else:
            continue
        if (number - 1) * BLOCK > len(contents):
            print(f"{peer[0]} has acknowledged all {number - 1} blocks", flush=True)
            continue
        block = struct.pack("!HH", 3, number) + contents[(number - 1) * BLOCK:number * BLOCK]
        if number == 1:
            server.sendto(block, peer)
        server.sendto(block, everybody)


if __name__ == "__main__":
    main(*sys.argv[1:])
