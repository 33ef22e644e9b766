"""Fairness once in real time: the real binaries, eight processes polling the emulator's queue in parallel.

Payments of one merchant are sent a second apart: alone, beside many of others spread out, and while another's burst is worked off.
"""

import json
import os
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from stack.demo import more_of
from stack.deploy import session
from stack.processes import wait_for
from stack.traffic import once_more

from .counts import Bench
from .messages import payment

LIGHT = "mer_northgate"
OTHERS = ("mer_harbour", "mer_sunline", "mer_thames", "mer_tucson")
PROCESSES = 8
PACE = 8.0
"""Payments a second that one company takes."""

BATCH = 10


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
                if outcome.get("type") == "transaction.synced":
                    self.at.setdefault(outcome["transaction"]["id"], now)
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
            if not answer.get("Messages"):
                time.sleep(0.02)


def measure(bench: Bench, programs: Path, burst: int, light: int, rounds: int, say: Any) -> dict[str, Any]:
    """How long the light merchant's payments take: alone, beside as many of others spread out, and beside a burst of one.

    Each round has all three, in turning order, so that what else the machine does befalls them alike; a round is held against itself.
    What is spread out takes the same of the machine as the burst does: the ratio to it is what one merchant's burst costs another.
    """
    _host(bench, programs)
    traffic = Traffic(bench, light, burst)
    kinds = {"alone": lambda _: [], "spread": traffic.spread, "burst": traffic.burst}
    rounds_waited: list[dict[str, float]] = []
    try:
        say("real time: light payments, to warm up")
        traffic.beside("warm", traffic.spread("warm") + traffic.burst("warm"))
        for number in range(rounds):
            order = [*kinds][number % len(kinds) :] + [*kinds][: number % len(kinds)]
            waited = {}
            for kind in order:
                mark = f"{number}{kind}"
                waited[kind] = statistics.median(traffic.beside(mark, kinds[kind](mark)))
            rounds_waited.append(waited)
            say(f"real time, round {number + 1} of {rounds}: " + ", ".join(f"{kind} {1000 * waited[kind]:.0f} ms" for kind in kinds))
    finally:
        traffic.told.end()
    of = {kind: [waited[kind] for waited in rounds_waited] for kind in kinds}
    ratio = {other: statistics.median(waited["burst"] / waited[other] for waited in rounds_waited) for other in ("alone", "spread")}
    return {
        "burst": burst,
        "light": light,
        "rounds": rounds,
        "processes": PROCESSES,
        **{f"median_{kind}_ms": round(1000 * statistics.median(of[kind])) for kind in kinds},
        "ratio_to_alone": round(ratio["alone"], 3),
        "ratio_to_spread": round(ratio["spread"], 3),
        "load": round(os.getloadavg()[0], 1),
    }


class Traffic:
    """Payments of the light merchant, and of others beside them."""

    def __init__(self, bench: Bench, light: int, burst: int) -> None:
        self.told = Told(bench)
        self._light, self._burst = light, burst
        self._sqs = session(bench.stack.credentials).client("sqs", endpoint_url=bench.stack.endpoint)
        self._queue = bench.stack.outputs["TransactionQueueUrl"]

    def burst(self, mark: str) -> list[tuple[float, dict[str, Any]]]:
        """One merchant's, all at once."""
        return [(0.0, payment(f"{mark}{number}", number % 10, version=3)) for number in range(self._burst)]

    def spread(self, mark: str) -> list[tuple[float, dict[str, Any]]]:
        """As many of several merchants, one after another, at the pace a burst is worked off."""
        likes = [message for merchant in OTHERS for message in more_of(merchant, 1, "")]
        return [(number / PACE, once_more(likes[number % len(likes)], f"{mark}{number}")) for number in range(self._burst)]

    def beside(self, mark: str, others: list[tuple[float, dict[str, Any]]]) -> list[float]:
        """Sends a light payment a second beside the others; how long each took, once all are told."""
        likes = more_of(LIGHT, self._light, "")
        own = [(0.5 + number, once_more(likes[number % len(likes)], f"{mark}{number}")) for number in range(self._light)]
        waiting = sorted(others + own, key=lambda sent: sent[0])
        began, sent_at = time.monotonic(), {}
        while waiting:
            due = [sent for sent in waiting[:BATCH] if sent[0] <= time.monotonic() - began]
            if not due:
                time.sleep(max(0.0, waiting[0][0] - (time.monotonic() - began)))
                continue
            waiting = waiting[len(due) :]
            now = time.monotonic()
            sent_at |= {message["payment"]["id"]: now for _, message in due}
            self._send([message for _, message in due])
        wait_for(f"what was sent beside the light merchant's payments ({mark})", lambda: sent_at.keys() <= self.told.at.keys(), 600)
        ids = [message["payment"]["id"] for _, message in own]
        return [self.told.at[transaction] - sent_at[transaction] for transaction in ids]

    def _send(self, messages: list[dict[str, Any]]) -> None:
        entries = [
            {"Id": str(at), "MessageBody": json.dumps(message), "MessageGroupId": message["merchant_id"], "MessageDeduplicationId": message["payment"]["id"]}
            for at, message in enumerate(messages)
        ]
        self._sqs.send_message_batch(QueueUrl=self._queue, Entries=entries)


def _host(bench: Bench, programs: Path) -> None:
    """Starts a host that runs the functions over the emulator's queues, many processes at once."""
    outputs = bench.stack.outputs

    def hosted(name: str, queue: str, batch: int) -> dict[str, Any]:
        environment = {key: value for key, value in bench.environment[name].items() if not key.startswith("AWS_")}
        url = outputs[f"{queue}Url"]
        return {
            "name": name,
            "binary": str(programs / name),
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
    command = [str(programs / "lambda-host"), "--functions", str(told), "--log-dir", str(bench.stack.folder)]
    bench.stack.processes.start("lambda-host", command)
