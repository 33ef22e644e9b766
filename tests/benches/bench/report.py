"""The table of goals and what was measured, and a plot for each measure."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

Told = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """One line of the table."""

    what: str
    goal: str
    needs: str
    measured: Callable[[Told], str]
    met: Callable[[Told], bool]


def _rate(drained: Told) -> float:
    return drained["efficiency_bp"] / 100


def _at(told: Told, milliseconds: int) -> Told:
    return next(drained for drained in told["drains"] if drained["quickbooks_ms"] == milliseconds)


def _clean(told: Told) -> Told:
    return told["counts"]["clean"]


def _writes(told: Told) -> tuple[float, float, float]:
    calls, units = _clean(told)["calls"], _clean(told)["units"]
    return units.get("table writes", 0), units.get("index writes", 0), calls.get("DynamoDB BatchGetItem", 0)


def _calls_nothing_else(told: Told) -> bool:
    known = ("DynamoDB UpdateItem", "DynamoDB BatchGetItem")
    return all(call in known for call in _clean(told)["calls"] if call.startswith("DynamoDB"))


def _functions(told: Told) -> list[Told]:
    return [start for name, start in told["starts"].items() if name != "empty"]


def megabytes(kibibytes: int) -> float:
    """What the kernel's kB, which are 1,024 bytes, are in MB."""
    return kibibytes * 1.024 / 1000


def _zips(told: Told) -> str:
    here = max(start["zip_bytes"] for start in _functions(told)) / 1e6
    if not told["zips"]:
        return f"{here:.2f} MB on this architecture; make zips makes those that ship"
    shipped = {name: size for name, size in told["zips"].items() if size > 4e6}
    most = max(told["zips"].values()) / 1e6
    return f"{most:.2f} MB on arm64, above it: {', '.join(shipped) or 'none'} ({here:.2f} on this architecture)"


# What is counted and is no way of a transaction, and what is none of a known customer.
BESIDE = ("rows", "sweep", "dispatch", "look at a connection")
NOT_KNOWN = (*BESIDE, "first ever", "new customer")


def _reads(told: Told) -> float:
    return max(way["quickbooks"].get("reads", 0) for name, way in told["counts"].items() if name not in NOT_KNOWN)


GOALS = [
    Goal("metered reads of known customers, on every way", "≤ 0.001", "counts",
         lambda t: f"{_reads(t):g} ({t['counts']['new customer']['quickbooks'].get('reads', 0):g} for a customer who is new)",
         lambda t: _reads(t) <= 0.001),
    Goal("storms with every fault", "≥ 100,000 transactions in 120 s on 2 cores, nothing wrong", "storms",
         lambda t: f"{t['storms']['transactions']:,} in {t['storms']['seconds']:.0f} s on {t['storms']['cores']}; {sum(t['storms']['wrong'].values())} wrong",
         lambda t: t["storms"]["passed"] and t["storms"]["transactions"] >= 100_000 and t["storms"]["seconds"] <= 120 and not any(t["storms"]["wrong"].values())),
    Goal("QuickBooks on the clean path", "1 write, 0 reads", "counts",
         lambda t: f"{_clean(t)['quickbooks'].get('writes', 0):g} write, {_clean(t)['quickbooks'].get('reads', 0):g} reads",
         lambda t: _clean(t)["quickbooks"].get("writes") == 1 and not _clean(t)["quickbooks"].get("reads")),
    Goal("DynamoDB on the clean path", "2 writes + 1 index write + 1 batched read a batch", "counts",
         lambda t: "{:g} writes + {:g} index write + {:g} batched reads".format(*_writes(t)),
         lambda t: _writes(t)[0] <= 2 and _writes(t)[1] <= 1 and _writes(t)[2] <= 0.2 and _calls_nothing_else(t)),
    Goal("Secrets Manager on the clean path", "0 calls", "counts",
         lambda t: f"{sum(n for c, n in _clean(t)['calls'].items() if c.startswith('Secrets')):g} calls",
         lambda t: not any(call.startswith("Secrets") for call in _clean(t)["calls"])),
    Goal("drain, QuickBooks at 0.6 s", "≥ 95 % of 500 a minute, no 429", "drains",
         lambda t: f"{_rate(_at(t, 600)):.1f} %, {_at(t, 600)['refused']} refused",
         lambda t: _rate(_at(t, 600)) >= 95 and not _at(t, 600)["refused"]),
    Goal("drain, QuickBooks at 1 s", "told (bound: eight in flight, 480 a minute)", "drains",
         lambda t: f"{60_000 * _at(t, 1000)['payments'] / _at(t, 1000)['took_ms']:.0f} a minute, {_rate(_at(t, 1000)):.1f} % of the bound",
         lambda t: not _at(t, 1000)["refused"]),
    Goal("drain, QuickBooks at 2 s", "≥ 95 % of eight in flight (240 a minute)", "drains",
         lambda t: f"{_rate(_at(t, 2000)):.1f} %",
         lambda t: _rate(_at(t, 2000)) >= 95),
    Goal("light p99 beside a burst", "≤ 1.10 × without", "beside",
         lambda t: f"{max(b['ratio_bp'] for b in t['beside']) / 1e4:.2f} × beside {t['beside'][0]['burst']:,}",
         lambda t: all(b["ratio_bp"] <= 11_000 for b in t["beside"])),
    Goal("the same in real time, real binaries, medians", "≤ 1.10 × as many spread out", "realtime",
         lambda t: f"{t['realtime']['ratio_to_spread']:.2f} × beside {t['realtime']['burst']} ({t['realtime']['ratio_to_alone']:.2f} × alone)",
         lambda t: t["realtime"]["ratio_to_spread"] <= 1.10),
    Goal("90 % of the quota after trouble", "≤ 120 s", "recovery",
         lambda t: ", ".join(f"{r['trouble']}: {r['recovered_after_ms'] / 1000:.0f} s" for r in t["recovery"]),
         lambda t: all(r["recovered_after_ms"] <= 120_000 for r in t["recovery"])),
    Goal("what a payment asks of the store as there are more", "told", "growth", lambda t: f"{_grown(t, 'payments')}; {_grown(t, 'merchants')}", lambda t: True),
    Goal("CPU a transaction, SDK included", "≤ 300 µs", "cpu",
         lambda t: f"{t['cpu']['cpu_us']} µs (the same calls alone: {t['cpu']['bare_us']} µs)", lambda t: t["cpu"]["cpu_us"] <= 300),
    Goal("pure core, a payment read and drawn up", "told", "core",
         lambda t: f"{t['core']:,} instructions", lambda t: True),
    Goal("own time of a single payment", "≤ 5 %", "cpu",
         lambda t: f"{100 * t['cpu']['own_share']:.1f} % of {t['cpu']['single_ms']} ms ({100 * t['cpu']['without_quickbooks_share']:.1f} % with DynamoDB's)",
         lambda t: t["cpu"]["own_share"] <= 0.05),
    Goal("start to first poll", "≤ 10 ms", "starts",
         lambda t: f"{max(s['first_poll_ms'] for s in _functions(t)):.1f} ms (empty: {t['starts']['empty']['first_poll_ms']:.1f})",
         lambda t: max(s["first_poll_ms"] for s in _functions(t)) <= 10),
    Goal("CPU through the first AWS call", "≤ 12 ms", "starts",
         lambda t: f"{t['starts']['transaction-sync']['cpu_through_first_call_ms']:.1f} ms",
         lambda t: t["starts"]["transaction-sync"]["cpu_through_first_call_ms"] <= 12),
    Goal("zip of a function", "≤ 4 MB", "starts",
         _zips, lambda t: max(t["zips"].values(), default=5e6) <= 4e6),
    Goal("peak memory at work", "≤ 16 MB", "cpu",
         lambda t: f"{megabytes(t['cpu']['peak_kb']):.1f} MB", lambda t: megabytes(t["cpu"]["peak_kb"]) <= 16),
    Goal("AWS, a million at full batches", "≤ $3.50", "cost",
         lambda t: f"${t['cost']['million']['full batches, sum']:.2f}", lambda t: t["cost"]["million"]["full batches, sum"] <= 3.5),
    Goal("AWS, a merchant's month of 100 payments", "told", "cost",
         lambda t: f"${t['cost']['month']['sum']:.3f}, ${t['cost']['month']['sum with tokens in DynamoDB']:.4f} with tokens in DynamoDB",
         lambda t: True),
]


def table(told: Told) -> tuple[str, bool]:
    """The table of what was measured, and whether every goal of it is met."""
    rows = [("measure", "goal", "measured", "")]
    good = True
    for goal in GOALS:
        if goal.needs in told:
            met = goal.met(told)
            good &= met
            rows.append((goal.what, goal.goal, goal.measured(told), "MISSED" if not met else "" if goal.goal.startswith("told") else "met"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines), good


def plots(told: Told, folder: Path) -> list[Path]:
    """A plot for each measure that was made."""
    drawn = [(name, draw) for name, draw in DRAWN.items() if name in told]
    paths = []
    for name, draw in drawn:
        figure, axes = plt.subplots(figsize=(7, 4))
        draw(axes, told)
        axes.spines[["top", "right"]].set_visible(False)
        figure.tight_layout()
        path = folder / f"{name}.svg"
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
        paths.append(path)
    return paths


def _drains(axes: Any, told: Told) -> None:
    answers = [drained["quickbooks_ms"] / 1000 for drained in told["drains"]]
    rate = [60_000 * drained["payments"] / drained["took_ms"] for drained in told["drains"]]
    bound = [60_000 * drained["payments"] / max(drained["by_quota_ms"], drained["by_flight_ms"]) for drained in told["drains"]]
    axes.plot(answers, bound, "--", color="grey", label="what QuickBooks and eight in flight allow")
    axes.plot(answers, rate, "o-", label="measured")
    axes.set(xlabel="QuickBooks' mean answer, seconds", ylabel="payments a minute", ylim=(0, 550))
    axes.set_title(f"Working off {told['drains'][0]['payments']:,} payments that waited")
    axes.legend()


def _beside(axes: Any, told: Told) -> None:
    names = [f"{found['burst']:,}{', mixed' if found['mixed'] else ''}" for found in told["beside"]]
    at = range(len(names))
    axes.bar([x - 0.2 for x in at], [found["p99_without_ms"] for found in told["beside"]], 0.4, label="without", color="grey")
    axes.bar([x + 0.2 for x in at], [found["p99_beside_ms"] for found in told["beside"]], 0.4, label="beside the burst")
    axes.set_xticks(list(at), names)
    axes.set(ylabel="p99 of light merchants, ms", title="200 light merchants beside one merchant's burst")
    axes.legend()


def _storms(axes: Any, told: Told) -> None:
    axes.barh([f"{told['storms']['transactions']:,} transactions,\n{told['storms']['deaths']:,} deaths"], [told["storms"]["seconds"]])
    axes.axvline(120, color="grey", linestyle="--")
    axes.set(xlabel=f"seconds on {told['storms']['cores']} cores (goal: 120)", title="Ten thousand storms with every fault")


def _recovery(axes: Any, told: Told) -> None:
    names = [f"{found['trouble']}, {found['lasted_s']} s long" for found in told["recovery"]]
    axes.barh(names, [found["recovered_after_ms"] / 1000 for found in told["recovery"]])
    axes.axvline(120, color="grey", linestyle="--")
    axes.set(xlabel="seconds from its end to 90 % of the quota (goal: 120)", title="Recovery")


def _growth(axes: Any, told: Told) -> None:
    cpu = axes.twinx()
    for name, label, mark, colour in (("payments", "payments of one merchant, ten in a batch", "o", "tab:blue"), ("merchants", "merchants, one payment in a batch", "s", "tab:orange")):
        points = told["growth"][name]
        many = [p[name] for p in points]
        axes.plot(many, [_calls(p) for p in points], f"{mark}-", color=colour, label=label)
        cpu.plot(many, [p["cpu_us"] / p["payments"] / 1000 for p in points], f"{mark}:", color=colour)
    axes.set(xscale="log", ylim=(0, 6), xlabel="how many", ylabel="calls of the store for a payment")
    cpu.set(ylim=(0, 0.6), ylabel="CPU a payment, ms, the simulation's own included (dotted)")
    axes.set_title("What a payment asks as there are more")
    axes.legend(loc="upper left")


def _calls(grown: Told) -> float:
    return grown["store_calls"] / grown["payments"]


def _grown(told: Told, name: str) -> str:
    if not (points := told["growth"][name]):
        return f"{name} were left out"
    first, last = points[0], points[-1]
    return f"{_calls(first):.2f} to {_calls(last):.2f} calls from {first[name]} to {last[name]:,} {name}"


def _counts(axes: Any, told: Told) -> None:
    ways = {way: counted for way, counted in told["counts"].items() if way not in (*BESIDE, "first ever")}
    kinds = ["table writes", "index writes", "reads"]
    left = [0.0] * len(ways)
    for kind in kinds:
        widths = [counted["units"].get(kind, 0) for counted in ways.values()]
        axes.barh(list(ways), widths, left=left, label=kind)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.set(xlabel="DynamoDB units a transaction", title="What each way asks of DynamoDB")
    axes.legend()


def _starts(axes: Any, told: Told) -> None:
    axes.barh(list(told["starts"]), [start["first_poll_ms"] for start in told["starts"].values()])
    axes.axvline(10, color="grey", linestyle="--")
    axes.set(xlabel="ms from start to first poll (goal: 10)", title="Starts")


def _cpu(axes: Any, told: Told) -> None:
    axes.barh(["the same calls alone", "a transaction"], [told["cpu"]["bare_us"], told["cpu"]["cpu_us"]])
    axes.axvline(300, color="grey", linestyle="--")
    axes.set(xlabel="µs, SDK included (goal: 300)", title="CPU")


def _core(axes: Any, told: Told) -> None:
    axes.barh(["read and drawn up"], [told["core"] / 1000])
    axes.set(xlabel="thousands of instructions a payment, in the pure core", title="What is ours alone")


def _realtime(axes: Any, told: Told) -> None:
    names = {"alone": "alone", "spread": f"beside {told['realtime']['burst']}\nof many merchants", "burst": f"beside {told['realtime']['burst']}\nof one"}
    axes.bar(list(names.values()), [told["realtime"][f"median_{name}_ms"] for name in names])
    axes.set(ylabel="a light merchant's payment, ms", title="Real binaries, eight processes, one queue")


def _cost(axes: Any, told: Told) -> None:
    bottom = [0.0, 0.0]
    for service in told["cost"]["million"]["full batches"]:
        heights = [told["cost"]["million"][batch][service] for batch in ("full batches", "one at a time")]
        axes.bar(["full batches", "one at a time"], heights, bottom=bottom, label=service)
        bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
    axes.set(ylabel="dollars per million transactions", title="AWS at list prices")
    axes.legend()


def _side_by_side(axes: Any, told: Told) -> None:
    sides = {"ours": "ours", "after": "Python, row\nafter the receipt", "before": "Python, row\nbefore it"}
    lost, doubled = ([sum(k[what] for k in told["side_by_side"][side]["killed"].values()) for side in sides] for what in ("lost", "doubled"))
    at = range(len(sides))
    axes.bar([x - 0.2 for x in at], lost, 0.4, label="lost")
    axes.bar([x + 0.2 for x in at], doubled, 0.4, label="doubled")
    axes.set_xticks(list(at), list(sides.values()))
    axes.set(ylabel="payments of 20", title="Killed in mid-batch, twice, and delivered again")
    axes.legend()


DRAWN = {
    "drains": _drains,
    "beside": _beside,
    "recovery": _recovery,
    "storms": _storms,
    "growth": _growth,
    "counts": _counts,
    "starts": _starts,
    "cpu": _cpu,
    "core": _core,
    "realtime": _realtime,
    "cost": _cost,
    "side_by_side": _side_by_side,
}
