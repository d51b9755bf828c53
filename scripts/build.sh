#!/bin/sh
# npm run build [-- DIR]: what is installed elsewhere, because Node strips no types under node_modules.
#   DIR/esplanade  the command, the server within it, and the kernel reader as plain JavaScript, nothing beside them needed but Node 24
#   DIR/vici       the VICI client as JavaScript and types, an npm package
#   DIR/sdk        the API client as JavaScript and types, an npm package for Node and browsers
# DIR is dist of the checkout if not given, and must not be a directory that holds anything else.
set -e
called_from=$PWD
. "$(dirname "$0")/environment.sh"
out=dist
if [ $# -gt 0 ]; then
  out=$(cd "${INIT_CWD:-$called_from}" && mkdir -p "$1" && cd "$1" && pwd)
fi
rm -rf "$out/esplanade" "$out/vici" "$out/sdk"

node scripts/bundle.ts "$out/esplanade" "$out/bundled.json"
chmod +x "$out/esplanade/main.js"
cp bin/esplanade-charon bin/esplanade-kernel-reader LICENSE "$out/esplanade/"

tsc -p scripts/tsconfig.vici.json --outDir "$out/vici"
cp packages/vici/README.md LICENSE "$out/vici/"
tsc -p scripts/tsconfig.sdk.json --outDir "$out/sdk"
cp -R packages/sdk/README.md packages/sdk/examples LICENSE "$out/sdk/"
node scripts/write-manifests.ts "$out"
node scripts/write-licences.ts "$out/esplanade/BUNDLED-LICENCES.txt" "$out/bundled.json"
rm "$out/bundled.json"
echo "built $out/esplanade, $out/vici and $out/sdk" >&2
