"""The benchmark suite: counts and ratios, held against the goals."""
