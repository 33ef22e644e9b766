"""CPU of a transaction, and our own share of its time: the shipped binary with the real SDK, against loopback servers."""

import base64
import json
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from stack.books import lift_limits
from stack.processes import post

from .counts import REALM, Bench
from .messages import payment
from .runtime import Function, sqs_event

QUICKBOOKS_MS = 300
DYNAMODB_MS = 3

# Of a single payment, as `counts` counts them: one batched read and two writes.
DYNAMODB_CALLS = 3


class Loopback:
    """The servers that stand for AWS, with the rows of a running stack."""

    def __init__(self, bench: Bench, program: Path, takes_ms: int) -> None:
        outputs = bench.stack.outputs
        tables = {name: bench.dynamodb.scan(TableName=name)["Items"] for name in map(outputs.get, ("ConnectionsTable", "TokensTable", "LinksTable"))}
        secrets = {name: bench.secrets.get_secret_value(SecretId=name)["SecretString"] for name in map(outputs.get, ("TokenKeys", "PayloadKeys", "AppSecret"))}
        seed = bench.stack.folder / "seed.json"
        seed.write_text(json.dumps({"tables": tables, "secrets": secrets}, default=lambda raw: base64.b64encode(raw).decode()))
        self._process = subprocess.Popen([str(program), str(seed), str(takes_ms)], stdout=subprocess.PIPE, text=True)
        self.address = self._process.stdout.readline().strip()

    def end(self) -> None:
        """Ends them."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def measure(bench: Bench, programs: Path, transactions: int, say: Any) -> dict[str, Any]:
    """CPU over so many transactions in full batches, then the time of single ones."""
    lift_limits(bench.stack.simulator)
    linking = bench.function("transaction-sync")
    linking.wait_for_poll()
    _recorded(linking.invoke(sqs_event([payment(f"link{customer}", customer, version=9) for customer in range(10)])))
    linking.end()
    environment = bench.environment["transaction-sync"]
    loopback = Loopback(bench, programs / "loopback", 0)
    log = bench.stack.folder / "bench-cpu.log"
    sync = Function(
        [str(programs / "transaction-sync")], environment | {"AWS_ENDPOINT_URL": loopback.address, "POST_SPACING_MILLISECONDS": "1"}, log=log
    )
    try:
        sync.wait_for_poll()
        numbers = iter(range(10**9))
        _batches(sync, numbers, 200)
        before = sync.cpu_us()
        for done in range(0, transactions, 500):
            say(f"CPU: {done} of {transactions}")
            _batches(sync, numbers, 500)
        cpu = (sync.cpu_us() - before) / transactions
        peak = sync.peak_kb()
        say("CPU: the same calls with nothing around them")
        bare = int(subprocess.check_output([str(programs / "bare"), loopback.address, str(transactions)], text=True))
    finally:
        sync.end()
        loopback.end()
    say("own time: single payments")
    post(f"{bench.stack.simulator}/simulator/switches", {"realm": REALM, "latency_milliseconds": QUICKBOOKS_MS})
    loopback = Loopback(bench, programs / "loopback", DYNAMODB_MS)
    sync = Function([str(programs / "transaction-sync")], environment | {"AWS_ENDPOINT_URL": loopback.address}, log=log)
    try:
        sync.wait_for_poll()
        took = []
        for number in range(60):
            event = sqs_event([payment(f"single{number}", 1, version=9)])
            started = time.perf_counter()
            _recorded(sync.invoke(event))
            took.append(1000 * (time.perf_counter() - started))
    finally:
        sync.end()
        loopback.end()
        post(f"{bench.stack.simulator}/simulator/switches", {"realm": REALM, "latency_milliseconds": 0})
    elapsed = statistics.median(took[10:])
    return {
        "transactions": transactions,
        "cpu_us": round(cpu),
        "bare_us": round(bare / 1000),
        "peak_kb": peak,
        "single_ms": round(elapsed, 1),
        "without_quickbooks_share": round(1 - QUICKBOOKS_MS / elapsed, 4),
        "own_share": round(1 - (QUICKBOOKS_MS + DYNAMODB_MS * DYNAMODB_CALLS) / elapsed, 4),
    }


def _batches(sync: Function, numbers: Any, transactions: int) -> None:
    for _ in range(transactions // 10):
        _recorded(sync.invoke(sqs_event([payment(f"cpu{number}", number % 10, version=9) for number in (next(numbers) for _ in range(10))])))


def _recorded(reply: Any) -> None:
    if reply["batchItemFailures"]:
        raise RuntimeError(f"not everything was recorded: {reply}")
