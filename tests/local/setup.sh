#!/usr/bin/env bash
# Makes .local/venv with what the local stack needs from Python. Says nothing and does nothing where it is there.
set -euo pipefail
cd "$(dirname "$0")/../.."

wanted=$(sha256sum tests/local/requirements.txt | cut -d' ' -f1)
stamp=.local/venv/.requirements
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi

echo "Setting up Python's part of the local stack in .local/venv (once; about half a minute)"
rm -rf .local/venv
mkdir -p .local
if ! python3 -m venv .local/venv 2>/dev/null; then
    # Debian keeps venv in a package of its own.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
        python3 -m venv .local/venv
    else
        echo "Python's venv module is missing. Install it (Debian: sudo apt-get install python3-venv) and run this again." >&2
        exit 1
    fi
fi
.local/venv/bin/pip install --quiet --disable-pip-version-check -r tests/local/requirements.txt
echo "$wanted" > "$stamp"
