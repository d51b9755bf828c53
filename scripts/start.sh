#!/bin/sh
# npm start: the server, with nothing but Node 20 and npm at hand. Standard output carries the ready line only.
called_from=$PWD
. "$(dirname "$0")/environment.sh"
root=$PWD
cd "${INIT_CWD:-$called_from}" || exit 1
exec "$root/bin/esplanade" serve "$@"
