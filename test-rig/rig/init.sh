#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
#
# The whole user space of the rig's payload: says what arrived, checks what it is asked to check, gives a shell.
# On the kernel command line:  check=/payload.bin  prints the file's SHA-256 and size;
# marks=/payload.bin  reads the number at the start of each MiB (payload.py wrote them);  halt  switches off afterwards.
/bin/busybox --install -s /bin
export PATH=/bin PS1='payload# '
mount -t proc proc /proc
echo UNDINE-INITRD-OK
echo "cmdline: $(cat /proc/cmdline)"
head -n 1 /proc/meminfo

# The second line of every MiB of a marked file is its index.
count_marks() {
    size=$(stat -c %s "$1")
    total=$((size / 1048576))
    good=0
    while [ $good -lt $total ]; do
        mark=$(dd if="$1" bs=16 skip=$((good * 65536)) count=1 2>/dev/null)
        [ "$mark" = "MARK$(printf %011d $good)" ] || break
        good=$((good + 1))
    done
    echo "marks: $1 $good of $total MiB"
}

for word in $(cat /proc/cmdline); do
    case $word in
    check=*) file=${word#check=}
        echo "sha256: $file $(sha256sum "$file" | cut -d ' ' -f 1) $(stat -c %s "$file")" ;;
    marks=*) count_marks "${word#marks=}" ;;
    halt) echo UNDINE-PAYLOAD-DONE; poweroff -f ;;
    esac
done
echo UNDINE-PAYLOAD-DONE
exec setsid cttyhack sh
