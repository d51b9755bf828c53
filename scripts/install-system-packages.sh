#!/bin/sh
# Installs what tests and demo need of the system: strongSwan, network tools and, where npm cannot bring it, a kernel
# with ESP. Does nothing when all is there. Needs root on Debian; otherwise it says what to run, and fails.
set -u
packages='charon-systemd strongswan-swanctl libstrongswan-extra-plugins libstrongswan-standard-plugins
  iproute2 iputils-ping tcpdump openssl kmod util-linux python3 ansible python3-requests python3-yaml mmdebstrap
  e2fsprogs strace tmux zsh fish groff-base chromium-headless-shell'

if ! command -v dpkg-query >/dev/null; then
  echo "this is not Debian; install what corresponds to: $(echo $packages) (and user-mode-linux on a kernel without ESP)" >&2
  exit 1
fi
case $(dpkg --print-architecture) in
  amd64 | i386) packages="$packages user-mode-linux" ;;
esac

missing=
for package in $packages; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "system packages are missing; as root: apt-get install --no-install-recommends$missing" >&2
  exit 1
fi

# Installing must not start a charon in the machine's own network.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
echo "installing system packages:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # a list of words
apt-get update -qq >&2 && apt-get install -qq -y --no-install-recommends $missing >&2 || exit 1
if [ -d /run/systemd/system ]; then
  echo 'strongSwan was not started; to keep it so after a boot: systemctl disable strongswan.service' >&2
fi
