"""The demonstration: a merchant's day through the real queue, the real binary and the real SDK, into books."""

import json
from collections import Counter
from typing import Any

from . import books, traffic
from .stack import MERCHANTS, ROOT, Stack

DAY = ROOT / "tests" / "fixtures" / "day"


def day(stack: Stack) -> bool:
    """Sends the day, shows its progress and what became of it; whether everything is as it should be."""
    messages = [entry["message"] for entry in json.loads((DAY / "day.json").read_text(encoding="utf-8"))]
    expected = json.loads((DAY / "expected.json").read_text(encoding="utf-8"))
    before = books.counters(stack.simulator)
    traffic.send(stack, messages)
    outcomes = traffic.follow(stack, messages)
    _table(messages, outcomes)
    wrong = [
        f"{payment} is {outcome['type']}: {outcome.get('reason', {}).get('en', '')}"
        for payment, outcome in outcomes.items()
        if outcome["type"] != "transaction.synced"
    ]
    _calls(stack, before, messages)
    # Reading the books back is the demonstration's doing: the product's limits are not spent on it.
    books.lift_limits(stack.simulator)
    wrong += _books(stack, expected)
    for text in wrong:
        print(f"  WRONG  {text}")
    return not wrong


def known_customers(stack: Stack) -> bool:
    """Sends one more payment of each customer linked by now; whether each took one write and no read."""
    messages = [entry["message"] for entry in json.loads((DAY / "day.json").read_text(encoding="utf-8"))]
    again = {}
    for message in messages:
        if message.get("customer"):
            again[message["merchant_id"], message["customer"]["id"]] = traffic.once_more(message)
    before = books.counters(stack.simulator)
    traffic.send(stack, list(again.values()))
    traffic.follow(stack, list(again.values()))
    after = books.counters(stack.simulator)
    count = {
        what: sum(after[realm][what] - before[realm][what] for realm in MERCHANTS.values())
        for what in ("writes", "reads")
    }
    print(
        f"\n{len(again)} more payments, each of a customer known by now: "
        f"{count['writes'] / len(again):.2f} QuickBooks writes and {count['reads'] / len(again):.2f} reads a payment"
    )
    return count == {"writes": len(again), "reads": 0}


def more_of(merchant: str, count: int, mark: str = "c") -> list[dict[str, Any]]:
    """Payments of the day made another time, by customers who are linked by now."""
    messages = [entry["message"] for entry in json.loads((DAY / "day.json").read_text(encoding="utf-8"))]
    own = [message for message in messages if message["merchant_id"] == merchant and message.get("customer")]
    return [traffic.once_more(message, mark) for message in own if message["type"] == "payment.captured"][:count]


def _table(messages: list[dict[str, Any]], outcomes: dict[str, dict[str, Any]]) -> None:
    print(f"\n{'merchant':<14} {'payment':<12} {'amount':>12}  {'state':<16} {'receipt':<14} id")
    for message in messages:
        payment = message["payment"]
        outcome = outcomes.get(payment["id"], {"type": "transaction.missing"})
        receipt = outcome.get("quickbooks", {})
        state = outcome["type"].removeprefix("transaction.")
        amount = f"{payment['amount']} {payment['currency']}"
        row = f"{message['merchant_id']:<14} {payment['id']:<12} {amount:>12}  {state:<16}"
        print(f"{row} {receipt.get('number') or '':<14} {receipt.get('id') or ''}".rstrip())
    states = Counter(outcome["type"].removeprefix("transaction.") for outcome in outcomes.values())
    print(", ".join(f"{count} {state}" for state, count in sorted(states.items())))


def _books(stack: Stack, expected: dict[str, Any]) -> list[str]:
    """The books against the totals committed beside the day."""
    print("\nThe books, read back by python-quickbooks:")
    wrong = []
    for merchant, realm in MERCHANTS.items():
        settings = json.loads((DAY / "settings" / f"{merchant}.json").read_text(encoding="utf-8"))["settings"]
        rates = {tax["tax"]: tax["rate"] for row in settings["tax_map"]["rows"] for tax in row["taxes"]}
        payments = [payment for payment in expected["payments"] if payment["merchant"] == merchant]
        differences = books.differences(stack.simulator, realm, payments, rates)
        told = expected["merchants"][merchant]
        total = sum(books.money(receipt.TotalAmt) for receipt in books.receipts(stack.simulator, realm))
        if total != books.money(told["total"]):
            differences.append(f"{merchant}: {total} in the books instead of {told['total']}")
        verdict = "as expected, to the cent" if not differences else f"{len(differences)} DIFFERENCES"
        print(f"  {merchant:<14} {len(payments):>3} receipts {total:>10} {told['currency']}  {verdict}")
        wrong += differences
    return wrong


def _calls(stack: Stack, before: dict[str, Any], messages: list[dict[str, Any]]) -> None:
    after = books.counters(stack.simulator)
    print("\nQuickBooks calls for the day, customers met for the first time included:")
    for merchant, realm in MERCHANTS.items():
        payments = sum(message["merchant_id"] == merchant for message in messages)
        writes, reads = (after[realm][what] - before[realm][what] for what in ("writes", "reads"))
        most = after[realm]["max_starts_in_a_second"]
        print(f"  {merchant:<14} {payments:>3} payments, {writes} writes, {reads} reads, at most {most} in one second")


def kills(stack: Stack) -> bool:
    """Prints where the sync was killed; whether often enough in each gap."""
    killed = [json.loads(line) for line in stack.kills.read_text(encoding="utf-8").splitlines()]
    print(f"\nThe sync was killed {len(killed)} times:")
    for kill in killed:
        print(f"  {kill['gap']:<16} {kill['transaction']}")
    counts = Counter(kill["gap"] for kill in killed)
    print(", ".join(f"{count} in {gap}" for gap, count in sorted(counts.items())))
    return all(counts[gap] >= 5 for gap in ("claim-post", "commit-answer", "answer-complete"))
