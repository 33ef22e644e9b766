#!/usr/bin/env bash
# Makes .local/venv with what the local stack needs from Python, and .local/lint and .local/checkov with what checks the
# template. Says nothing and does nothing where they are there.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Takes a fifth of pip's time.
uv=0.12.0

# Makes one environment anew where its list has changed.
environment() {
    local place=$1 list=$2
    local wanted
    wanted=$(sha256sum "$list" | cut -d' ' -f1)
    if [ -f "$place/.requirements" ] && [ "$(cat "$place/.requirements")" = "$wanted" ]; then return; fi
    echo "Setting up $place from $list (once; a quarter of a minute)"
    rm -rf "$place"
    mkdir -p "$(dirname "$place")"
    if ! python3 -m venv "$place" 2>/dev/null; then
        # Debian keeps venv in a package of its own.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
            python3 -m venv "$place"
        else
            echo "Python's venv module is missing. Install it (Debian: sudo apt-get install python3-venv) and run this again." >&2
            exit 1
        fi
    fi
    "$place/bin/pip" install --quiet --disable-pip-version-check "uv==$uv"
    # Where packages come from a mirror that only pip was told of, pip does it.
    "$place/bin/uv" pip install --quiet --no-cache --python "$place/bin/python" -r "$list" \
        || "$place/bin/pip" install --quiet --disable-pip-version-check -r "$list"
    echo "$wanted" > "$place/.requirements"
}

environment .local/venv tests/local/requirements.txt
environment .local/lint infra/requirements.txt
environment .local/checkov infra/checkov.txt
