"""Traffic: messages as MioCommerce sends them, and what it is told of each."""

import json
import sys
import time
from typing import Any

from .deploy import session
from .processes import StackError
from .stack import SHORT, Stack

# Longer than any day takes; a crashing one waits out every dead attempt.
PATIENCE_SECONDS = 900


def about(message: dict[str, Any]) -> dict[str, Any]:
    """The payment, refund, customer or merchant a message is about."""
    return message.get("payment") or message.get("refund") or message.get("customer") or message["merchant"]


def once_more(message: dict[str, Any], mark: str = "b") -> dict[str, Any]:
    """The same payment made another time."""
    payment = message["payment"]
    again = {**payment, "id": payment["id"] + mark, "reference": payment["reference"] + mark}
    return {**message, "payment": again}


def wait_until_believed() -> None:
    """Lets what running functions have read of a merchant grow too old to be believed: half a turn, which nothing shows."""
    time.sleep(float(SHORT["TurnSeconds"]) / 2)


def send(stack: Stack, messages: list[dict[str, Any]], again: str = "") -> None:
    """Sends messages through the FIFO queue, as MioCommerce would; `again` is a mark of its own for each time they are sent again."""
    put(stack.credentials, stack.endpoint, stack.outputs, messages, again)
    refunds = sum("refund" in message for message in messages)
    more = f" and {refunds} refunds" if refunds else ""
    print(f"Sent {len(messages) - refunds} captured payments{more} through the FIFO queue")


def put(
    credentials: dict[str, str], endpoint: str, outputs: dict[str, str], messages: list[dict[str, Any]], again: str = ""
) -> None:
    """Puts messages into the FIFO queue."""
    sqs = session(credentials).client("sqs", endpoint_url=endpoint)
    queue = outputs["TransactionQueueUrl"]
    for start in range(0, len(messages), 10):
        entries = [
            {
                "Id": str(at),
                "MessageBody": json.dumps(message, ensure_ascii=False),
                "MessageGroupId": message["merchant_id"],
                "MessageDeduplicationId": f"{message['type']}:{about(message).get('id', message['merchant_id'])}{again}",
            }
            for at, message in enumerate(messages[start : start + 10])
        ]
        answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        if answer.get("Failed"):
            raise StackError(f"the queue did not take {len(answer['Failed'])} messages")


def wake(stack: Stack, merchant: str) -> None:
    """Wakes the drain for a merchant, as whoever puts something into its lot does."""
    sqs = session(stack.credentials).client("sqs", endpoint_url=stack.endpoint)
    sqs.send_message(QueueUrl=stack.outputs["WakeQueueUrl"], MessageBody=json.dumps({"merchant": merchant}))


def follow(
    stack: Stack, messages: list[dict[str, Any]], on_the_way: tuple[str, ...] = ("transaction.waiting",)
) -> dict[str, dict[str, Any]]:
    """Reads outcomes until every transaction has a last one, which is none of those `on_the_way`; shows how many have."""
    sqs = session(stack.credentials).client("sqs", endpoint_url=stack.endpoint)
    queue = stack.outputs["OutcomeQueueUrl"]
    wanted = {about(message)["id"] for message in messages}
    outcomes: dict[str, dict[str, Any]] = {}
    started = time.monotonic()
    shown = -1
    while True:
        settled = [transaction for transaction, outcome in outcomes.items() if outcome["type"] not in on_the_way]
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
            transaction = outcome.get("transaction", {}).get("id")
            # The last word counts, and nothing unsays "synced".
            if transaction in wanted and outcomes.get(transaction, {}).get("type") != "transaction.synced":
                outcomes[transaction] = outcome
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
