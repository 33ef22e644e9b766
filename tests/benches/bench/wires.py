"""A proxy before AWS that counts: calls by service, and DynamoDB's units worked out from the rows themselves.

Emulators do not count capacity. So each row is read before and after it is written, beside the counted traffic, and the units follow
from DynamoDB's published rules: 1 KB of a write, the larger of before and after; twice that in a transaction; a write of an
index for each entry that appears, goes or changes; 4 KB of a consistent read, half for any other.
"""

import http.client
import http.server
import json
import threading
import urllib.parse
from collections import Counter
from collections.abc import Callable
from math import ceil
from typing import Any

from .runtime import Server

WRITES = {"PutItem": 1, "UpdateItem": 1, "DeleteItem": 1}


class Wires:
    """Counts what goes to AWS through it."""

    def __init__(self, to: str, dynamodb: Any) -> None:
        self.calls: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self.bytes = 0
        self.rows: dict[str, int] = {}
        # What to do after a call was carried out and before its answer goes back; gets the operation and the body.
        self.after: Callable[[str, dict[str, Any]], None] | None = None
        self._dynamodb = dynamodb
        self._tables: dict[str, tuple[list[str], list[dict[str, Any]]]] = {}
        self._lock = threading.Lock()
        self._to = urllib.parse.urlsplit(to)
        outer = self

        class Pass(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:  # noqa: N802
                outer._pass(self)

            do_GET = do_POST  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Nothing."""

        self._server = Server(("127.0.0.1", 0), Pass)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def take(self) -> dict[str, Any]:
        """What was counted since the last time."""
        with self._lock:
            told = {"calls": dict(self.calls), "units": dict(self.units), "bytes": self.bytes}
            self.calls, self.units, self.bytes = Counter(), Counter(), 0
            return told

    def end(self) -> None:
        """Stops serving."""
        self._server.shutdown()
        self._server.server_close()

    def _pass(self, client: http.server.BaseHTTPRequestHandler) -> None:
        body = client.rfile.read(int(client.headers.get("content-length") or 0))
        target = client.headers.get("x-amz-target") or ""
        service = {"DynamoDB": "DynamoDB", "AmazonSQS": "SQS", "secretsmanager": "Secrets Manager"}.get(
            target.partition(".")[0].partition("_")[0], "SES" if b"Action=Send" in body else "other"
        )
        operation = target.partition(".")[2] or f"{client.command} {client.path.partition('?')[0].rpartition('/')[2]}"
        asked = json.loads(body) if body[:1] == b"{" else {}
        before = self._before(operation, asked) if service == "DynamoDB" else []
        # Host goes along unchanged: the signature covers it.
        to = http.client.HTTPConnection(self._to.hostname, self._to.port, timeout=60)
        to.request(client.command, client.path, body, dict(client.headers))
        answer = to.getresponse()
        told = answer.read()
        to.close()
        with self._lock:
            self.calls[f"{service} {operation}"] += 1
            self.bytes += len(body)
            if service == "DynamoDB":
                self._count(operation, asked, before, answer.status, told)
        if self.after is not None:
            self.after(operation, asked)
        try:
            client.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length", "server", "date"):
                    client.send_header(name, value)
            client.send_header("content-length", str(len(told)))
            client.end_headers()
            client.wfile.write(told)
        except OSError:
            client.close_connection = True

    def _written(self, operation: str, asked: dict[str, Any]) -> list[tuple[str, dict[str, Any], int]]:
        """Tables, keys and weights of what a call writes."""
        if operation in WRITES:
            key = asked.get("Key") or self._key(asked["TableName"], asked["Item"])
            return [(asked["TableName"], key, 1)]
        if operation == "TransactWriteItems":
            found = []
            for item in asked["TransactItems"]:
                ((_, one),) = item.items()
                found.append((one["TableName"], one.get("Key") or self._key(one["TableName"], one["Item"]), 2))
            return found
        return []

    def _before(self, operation: str, asked: dict[str, Any]) -> list[tuple[str, dict[str, Any], int, dict[str, Any]]]:
        return [(table, key, weight, self._row(table, key)) for table, key, weight in self._written(operation, asked)]

    def _count(self, operation: str, asked: dict[str, Any], before: list[Any], status: int, told: bytes) -> None:
        for table, key, weight, was in before:
            row = self._row(table, key)
            # A refused condition costs the write all the same.
            units = weight * max(1, ceil(max(size(was), size(row)) / 1024))
            self.units["table writes"] += units
            self.rows[table] = max(self.rows.get(table, 0), size(row))
            if status == 200:
                self.units["index writes"] += sum(entries(index, was, row) for index in self._describe(table)[1])
        answer = json.loads(told) if told[:1] == b"{" else {}
        if operation == "GetItem":
            consistent = asked.get("ConsistentRead", False)
            self.units["reads"] += read_units([answer.get("Item", {})], consistent)
        elif operation == "BatchGetItem":
            for table, keys in asked["RequestItems"].items():
                found = answer.get("Responses", {}).get(table, [])
                absent = len(keys["Keys"]) - len(found)
                self.units["reads"] += read_units([*found, *[{}] * absent], keys.get("ConsistentRead", False))
        elif operation == "Query":
            total = sum(size(item) for item in answer.get("Items", []))
            self.units["reads"] += max(1, ceil(total / 4096)) * (1 if asked.get("ConsistentRead") else 0.5)

    def _row(self, table: str, key: dict[str, Any]) -> dict[str, Any]:
        return self._dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})

    def _key(self, table: str, item: dict[str, Any]) -> dict[str, Any]:
        return {name: item[name] for name in self._describe(table)[0]}

    def _describe(self, table: str) -> tuple[list[str], list[dict[str, Any]]]:
        if table not in self._tables:
            told = self._dynamodb.describe_table(TableName=table)["Table"]
            keys = [key["AttributeName"] for key in told["KeySchema"]]
            self._tables[table] = (keys, told.get("GlobalSecondaryIndexes", []))
        return self._tables[table]


def read_units(rows: list[dict[str, Any]], consistent: bool) -> float:
    """Read units of rows that are read one by one."""
    return sum(max(1, ceil(size(row) / 4096)) for row in rows) * (1 if consistent else 0.5)


def entries(index: dict[str, Any], was: dict[str, Any], row: dict[str, Any]) -> int:
    """Writes of an index that a change of a row makes."""
    keys = [key["AttributeName"] for key in index["KeySchema"]]

    def entry(of: dict[str, Any]) -> list[Any] | None:
        return [of[name] for name in keys] if all(name in of for name in keys) else None

    before, after = entry(was), entry(row)
    if before is None and after is None:
        return 0
    if before is None or after is None:
        return 1
    if before != after:
        return 2
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return int(was != row)
    shown = projection.get("NonKeyAttributes", [])
    return int(any(was.get(name) != row.get(name) for name in shown))


def size(value: Any) -> int:
    """Bytes of a row by DynamoDB's rules. Source: AWS, "DynamoDB item sizes and formats"."""
    return sum(len(name.encode()) + _value(kind) for name, kind in value.items())


def _value(kind: dict[str, Any]) -> int:
    ((name, value),) = kind.items()
    match name:
        case "S":
            return len(value.encode())
        case "N":
            return (len(value.strip("-").replace(".", "")) + 1) // 2 + 1
        case "B":
            # Base64 where it comes from the wire.
            return len(value) * 3 // 4 if isinstance(value, str) else len(value)
        case "L":
            return 3 + sum(1 + _value(one) for one in value)
        case "M":
            return 3 + sum(1 + len(key.encode()) + _value(one) for key, one in value.items())
        case "SS" | "NS" | "BS":
            return sum(len(one) for one in value)
        case _:
            return 1
