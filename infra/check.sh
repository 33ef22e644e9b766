#!/usr/bin/env bash
# Everything that can be checked without running the product. The quick ones speak first.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo fmt --check
python3 tests/fixtures/day/build.py --check
.local/venv/bin/python infra/lint.py

# Licences, bans and sources; advisories need the internet beyond the package registry (`make deny`). Then what no crate uses.
.local/lint/bin/cargo-deny --log-level error check bans licenses sources
.local/lint/bin/cargo-shear

# One TLS stack: a single AWS crate with default features would bring the old one back for all.
for unwanted in rustls@0.21 openssl-sys native-tls; do
    if cargo tree --workspace -e normal -i "$unwanted" >/dev/null 2>&1; then
        echo "$unwanted is in the tree: an AWS or HTTP crate was taken with its default features" >&2
        exit 1
    fi
done

.local/lint/bin/python infra/sbom.py target/sbom.json

cargo clippy --workspace --all-targets --features bookkeeping/schema,common/schema -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
