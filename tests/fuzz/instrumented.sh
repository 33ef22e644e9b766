#!/bin/sh
# rustc for the workspace's own crates, with what leads libFuzzer: which edges were taken, and what was compared. All of it is
# stable; only a sanitizer would want a nightly compiler, and there is no unsafe code for it to watch.
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Copt-level=1
