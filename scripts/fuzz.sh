#!/bin/sh
# npm run fuzz [-- --executions N --seconds N --connections N --seed N --release 9.18.1]: mutated requests to a server of its own.
# npm run fuzz -- guided [vici|text|query|pki|body|edge ...] [--seconds N --executions N --seed N --target NAME --keep]: the
# readers of what comes from outside, one after the other, led by coverage in this process and by the answers of a server (edge);
# --keep adds inputs that reached something new to test/fuzz/corpus.
. "$(dirname "$0")/environment.sh"
if [ "${1:-}" = guided ]; then
  shift
  exec node test/fuzz/guided/main.ts "$@"
fi
exec node test/fuzz/main.ts "$@"
