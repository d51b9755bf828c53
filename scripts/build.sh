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

# CommonJS dependencies in the bundle ask for `require`. What a command does not need it does not load, so there are many files;
# the store's writer is a thread with a file of its own, and the kernel reader, which has privileges, is one file for itself. Without source
# maps: the names of files would depend on where it is built. Functions keep their names, and files say where they came from.
banner='import { createRequire as esplanadeRequire } from "node:module"; const require = esplanadeRequire(import.meta.url);'
bundle() { # METAFILE DIRECTORY, then what is in it
  metafile=$1 directory=$2
  shift 2
  esbuild "$@" --bundle --platform=node --target=node24 --format=esm --outdir="$directory" --entry-names='[name]' \
    --log-level=warning --banner:js="$banner" --metafile="$metafile"
}
bundle "$out/command.json" "$out/esplanade/lib" --splitting \
  esplanade=packages/cli/src/main.ts writer-thread=packages/store/src/embedded/writer-thread.ts
bundle "$out/reader.json" "$out/esplanade" kernel-reader=packages/datapath/src/kernel/main.ts
cp scripts/built-launcher.js "$out/esplanade/main.js"
chmod +x "$out/esplanade/main.js"
cp bin/esplanade-charon bin/esplanade-kernel-reader LICENSE "$out/esplanade/"

tsc -p scripts/tsconfig.vici.json --outDir "$out/vici"
cp packages/vici/README.md LICENSE "$out/vici/"
tsc -p scripts/tsconfig.sdk.json --outDir "$out/sdk"
cp -R packages/sdk/README.md packages/sdk/examples LICENSE "$out/sdk/"
node scripts/write-manifests.ts "$out"
node scripts/write-licences.ts "$out/esplanade/BUNDLED-LICENCES.txt" "$out/command.json" "$out/reader.json"
rm "$out/command.json" "$out/reader.json"
echo "built $out/esplanade, $out/vici and $out/sdk" >&2
