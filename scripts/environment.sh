# Sourced by the scripts beside it: goes to the checkout, puts the Node and the tools of node_modules first on PATH,
# and installs the npm packages when package-lock.json is newer than what is installed. Says so on standard error only.
cd "$(dirname "$0")/.." || exit 1
PATH=$PWD/node_modules/.bin:$PATH
export PATH

if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  echo 'installing npm packages' >&2
  # Not `npm ci`: it insists on lock entries for other platforms' optional packages, which not every registry has.
  # The locked versions are installed all the same, and --no-save leaves the lock alone.
  # Its warnings are about the Node it runs on, which is not the one that the packages will.
  npm install --no-save --no-audit --no-fund --loglevel error >&2 || exit 1
  touch node_modules/.package-lock.json
fi

case $(node --version) in
  v2[4-9].* | v[3-9][0-9].*) ;;
  *)
    echo "node $(node --version) is first on PATH, 24 or newer is needed: npm has none for this platform; install it" >&2
    exit 1
    ;;
esac
