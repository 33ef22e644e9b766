"""The demonstration: a merchant's day through the real queue, the real binary and the real SDK, into books."""

import json
from collections import Counter
from typing import Any

from . import books, traffic
from .browser import Browser
from .connecting import launch
from .stack import MERCHANTS, ROOT, Stack, operators_choice

DAY = ROOT / "tests" / "fixtures" / "day"


def day(stack: Stack) -> bool:
    """Sends the day, shows its progress and what became of it; whether everything is as it should be."""
    messages = _messages()
    expected = json.loads((DAY / "expected.json").read_text(encoding="utf-8"))
    before = books.counters(stack.simulator)
    traffic.send(stack, messages)
    outcomes = traffic.follow(stack, messages)
    wrong = _choose_what_was_unclear(stack, messages, outcomes)
    _table(messages, outcomes)
    wrong += [
        f"{transaction} is {outcome['type']}: {outcome.get('reason', {}).get('en', '')}"
        for transaction, outcome in outcomes.items()
        if outcome["type"] != "transaction.synced"
    ]
    _calls(stack, before, messages)
    # Reading the books back is the demonstration's doing: the product's limits are not spent on it.
    books.lift_limits(stack.simulator)
    wrong += _books(stack, expected)
    for text in wrong:
        print(f"  WRONG  {text}")
    return not wrong


def _messages() -> list[dict[str, Any]]:
    return [entry["message"] for entry in json.loads((DAY / "day.json").read_text(encoding="utf-8"))]


def _choose_what_was_unclear(
    stack: Stack, messages: list[dict[str, Any]], outcomes: dict[str, dict[str, Any]]
) -> list[str]:
    """Chooses the codes that only the operator can say, on the page, and follows what waited for them; what was not as it should."""
    wrong = []
    for merchant in MERCHANTS:
        unclear = operators_choice(merchant).get("chosen_later", [])
        if not unclear:
            continue
        sets = [{tax["tax"] for tax in row["taxes"]} for row in unclear]
        needing = [
            message for message in messages if message["merchant_id"] == merchant and any(taxes in sets for taxes in _tax_sets(message))
        ]
        print(f"\n{merchant} charges a tax that may be one of several in QuickBooks. {len(needing)} transactions wait for the choice:")
        for message in needing:
            transaction = traffic.about(message)["id"]
            reason = outcomes.get(transaction, {}).get("reason") or {}
            print(f"  {transaction:<12} {reason.get('en', '')}")
            if reason.get("code") != "tax_unmapped":
                wrong.append(f"{transaction} did not wait for its tax to be chosen")
        browser = Browser()
        browser.open(launch(stack, merchant, "open"))
        for row in unclear:
            page = browser.open(f"{stack.market}/quickbooks/taxes")
            page = browser.choose_code(page, [tax["tax"] for tax in row["taxes"]], row["code"])
            if not page.says("What waited for it is being sent now"):
                wrong.append(f"{merchant}: the code could not be chosen on the page")
        print("The operator has chosen on the page, and they follow:")
        outcomes |= traffic.follow(stack, needing, ("transaction.waiting", "transaction.needs_operator"))
    return wrong


def _tax_sets(message: dict[str, Any]) -> list[set[str]]:
    """The set of taxes of each taxed line of a payment."""
    lines = message.get("payment", {}).get("lines", [])
    return [{tax["id"] for tax in line["taxes"]} for line in lines if line.get("taxes")]


def known_customers(stack: Stack) -> bool:
    """Sends one more payment of each customer linked by now; whether each took one write and no read."""
    again = {}
    for message in _messages():
        if message.get("customer") and message["type"] == "payment.captured":
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
    own = [message for message in _messages() if message["merchant_id"] == merchant and message.get("customer")]
    return [traffic.once_more(message, mark) for message in own if message["type"] == "payment.captured"][:count]


def _table(messages: list[dict[str, Any]], outcomes: dict[str, dict[str, Any]]) -> None:
    print(f"\n{'merchant':<14} {'transaction':<14} {'amount':>12}  {'state':<16} {'receipt':<14} id")
    for message in messages:
        about = traffic.about(message)
        outcome = outcomes.get(about["id"], {"type": "transaction.missing"})
        receipt = outcome.get("quickbooks", {})
        state = outcome["type"].removeprefix("transaction.")
        sign = "-" if "refund" in message else ""
        amount = f"{sign}{about['amount']} {about['currency']}"
        row = f"{message['merchant_id']:<14} {about['id']:<14} {amount:>12}  {state:<16}"
        print(f"{row} {receipt.get('number') or '':<14} {receipt.get('id') or ''}".rstrip())
    states = Counter(outcome["type"].removeprefix("transaction.") for outcome in outcomes.values())
    print(", ".join(f"{count} {state}" for state, count in sorted(states.items())))


def _books(stack: Stack, expected: dict[str, Any]) -> list[str]:
    """The books against the totals committed beside the day."""
    print("\nThe books, read back by python-quickbooks:")
    wrong = []
    for merchant, realm in MERCHANTS.items():
        choice = operators_choice(merchant)
        rows = choice["settings"].get("tax_map", {}).get("rows", []) + choice.get("chosen_later", [])
        rates = {tax["tax"]: tax["rate"] for row in rows for tax in row["taxes"]}
        told = expected["merchants"][merchant]
        for kind, posted, sums in (
            ("payment", books.receipts(stack.simulator, realm), told),
            ("refund", books.refunds(stack.simulator, realm), told["refunds"]),
        ):
            wanted = {f"{kind}/{of[kind]}": of for of in expected[f"{kind}s"] if of["merchant"] == merchant}
            differences = books.differences(stack.simulator, realm, posted, wanted, rates)
            total = sum(books.money(receipt.TotalAmt) for receipt in posted)
            if total != books.money(sums["total"]):
                differences.append(f"{merchant}: {total} in the books instead of {sums['total']}")
            verdict = "as expected, to the cent" if not differences else f"{len(differences)} DIFFERENCES"
            print(f"  {merchant:<14} {len(wanted):>3} {kind + 's':<9} {total:>10} {told['currency']}  {verdict}")
            wrong += differences
    return wrong


def _calls(stack: Stack, before: dict[str, Any], messages: list[dict[str, Any]]) -> None:
    after = books.counters(stack.simulator)
    print("\nQuickBooks calls for the day, customers met for the first time included:")
    for merchant, realm in MERCHANTS.items():
        count = sum(message["merchant_id"] == merchant for message in messages)
        writes, reads = (after[realm][what] - before[realm][what] for what in ("writes", "reads"))
        most = after[realm]["max_starts_in_a_second"]
        print(f"  {merchant:<14} {count:>3} transactions, {writes} writes, {reads} reads, at most {most} in one second")


def kills(stack: Stack) -> bool:
    """Prints where the sync was killed; whether often enough in each gap."""
    killed = [json.loads(line) for line in stack.kills.read_text(encoding="utf-8").splitlines()]
    print(f"\nThe sync was killed {len(killed)} times:")
    for kill in killed:
        print(f"  {kill['gap']:<16} {kill['transaction']}")
    counts = Counter(kill["gap"] for kill in killed)
    print(", ".join(f"{count} in {gap}" for gap, count in sorted(counts.items())))
    return all(counts[gap] >= 5 for gap in ("claim-post", "commit-answer", "answer-complete"))
