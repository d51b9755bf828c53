#!/bin/sh
# Runs the program of its own name out of the root in which it lies as bin/NAME: with the root's /usr in place of the
# host's, and all else as it is. It replaces itself, so that a signal reaches the program.
export PATH=/usr/sbin:/usr/bin
# shellcheck disable=SC2016 # $0 and $@ are the inner shell's
exec unshare --mount sh -c 'mount --bind "$0" /usr && exec "$@"' "${0%/*}/../usr" "/usr/sbin/${0##*/}" "$@"
