"""Runs the benchmark suite.

python -m bench [--only NAME ...] [--most N] [--burst N]

Writes a JSON and a plot for each measure under target/bench, and prints the table of goals. What was measured before and is
not asked for now is taken from there. Ends with 1 where a goal is missed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stack.stack import ROOT

from . import cost, counts, cpu, realtime, report, side_by_side, starts, virtual

FOLDER = ROOT / "target" / "bench"

# Where each measure was made.
MEASURED = FOLDER / "measured.json"

# In this order; those that need a running stack share one.
ON_A_STACK = ("counts", "cpu", "starts", "side_by_side", "realtime")
VIRTUAL = ("drains", "beside", "recovery", "storms", "growth", "core")


def main() -> int:
    """Measures what is asked for and tells it; gives the exit code."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=[*ON_A_STACK, *VIRTUAL], default=[*ON_A_STACK, *VIRTUAL])
    parser.add_argument("--most", type=int, default=1_000_000, help="upper end of growth")
    parser.add_argument("--burst", type=int, default=100_000)
    parser.add_argument("--payments", type=int, default=10_000, help="payments that wait in a drain")
    parser.add_argument("--transactions", type=int, default=10_000, help="transactions of which the CPU is taken")
    asked = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    say = Progress()
    programs = _build(say)
    if any(name in asked.only for name in ON_A_STACK):
        _on_a_stack(asked, programs, say)
    measures = programs / "measures"
    each: dict[str, Callable[[], Any]] = {
        "drains": lambda: virtual.drains(measures, asked.payments, say),
        "beside": lambda: virtual.beside(measures, asked.burst, say),
        "recovery": lambda: virtual.recovery(measures, 5, say),
        "storms": lambda: virtual.storms(programs / "simulation", say),
        "growth": lambda: virtual.growth(measures, asked.most, say),
        "core": lambda: virtual.core(measures, say),
    }
    for name in VIRTUAL:
        if name in asked.only:
            _keep(name, each[name]())
    return _tell(say)


class Progress:
    """Says what is done, with the time since the beginning."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def __call__(self, what: str) -> None:
        print(f"[{time.monotonic() - self._begun:7.1f} s] {what}", flush=True)


def _build(say: Progress) -> Path:
    say("building the programs as they ship (link-time optimisation takes minutes the first time)")
    crates = ["transaction-sync", "backlog-drain", "oauth-connect", "settings-page", "token-health", "simulation", "lambda-host", "benches"]
    command = ["cargo", "build", "--release", *(argument for crate in crates for argument in ("-p", crate))]
    subprocess.run(command, cwd=ROOT, check=True)
    return ROOT / "target" / "release"


def _on_a_stack(asked: argparse.Namespace, programs: Path, say: Progress) -> None:
    bench = counts.Bench()
    try:
        each: dict[str, Callable[[], Any]] = {
            "counts": lambda: counts.measure(bench, say),
            "cpu": lambda: cpu.measure(bench, programs, asked.transactions, say),
            "starts": lambda: starts.measure(programs, _every_variable(bench), 20, say),
            "side_by_side": lambda: side_by_side.measure(bench, programs, 200, say),
            "realtime": lambda: realtime.measure(bench, programs, 60, 6, 9, say),
        }
        for name in ON_A_STACK:
            if name in asked.only:
                _keep(name, each[name]())
    finally:
        bench.end()


def _every_variable(bench: counts.Bench) -> dict[str, str]:
    told = (function["Environment"]["Variables"] for function in bench.functions if "Environment" in function)
    return {name: value for variables in told for name, value in variables.items()}


def _keep(name: str, told: Any) -> None:
    if told is None:
        return
    _write(FOLDER / f"{name}.json", told)
    _write(MEASURED, _measured() | {name: f"at {_commit()} on {_machine()}"})


def _measured() -> dict[str, str]:
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}


def _write(path: Path, told: Any) -> None:
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout.strip() or "no commit"


def _where_measured(told: dict[str, Any]) -> str:
    """Which machine and which commit each figure is of."""
    measured = _measured()
    by_place: dict[str, list[str]] = {}
    for name in told:
        by_place.setdefault(measured.get(name, "nobody knows where"), []).append(name)
    return "\n".join(f"Measured {place}: {', '.join(names)}." for place, names in by_place.items())


def _tell(say: Progress) -> int:
    told = {}
    for name in (*ON_A_STACK, *VIRTUAL):
        path = FOLDER / f"{name}.json"
        if path.exists():
            told[name] = json.loads(path.read_text(encoding="utf-8"))
    shipped = ROOT / "target" / "zips" / "arm64"
    told["zips"] = {zipped.parent.name: zipped.stat().st_size for zipped in sorted(shipped.glob("*/bootstrap.zip"))}
    if "counts" in told:
        told["cost"] = {"million": cost.of_a_million(told["counts"]), "month": cost.of_a_month(told["counts"], 10_000)}
        _write(FOLDER / "cost.json", told["cost"])
    say(f"plots and figures: {FOLDER.relative_to(ROOT)}")
    report.plots(told, FOLDER)
    text, good = report.table(told)
    machine = _where_measured({name: figures for name, figures in told.items() if name not in ("cost", "zips")})
    (FOLDER / "table.md").write_text(f"{text}\n\n{machine}\n", encoding="utf-8")
    print(f"\n{text}\n\n{_beside_the_baseline(told)}{machine}")
    return 0 if good else 1


def _beside_the_baseline(told: dict[str, Any]) -> str:
    sides = told.get("side_by_side")
    if not sides:
        return ""
    names = {"ours": "ours", "after": "plain Python, row written after the receipt", "before": "plain Python, row written before it"}
    lines = []
    for side, name in names.items():
        found = sides[side]
        killed = ", ".join(f"{k['lost']} lost and {k['doubled']} doubled of {k['payments']} killed {moment}" for moment, k in found["killed"].items())
        worked = (
            f"{found['cpu_us']} µs of CPU, {report.megabytes(found['peak_kb']):.1f} MB, {found['start_ms']:.0f} ms to the first poll, "
            f"{found['aws_calls']} AWS calls, {found['quickbooks_reads']} reads; " if "cpu_us" in found else ""
        )
        lines.append(f"{name}: {worked}{killed}")
    return "\n".join(lines) + "\n\n"


def _machine() -> str:
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1_000_000
    return f"{os.cpu_count()} × {model}, {memory} GB, {platform.system()} {platform.release()}"


if __name__ == "__main__":
    sys.exit(main())
