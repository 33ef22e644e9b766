#!/usr/bin/env bash
# Builds what is deployed, for both architectures, and prints how large it is and what it needs of the system.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo lambda --version >/dev/null 2>&1 || { echo "cargo-lambda is missing: pip install cargo-lambda ziglang" >&2; exit 1; }
for architecture in arm64 x86-64; do
    cargo lambda build --release "--$architecture" --output-format zip \
        --lambda-dir "target/zips/$architecture" --bin transaction-sync --bin backlog-drain --bin oauth-connect --bin settings-page --bin token-health
    (cd "target/zips/$architecture" && sha256sum ./*/bootstrap.zip && du -b ./*/bootstrap.zip)
done
