#!/bin/sh
# npm run demo [-- --evidence DIR]: see demo/README.md. Runs where the kernel has ESP: here, or in a guest.
called_from=$PWD
. "$(dirname "$0")/environment.sh"
sh scripts/install-system-packages.sh || exit 1
evidence=
while [ $# -gt 0 ]; do
  case $1 in
    --evidence)
      [ $# -ge 2 ] || { echo 'demo: --evidence needs a directory' >&2; exit 64; }
      evidence=$2
      shift 2
      ;;
    *)
      echo 'usage: npm run demo [-- --evidence DIR]' >&2
      exit 64
      ;;
  esac
done
if [ -n "$evidence" ]; then
  evidence=$(cd "${INIT_CWD:-$called_from}" && mkdir -p "$evidence" && cd "$evidence" && pwd) || exit 1
  exec node test/support/kernel/run.ts --timeout 300 --writable "$evidence" -- node demo/main.ts --evidence "$evidence"
fi
exec node test/support/kernel/run.ts --timeout 300 -- node demo/main.ts
