"""Starts: from the start of a process to its first poll, to its first AWS call, its memory, and the size of what is uploaded."""

import http.server
import io
import statistics
import threading
import zipfile
from pathlib import Path
from typing import Any

from .messages import payment
from .runtime import Function, sqs_event

FUNCTIONS = ("transaction-sync", "backlog-drain", "oauth-connect", "settings-page", "token-health")

# Enough to be refused by nobody: what each function reads at its start.
VARIABLES = {
    "AWS_REGION": "ca-central-1",
    "AWS_ACCESS_KEY_ID": "AKIABENCH",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
}


def measure(programs: Path, environment: dict[str, str], times: int, say: Any) -> dict[str, Any]:
    """Starts each function so many times, one after the other; medians."""
    told = {}
    for name in ("empty", *FUNCTIONS):
        say(f"starting {name} {times} times")
        program = programs / name
        polls, cpus, peaks = [], [], []
        for _ in range(times):
            function = Function([str(program)], environment | VARIABLES)
            try:
                polls.append(1000 * function.wait_for_poll())
                cpus.append(function.cpu_us() / 1000)
                peaks.append(function.peak_kb())
            finally:
                function.end()
        told[name] = {
            "first_poll_ms": round(statistics.median(polls), 2),
            "best_first_poll_ms": round(min(polls), 2),
            "cpu_ms": round(statistics.median(cpus), 2),
            "peak_kb": round(statistics.median(peaks)),
            "zip_bytes": _zipped(program),
        }
    cpu = statistics.median(_through_first_call(programs, environment) for _ in range(times))
    told["transaction-sync"]["cpu_through_first_call_ms"] = round(cpu, 2)
    return told


def _through_first_call(programs: Path, environment: dict[str, str]) -> float:
    """CPU of the sync until its first call reaches AWS, in milliseconds."""
    arrived = threading.Event()
    seen: list[float] = []

    class Spy(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            if not seen:
                seen.append(function.cpu_us() / 1000)
                arrived.set()
            self.send_response(400)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Spy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    function = Function([str(programs / "transaction-sync")], environment | VARIABLES | {"AWS_ENDPOINT_URL": address})
    try:
        function.wait_for_poll()
        asking = threading.Thread(target=_invoke, args=(function,), daemon=True)
        asking.start()
        if not arrived.wait(30):
            raise RuntimeError("it never called AWS")
        return seen[0]
    finally:
        function.end()
        server.shutdown()
        server.server_close()


def _invoke(function: Function) -> None:
    try:
        function.invoke(sqs_event([payment("first", 1)]))
    except Exception:  # noqa: BLE001 (it is ended in the middle of it)
        pass


def _zipped(program: Path) -> int:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("bootstrap", program.read_bytes())
    return len(packed.getvalue())
