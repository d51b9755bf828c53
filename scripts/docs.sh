#!/bin/sh
# npm run docs: writes the pages of docs/reference that are generated. A test holds them to what generates them.
. "$(dirname "$0")/environment.sh"
exec node scripts/docs.ts
