#!/bin/sh
# npm test [SUITE…]: every suite, or those named; `robustness`, `dialect`, `datapath-host` and `datapath-kernel` are long campaigns. See run-suites.ts.
. "$(dirname "$0")/environment.sh"
sh scripts/install-system-packages.sh || exit 1
# Libreswan is what the suites in a guest kernel talk to.
case " ${*:-kernel} " in *kernel\ *) sh scripts/fetch-libreswan.sh || exit 1 ;; esac
exec node scripts/run-suites.ts "$@"
