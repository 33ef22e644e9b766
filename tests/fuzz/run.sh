#!/usr/bin/env bash
# Gives each target to libFuzzer for so many seconds: run.sh SECONDS [TARGET...]. What it finds is left as corpus/TARGET/found-*,
# to be kept with the mend; what it learned besides is under target/fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=$1
shift
targets=${*:-messages launches browsers quickbooks tokens queries mail-events}

RUSTC_WORKSPACE_WRAPPER=$PWD/tests/fuzz/instrumented.sh cargo build --quiet --workspace --bin fuzz --features fuzz/libfuzzer
program=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
found=0
for target in $targets; do
    learned=$program/fuzz/$target
    mkdir -p "$learned"
    more=()
    if [ "$target" = messages ]; then more=(tests/fixtures/messages/accepted tests/fixtures/messages/refused); fi
    echo "=== $target for $seconds s"
    FUZZ_TARGET=$target "$program/debug/fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="tests/fuzz/corpus/$target/found-" "$learned" "tests/fuzz/corpus/$target" "${more[@]}" 2>"$learned.log" || found=1
    grep -E "^stat::number_of_executed_units|^stat::average_exec|SUMMARY|panicked" "$learned.log" || tail -5 "$learned.log"
    grep -E "cov:" "$learned.log" | tail -1 || true
done
exit $found
