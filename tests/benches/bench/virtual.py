"""Measures in virtual time, and the pure core's instructions: `measures` of the simulation says them."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# What a payment and a connected merchant take in the simulation's memory, in KB, measured.
PAYMENT_KB = 8
MERCHANT_KB = 19

# So many of the merchants pay, from all over them.
PAYING = 100_000


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


def storms(program: Path, say: Any) -> dict[str, Any]:
    """Ten thousand storms with every fault, and what was wrong at their end."""
    say("ten thousand storms")
    began = time.monotonic()
    done = subprocess.run([str(program), "simulate", "10000", "0"], check=False, capture_output=True, text=True)
    took = time.monotonic() - began
    counted = re.search(r"([\d,]+) transactions: .*?([\d,]+) requests to QuickBooks, ([\d,]+) processes died", done.stdout)
    if not counted:
        raise RuntimeError(f"the storms did not end: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    transactions, requests, deaths = (int(number.replace(",", "")) for number in counted.groups())
    wrong = {what: int(count) for count, what in re.findall(r"(\d+) (duplicates|lost|in a wrong company|off by cents|quota violations)", done.stdout)}
    return {"seconds": round(took, 1), "cores": os.cpu_count(), "transactions": transactions, "requests": requests, "deaths": deaths, "passed": done.returncode == 0, "wrong": wrong}


def growth(program: Path, most: int, say: Any) -> dict[str, list[dict[str, Any]]]:
    """What a payment costs as payments and as merchants become many, as far as they find room in memory."""
    told: dict[str, list[dict[str, Any]]] = {"payments": [], "merchants": []}
    for payments in _tenfold(100, most):
        if _finds_room(f"{payments} payments of one merchant", payments * PAYMENT_KB, say):
            told["payments"] += lines(program, "growth", payments, 1)
    for merchants in _tenfold(10, most):
        payments = min(merchants, PAYING)
        if _finds_room(f"{merchants} merchants", merchants * MERCHANT_KB + payments * PAYMENT_KB, say):
            told["merchants"] += lines(program, "growth", payments, merchants)
    return told


def _tenfold(least: int, most: int) -> Iterator[int]:
    while least <= most:
        yield least
        least *= 10


def _finds_room(what: str, kilobytes: int, say: Any) -> bool:
    available = next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemAvailable"))
    finds = 1.05 * kilobytes < available
    say(f"growth: {what}" if finds else f"growth: {what} left out: that takes {kilobytes / 1e6:.0f} GB of memory, and {available / 1e6:.0f} GB are free")
    return finds


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
