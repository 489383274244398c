# SPDX-License-Identifier: Apache-2.0
"""Boot programs that others wrote, started by Undine: what they find is Undine's own PXE API."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rig.lab import HTTP
from rig.servers import SERVER

pytestmark = pytest.mark.undine

PXELINUX, SYSLINUX_MODULES, IPXE = Path("/usr/lib/PXELINUX"), Path("/usr/lib/syslinux/modules/bios"), Path("/usr/lib/ipxe")
LINUX_MENU = "SERIAL 0\nDEFAULT linux\nPROMPT 0\nLABEL linux\n KERNEL vmlinuz\n INITRD initrd.cpio\n APPEND console=ttyS0\n"
NICS = ("e1000", "rtl8139")
# For programs with a TCP of their own: their windows are larger than the rtl8139's receive ring, under any PXE stack.
ROOMY_NICS = ("e1000", "virtio-net-pci")
BOOTED = "UNDINE-INITRD-OK"


def publish_pxelinux(lab, program, configuration="pxelinux.cfg/default"):
    lab.publish(program, PXELINUX / program)
    lab.publish("ldlinux.c32", SYSLINUX_MODULES / "ldlinux.c32")
    lab.publish(configuration, LINUX_MENU)


@pytest.mark.parametrize("nic", NICS)
def test_pxelinux_boots_over_http_by_our_files(lab, nic):
    """Option 210 from the script is the prefix; everything else comes by FILE_OPEN and FILE_READ."""
    publish_pxelinux(lab, "pxelinux.0", "elsewhere/pxelinux.cfg/default")
    for name in ("ldlinux.c32", "vmlinuz", "initrd.cpio"):
        (lab.http_root / "elsewhere" / name).symlink_to(f"../{name}")
    lab.serve(f"#!ipxe\nset 210:string {HTTP}/elsewhere/\nchain tftp://{SERVER}/pxelinux.0\n")
    lab.machine(nic).wait_for(BOOTED, 90)
    assert any("GET /elsewhere/pxelinux.cfg/default" in line for line in lab.requests())


@pytest.mark.parametrize("nic", NICS)
def test_pxelinux_boots_over_tftp_by_our_udp(lab, nic):
    """Option 209 names the configuration; a prefix without a scheme means PXELINUX's own TFTP over UDP_READ and UDP_WRITE."""
    publish_pxelinux(lab, "pxelinux.0", "site/menu")
    lab.serve("#!ipxe\nset 209:string site/menu\nset 210:string /\nchain tftp://${next-server}/pxelinux.0\n")
    lab.machine(nic).wait_for(BOOTED, 90)
    assert not any("vmlinuz" in line for line in lab.requests())


@pytest.mark.parametrize("nic", ROOMY_NICS)
def test_lpxelinux_drives_the_card_itself(lab, nic):
    publish_pxelinux(lab, "lpxelinux.0")
    lab.serve(f"#!ipxe\nset 210:string {HTTP}/\nchain tftp://{SERVER}/lpxelinux.0\n")
    lab.machine(nic).wait_for(BOOTED, 90)
    assert any("Syslinux" in line and "/vmlinuz" in line for line in lab.requests())


@pytest.mark.parametrize("nic", ROOMY_NICS)
def test_grub_loads_a_kernel_through_undi(lab, nic):
    configuration = lab.folder / "grub.cfg"
    configuration.write_text("serial --unit=0 --speed=115200\nterminal_output serial\necho GRUB-SERVER-$net_default_server\n"
                             f"linux (http,{SERVER})/vmlinuz console=ttyS0\ninitrd (pxe)/initrd.cpio\nboot\n")
    image = lab.folder / "grub.0"
    subprocess.run([shutil.which("grub-mkimage"), "-O", "i386-pc-pxe", "-p", "(pxe)/boot", "-c", configuration, "-o", image,
                    "pxe", "tftp", "http", "net", "normal", "echo", "serial", "terminal", "linux"], check=True)
    lab.publish("grub.0", image)
    lab.serve(f"#!ipxe\nchain {HTTP}/grub.0\n")
    pc = lab.machine(nic)
    pc.wait_for(f"GRUB-SERVER-{SERVER}", 60)
    pc.wait_for(BOOTED, 90)
    assert any("GRUB" in line and "/vmlinuz" in line for line in lab.requests())


@pytest.mark.parametrize("nic", NICS)
@pytest.mark.parametrize("program, driver", (("undionly.kpxe", "undionly"), ("ipxe.pxe", r"(?!undionly)\w+")))
def test_ipxe_starts_from_us(lab, nic, program, driver):
    """One keeps our UNDI, the other takes the card over; both then ask DHCP, and get the file for clients without our user class."""
    lab.publish(program, IPXE / program)
    lab.serve(f"#!ipxe\nchain tftp://{SERVER}/{program}\n")
    pc = lab.machine(nic)
    pc.wait_for(f"booting {program}", 60)
    pc.wait_for(rf"net0: \S+ using {driver} on", 60)
    pc.wait_for(r"undine\.kpxe : \d+ bytes", 90)
    pc.wait_for("^Undine ", 30)


@pytest.mark.parametrize("nic", NICS)
def test_undine_starts_from_undine(lab, nic):
    """Each one asks DHCP, reads the script over HTTP and starts the next: the third proves that the second had a network."""
    lab.serve(f"#!ipxe\nchain {HTTP}/undine.kpxe\n")
    pc = lab.machine(nic)
    for _ in range(3):
        pc.wait_for("^Undine ", 60)
