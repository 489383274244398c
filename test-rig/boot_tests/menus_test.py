# SPDX-License-Identifier: Apache-2.0
"""Menus and scripts that other projects hand out, as Debian packages them: LTSP's, di-netboot-assistant's, Ironic's."""

import os
import subprocess

import pytest

from rig import servers
from rig.lab import HTTP
from rig.payload import COMMAND_LINE, INITRD_OK, initrd, kernel
from rig.unpacked import Tree

pytestmark = pytest.mark.undine
ESCAPE = b"\x1b"


def ltsp_menu(lab):
    """LTSP's tool writes its menu for two images into the TFTP root."""
    base = lab.folder / "srv"
    (base / "images").mkdir(parents=True)
    for name in ("classroom", "library"):
        (base / "images" / f"{name}.img").touch()
    settings = {"MENU_TIMEOUT": "0", "KERNEL_PARAMETERS": COMMAND_LINE}  # as ltsp.conf has them
    subprocess.run([Tree("ltsp", alone=True) / "usr/sbin/ltsp", f"--base-dir={base}", f"--tftp-dir={lab.tftp_root}", "ipxe", "--binaries=0"],
                   env=os.environ | settings, check=True, stdin=subprocess.DEVNULL)
    return base


def test_the_menu_of_ltsp(lab):
    base = ltsp_menu(lab)
    lab.publish("ltsp/library/vmlinuz", kernel())
    lab.publish("ltsp/library/initrd.img", initrd())
    lab.publish("ltsp/ltsp.img", initrd())
    lab.serve(boot_file="ltsp/ltsp.ipxe", lines=["dhcp-host=52:54:00:77:00:01,pc7", "dhcp-option=option:root-path,library"])
    pc = lab.machine()
    screen = pc.wait_for_screen("Enter: choose", 120)
    rows = [row.strip() for row in screen.split("\n") if row.strip()]
    assert rows[0] == f"iPXE boot menu - pc7:{servers.SERVER}:library"
    assert rows[1:4] == ["Boot an image from the network in LTSP mode:", "classroom.img", "library.img"]
    assert rows[-2] == "Exit iPXE and continue BIOS boot"

    # Down and back with each of its other ways: the settings, the shell, the local disk, which this machine has not.
    pc.send(b"c")
    pc.wait_for_screen("net0.dhcp")
    pc.send(b"\x03")
    pc.wait_for_screen("iPXE boot menu")
    pc.send(b"s")
    pc.wait_for("Type 'exit' to get the back to the menu")
    pc.wait_for(lab.nbp.prompt)
    pc.type("echo STILL-${img}\n")
    pc.wait_for("STILL-shell")
    pc.type("exit\n")
    pc.wait_for_screen("iPXE boot menu")
    pc.send(b"d")
    pc.wait_for("Booting failed, dropping to shell", 60)
    pc.wait_for(lab.nbp.prompt)
    pc.type("exit\n")
    pc.wait_for_screen("iPXE boot menu")
    pc.send(b"2")
    pc.wait_for(INITRD_OK, 120)
    pc.wait_for(f"cmdline: .*root=/dev/nfs nfsroot={servers.SERVER}:{base} ltsp.image=images/library.img loop.max_part=9 BOOTIF=01-52-54-00-77-00-01")


def test_the_menu_of_di_netboot_assistant_and_the_scripts_of_ironic(lab):
    lab.publish("d-i/n-a/menu.ipxe", Tree("di-netboot-assistant", alone=True) / "etc/di-netboot-assistant/ipxemenu.HEAD")
    # What Ironic's own tests expect its templates to become, for a server of ours.
    scripts = Tree("python3-ironic", alone=True) / "usr/lib/python3/dist-packages/ironic/tests/unit/drivers"
    lab.publish("boot-any-card.ipxe", scripts / "boot.ipxe")
    node = (scripts / "ipxe_config.template").read_text().replace("http://1.2.3.4:1234", HTTP).replace("test_param", COMMAND_LINE)
    lab.publish("pxelinux.cfg/52-54-00-77-00-01", node)
    lab.publish("deploy_kernel", kernel())
    lab.serve(boot_file="d-i/n-a/menu.ipxe")
    pc = lab.machine()
    screen = pc.wait_for_screen("Enter: choose", 120)
    for text in ("iPXE Boot Menu", "-- Netboot Installer Images --", "Chainload PXElinux (BIOS) or Grub (UEFI)", "Exit to BIOS/EFI"):
        assert text in screen
    pc.send(ESCAPE)
    pc.wait_for(lab.nbp.prompt)
    pc.type("echo FROM-${210:string}\n")
    pc.wait_for(f"FROM-tftp://{servers.SERVER}/")
    pc.type(f"chain {HTTP}/boot-any-card.ipxe\n")
    pc.wait_for("Attempting to boot from MAC 52-54-00-77-00-01")
    pc.wait_for("No response, retrying in 1 seconds")
    lab.publish("deploy_ramdisk", initrd())
    pc.wait_for(INITRD_OK, 120)
    pc.wait_for("cmdline: selinux=0 troubleshoot=0 text .* BOOTIF=52:54:00:77:00:01 initrd=deploy_ramdisk")
