# SPDX-License-Identifier: Apache-2.0
"""Web servers and proxies beside nginx, for what it has not. Every function takes a Lab and returns a Process that is ready."""

import hashlib

from . import certificates, servers
from .unpacked import Tree

USER, PASSWORD, REALM = "rack", "secret", "rig"


def digest_secret(algorithm):
    """What a file of htdigest keeps (RFC 7616 3.4.2, A1)."""
    return hashlib.new(algorithm, f"{USER}:{REALM}:{PASSWORD}".encode()).hexdigest()


def apache(lab, port=8090, tls_port=None):
    """apache2: /auth/ with Digest, MD5, user `rack`, password `secret`; with `tls_port` also TLS that staples what its responder says."""
    tree = Tree("apache2-bin")
    state = lab.folder / "apache"
    state.mkdir()
    (state / "users").write_text(f"{USER}:{REALM}:" + digest_secret("md5") + "\n")
    modules = ["mpm_event", "authn_core", "authz_core", "authz_user", "authn_file", "auth_digest", "alias"]
    tls = ""
    if tls_port:
        modules += ["socache_shmcb", "ssl"]
        folder = certificates.made()
        tls = f"""
Listen {tls_port}
SSLStaplingCache shmcb:{state}/staples(65536)
<VirtualHost *:{tls_port}>
  SSLEngine on
  SSLCertificateFile {folder}/good-responder.pem
  SSLCertificateKeyFile {folder}/good-responder.key
  SSLUseStapling on
</VirtualHost>
"""
    config = lab.folder / "apache.conf"
    config.write_text("".join(f"LoadModule {module}_module {tree / 'usr/lib/apache2/modules'}/mod_{module}.so\n" for module in modules) + f"""
ServerName {servers.SERVER}
Listen {port}
PidFile {state}/pid
DefaultRuntimeDir {state}
ErrorLog /dev/stderr
LogFormat "%r %>s %{{Authorization}}i" rig
CustomLog {lab.logs}/apache.access rig
DocumentRoot {lab.http_root}
<Directory {lab.http_root}>
  Options FollowSymLinks
  Require all granted
</Directory>
Alias /auth/ {lab.http_root}/
<Location /auth/>
  AuthType Digest
  AuthName {REALM}
  AuthDigestProvider file
  AuthDigestAlgorithm MD5
  AuthUserFile {state}/users
  Require user {USER}
</Location>
{tls}""")
    server = lab.process("apache", *tree.command("usr/sbin/apache2", "-DFOREGROUND", "-f", config))
    server.access_log = lab.logs / "apache.access"
    return server.wait_until(lambda: lab.namespace.listening(tls_port or port))


def lighttpd(lab, port=8091, algorithms="SHA-256"):
    """lighttpd: /auth/ with Digest by these algorithms (`MD5|SHA-256`), user `rack`, password `secret`."""
    tree = Tree("lighttpd", "lighttpd-mod-openssl")
    users = lab.folder / "lighttpd.users"
    users.write_text("".join(f"{USER}:{REALM}:{digest_secret(kind)}\n" for kind in (["sha256"] if algorithms == "SHA-256" else ["md5", "sha256"])))
    config = lab.folder / "lighttpd.conf"
    config.write_text(f"""
server.modules = ("mod_alias", "mod_accesslog", "mod_auth", "mod_authn_file")
server.port = {port}
server.bind = "{servers.SERVER}"
server.document-root = "{lab.http_root}"
server.errorlog = "/dev/stderr"
accesslog.filename = "{lab.logs}/lighttpd.access"
accesslog.format = "%r %s %{{Authorization}}i"
alias.url = ("/auth/" => "{lab.http_root}/")
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "{users}"
auth.require = ("/auth/" => ("method" => "digest", "realm" => "{REALM}", "algorithm" => "{algorithms}", "require" => "valid-user"))
""")
    server = lab.process("lighttpd", *tree.command("usr/sbin/lighttpd", "-D", "-f", config, "-m", tree / "usr/lib/lighttpd"))
    server.access_log = lab.logs / "lighttpd.access"
    return server.wait_until(lambda: lab.namespace.listening(port))


def tinyproxy(lab, port=8888, connect_ports=(443,)):
    """An HTTP proxy with CONNECT to the named ports; its log names every request."""
    tree = Tree("tinyproxy-bin")
    config = lab.folder / "tinyproxy.conf"
    config.write_text(f"Port {port}\nListen {servers.SERVER}\nTimeout 600\nMaxClients 20\nLogLevel Connect\n" +
                      "".join(f"ConnectPort {each}\n" for each in connect_ports))
    server = lab.process("tinyproxy", *tree.command("usr/bin/tinyproxy", "-d", "-c", config))
    return server.wait_until(lambda: lab.namespace.listening(port))
