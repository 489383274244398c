# SPDX-License-Identifier: Apache-2.0
"""The servers that the other tests use serve other clients as well. No machine is booted; when a boot test fails, look here first."""

import subprocess

import pytest

from rig import certificates, ftp, nfs, ntp, servers, tls, web

DATA = bytes(range(256)) * 256


@pytest.fixture
def curl(lab):
    """Runs curl and says what it answered: status and size."""
    lab.publish("data", DATA)
    folder = certificates.made()
    (lab.folder / "roots.pem").write_text("".join((folder / f"{name}.crt").read_text() for name in ("root", "root-rsa")))

    def run(uri, *options):
        done = subprocess.run(lab.namespace.command("curl", "-sS", "-m", "10", "-o", lab.folder / "fetched", "-w", "%{http_code} %{size_download}",
                                                    "--cacert", lab.folder / "roots.pem", *options, uri), capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else f"curl {done.returncode}: {done.stderr}"
    return run


GOT = f"200 {len(DATA)}"


def test_tls(lab, curl):
    folder = certificates.made()
    tls.responder(lab)
    web.apache(lab, tls_port=8450)
    tls.nginx(lab, [tls.Site(443), tls.Site(8401, lines=tls.VERSION_12), tls.Site(8402, lines=tls.VERSION_13), tls.Site(8403, "good-rsa"),
                    tls.Site(8404, lines=tls.wants_client_certificate()), tls.Site(8405, "good-staple", staple=True),
                    tls.Site(8406, "expired"), tls.Site(8407, "good-p384"), tls.Site(8408, "good-aia")])
    tls.s_server(lab, 8409, "good", "-groups", "P-384")
    for port in (443, 8401, 8402, 8403, 8405, 8407, 8409, 8450):
        assert curl(f"https://{servers.SERVER}:{port}/data") == GOT, port
    for port in (8405, 8450):
        assert curl(f"https://{servers.SERVER}:{port}/data", "--cert-status") == GOT
    assert curl(f"https://{servers.SERVER}:8404/data").startswith("400 ")
    assert curl(f"https://{servers.SERVER}:8404/data", "--cert", folder / "client.pem", "--key", folder / "client.key") == GOT
    assert "has expired" in curl(f"https://{servers.SERVER}:8406/data")
    assert "local issuer" in curl(f"https://{servers.SERVER}:8408/data")


def test_passwords_and_proxy(lab, curl):
    web.apache(lab)
    web.lighttpd(lab)
    tls.nginx(lab, [tls.Site(443)])
    web.tinyproxy(lab)
    for port in (8090, 8091):
        assert curl(f"http://{servers.SERVER}:{port}/auth/data", "--digest", "-u", "rack:secret") == GOT
        assert curl(f"http://{servers.SERVER}:{port}/auth/data", "--digest", "-u", "rack:wrong").startswith("401 ")
    proxy = ["-x", f"http://{servers.SERVER}:8888"]
    assert curl(f"https://{servers.SERVER}/data", *proxy) == GOT
    assert curl(f"http://{servers.SERVER}:8090/data", *proxy) == GOT


def test_ftp(lab, curl):
    ftp.vsftpd(lab)
    ftp.pyftpdlib(lab)
    ftp.pyftpdlib(lab, 2123, "rack", "secret")
    for address in (f"{servers.SERVER}", f"{servers.SERVER}:2121", f"rack:secret@{servers.SERVER}:2123"):
        assert curl(f"ftp://{address}/data") == f"226 {len(DATA)}"


@pytest.mark.parametrize("version", (3, 4))
def test_nfs(lab, version):
    folder = nfs.export(lab, {"data": DATA}, {"link": "data"})
    if version == 3:
        nfs.rpcbind(lab)
    nfs.ganesha(lab, folder, versions=[version])
    path = f"nfs://{servers.SERVER}{folder if version == 3 else '/export'}"
    assert "link" in lab.namespace.run("nfs-ls", f"{path}?version={version}")
    assert subprocess.run(lab.namespace.command("nfs-cat", f"{path}/data?version={version}"), capture_output=True).stdout == DATA


def test_ntp(lab):
    ntp.chrony(lab)
    ask = (f"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5); "
           f"s.sendto(b'\\x23' + bytes(47), ('{servers.SERVER}', 123)); print(s.recv(100)[0] & 7)")
    assert lab.namespace.run("/usr/bin/python3", "-c", ask).strip() == "4"  # RFC 5905 7.3: mode, a server's answer
