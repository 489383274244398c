# SPDX-License-Identifier: Apache-2.0
"""NFS servers. Every function takes a Lab and returns a Process that is ready."""

import contextlib
import shutil
import sys
from pathlib import Path

from . import servers
from .paths import RIG
from .unpacked import ARCHITECTURE, Tree


def export(lab, files, links=()):
    """A folder of its own for ganesha, with {name: contents or a path} and {name: what the symbolic link says}."""
    folder = lab.folder / "export"
    folder.mkdir()
    for name, contents in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(contents, bytes):
            target.write_bytes(contents)
        else:
            shutil.copy(contents, target)
    for name, points_to in dict(links).items():
        (folder / name).symlink_to(points_to)
    return folder


def with_own_run(lab):
    """Puts another folder in the place of /run, for one process and its children: there rpcbind has its lock and its socket, of which the
    machine has only one; and a list of users that has rpcbind's, which only its package's installation makes. (`ip netns exec` gives each
    process a view of its own of what is mounted.)"""
    folder, users = lab.folder / "run", lab.folder / "passwd"
    folder.mkdir(exist_ok=True)
    known = Path("/etc/passwd").read_text()
    users.write_text(known if "\n_rpc:" in known else f"{known}_rpc:x:65533:65534::/run/rpcbind:/usr/sbin/nologin\n")
    return ["sh", "-c", 'mount --bind "$0" /run && mount --bind "$1" /etc/passwd && shift && exec "$@"', folder, users]


def rpcbind(lab):
    tree = Tree("rpcbind")
    server = lab.process("rpcbind", *with_own_run(lab), *tree.command("sbin/rpcbind", "-f", "-w", "-h", servers.SERVER))
    return server.wait_until(lambda: lab.namespace.listening(111))


def ganesha(lab, folder, versions=(3, 4)):
    """nfs-ganesha with `folder`, which must lie on a file system with handles, as /export. Version 3 needs rpcbind."""
    tree = Tree("nfs-ganesha", "nfs-ganesha-vfs")
    state = lab.folder / "ganesha"
    state.mkdir(exist_ok=True)
    config, names = lab.folder / "ganesha.conf", lab.folder / "idmapd.conf"
    names.write_text("[General]\nDomain = boot.test\n")  # it does not start without a domain, and the machine's name may have none
    config.write_text(f"""
NFS_CORE_PARAM {{
  Bind_addr = {servers.SERVER}; NFS_Port = 2049; MNT_Port = 20048; Enable_NLM = false; Enable_RQUOTA = false;
  Protocols = {",".join(map(str, versions))}; Plugins_Dir = "{tree / 'usr/lib' / ARCHITECTURE / 'ganesha'}";
}}
NFSv4 {{ IdmapConf = "{names}"; RecoveryRoot = "{state}"; Grace_Period = 0; Graceless = true; }}
EXPORT {{
  Export_Id = 1; Path = "{folder}"; Pseudo = "/export"; Access_Type = RO; Squash = No_Root_Squash;
  Protocols = {",".join(map(str, versions))}; Transports = TCP; SecType = sys; PrivilegedPort = false;
  FSAL {{ Name = VFS; }}
}}
LOG {{ Default_Log_Level = EVENT; }}
""")
    # By this link it finds the file system of the folder. Debian's installer makes it; a bare system has none.
    with contextlib.suppress(FileExistsError):
        Path("/etc/mtab").symlink_to("/proc/self/mounts")
    server = lab.process("ganesha", *with_own_run(lab), *tree.command("usr/bin/ganesha.nfsd", "-F", "-f", config, "-L", "STDERR", "-p", state / "pid"))
    return server.wait_until(lambda: lab.namespace.listening(2049) and "NFS SERVER INITIALIZED" in server.text(), seconds=20)


def odd_nfs(lab, port=2050):
    """An NFS server that misbehaves; the first folder below /export says how, see odd_nfs.py."""
    server = lab.process("odd-nfs", sys.executable, RIG / "rig" / "odd_nfs.py", servers.SERVER, port, lab.http_root)
    return server.wait_until(lambda: lab.namespace.listening(port))
