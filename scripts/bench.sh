#!/bin/sh
# npm run bench [BENCHMARK…]: ratios against what users know. See bench/README.md.
. "$(dirname "$0")/environment.sh"
sh scripts/install-system-packages.sh || exit 1
exec node bench/main.ts "$@"
