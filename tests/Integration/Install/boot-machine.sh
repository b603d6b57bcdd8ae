#!/bin/bash
# A machine to break: this one's files, with whatever is changed kept in memory, under a systemd of its own.
#
#     unshare --pid --fork --kill-child --mount --uts --ipc --net --cgroup boot-machine.sh FOLDER NOTIFY
#
# FOLDER is an empty one, where all is mounted; it is empty again when the machine ends. NOTIFY is a socket that hears READY=1 when the machine
# has booted. The first line of output is the id of the machine's first process, as it is called outside.
set -eu
folder=$1 notify=$2
sources=$(realpath "$(dirname "$0")/../../..")
read -r pid _ </proc/self/stat
echo "machine $pid"

mount --make-rprivate /
mount -t tmpfs tmpfs "$folder"
cd "$folder"
mkdir up work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/up,workdir=$folder/work" root
cd root

mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
if [ ! -d ".$sources" ]; then
    # They are under /tmp, which is new here.
    mkdir -p ".$sources" && mount --bind "$sources" ".$sources" && mount -o remount,bind,ro ".$sources"
fi
mkdir -p run/host && touch run/host/notify && mount --bind "$notify" run/host/notify

mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do touch "dev/$device" && mount --bind "/dev/$device" "dev/$device"; done
mkdir dev/shm dev/pts && mount -t tmpfs tmpfs dev/shm && mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd

if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
    mount -t cgroup2 cgroup2 sys/fs/cgroup
else
    mount -t tmpfs tmpfs sys/fs/cgroup
    mkdir sys/fs/cgroup/systemd sys/fs/cgroup/unified
    mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
    mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
fi
ip link set lo up

# It boots to what the tests need, and nothing of this machine's own is started, nor looked at by what starts.
: >etc/fstab
rm -rf etc/systemd/system/*.wants var/lib/relayproxy
cat >etc/systemd/system/machine.target <<'UNIT'
[Unit]
Requires=basic.target
After=basic.target
UNIT
for unit in systemd-udevd.service systemd-udev-trigger.service systemd-modules-load.service systemd-sysctl.service systemd-random-seed.service \
    systemd-remount-fs.service dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
    sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount apparmor.service; do
    ln -sf /dev/null "etc/systemd/system/$unit"
done

mkdir -p run/host/outside
pivot_root . run/host/outside
umount -l /run/host/outside
mount --make-rshared /
exec env -i container=other NOTIFY_SOCKET=/run/host/notify PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=machine.target --log-target=journal --show-status=no
