"""Counts at the wires: what each way of a transaction asks of QuickBooks and of AWS, by the real binaries' real requests."""

import json
import time
import urllib.request
from typing import Any

from stack.connecting import connect_all
from stack.deploy import STACK_NAME, session
from stack.processes import post, wait_for
from stack.stack import MERCHANTS, SHORT, Stack, up

from .messages import MERCHANT, payment, refund
from .runtime import Function, sqs_event
from .wires import Wires

REALM = MERCHANTS[MERCHANT]

# A full batch.
BATCH = 10


class Bench:
    """A running stack whose queues nobody works off but us, and the functions' own environment."""

    def __init__(self) -> None:
        # As it ships where it decides what is read again; a whole batch of new customers within one invocation.
        self.stack: Stack = up("ministack", {**SHORT, "SendBySeconds": "10", "LeaseSeconds": "25", "FunctionTimeoutSeconds": "60",
                                             "VisibilitySeconds": "60", "QuickBooksTimeoutSeconds": "10", "QuiescenceSeconds": "12", "TurnSeconds": "20"})
        connect_all(self.stack)
        aws = session(self.stack.credentials)
        client = {name: aws.client(name, endpoint_url=self.stack.endpoint) for name in ("lambda", "dynamodb", "secretsmanager")}
        self.dynamodb, self.secrets = client["dynamodb"], client["secretsmanager"]
        for mapping in client["lambda"].list_event_source_mappings()["EventSourceMappings"]:
            client["lambda"].delete_event_source_mapping(UUID=mapping["UUID"])
        self.functions = client["lambda"].list_functions()["Functions"]
        self.environment: dict[str, dict[str, str]] = {}
        for name in ("transaction-sync", "backlog-drain", "token-health"):
            told = client["lambda"].get_function_configuration(FunctionName=f"{STACK_NAME}-{name}")
            self.environment[name] = told["Environment"]["Variables"] | {
                "AWS_ACCESS_KEY_ID": self.stack.credentials["access_key_id"],
                "AWS_SECRET_ACCESS_KEY": self.stack.credentials["secret_access_key"],
                "AWS_REGION": "ca-central-1",
            }
        # Connecting opened the lot for what might wait.
        self.close_lot()
        self.wires = Wires(self.stack.endpoint, self.dynamodb)
        self._seen = self._counters()

    def function(self, name: str) -> Function:
        """One process of a function, whose AWS is the counting proxy."""
        environment = self.environment[name] | {"AWS_ENDPOINT_URL": self.wires.address}
        return Function([str(self.stack.programs / name)], environment, log=self.stack.folder / f"bench-{name}.log")

    def trouble(self, **what: Any) -> None:
        """Asks the simulator for trouble in the sample merchant's company."""
        post(f"{self.stack.simulator}/simulator/trouble", {"realm": REALM, **what})

    def waits(self) -> int:
        """How many transactions wait in the sample merchant's lot."""
        found = self.dynamodb.query(
            TableName=self.stack.outputs["LedgerTable"],
            IndexName="lot",
            KeyConditionExpression="lot = :lot",
            ExpressionAttributeValues={":lot": {"S": MERCHANT}},
        )
        return found["Count"]

    def close_lot(self) -> None:
        """Gives live work the turn. Nothing waits; the drain would take a minute to be sure of that."""
        self.dynamodb.delete_item(TableName=self.stack.outputs["LedgerTable"], Key={"pk": {"S": MERCHANT}, "sk": {"S": "lot"}})

    def take(self) -> dict[str, Any]:
        """What was asked since the last time, of AWS and of QuickBooks."""
        now = self._counters()
        quickbooks = {name: now[name] - self._seen[name] for name in ("requests", "writes", "reads", "refusals")}
        self._seen = now
        return {**self.wires.take(), "quickbooks": quickbooks}

    def end(self) -> None:
        """Ends everything."""
        self.wires.end()
        self.stack.processes.end()

    def _counters(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.stack.simulator}/simulator/counters", timeout=30) as answer:
            return json.load(answer)[REALM]


def measure(bench: Bench, say: Any) -> dict[str, Any]:
    """Plays every way; gives what each transaction of it asked, on average of a full batch."""
    ways: dict[str, Any] = {}
    sync = bench.function("transaction-sync")
    sync.wait_for_poll()

    def batch(way: str, messages: list[dict[str, Any]]) -> None:
        say(f"counting: {way}")
        bench.take()
        logged = sync.logged()
        reply = sync.invoke(sqs_event(messages))
        if reply["batchItemFailures"]:
            raise RuntimeError(f"{way}: {reply}")
        ways[way] = _each(bench.take(), sync.logged() - logged, len(messages))

    people = range(BATCH)
    # The first shows the merchant's services, taxes and methods.
    batch("first ever", [payment("first", "first")])
    batch("new customer", [payment(f"new{n}", n) for n in people])
    batch("clean", [payment(f"clean{n}", n) for n in people])
    batch("clean, one in a batch", [payment("alone", 1)])
    bench.trouble(kind="token_expired", operation="salesreceipt.create", times=1)
    batch("token renewed", [payment("renewed", 1)])
    batch("changed customer", [payment(f"changed{n}", n, version=2, phone="+1 514 555 0199") for n in people])
    batch("duplicate", [payment(f"clean{n}", n, version=2, phone="+1 514 555 0199") for n in people])
    batch("refund", [refund(f"clean{n}", n) for n in people])
    # One is told to slow down and opens the lot; the next batch stands in line there.
    bench.trouble(kind="throttle", operation="salesreceipt.create", times=1)
    sync.invoke(sqs_event([payment("throttled", 1, version=2)]))
    batch("parked", [payment(f"parked{n}", n, version=2, phone="+1 514 555 0199") for n in people])
    sync.end()
    say("counting: drained")
    drain = bench.function("backlog-drain")
    drain.wait_for_poll()
    # Its turn, and the company's rest; whoever comes sooner only looks.
    time.sleep(30)
    bench.take()
    logged = drain.logged()
    wake = {"Records": [{"messageId": "1", "body": json.dumps({"merchant": MERCHANT}), "attributes": {}, "eventSource": "aws:sqs"}]}

    drain.invoke(wake)
    wait_for("the lot to be empty", lambda: bench.waits() == 0, 60)
    ways["drained"] = _each(bench.take(), drain.logged() - logged, BATCH + 1)
    bench.close_lot()
    health = bench.function("token-health")
    health.wait_for_poll()
    for way, function, event in (("sweep", drain, {}), ("dispatch", health, {}), ("look at a connection", health, wake)):
        say(f"counting: {way}")
        bench.take()
        logged = function.logged()
        function.invoke(event)
        ways[way] = _each(bench.take(), function.logged() - logged, 1)
    health.end()
    drain.end()
    ways["rows"] = dict(bench.wires.rows)
    return ways


def _each(told: dict[str, Any], logged: int, of: int) -> dict[str, Any]:
    def share(counts: dict[str, float]) -> dict[str, float]:
        return {name: round(count / of, 3) for name, count in sorted(counts.items()) if count}

    return {
        "transactions": of,
        "calls": share(told["calls"]),
        "units": share(told["units"]),
        "quickbooks": share(told["quickbooks"]),
        "request_bytes": round(told["bytes"] / of),
        "log_bytes": round(logged / of),
    }
