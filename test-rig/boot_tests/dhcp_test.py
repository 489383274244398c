# SPDX-License-Identifier: Apache-2.0
"""What DHCP servers of many kinds hand out, and what is made of it."""

import re

import pytest

from rig import servers
from rig.lab import HTTP, SCRIPT, linux
from rig.payload import INITRD_OK

HELLO = "#!ipxe\necho SCRIPT-RAN\nshell\n"


def test_the_second_request_carries_our_user_class_and_asks_for_the_iscsi_name(lab):
    lab.serve("#!ipxe\necho SCRIPT-RAN ${initiator-iqn}\nshell\n", lines=["dhcp-option=203,iqn.2010-04.org.example:pc1"])
    lab.machine(vendor_rom=True).wait_for("SCRIPT-RAN iqn.2010-04.org.example:pc1", 60)
    assert f"user class: {lab.nbp.user_class}" in lab.dnsmasq.text()


@pytest.mark.undine
def test_offered_itself_it_says_so_and_runs_autoexec_beside_the_boot_file(lab):
    lab.publish("autoexec.ipxe", "#!ipxe\necho AUTOEXEC-RAN\nshell\n")
    lab.serve(handout=["dhcp-boot=undine.kpxe"])
    pc = lab.machine(vendor_rom=True)
    pc.wait_for("AUTOEXEC-RAN", 90)
    assert "itself" in pc.unwrapped
    assert "user class: Undine" in lab.dnsmasq.text()


@pytest.mark.undine
def test_autoexec_undine_comes_before_autoexec_ipxe(lab):
    lab.publish("autoexec.undine", "#!undine\necho FIRST-RAN\nshell\n")
    lab.publish("autoexec.ipxe", "#!ipxe\necho SECOND-RAN\nshell\n")
    lab.serve(handout=["dhcp-boot=undine.kpxe"])
    pc = lab.machine(vendor_rom=True)
    pc.wait_for("FIRST-RAN", 90)
    assert "SECOND-RAN" not in pc.console


@pytest.mark.undine
@pytest.mark.parametrize("user_class", ["iPXE", "gPXE"])
def test_a_server_set_up_for_another_program_works_unchanged(lab, user_class):
    lab.serve(HELLO, handout=servers.handout_lines(user_class, SCRIPT))
    lab.machine(vendor_rom=True).wait_for("SCRIPT-RAN", 90)
    assert f"user class: {user_class}" in lab.dnsmasq.text()


@pytest.mark.undine
def test_without_anything_to_boot_the_shell_opens(lab):
    lab.serve(handout=["dhcp-boot=tag:!nbp,undine.kpxe", "dhcp-userclass=set:nbp,Undine",
                       "dhcp-userclass=set:nbp,iPXE", "dhcp-userclass=set:nbp,gPXE"])
    pc = lab.machine(vendor_rom=True)
    pc.wait_for(lab.nbp.prompt, 90)
    pc.type("echo ALIVE-${net0/ip}\n")
    pc.wait_for(r"ALIVE-10\.77\.0\.1\d\d")
    pc.wait_for(lab.nbp.prompt)
    # Lines that fit on the screen: one that scrolls is drawn anew for each key, and SeaBIOS loses what comes meanwhile.
    pc.type("ifclose ; set net0/mac 02:00:00:12:34:78\n")
    pc.wait_for(lab.nbp.prompt)
    pc.type("dhcp && ifstat\n")
    pc.wait_for(r"net0: 02:00:00:12:34:78 open", 60)
    pc.wait_for(lab.nbp.prompt)
    pc.type(f"imgfetch {HTTP}/undine.kpxe && echo FETCHED\n")
    pc.wait_for("^FETCHED", 60)
    assert re.search(r"DHCPACK\(\w+\) \S+ 02:00:00:12:34:78", lab.dnsmasq.text())


@pytest.mark.undine
def test_the_boot_file_may_be_a_tftp_path_relative_to_the_server(lab):
    lab.serve(HELLO, boot_file="boot.ipxe")
    lab.machine().wait_for("SCRIPT-RAN", 60)


def test_proxy_dhcp_beside_a_server_that_knows_nothing_of_booting(lab):
    lab.publish_all(HELLO)
    lab.start_nginx()
    servers.isc_dhcpd(lab)
    servers.dnsmasq(lab, servers.proxy_lines(user_class=lab.nbp.user_class, boot_file=SCRIPT) + servers.tftp_lines(lab))
    lab.machine(vendor_rom=True).wait_for("SCRIPT-RAN", 90)


def test_isc_dhcpd_puts_the_name_into_the_bootp_header(lab):
    lab.publish_all(linux())
    lab.start_nginx()
    servers.tftp_only(lab)
    servers.isc_dhcpd(lab, f"""
        next-server {servers.SERVER};
        if option user-class = "{lab.nbp.user_class}" {{ filename "{SCRIPT}"; }} else {{ filename "undine.kpxe"; }}""")
    lab.machine(vendor_rom=True).wait_for(INITRD_OK, 120)


def test_a_small_router_has_one_answer_for_everybody(lab):
    """busybox udhcpd knows no classes; the script does the rest."""
    lab.publish_all(None)
    lab.publish("autoexec.ipxe", HELLO)
    lab.start_nginx()
    servers.tftp_only(lab)
    servers.udhcpd(lab, [f"siaddr {servers.SERVER}", "boot_file undine.kpxe"])
    pc = lab.machine(vendor_rom=True)
    pc.wait_for("SCRIPT-RAN" if lab.nbp.name == "undine" else r"undine\.kpxe(.|\n)*undine\.kpxe", 90)


@pytest.mark.undine
def test_a_pxe_boot_menu_is_shown_and_its_boot_server_found(lab):
    """The menu, its prompt and the boot server are dnsmasq's; the script that was chosen asks for the other item's server by itself."""
    lab.publish("second.ipxe", "#!ipxe\necho CHOSEN-${pxebs/filename}\npxebs 0x8000 && echo FOUND-${filename} from ${next-server}\nshell\n")
    lab.publish("first.ipxe", "#!ipxe\necho WRONG\n")
    lab.serve(handout=["dhcp-userclass=set:nbp,Undine", "dhcp-boot=tag:!nbp,undine.kpxe", 'pxe-prompt=tag:nbp,"Which one?",20',
                       'pxe-service=tag:nbp,x86PC,"The first",first.ipxe', 'pxe-service=tag:nbp,x86PC,"The second",second.ipxe',
                       'pxe-service=tag:nbp,x86PC,"Local disk",0'])
    pc = lab.machine()
    pc.wait_for(r"Which one\? \[F8 or m: menu\]", 60)
    pc.send(b"m")
    pc.wait_for(r"  1  The first\n  2  The second\n  3  Local disk\n", 20)
    pc.type("2\r")
    pc.wait_for(r"CHOSEN-second\.ipxe", 60)
    pc.wait_for(rf"FOUND-first\.ipxe from {re.escape(servers.SERVER)}", 30)


@pytest.mark.undine
def test_ctrl_b_at_the_banner_opens_the_shell(lab):
    lab.serve(HELLO)
    pc = lab.machine()
    # The ROM, which is iPXE, reads keys while it fetches; those of the moment between wait in the BIOS' buffer.
    pc.wait_for(r"undine\.kpxe : \d+ bytes", 60)
    pc.type("\x02")
    pc.wait_for("^Undine ", 30)
    pc.wait_for(lab.nbp.prompt, 30)
    assert "SCRIPT-RAN" not in pc.console
    pc.type(f"dhcp && chain {HTTP}/boot.ipxe\n")
    pc.wait_for("SCRIPT-RAN", 30)
