# SPDX-License-Identifier: Apache-2.0
"""The servers, each started in the foreground by the program's own name, each with a log.

Every function takes a Lab and returns a Process that is ready to serve.
"""

import sys

from .paths import RIG
from .unpacked import Tree

SERVER, SERVER6 = "10.77.0.1", "fd77::1"
FAR = "10.77.1.1"        # a second server, behind the router
ADDRESS_SERVER = "10.77.0.3"  # what an address server beside dnsmasq calls itself
NOBODY = "10.77.0.250"  # on the network, but no host has it
NETMASK = "255.255.255.0"
POOL = "10.77.0.100,10.77.0.199"
DOMAIN = "boot.test"


def dnsmasq(lab, lines, name="dnsmasq", interface="lan"):
    """dnsmasq with `lines`, and what every use needs: router advertisements, without which QEMU's ROMs wait 13 s."""
    config = lab.folder / f"{name}.conf"
    config.write_text("\n".join([
        f"interface={interface}", "except-interface=lo", "bind-interfaces", "no-resolv", "no-hosts", "no-poll", "user=root", "pid-file=",
        "enable-ra", f"ra-param={interface},high,4", f"dhcp-leasefile={lab.folder}/{name}.leases", "log-dhcp", "log-queries", *lines]) + "\n")
    server = lab.process(name, "dnsmasq", "--keep-in-foreground", "--log-facility=-", "-C", config)
    return server.wait_until(lambda: "started, version" in server.text())


def address_lines():
    """Addresses of both families and DNS."""
    return [f"dhcp-range={POOL},{NETMASK},1h", "dhcp-authoritative",
            "dhcp-range=fd77::100,fd77::1ff,64,1h",
            f"dhcp-option=option:router,{SERVER}", f"dhcp-option=option:dns-server,{SERVER}",
            f"host-record=server.{DOMAIN},{SERVER}", f"host-record=far.{DOMAIN},{FAR}",
            f"local=/{DOMAIN}/"]


def handout_lines(user_class, boot_file, nbp="undine.kpxe"):
    """Two stages: a ROM, which names no user class, gets the NBP; the NBP, which names its class, gets its boot file."""
    return ["dhcp-match=set:bios,option:client-arch,0",
            f"dhcp-userclass=set:nbp,{user_class}",
            f"dhcp-boot=tag:bios,tag:!nbp,{nbp}",
            f"dhcp-boot=tag:nbp,{boot_file}"]


def tftp_lines(lab):
    """For a dnsmasq that also does something else."""
    return ["enable-tftp", f"tftp-root={lab.tftp_root}"]


def tftp_only(lab):
    return dnsmasq(lab, ["port=0", "dhcp-range=fd77::,ra-only", *tftp_lines(lab)], name="tftp-only")


def proxy_lines(nbp="undine.kpxe", user_class="Undine", boot_file=None):
    """ProxyDHCP: boot information beside an address server that knows nothing about booting."""
    lines = ["port=0", "dhcp-range=10.77.0.0,proxy,255.255.255.0", "dhcp-range=fd77::,ra-only",
             f"dhcp-userclass=set:nbp,{user_class}",
             f'pxe-service=tag:!nbp,x86PC,"Network boot",{nbp}',
             # With one entry and no waiting time, no menu is shown.
             'pxe-prompt=tag:!nbp,"Network boot",0']
    if boot_file:
        lines.append(f"dhcp-boot=tag:nbp,{boot_file},,{SERVER}")
    return lines


def isc_dhcpd(lab, options=""):
    """The address server of ISC; without `options` it says nothing about booting."""
    return isc_dhcpd_with(lab, f"""
authoritative;
server-identifier {ADDRESS_SERVER};
{options}
subnet 10.77.0.0 netmask {NETMASK} {{
  range {POOL.replace(",", " ")};
  option routers {SERVER};
  option domain-name-servers {SERVER};
}}
""")


def isc_dhcpd_with(lab, text):
    """The same with a whole configuration."""
    config, leases = lab.folder / "dhcpd.conf", lab.folder / "dhcpd.leases"
    leases.touch()
    config.write_text(text)
    server = lab.process("dhcpd", "dhcpd", "-4", "-f", "-d", "--no-pid", "-cf", config, "-lf", leases, "lan")
    return server.wait_until(lambda: "Server starting" in server.text())


def kea(lab, text):
    """The other address server of ISC, with a whole configuration."""
    tree = Tree("kea-dhcp4-server")
    config = lab.folder / "kea.conf"
    config.write_text(text)
    server = lab.process("kea", "env", f"KEA_PIDFILE_DIR={lab.folder}", f"KEA_LOCKFILE_DIR={lab.folder}",
                         f"KEA_LFC_EXECUTABLE={tree / 'usr/sbin/kea-lfc'}", *tree.command("usr/sbin/kea-dhcp4", "-c", config))
    return server.wait_until(lambda: "DHCP4_STARTED" in server.text())


def udhcpd(lab, lines=()):
    """busybox' DHCP server, which is what small routers run."""
    config, leases = lab.folder / "udhcpd.conf", lab.folder / "udhcpd.leases"
    leases.touch()
    start, end = POOL.split(",")
    config.write_text("\n".join([
        f"start {start}", f"end {end}", "interface lan", f"lease_file {leases}", f"pidfile {lab.folder}/udhcpd.pid",
        f"opt subnet {NETMASK}", f"opt router {SERVER}", f"opt dns {SERVER}", *lines]) + "\n")
    server = lab.process("udhcpd", "busybox", "udhcpd", "-f", config)
    return server.wait_until(lambda: "started" in server.text())


# One line per answer; request_time counts from the first byte of the request to the last byte sent.
LOG_FORMAT = ("$time_iso8601 $remote_addr $connection:$connection_requests \"$request\" $status "
              "$body_bytes_sent $request_time range=$http_range agent=$http_user_agent")


def nginx(lab, port=80, address=None, rate=None, name="nginx"):
    """nginx over the Lab's http_root. `rate` limits each answer (nginx' notation, 4m is 4 MiB/s)."""
    listen = [f"{address}:{port}"] if address else [f"{port}", f"[::]:{port}"]
    return nginx_with(lab, name, "".join(f"listen {where}; " for where in listen), rate=rate).wait_until(lambda: lab.namespace.listening(port))


def nginx_with(lab, name, *blocks, rate=None, environment=()):
    """nginx with a `server` for each block of lines, all over the Lab's http_root. /redirect/F is answered with 302, /chunked/F without a
    length, /auth/F asks user `rack` with password `secret`, /echo/ answers with what was sent."""
    config = lab.folder / f"{name}.conf"
    state = lab.folder / name
    state.mkdir(exist_ok=True)
    (state / "users").write_text("rack:{PLAIN}secret\n")
    common = f"""
    root {lab.http_root};
    location ~ ^/redirect/(.*)$ {{ return 302 /$1; }}
    location ~ ^/chunked/(.*)$ {{ echo_location /$1; }}
    location /auth/ {{ alias {lab.http_root}/; auth_basic rack; auth_basic_user_file {state}/users; }}
    location /echo/ {{ echo_read_request_body; echo_request_body; }}"""
    config.write_text(f"""
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;
daemon off; master_process off; user root; pid {state}/pid; error_log stderr warn;
events {{ worker_connections 256; }}
http {{
  log_format rig '{LOG_FORMAT}';
  access_log {lab.logs}/{name}.access rig;
  default_type application/octet-stream; sendfile on; keepalive_timeout 60s;
  {"".join(f"{kind}_temp_path {state}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))}
  {f"limit_rate {rate};" if rate else ""}
{"".join(f"  server {{ {block}{common} }}" + chr(10) for block in blocks)}}}
""")
    server = lab.process(name, "env", *environment, "nginx", "-c", config, "-e", "stderr")
    server.access_log = lab.logs / f"{name}.access"
    return server


def atftpd(lab, address=FAR, root=None):
    """The TFTP server that knows windowsize (RFC 7440) and large blocks; dnsmasq's knows neither."""
    server = lab.process("atftpd", "atftpd", "--daemon", "--no-fork", "--user", "root.root", "--logfile", "-",
                         "--verbose=7", "--bind-address", address, "--port", "69", root or lab.tftp_root)
    return server.wait_until(lambda: lab.namespace.listening(69, "udp"))


MTFTP_GROUP, MTFTP_CLIENT_PORT, MTFTP_PORT = "239.77.0.1", 1758, 1759


def mtftp(lab):
    """Multicast TFTP over the Lab's tftp_root."""
    server = lab.process("mtftp", sys.executable, RIG / "rig" / "mtftp.py", SERVER, MTFTP_PORT, MTFTP_GROUP, MTFTP_CLIENT_PORT, lab.tftp_root)
    return server.wait_until(lambda: lab.namespace.listening(MTFTP_PORT, "udp"))


def odd_http(lab, port=8080):
    """HTTP servers that misbehave; see odd_http.py for the paths."""
    server = lab.process("odd-http", sys.executable, RIG / "rig" / "odd_http.py", SERVER, port, lab.http_root)
    return server.wait_until(lambda: lab.namespace.listening(port))


