#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
#
# The initrd of the rig's disk for iSCSI (iscsi_root.py): finds the target that the machine was booted from in the firmware's table, by open-iscsi,
# and goes on with the root file system on it. It is told nothing.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /modules/*.ko; do insmod "$module"; done
if [ ! -d /sys/firmware/ibft ]; then
    echo "NO-IBFT"
    exec sh
fi
echo "IBFT-INITIATOR $(cat /sys/firmware/ibft/initiator/initiator-name)"
echo "IBFT-TARGET $(cat /sys/firmware/ibft/target0/target-name) $(cat /sys/firmware/ibft/target0/ip-addr) $(cat /sys/firmware/ibft/target0/lun)"
echo "IBFT-CARD $(cat /sys/firmware/ibft/ethernet0/mac) $(cat /sys/firmware/ibft/ethernet0/ip-addr)"
iscsistart -N
iscsistart -b
waited=0
while [ ! -b /dev/sda1 ] && [ $waited -lt 60 ]; do
    sleep 1
    waited=$((waited + 1))
done
mount -t ext4 /dev/sda1 /root && exec switch_root /root /sbin/init
echo "NO-ROOT"
exec sh
