"""The demonstration: a merchant's day through the real queue, the real binary and the real SDK, into books."""

import json
import sys
import time
from collections import Counter
from typing import Any

from . import books
from .deploy import session
from .processes import StackError
from .stack import MERCHANTS, ROOT, Stack

DAY = ROOT / "tests" / "fixtures" / "day"

# Longer than any day takes; a crashing one waits out every dead attempt.
PATIENCE_SECONDS = 900


def day(stack: Stack) -> bool:
    """Sends the day, shows its progress and what became of it; whether everything is as it should be."""
    messages = [entry["message"] for entry in json.loads((DAY / "day.json").read_text(encoding="utf-8"))]
    expected = json.loads((DAY / "expected.json").read_text(encoding="utf-8"))
    before = books.counters(stack.simulator)
    send(stack, messages)
    outcomes = follow(stack, messages)
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
            again[message["merchant_id"], message["customer"]["id"]] = once_more(message)
    before = books.counters(stack.simulator)
    send(stack, list(again.values()))
    follow(stack, list(again.values()))
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


def once_more(message: dict[str, Any], mark: str = "b") -> dict[str, Any]:
    """The same payment made another time."""
    payment = message["payment"]
    again = {**payment, "id": payment["id"] + mark, "reference": payment["reference"] + mark}
    return {**message, "payment": again}


def send(stack: Stack, messages: list[dict[str, Any]]) -> None:
    """Sends messages through the FIFO queue, as MioCommerce would."""
    sqs = session(stack.credentials).client("sqs", endpoint_url=stack.endpoint)
    queue = stack.outputs["TransactionQueueUrl"]
    for start in range(0, len(messages), 10):
        entries = [
            {
                "Id": str(at),
                "MessageBody": json.dumps(message, ensure_ascii=False),
                "MessageGroupId": message["merchant_id"],
                "MessageDeduplicationId": f"{message['type']}:{message['payment']['id']}",
            }
            for at, message in enumerate(messages[start : start + 10])
        ]
        answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        if answer.get("Failed"):
            raise StackError(f"the queue did not take {len(answer['Failed'])} messages")
    print(f"Sent {len(messages)} captured payments through the FIFO queue")


def follow(stack: Stack, messages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Reads outcomes until every payment has a last one; shows how many have."""
    sqs = session(stack.credentials).client("sqs", endpoint_url=stack.endpoint)
    queue = stack.outputs["OutcomeQueueUrl"]
    wanted = {message["payment"]["id"] for message in messages}
    outcomes: dict[str, dict[str, Any]] = {}
    started = time.monotonic()
    shown = -1
    while True:
        settled = [payment for payment, outcome in outcomes.items() if outcome["type"] != "transaction.waiting"]
        if len(settled) != shown:
            _progress(shown, len(settled), len(wanted), time.monotonic() - started)
            shown = len(settled)
        if shown == len(wanted):
            break
        if time.monotonic() - started > PATIENCE_SECONDS:
            print(f"\nGave up after {PATIENCE_SECONDS} s; missing: {sorted(wanted - set(settled))}")
            break
        stack.processes.check()
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            outcome = json.loads(message["Body"])
            payment = outcome.get("transaction", {}).get("id")
            # The last word counts, and nothing unsays "synced".
            if payment in wanted and outcomes.get(payment, {}).get("type") != "transaction.synced":
                outcomes[payment] = outcome
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    print(f" in {time.monotonic() - started:.1f} s")
    return outcomes


def _progress(before: int, done: int, of: int, seconds: float) -> None:
    """A bar for a person; for a log, a line each time another ten are done."""
    if sys.stdout.isatty():
        filled = 30 * done // of
        print(f"\r  [{'#' * filled}{'.' * (30 - filled)}] {done} of {of}, {seconds:.0f} s", end="", flush=True)
    elif before < 0 or done == of or done // 10 > before // 10:
        print(f"  {done} of {of}, {seconds:.0f} s", end="" if done == of else "\n", flush=True)


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
