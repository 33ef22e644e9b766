#!/usr/bin/env bash
# Builds what is deployed as SAM does it, for both architectures, and prints how large it is. Fails where a function needs a newer
# C library than Lambda has, or where token-health, built once more from nothing, is another file.
set -euo pipefail
cd "$(dirname "$0")/.."

# The C library of provided.al2023. Source: AWS, "Lambda runtimes"; Amazon Linux 2023 has glibc 2.34.
glibc=2.34

functions="transaction-sync backlog-drain oauth-connect settings-page token-health"

python3 -m venv .local/build
.local/build/bin/python -m pip install --quiet --disable-pip-version-check -r infra/build.txt
PATH="$PWD/.local/build/bin:$PATH"
rustup target add aarch64-unknown-linux-gnu x86_64-unknown-linux-gnu >/dev/null

# Builds functions for an architecture into a folder, compiling into another.
build() {
    local architecture=$1 into=$2 target=$3 bins=()
    shift 3
    for name in "$@"; do bins+=(--bin "$name"); done
    CARGO_TARGET_DIR=$target cargo lambda build --release "--$architecture" --output-format zip --lambda-dir "$into" "${bins[@]}"
}

wrong=0
target=${CARGO_TARGET_DIR:-$PWD/target}
for architecture in arm64 x86-64; do
    zips=$target/zips/$architecture
    # shellcheck disable=SC2086
    build "$architecture" "$zips" "$target" $functions
    for name in $functions; do
        python3 -m zipfile -e "$zips/$name/bootstrap.zip" "$zips/$name"
        needs=$(grep -aoE 'GLIBC_[0-9]+\.[0-9]+' "$zips/$name/bootstrap" | sed 's/GLIBC_//' | sort -uV | tail -1)
        printf '%-8s %-18s zip %9d bytes, program %9d bytes, needs glibc %s\n' "$architecture" "$name" \
            "$(stat -c %s "$zips/$name/bootstrap.zip")" "$(stat -c %s "$zips/$name/bootstrap")" "$needs"
        if [ "$(printf '%s\n' "$needs" "$glibc" | sort -V | tail -1)" != "$glibc" ]; then
            echo "$name needs a newer C library than Lambda has: $needs" >&2
            wrong=1
        fi
    done
done

again=$(mktemp -d "$target/again-XXXXXX")
trap 'rm -rf "$again"' EXIT
build arm64 "$again/zips" "$again" token-health
python3 -m zipfile -e "$again/zips/token-health/bootstrap.zip" "$again"
if cmp -s "$again/bootstrap" "$target/zips/arm64/token-health/bootstrap"; then
    echo "token-health built once more is the same: $(sha256sum < "$again/bootstrap")"
else
    echo "token-health built once more is another program" >&2
    wrong=1
fi
exit $wrong
