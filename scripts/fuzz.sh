#!/bin/sh
# npm run fuzz [-- --executions N --seconds N --connections N --seed N --release 9.18.1]: mutated requests to a server of its own.
. "$(dirname "$0")/environment.sh"
exec node test/fuzz/main.ts "$@"
