#!/usr/bin/env bash
# Makes .local/axe with the accessibility checker. Says nothing and does nothing where it is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

wanted=$(sha256sum tests/local/axe/package-lock.json | cut -d' ' -f1)
stamp=.local/axe/.lock
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi

if ! command -v npm >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing Node (once; about a minute)"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
    else
        echo "npm is missing. Install it (Debian: sudo apt-get install nodejs npm) and run this again." >&2
        exit 1
    fi
fi
rm -rf .local/axe
mkdir -p .local/axe
cp tests/local/axe/package.json tests/local/axe/package-lock.json .local/axe/
(cd .local/axe && npm ci --silent --no-audit --no-fund)
echo "$wanted" > "$stamp"
