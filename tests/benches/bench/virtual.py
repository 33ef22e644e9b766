"""Measures in virtual time, and the pure core's instructions: `measures` of the simulation says them."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any


def lines(program: Path, *arguments: object) -> list[dict[str, Any]]:
    """What one run of `measures` says."""
    done = subprocess.run([str(program), *map(str, arguments)], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def drains(program: Path, payments: int, say: Any) -> list[dict[str, Any]]:
    """Drains at several answering times of QuickBooks."""
    told = []
    for milliseconds in (400, 600, 800, 1000, 1500, 2000):
        say(f"a drain of {payments}, QuickBooks at {milliseconds} ms")
        told += lines(program, "drain", payments, milliseconds)
    return told


def beside(program: Path, burst: int, say: Any) -> list[dict[str, Any]]:
    """Light merchants beside a burst, by both readings of how a queue makes batches."""
    say(f"200 light merchants beside a burst of {burst}")
    told = lines(program, "beside", burst, 200)
    say("the same, where strangers share batches")
    return told + lines(program, "beside", min(burst, 10_000), 200, "mixed")


def recovery(program: Path, seeds: int, say: Any) -> list[dict[str, Any]]:
    """After a storm of 429s and after an outage, the longest of several seeds."""
    say(f"recovery, {seeds} seeds each")
    return lines(program, "recovery", seeds)


def growth(program: Path, most: int, say: Any) -> dict[str, list[dict[str, Any]]]:
    """What a payment costs as payments and as merchants become many."""
    told: dict[str, list[dict[str, Any]]] = {"payments": [], "merchants": []}
    payments = 100
    while payments <= most:
        say(f"growth: {payments} payments of one merchant")
        told["payments"] += lines(program, "growth", payments, 1)
        payments *= 10
    merchants = 10
    while merchants <= most:
        say(f"growth: {merchants} merchants")
        told["merchants"] += lines(program, "growth", merchants, merchants)
        merchants *= 10
    return told


def core(program: Path, say: Any) -> int | None:
    """Instructions of reading and drawing up one payment; none where valgrind is missing."""
    if not shutil.which("valgrind"):
        say("instructions of the core: left out, valgrind is not installed")
        return None
    say("instructions of the core, under valgrind")
    few, many = (_instructions(program, payments) for payments in (100, 1_100))
    return (many - few) // 1_000


def _instructions(program: Path, payments: int) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(program), "core", str(payments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))
