#!/bin/sh
# First process of the user-mode Linux guest that run.ts boots. Prepares what a daemon host would have, runs one
# command, leaves its exit status behind and powers off. /mnt is the exchange directory of run.ts; everything else of
# the host's file system is read-only.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8

mount -t proc proc /proc
mount -t sysfs sys /sys
for directory in /run /dev/shm; do
  mkdir -p "$directory"
  mount -t tmpfs tmpfs "$directory"
done
mkdir -p /dev/net /dev/pts /run/netns /run/lock
mount -t devpts devpts /dev/pts
ln -sf /proc/self/fd /dev/fd
[ -c /dev/net/tun ] || mknod /dev/net/tun c 10 200

# Before /tmp is covered: the exchange directory may lie in it, as may the directories to share.
mount -t hostfs -o "$ESPLANADE_EXCHANGE" none /mnt
for directory in /tmp /var/tmp /root; do mount -t tmpfs tmpfs "$directory"; done
chmod 1777 /tmp /var/tmp

while read -r mode directory; do
  mkdir -p "$directory" 2>/dev/null
  if ! mount -t hostfs -o "$mode,$directory" none "$directory"; then
    echo "guest: cannot share $directory" >&2
    echo 125 >/mnt/status
  fi
done </mnt/shares

# The host's /lib/modules belongs to the host's kernel; this one's lie beside the user-mode-linux binary.
release=$(uname -r)
mkdir -p "/run/modules/lib/modules/$release"
mount --bind "/usr/lib/uml/modules/$release" "/run/modules/lib/modules/$release"
printf '#!/bin/sh\nexec /usr/sbin/modprobe -d /run/modules "$@"\n' >/run/modules/modprobe
chmod +x /run/modules/modprobe
echo /run/modules/modprobe >/proc/sys/kernel/modprobe
# Loaded beforehand because the first SA would otherwise wait seconds for them.
/run/modules/modprobe -a veth bridge dummy tun sch_netem xfrm_user esp4 esp6 authenc gcm ccm ghash-generic ctr cbc \
  hmac echainiv seqiv sha512_generic chacha20poly1305 drbg 2>&1

hostname esplanade-kernel
ip link set lo up
if [ ! -e /mnt/status ]; then
  # Through cat, because the console is a terminal and would invite colours and progress displays.
  { setsid -w sh /mnt/command </dev/null; echo $? >/mnt/status; } 2>&1 | cat
fi
sync
echo 1 >/proc/sys/kernel/sysrq
echo o >/proc/sysrq-trigger
sleep 9
