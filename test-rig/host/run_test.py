#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program `undine` as a user meets it. UNDINE names it."""
import gzip
import hashlib
import os
import pty
import subprocess
import unittest
from pathlib import Path

from tool_bench import UNDINE, Bench

# A boot sector's worth of something that no loader claims by a signature: it is taken for a network boot program.
PROGRAM = b"\xeb\xfe" + bytes(510)
IMAGES = Path(__file__).parents[2] / "loaders/filesystems/testing/images"


class Run(Bench):
    """undine run."""

    def test_what_would_be_booted_is_told_with_sizes_and_digests(self):
        self.write("pxe/program", PROGRAM)
        self.write("initrd", b"1234")
        done = self.run_script("#!ipxe\nkernel pxe/program quiet console=ttyS0\ninitrd initrd\nboot || echo NEVER\necho NEVER\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("NEVER", done.stdout)
        self.assertIn(f"boots: program, 512 bytes, sha256 {hashlib.sha256(PROGRAM).hexdigest()}", done.stdout)
        self.assertIn("       from http://192.0.2.1/pxe/program\n       arguments quiet console=ttyS0\n", done.stdout)
        self.assertIn(f"with:  initrd, 4 bytes, sha256 {hashlib.sha256(b'1234').hexdigest()}", done.stdout)
        self.assertIn("plan:  1 moves of 512 bytes, first instruction at 0000:7c00, with the PXE API", done.stdout)

    def test_the_answers_of_dhcp_and_of_the_machine_are_settings(self):
        self.write("answers", "# a rack\ndhcp/209:string = pxelinux.cfg/default\nip = 10.9.8.7\nsmbios/product = R740\nnet0/mac = 02:00:00:00:00:07\n")
        done = self.run_script("#!ipxe\necho ${209:string} ${ip} ${product} ${net0/mac:hexhyp} ${filename}\n", "-a", "answers", "-s", "filename=a.ipxe")
        self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (0, "pxelinux.cfg/default 10.9.8.7 R740 02-00-00-00-00-07 a.ipxe"))

    def test_dhcp_is_asked_by_the_real_client(self):
        done = self.run_script("#!ipxe\ndhcp\n", "-s", "ip=10.1.2.3", "-s", "gateway=10.1.2.1", "-s", "dns=")
        self.assertEqual(done.stdout.splitlines()[:2], ["net0: asking for an address as 'Undine'", "net0: 10.1.2.3 mask 255.255.255.0 gateway 10.1.2.1"])

    def test_a_host_that_is_only_played_answers_no_echo(self):
        done = self.run_script("#!ipxe\nping -c 1 -t 100 192.0.2.9 || echo went on\n")
        self.assertEqual((done.returncode, done.stdout.splitlines()[:2]), (0, ["no answer from 192.0.2.9: seq=1", "1 sent, 0 answered"]))
        self.assertIn("[ping.silent]\nwent on\n", done.stdout)

    def test_files_come_from_the_scripts_own_folder(self):
        self.write("sub/second.ipxe", "#!ipxe\necho I am ${cwuri}\nimgfetch third\n")
        self.write("sub/third", "3")
        done = self.run_script("#!ipxe\nchain sub/second.ipxe\nchain tftp://10.0.0.1/sub/second.ipxe\n")
        self.assertIn("I am http://192.0.2.1/sub/second.ipxe\nhttp://192.0.2.1/sub/third: 1 B\n", done.stdout)
        self.assertIn("I am tftp://10.0.0.1/sub/second.ipxe\ntftp://10.0.0.1/sub/third: 1 B\n", done.stdout)

    def test_folders_stand_for_servers(self):
        self.write("deb/a", "A")
        self.write("rest/b", "B")
        done = self.run_script("#!ipxe\nimgfetch https://deb.example/x/a\nimgfetch ftp://10.0.0.1/b\n", "-m", "https://deb.example/x/=deb", "-f", "rest")
        self.assertEqual(done.stdout.splitlines()[:2], ["https://deb.example/x/a: 1 B", "ftp://10.0.0.1/b: 1 B"])

    def test_files_come_out_of_images_of_any_length(self):
        self.write("fat.img", gzip.decompress((IMAGES / "fat12.img.gz").read_bytes()) + b"a piece of a sector")
        self.write("none.img", b"")
        done = self.run_script("#!ipxe\nls iso/fat.img ||\nls fat.img\nls fat.img!/boot/\nimgfetch fat.img!/short.txt\nls none.img\nimgfetch none.img!/a\n")
        lines = done.stdout.splitlines()
        self.assertEqual(done.returncode, 1)
        self.assertTrue(lines[0].endswith("[http.not-found]"), lines[0])
        self.assertEqual(lines[1:6], ["   1.4 MiB  http://192.0.2.1/fat.img!(0)  FAT12", "            grub/", " 292.9 KiB  vmlinuz",
                                      "http://192.0.2.1/fat.img!/short.txt: 6 B", "http://192.0.2.1/fat.img: 512 B of 1.4 MiB, 1 read"])
        self.assertEqual(lines[6], "       0 B  http://192.0.2.1/none.img!(0)  -")
        self.assertIn("[disk.no-file-system]", lines[7])

    def test_a_missing_file_is_the_error_of_its_protocol(self):
        done = self.run_script("#!ipxe\nimgfetch no ||\nimgfetch tftp://10.0.0.1/no ||\nimgfetch nfs://10.0.0.1/no ||\nimgfetch ftp://10.0.0.1/no\n")
        causes = [line.split("[")[-1] for line in done.stdout.splitlines()[:4]]
        self.assertEqual(causes, ["http.not-found]", "tftp.no-such-file]", "nfs.no-such-file]", "ftp.not-found]"])

    def test_a_script_that_fails_ends_with_1_and_one_that_ends_well_with_0(self):
        done = self.run_script("#!ipxe\nimgfetch nowhere\necho NEVER\n")
        self.assertEqual((done.returncode, "NEVER" in done.stdout), (1, False))
        self.assertIn("boot.ipxe:2: imgfetch: http://192.0.2.1/nowhere: ", done.stdout)
        self.assertEqual(self.run_script("#!ipxe\necho yes\n").returncode, 0)
        self.assertEqual(self.run_script("#!ipxe\nexit 3\n").returncode, 1)

    def test_time_passes_only_while_something_waits(self):
        done = self.run_script("#!ipxe\nsleep 7200\nprompt --timeout 600000 --key x x? || echo not x\n")
        self.assertEqual((done.returncode, done.stdout.splitlines()[:2]), (0, ["x?", "not x"]))

    def test_keys_are_pressed_when_they_are_asked_for(self):
        done = self.run_script("#!ipxe\nprompt --key r one && echo R ||\nprompt --key r two && echo R || echo other\n", "-k", "rx")
        self.assertEqual(done.stdout.splitlines()[:4], ["one", "R", "two", "other"])

    def test_arrow_keys_move_in_menus_forms_and_lines(self):
        menu = "#!ipxe\nmenu\nitem one One\nitem two Two\nchoose chosen && echo chose ${chosen}\n"
        for keys, chosen in ((r"\e[B\n", "two"), (r"\eOB\n", "two"), (r"\e[B\e[A\n", "one")):
            with self.subTest(keys):
                self.assertIn(f"chose {chosen}\n", self.run_script(menu, "-k", keys).stdout)
        self.assertIn("left by Escape", self.run_script(menu, "-k", r"\e").stdout)
        form = "#!ipxe\nform\nitem a A\nitem b B\npresent && echo a=${a} b=${b}\n"
        self.assertIn("a= b=x\n", self.run_script(form, "-k", r"\e[Bx\n").stdout)
        self.assertIn("is axb\n", self.run_script("#!ipxe\nread name\necho is ${name}\n", "-k", r"ab\e[Dx\n").stdout)

    def test_a_terminal_sends_arrow_keys(self):
        self.write("boot.ipxe", "#!ipxe\nmenu\nitem one One\nitem two Two\nchoose chosen && echo chose ${chosen}\n")
        keyboard, terminal = pty.openpty()
        self.addCleanup(os.close, keyboard)
        with os.fdopen(terminal, "rb", buffering=0) as standard_input:
            with subprocess.Popen([UNDINE, "run", "-i", "boot.ipxe"], cwd=self.folder, stdin=standard_input, stdout=subprocess.PIPE, text=True) as running:
                os.write(keyboard, b"\x1b[B\n")
                self.assertIn("chose two\n", running.communicate(timeout=120)[0])

    def test_keys_come_one_after_the_other_and_none_is_lost(self):
        name = "x" * 90 + "y"
        done = self.run_script("#!ipxe\nsleep 60\nprompt one\nsleep 60\nread name\necho is ${name}\n", "-k", rf"r{name}\n")
        self.assertIn(f"is {name}\n", done.stdout)

    def test_ctrl_c_stops_what_runs_when_the_keys_before_it_were_taken(self):
        endless = "while is 1 == 1\nset x y\nend\n"
        for before, keys in (("", r"\x03"), ("prompt one\nread name\necho is ${name}\n", r"rab\n\x03")):
            with self.subTest(keys):
                done = self.run_script(f"#!undine\n{before}echo ${{ip}}\n{endless}echo NEVER\n", "-k", keys, "-s", "ip=10.1.2.3")
                self.assertEqual((done.returncode, "NEVER" in done.stdout), (1, False))
                self.assertIn("10.1.2.3\n", done.stdout)
                self.assertEqual("is ab\n" in done.stdout, bool(before))

    def test_waiting_for_a_key_that_nobody_gives_ends_with_3(self):
        done = self.run_script("#!ipxe\nprompt press\necho NEVER\n")
        self.assertEqual((done.returncode, done.stdout), (3, "press\n"))
        self.assertIn("--keys", done.stderr)

    def test_a_script_without_end_is_ended_with_4(self):
        done = self.run_script("#!ipxe\n:again\ngoto again\n", "--limit", "1")
        self.assertEqual(done.returncode, 4)

    def test_without_a_script_dhcp_names_one(self):
        self.write("named.ipxe", "#!ipxe\necho named\n")
        done = self.undine("run", "-f", ".", "-s", "filename=http://10.0.0.1/named.ipxe")
        self.assertEqual(done.returncode, 0)
        self.assertIn("http://10.0.0.1/named.ipxe: 18 B\nnamed\n", done.stdout)
        failed = self.undine("run", "-f", ".")
        self.assertEqual(failed.returncode, 1)
        self.assertIn("[boot.nothing]", failed.stdout)

    def test_without_a_script_the_commands_of_the_lease_come_first(self):
        done = self.undine("run", "-f", ".", "-s", "scriptlet=echo for ${net0/ip}", "-s", "ip=10.1.2.3", "-s", "filename=http://10.0.0.1/named.ipxe")
        self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (0, "for 10.1.2.3"))
        self.assertNotIn("named.ipxe", done.stdout)

    def test_a_file_without_the_first_line_of_a_script_is_none(self):
        for text in ("echo hi\n", "#!/bin/sh\necho hi\n", ""):
            with self.subTest(text):
                done = self.run_script(text)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertEqual(done.stderr, "undine: boot.ipxe: the first line is none of #!undine, #!ipxe and #!gpxe; the program would not take the file for a script\n")

    def test_the_processor_has_64_bits_unless_told_otherwise(self):
        script = "#!ipxe\ncpuid --ext 29 && echo 64 || echo 32\ncpuid 6 && echo PAE\ncpuid 27 || echo no SS\ncpuid --ecx 1 || echo no SSE3\necho [${cpuvendor}]\n"
        rest = ["PAE", "no SS", "no SSE3", "[]"]
        self.assertEqual(self.run_script(script).stdout.splitlines()[:5], ["64", *rest])
        self.assertEqual(self.run_script(script, "-s", "machine/bits=32").stdout.splitlines()[:5], ["32", *rest])

    def test_keyboards_are_those_of_the_machine(self):
        done = self.run_script("#!ipxe\nset keymap de\nconsole --keyboard fr\necho good\nset keymap xx\necho ${keymap}\nconsole --keyboard xx\n")
        self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (1, "good"))
        self.assertIn("keymap: xx: there is no such keyboard; 'help console' lists them\nxx\n", done.stdout)
        self.assertIn("[keyboard.unknown]", done.stdout)

    def test_a_root_path_is_told_of_and_not_hooked(self):
        self.write("named.ipxe", "#!ipxe\necho named\n")
        told = "DHCP names a root path (iscsi:10.0.0.1::::iqn.x), but there is nothing here that hooks disks\n"
        done = self.undine("run", "-f", ".", "-s", "root-path=iscsi:10.0.0.1::::iqn.x")
        self.assertEqual((done.returncode, told in done.stdout), (1, True), done.stdout)
        done = self.undine("run", "-f", ".", "-s", "root-path=iscsi:10.0.0.1::::iqn.x", "-s", "filename=http://10.0.0.1/named.ipxe")
        self.assertEqual((done.returncode, told in done.stdout, "named\n" in done.stdout), (0, True, True), done.stdout)

    def test_disks_that_would_be_hooked_and_booted_are_told_of(self):
        done = self.run_script("#!ipxe\nset san-overlay ram\nsanhook --drive 0x81 iscsi:10.0.0.1::::iqn.x\nsanboot disks/a.img nbd://u:pw@h/b || echo NEVER\necho NEVER\n")
        self.assertEqual((done.returncode, done.stdout.splitlines()), (0, [
            "would hook iscsi:10.0.0.1::::iqn.x as drive 81h, writes would go to the overlay ram",
            "would hook http://192.0.2.1/disks/a.img nbd://u:***@h/b as drive 80h, writes would go to the overlay ram",
            "undine: the machine would boot from drive 80h"]))

    def test_a_boot_from_a_drive_ends_the_run(self):
        for command, what in (("sanboot", "drive 80h"), ("sanboot --drive 0x82 --filename /a.bin", "drive 82h, file /a.bin"), ("sanboot --label ROOT", "a disk, volume ROOT"),
                              ("localboot", "drive 80h"), ("localboot --drive 1 disk bios", "drive 01h"), ("set san-drive 0x83 ; sanboot", "drive 83h")):
            done = self.run_script(f"#!ipxe\n{command} || echo NEVER\necho NEVER\n")
            self.assertEqual((done.returncode, done.stdout), (0, f"undine: the machine would boot from {what}\n"), command)
        done = self.run_script("#!ipxe\nsanunhook --drive 0x80\nsanstat\nlocalboot bios\necho NEVER\n")
        self.assertEqual((done.returncode, "NEVER" in done.stdout), (0, False), done.stdout)

    def test_disks_of_no_known_kind_are_refused_as_on_the_machine(self):
        for command in ("sanhook gopher:x", "sanboot gopher:x", "sanhook ${nothing}"):
            done = self.run_script(f"#!ipxe\n{command}\necho NEVER\n")
            self.assertEqual((done.returncode, "[san.unknown-path]" in done.stdout, "NEVER" in done.stdout), (1, True, False), command)
        self.assertIn("[localboot.", self.run_script("#!ipxe\nlocalboot disk somewhere\n").stdout)

    def test_what_cannot_replace_a_script_is_told_of_with_its_line(self):
        self.write("f.txt", "no program")
        done = self.run_script("#!ipxe\nchain --replace --quiet f.txt\necho NEVER\n")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"^[^:\n]+:2: chain: f\.txt: the file is no script and no program .*\[boot\.unknown-kind\]\n$")

    def test_the_machine_is_not_restarted(self):
        done = self.run_script("#!ipxe\nreboot\necho NEVER\n")
        self.assertEqual(done.returncode, 0)
        self.assertIn("undine: the machine would restart", done.stdout)
        self.assertIn("undine: the machine would be switched off", self.run_script("#!ipxe\npoweroff\n").stdout)

    def test_no_packet_leaves_the_machine(self):
        self.write("deb/a", "A")
        done = self.run_script("#!ipxe\nimgfetch http://10.0.0.1/x\n", "-m", "http://deb/=deb", "-f", "nowhere")
        self.assertIn("[http.not-found]", done.stdout)
        done = self.run_script("#!ipxe\nset dns 192.0.2.53\nntp time.example\n")
        self.assertEqual(done.returncode, 1)


class Use(Bench):
    """Words on the command line."""

    def test_wrong_ones_end_with_2_and_say_why(self):
        self.write("a.ipxe", "#!ipxe\n")
        for arguments, reason in ((["walk"], "no command 'walk'"), (["run", "none.ipxe"], "none.ipxe: the file cannot be read"),
                                  (["run", "a", "b"], "only one script"), (["run", "--limit", "x", "a.ipxe"], "--limit"), (["run", "-s", "ip=x", "a.ipxe"], "--set: ip=x: "),
                                  (["run", "-m", "x", "a.ipxe"], "PREFIX=FOLDER"), (["run", "-a", "none", "a.ipxe"], "none: the file"),
                                  (["lint"], "which file?"), (["lint", "--what", "a.ipxe"], "option"), (["embed"], "one FILE.kpxe"),
                                  (["fetch"], "one address is needed"), (["fetch", "x"], "x: that is no address"), (["fetch", "http://a/"], "--output")):
            with self.subTest(arguments):
                done = self.undine(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(reason, done.stderr)

    def test_each_command_explains_itself(self):
        self.assertIn("undine run [OPTION...]", self.undine("--help").stdout)
        for command in ("lint", "run", "fetch", "embed"):
            done = self.undine(command, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertTrue(done.stdout.startswith(f"undine {command} "))


if __name__ == "__main__":
    unittest.main()
