#!/bin/sh
# npm run check: types, lint and format, dead code, architecture. Says which of them failed.
. "$(dirname "$0")/environment.sh"
failed=
step() {
  name=$1
  shift
  echo "== $name"
  "$@" || failed="$failed $name"
}
step types tsc -p .
step lint biome check
step dead-code knip
step architecture vitest run --project unit test/architecture.test.ts
step shell sh -c 'for script in scripts/*.sh test/support/kernel/*.sh packaging/post* packaging/prerm packaging/esplanade packaging/guard-ended bin/esplanade bin/esplanade-kernel-reader test/support/strongswan/in-root.sh; do sh -n "$script" || exit 1; done; bash -n bin/esplanade-charon'
if [ -n "$failed" ]; then
  echo "check: failed:$failed"
  exit 1
fi
echo 'check: clean'
