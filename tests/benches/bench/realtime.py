"""Fairness once in real time: the real binaries, eight processes polling the emulator's queue in parallel.

Payments of one merchant are sent a second apart, first alone, then while another's burst is worked off.
"""

import json
import statistics
import threading
import time
from typing import Any

from stack.demo import more_of
from stack.deploy import session
from stack.processes import wait_for
from stack.traffic import once_more

from .counts import Bench
from .messages import payment

LIGHT = "mer_northgate"
PROCESSES = 8


class Told:
    """When each transaction was told to be in QuickBooks."""

    def __init__(self, bench: Bench) -> None:
        self.at: dict[str, float] = {}
        self._sqs = session(bench.stack.credentials).client("sqs", endpoint_url=bench.stack.endpoint)
        self._queue = bench.stack.outputs["OutcomeQueueUrl"]
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def end(self) -> None:
        """Reads no more."""
        self._over.set()
        self._reader.join()

    def _read(self) -> None:
        while not self._over.is_set():
            answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            now = time.monotonic()
            for message in answer.get("Messages", []):
                outcome = json.loads(message["Body"])
                if outcome["type"] == "transaction.synced":
                    self.at.setdefault(outcome["transaction"]["id"], now)
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            if not answer.get("Messages"):
                time.sleep(0.02)


def measure(bench: Bench, burst: int, light: int, say: Any) -> dict[str, Any]:
    """How long the light merchant's payments take, alone and beside the burst."""
    _host(bench)
    sqs = session(bench.stack.credentials).client("sqs", endpoint_url=bench.stack.endpoint)
    queue, told = bench.stack.outputs["TransactionQueueUrl"], Told(bench)

    def send(messages: list[dict[str, Any]]) -> None:
        entries = [
            {"Id": str(at), "MessageBody": json.dumps(message), "MessageGroupId": message["merchant_id"], "MessageDeduplicationId": message["payment"]["id"]}
            for at, message in enumerate(messages)
        ]
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)

    likes = more_of(LIGHT, light, "")

    def spread(mark: str) -> list[float]:
        waited = {}
        for number in range(light):
            message = once_more(likes[number % len(likes)], f"{mark}{number}")
            waited[message["payment"]["id"]] = time.monotonic()
            send([message])
            time.sleep(1)
        wait_for("the light merchant's payments", lambda: waited.keys() <= told.at.keys(), 120)
        return sorted(told.at[transaction] - sent for transaction, sent in waited.items())

    try:
        say("real time: light payments, to warm up")
        spread("w")
        say("real time: light payments alone")
        without = spread("x")
        say(f"real time: light payments beside a burst of {burst}")
        heavy = [payment(f"burst{n}", n % 10, version=3) for n in range(burst)]
        for first in range(0, burst, 10):
            send(heavy[first : first + 10])
        beside = spread("y")
        at_once = sum(message["payment"]["id"] not in told.at for message in heavy)
        wait_for("the burst", lambda: all(message["payment"]["id"] in told.at for message in heavy), 600)
    finally:
        told.end()
    return {
        "burst": burst,
        "light": light,
        "processes": PROCESSES,
        "still_waiting_of_the_burst": at_once,
        "median_without_ms": round(1000 * statistics.median(without)),
        "median_beside_ms": round(1000 * statistics.median(beside)),
        "longest_without_ms": round(1000 * without[-1]),
        "longest_beside_ms": round(1000 * beside[-1]),
    }


def _host(bench: Bench) -> None:
    """Starts a host that runs the functions over the emulator's queues, many processes at once."""
    outputs = bench.stack.outputs

    def hosted(name: str, queue: str, batch: int) -> dict[str, Any]:
        environment = {key: value for key, value in bench.environment[name].items() if not key.startswith("AWS_")}
        url = outputs[f"{queue}Url"]
        return {
            "name": name,
            "binary": str(bench.stack.programs / name),
            "environment": environment,
            "timeout_seconds": 60,
            "memory_mb": 256,
            "concurrency": PROCESSES,
            "every_seconds": 10 if name == "backlog-drain" else None,
            "sqs": [{"queue_url": url, "queue_arn": f"arn:aws:sqs:ca-central-1:000000000000:{url.rpartition('/')[2]}", "batch_size": batch, "report_batch_item_failures": True}],
        }

    functions = {
        "endpoint": bench.stack.endpoint,
        "region": "ca-central-1",
        "credentials": bench.stack.credentials,
        "functions": [hosted("transaction-sync", "TransactionQueue", 10), hosted("backlog-drain", "WakeQueue", 1)],
    }
    told = bench.stack.folder / "bench-functions.json"
    told.write_text(json.dumps(functions), encoding="utf-8")
    command = [str(bench.stack.programs / "lambda-host"), "--functions", str(told), "--log-dir", str(bench.stack.folder)]
    bench.stack.processes.start("lambda-host", command)
