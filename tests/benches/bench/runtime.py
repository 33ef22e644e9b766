"""A function's process as Lambda runs it: started, given events one by one, looked at from outside."""

import http.server
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any


class Died(Exception):
    """The process ended in the middle of an invocation."""


class Server(http.server.ThreadingHTTPServer):
    """A server whose clients may be killed in the middle of a request."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of who is gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Function:
    """One process behind a Runtime API of its own."""

    def __init__(self, command: list[str], environment: dict[str, str], memory_mb: int = 256, log: Path | None = None) -> None:
        self._events: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._replies: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.first_poll: float | None = None
        self._polled = threading.Event()
        outer = self

        class Api(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An event leaves in one piece and at once; else its body waits 40 ms for the other side to acknowledge the head.
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self) -> None:  # noqa: N802
                if outer.first_poll is None:
                    outer.first_poll = time.perf_counter()
                outer._polled.set()
                request, event = outer._events.get()
                self.send_response(200)
                self.send_header("lambda-runtime-aws-request-id", request)
                self.send_header("lambda-runtime-deadline-ms", str(int((time.time() + 60) * 1000)))
                self.send_header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:ca-central-1:000000000000:function:bench")
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(event)))
                self.end_headers()
                self.wfile.write(event)

            def do_POST(self) -> None:  # noqa: N802
                body = self.rfile.read(int(self.headers["content-length"])) if "content-length" in self.headers else self._chunks()
                outer._replies.put((self.path, body))
                self.send_response(202)
                self.send_header("content-length", "0")
                self.end_headers()

            def _chunks(self) -> bytes:
                whole = b""
                while size := int(self.rfile.readline(), 16):
                    whole += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return whole

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Nothing."""

        self._server = Server(("127.0.0.1", 0), Api)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        told = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
            "_X_AMZN_TRACE_ID": "Root=1-0-0",
            **environment,
        }
        self._log = open(log or os.devnull, "ab")
        self.started = time.perf_counter()
        self.process = subprocess.Popen(command, env=told, stdout=self._log, stderr=self._log, start_new_session=True)

    def logged(self) -> int:
        """Bytes it wrote to its log so far."""
        return os.fstat(self._log.fileno()).st_size

    def wait_for_poll(self, seconds: float = 60) -> float:
        """Waits until it asks for its first event; gives how long that took from its start, in seconds."""
        deadline = time.monotonic() + seconds
        while not self._polled.wait(0.2):
            if self.process.poll() is not None:
                raise Died(f"{self.process.args} ended with {self.process.returncode} before it asked for an event")
            if time.monotonic() > deadline:
                raise Died("it never asks for an event")
        return self.first_poll - self.started

    def invoke(self, event: dict[str, Any], seconds: float = 300) -> Any:
        """Gives it an event; gives its reply. Raises where the process dies meanwhile."""
        self._events.put((str(uuid.uuid4()), json.dumps(event).encode()))
        deadline = time.monotonic() + seconds
        while True:
            try:
                path, body = self._replies.get(timeout=0.05)
            except queue.Empty:
                if self.process.poll() is not None:
                    raise Died("it died over the event") from None
                if time.monotonic() > deadline:
                    raise Died("it never replies") from None
                continue
            if not path.endswith("/response"):
                raise Died(f"it failed: {body.decode(errors='replace')}")
            return json.loads(body or b"null")

    def cpu_us(self) -> float:
        """CPU it has used so far, in microseconds, by the kernel's own accounting of each thread."""
        total = 0
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            total += int((thread / "schedstat").read_text().split()[0])
        return total / 1000

    def peak_kb(self) -> int:
        """The most memory it had resident."""
        return _status(self.process.pid, "VmHWM")

    def kill(self) -> None:
        """Kills it, as a crash does."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Ends it and its Runtime API."""
        self.kill()
        self.process.wait()
        self._server.shutdown()
        self._server.server_close()
        self._log.close()


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def sqs_event(messages: list[dict[str, Any]], arn: str = "arn:aws:sqs:ca-central-1:000000000000:transactions.fifo") -> dict[str, Any]:
    """The event Lambda makes of a batch of messages."""
    sent = str(int(time.time() * 1000))
    records = [
        {
            "messageId": str(uuid.uuid4()),
            "receiptHandle": "handle",
            "body": json.dumps(message, ensure_ascii=False),
            "attributes": {"MessageGroupId": message["merchant_id"], "SentTimestamp": sent, "ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": arn,
            "awsRegion": "ca-central-1",
        }
        for message in messages
    ]
    return {"Records": records}
