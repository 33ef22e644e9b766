#!/usr/bin/env bash
# Installs Chromium where it is missing.
set -euo pipefail
if command -v chromium >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium (once; about a minute)"
    apt-get update -qq && apt-get install -y -qq chromium >/dev/null
else
    echo "Chromium is missing. Install it (Debian: sudo apt-get install chromium) and run this again." >&2
    exit 1
fi
