#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""undine embed as a user meets it. A boot test has a machine run what was embedded."""
import hashlib
import struct
import subprocess
import unittest
import zlib

from tool_bench import Bench

SCRIPT = "#!ipxe\necho embedded\n"


def program(block=b""):
    """A file as nbp/pack/pack.py writes it, in small."""
    payload = bytes(range(200))
    header = struct.pack("<8s7I", b"UNDINEPK", 64, len(payload), 1000, 2000, zlib.crc32(payload), len(block), zlib.crc32(block))
    return b"\xea" + bytes(15) + header + bytes(12) + payload + block


def certificate(folder):
    """A certificate's PEM and its fingerprint."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null", "-out", "cert.pem",
                    "-subj", "/CN=Rack root"], cwd=folder, check=True, capture_output=True)
    der = subprocess.run(["openssl", "x509", "-in", "cert.pem", "-outform", "DER"], cwd=folder, check=True, capture_output=True).stdout
    return hashlib.sha256(der).hexdigest()


class Embed(Bench):
    """undine embed."""

    def setUp(self):
        super().setUp()
        self.write("undine.kpxe", program())
        self.write("boot.ipxe", SCRIPT)

    def embed(self, *arguments):
        return self.undine("embed", *arguments, "undine.kpxe")

    def contents(self):
        return (self.folder / "undine.kpxe").read_bytes()

    def test_everything_is_listed_and_can_be_taken_out_again(self):
        fingerprint = certificate(self.folder)
        done = self.embed("--script", "boot.ipxe", "--cert", "cert.pem", "--set", "user-class=rack 7", "--set", "n:uint8=7", "--list")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines(), [f"script       {len(SCRIPT)} bytes", f"certificate  Rack root, sha256 {fingerprint}",
                                                    "setting      user-class=rack 7", "setting      n:uint8=7"])
        self.assertEqual(self.embed().stdout, done.stdout)
        self.assertEqual(self.embed("--print-script").stdout, SCRIPT)
        self.assertEqual(self.embed("--remove", "user-class", "--remove", "script", "--list").stdout.splitlines(), [done.stdout.splitlines()[1], "setting      n:uint8=7"])
        self.assertEqual(self.embed("--remove", "certs", "--list").stdout, "setting      n:uint8=7\n")
        self.embed("--remove", "all")
        self.assertEqual(self.embed().stdout, "nothing\n")
        self.assertEqual(self.contents(), program())

    def test_who_we_are_comes_from_files(self):
        for out in ("client", "other"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{out}.key", "-out", f"{out}.pem", "-subj", f"/CN={out}"],
                           cwd=self.folder, check=True, capture_output=True)
        der = {}
        for kind, name in (("x509", "client.pem"), ("pkey", "client.key")):
            der[kind] = subprocess.run(["openssl", kind, "-in", name, "-outform", "DER"], cwd=self.folder, check=True, capture_output=True).stdout
        self.write("client.der", der["pkey"])
        self.embed("--client-cert", "other.pem", "--privkey", "other.key")
        done = self.embed("--client-cert", "client.pem", "--privkey", "client.der", "--list")
        self.assertEqual(done.stdout.splitlines(), [f"setting      cert={der['x509'].hex(':')}", "setting      privkey=***"])
        self.assertIn(der["pkey"].hex(":").encode(), self.contents())
        for arguments, reason in ((["--client-cert", "client.key"], "client.key: it holds no CERTIFICATE"), (["--privkey", "client.pem"], "client.pem: it holds no PRIVATE KEY"),
                                  (["--privkey", "none"], "none: the file cannot be read"), (["--client-cert", "client.der"], "client.der: what is in it")):
            with self.subTest(arguments):
                done = self.embed(*arguments)
                self.assertEqual(done.returncode, 1)
                self.assertIn(reason, done.stderr)

    def test_the_file_has_the_block_behind_the_program_with_length_and_crc(self):
        self.embed("--script", "boot.ipxe", "--set", "a=b")
        block = struct.pack("<BI", 1, len(SCRIPT)) + SCRIPT.encode() + struct.pack("<BI", 3, 3) + b"a=b"
        self.assertEqual(self.contents(), program(block))

    def test_what_is_put_in_again_takes_the_old_ones_place(self):
        certificate(self.folder)
        self.write("other.ipxe", "#!ipxe\n")
        for _ in range(2):
            self.embed("--script", "boot.ipxe", "--cert", "cert.pem", "--set", "a=1", "--set", "a=2")
        self.embed("--script", "other.ipxe")
        self.assertEqual([line.split()[0] for line in self.embed().stdout.splitlines()], ["script", "certificate", "setting"])
        self.assertIn("script       7 bytes", self.embed().stdout)
        self.assertIn("a=2", self.embed().stdout)

    def test_a_setting_is_the_same_whatever_its_type(self):
        self.embed("--set", "foo:int8=1", "--set", "foo:int8x=no", "--set", "net0/foo:int8=2")
        self.assertEqual(self.embed().stdout, "nothing\n")
        self.embed("--set", "foo:int8=1", "--set", "net0/foo:int8=2", "--set", "bar=1", "--set", "bar:int8=2", "--set", "privkey:hexraw=00ff", "--set", "net0/password=pw", "--set", "proxy=http://me:pw@h")
        self.assertEqual(self.embed().stdout.splitlines(), ["setting      foo:int8=1", "setting      net0/foo:int8=2", "setting      bar:int8=2", "setting      privkey=***",
                                                            "setting      net0/password=***", "setting      proxy=http://me:***@h"])
        self.assertEqual(self.embed("--remove", "foo", "--remove", "bar:int8", "--remove", "privkey", "--remove", "net0/password", "--remove", "proxy", "--list").stdout, "setting      net0/foo:int8=2\n")

    def test_output_leaves_the_file_as_it_was(self):
        self.assertEqual(self.embed("--script", "boot.ipxe", "--output", "new.kpxe").returncode, 0)
        self.assertEqual(self.contents(), program())
        self.assertEqual(self.undine("embed", "--print-script", "new.kpxe").stdout, SCRIPT)

    def test_what_is_no_good_changes_nothing(self):
        self.write("no-script", "echo\n")
        self.write("no-cert", "nothing\n")
        self.write("big.ipxe", "#!ipxe\n" + "#" * 70000)
        for arguments, reason in ((["--script", "none"], "none: the file cannot be read"), (["--script", "no-script"], "no-script: the first line"),
                                  (["--cert", "no-cert"], "no-cert: "), (["--set", "a"], "NAME=VALUE"), (["--set", "ip=x"], "ip: the value does not have the form"),
                                  (["--set", "a b=x"], "a b: that is no setting's name"), (["--set", "${x}=3"], "${x}: that is no setting's name"), (["--set", "=3"], "no setting's name"),
                                  (["--set", "'a'=3"], "'a': that is no setting's name"), (["--set", "net0/a\tb=3"], "no setting's name"), (["--set", "a:int7=3"], "no such type"),
                                  (["--remove", "a"], "a: nothing of that name"), (["--script", "big.ipxe"], "64 KiB"), (["--script", "boot.ipxe", "--remove", "a"], "a: ")):
            with self.subTest(arguments):
                done = self.embed(*arguments)
                self.assertEqual(done.returncode, 1)
                self.assertIn(reason, done.stderr)
                self.assertEqual(self.contents(), program())

    def test_other_and_damaged_files_are_refused(self):
        damaged = bytearray(program())
        damaged[80] ^= 1
        for contents, reason in ((b"MZ" + bytes(100), "no undine.kpxe"), (b"", "no undine.kpxe"), (bytes(damaged), "damaged"), (program() + b"x", "damaged"),
                                 (program()[:-1], "damaged"), (program(b"\x09\0\0\0\0"), "makes no sense")):
            self.write("undine.kpxe", contents)
            done = self.embed("--script", "boot.ipxe")
            self.assertEqual(done.returncode, 1)
            self.assertIn(reason, done.stderr)


if __name__ == "__main__":
    unittest.main()
