#!/bin/sh
# Puts Debian's Libreswan, NSS's tools and the libraries this machine lacks for them below .cache/libreswan, for the tests
# against a foreign peer. Nothing is installed: as a package Libreswan would displace strongSwan. Does nothing when all
# is there. Needs apt, and root only where apt's lists have to be brought up to date first.
set -u
cd "$(dirname "$0")/.." || exit 1
target=$PWD/.cache/libreswan
[ -e "$target/complete" ] && exit 0

fail() {
  echo "Libreswan for the tests against a foreign peer: $1" >&2
  exit 1
}
command -v apt-get >/dev/null || fail 'this is not Debian; there is no apt-get to fetch it with'

echo 'fetching Libreswan' >&2
rm -rf "$target" && mkdir -p "$target/packages" || fail "cannot write $target"
cd "$target/packages" || exit 1

# What an installation would bring, without what only headers and shell tools need.
fetch() {
  packages=$(apt-get --simulate --no-install-recommends install libreswan libnss3-tools 2>/dev/null |
    awk '$1 == "Inst" && $2 ~ /^lib/ && $2 !~ /-dev$/ { print $2 }')
  # shellcheck disable=SC2086 # a list of words
  [ -n "$packages" ] && apt-get -o APT::Sandbox::User="$(id -un)" -qq download $packages libreswan libnss3-tools >&2
}
if ! fetch; then
  [ "$(id -u)" = 0 ] || fail 'apt cannot fetch it; run "apt-get update" as root, then try again'
  apt-get update -qq >&2
  fetch || fail 'apt cannot fetch it (is there a network, and a Debian suite that has libreswan?)'
fi

for package in *.deb; do
  dpkg-deb -x "$package" "$target" || fail "$package cannot be unpacked"
done
libraries=$(echo "$target"/usr/lib/*-linux-gnu)
missing=$(LD_LIBRARY_PATH=$libraries ldd "$target/usr/libexec/ipsec/pluto" "$target/usr/bin/certutil" | grep 'not found')
[ -z "$missing" ] || fail "libraries are missing: $missing"
rm -r "$target/packages" && touch "$target/complete"
