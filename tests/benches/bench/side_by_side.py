"""Beside the baseline: the same messages through ours and through a plain Python Lambda, killed at the same moments.

QuickBooks forgets request ids here and takes a number twice, as in the simulation: what is left is each side's own doing. Both
are given the batch again until they report nothing unfinished; ours then drains what it parked.
"""

import json
import statistics
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stack.books import lift_limits
from stack.processes import post

from .counts import REALM, Bench
from .messages import MERCHANT, payment
from .runtime import Died, Function, sqs_event
from .wires import Wires

BASELINE = Path(__file__).resolve().parents[1] / "baseline"
TABLE, SECRET = "baseline", "baseline"

# Starts of which the median is told.
STARTS = 9


class Sides:
    """Both programs over one running stack."""

    def __init__(self, bench: Bench, programs: Path) -> None:
        self.bench, self.programs = bench, programs
        self.quickbooks = Wires(bench.stack.simulator, None)
        lift_limits(bench.stack.simulator)
        post(f"{bench.stack.simulator}/simulator/switches", {"realm": REALM, "request_ids": "off", "refuse_duplicate_numbers": False})
        bench.dynamodb.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            BillingMode="PAY_PER_REQUEST",
        )
        tokens = post(f"{bench.stack.simulator}/simulator/connect", {"realm": REALM})
        bench.secrets.create_secret(Name=SECRET, SecretString=json.dumps({**tokens, "realm": REALM}))

    def start(self, side: str) -> Function:
        """One process of a side: `ours`, or the baseline that writes its row `after` or `before` the receipt."""
        aws = {"AWS_ENDPOINT_URL": self.bench.wires.address, "QUICKBOOKS_API_URL": self.quickbooks.address}
        environment = self.bench.environment["transaction-sync"] | aws
        log = self.bench.stack.folder / f"bench-{side}.log"
        if side == "ours":
            return Function([str(self.programs / "transaction-sync")], environment | {"POST_SPACING_MILLISECONDS": "1"}, log=log)
        environment |= {
            "TABLE": TABLE, "SECRET": SECRET, "ORDER": side, "ITEM": "21", "TAX_CODE": "8", "NO_TAX_CODE": "3",
            "DISCOVERY_URL": f"{self.bench.stack.simulator}/.well-known/openid_sandbox_configuration",
            "OAUTHLIB_INSECURE_TRANSPORT": "1", "PYTHONPATH": str(BASELINE), "AWS_DEFAULT_REGION": "ca-central-1",
        }
        return Function([sys.executable, "-u", str(BASELINE / "bootstrap.py")], environment, log=log)

    def receipts(self) -> Counter[str]:
        """How many receipts each payment has in the books."""
        with urllib.request.urlopen(f"{self.bench.stack.simulator}/simulator/books/{REALM}", timeout=60) as answer:
            books = json.load(answer)
        notes = [receipt.get("PrivateNote", "") for receipt in books.get("SalesReceipt", [])]
        return Counter(word.rpartition("/")[2] for note in notes for word in note.split() if "pay_" in word)


def measure(bench: Bench, programs: Path, transactions: int, say: Callable[[str], None]) -> dict[str, Any]:
    """CPU, memory, start and calls of both, and what each loses or doubles."""
    sides = Sides(bench, programs)
    told: dict[str, Any] = {}
    for side in ("ours", "after"):
        say(f"beside the baseline: {side}, {transactions} payments")
        told[side] = _work(sides, side, transactions)
    for side in ("ours", "after", "before"):
        for moment, kills in MOMENTS.items():
            say(f"beside the baseline: {side} killed {moment}")
            told.setdefault(side, {}).setdefault("killed", {})[moment] = _killed(sides, side, f"{side}{len(moment)}", kills)
    sides.quickbooks.end()
    return told


def _work(sides: Sides, side: str, transactions: int) -> dict[str, Any]:
    started = [_started(sides, side) for _ in range(STARTS)]
    function = sides.start(side)
    try:
        function.wait_for_poll()
        function.invoke(sqs_event([payment(f"{side}warm{n}", n, version=3) for n in range(10)]))
        sides.bench.take()
        before = function.cpu_us()
        for first in range(0, transactions, 10):
            messages = [payment(f"{side}{first + n}", n, version=3) for n in range(10)]
            reply = function.invoke(sqs_event(messages))
            if reply["batchItemFailures"]:
                raise RuntimeError(f"{side}: not everything was recorded; see {sides.bench.stack.folder}")
        cpu = (function.cpu_us() - before) / transactions
        told = sides.bench.take()
        return {
            "start_ms": round(statistics.median(started), 1),
            "cpu_us": round(cpu),
            "peak_kb": function.peak_kb(),
            "aws_calls": round(sum(told["calls"].values()) / transactions, 3),
            "quickbooks_reads": round(told["quickbooks"]["reads"] / transactions, 3),
            "quickbooks_writes": round(told["quickbooks"]["writes"] / transactions, 3),
        }
    finally:
        function.end()


def _started(sides: Sides, side: str) -> float:
    function = sides.start(side)
    try:
        return 1000 * function.wait_for_poll()
    finally:
        function.end()


# A kill comes at the fifth call of a kind, when it was carried out and not yet answered.
MOMENTS = {
    "after QuickBooks recorded, before it answered": ("quickbooks", lambda operation: operation == "POST salesreceipt"),
    "after a row was written, before that was answered": ("aws", lambda operation: operation in ("UpdateItem", "PutItem")),
}


def _killed(sides: Sides, side: str, mark: str, kills: tuple[str, Callable[[str], bool]]) -> dict[str, int]:
    where, is_it = kills
    wires = sides.quickbooks if where == "quickbooks" else sides.bench.wires
    messages = [payment(f"{mark}k{n}", n, version=3) for n in range(10)]
    function = sides.start(side)
    function.wait_for_poll()
    seen = 0

    def after(operation: str, _: dict[str, Any]) -> None:
        nonlocal seen
        seen += is_it(operation)
        if seen == 5 and is_it(operation):
            function.kill()

    wires.after = after
    died = False
    try:
        function.invoke(sqs_event(messages))
    except Died:
        died = True
    finally:
        wires.after = None
        function.end()
    if not died:
        raise RuntimeError(f"{side} was not killed")
    _until_nothing_is_left(sides, side, messages)
    receipts = sides.receipts()
    found = [receipts[message["payment"]["id"]] for message in messages]
    return {"payments": len(found), "lost": sum(count == 0 for count in found), "doubled": sum(count > 1 for count in found)}


def _until_nothing_is_left(sides: Sides, side: str, messages: list[dict[str, Any]]) -> None:
    function = sides.start(side)
    function.wait_for_poll()
    left = messages
    for _ in range(60):
        event = sqs_event(left)
        reply = function.invoke(event)
        failed = {failure["itemIdentifier"] for failure in reply["batchItemFailures"]}
        left = [message for message, record in zip(left, event["Records"], strict=True) if record["messageId"] in failed]
        if not left:
            break
        time.sleep(2)
    function.end()
    if side == "ours":
        _drain(sides)


def _drain(sides: Sides) -> None:
    drain = sides.bench.function("backlog-drain")
    drain.wait_for_poll()
    wake = {"Records": [{"messageId": "1", "body": json.dumps({"merchant": MERCHANT}), "attributes": {}, "eventSource": "aws:sqs"}]}
    for _ in range(60):
        drain.invoke(wake)
        if not sides.bench.waits():
            break
        time.sleep(2)
    drain.end()
    sides.bench.close_lot()
