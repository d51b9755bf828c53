#!/bin/sh
# npm test [SUITE…]: every suite, or those named; `robustness`, `dialect`, `datapath-host` and `datapath-kernel` are long campaigns. See run-suites.ts.
. "$(dirname "$0")/environment.sh"
sh scripts/install-system-packages.sh || exit 1
sh scripts/fetch-libreswan.sh || exit 1
exec node scripts/run-suites.ts "$@"
