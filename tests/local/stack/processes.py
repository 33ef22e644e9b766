"""Processes of the stack: started, waited for, ended by pid."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any


class StackError(Exception):
    """Something of the stack does not work; the text says what, and what to do."""


class Port:
    """A port of the loopback interface that nobody else is given until it is let go."""

    def __init__(self) -> None:
        self._held = socket.socket()
        self._held.bind(("127.0.0.1", 0))
        self.number: int = self._held.getsockname()[1]

    def let_go(self) -> None:
        """Leaves it to whoever listens there next."""
        self._held.close()


def wait_for(what: str, look: Callable[[], Any], seconds: float = 180) -> Any:
    """Waits until `look` gives something true, and gives that."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise StackError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether something answers at an address, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def post(url: str, body: dict[str, Any]) -> Any:
    """Posts JSON to the simulator; gives its answer."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


class Processes:
    """The processes of one run. Ends them all when the run ends, however it ends."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: list[tuple[str, subprocess.Popen]] = []

    def start(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> int:
        """Starts a process in a session of its own, its output in a log; gives its pid."""
        log = (self.logs / f"{name}.log").open("wb")
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
        self._running.append((name, process))
        return process.pid

    def check(self) -> None:
        """Fails where a process has ended by itself, with the end of what it said."""
        for name, process in self._running:
            if process.poll() is not None:
                log = self.logs / f"{name}.log"
                tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
                said = "\n".join(tail)
                raise StackError(f"{name} has ended with {process.returncode}. The end of {log}:\n{said}")

    def end(self) -> None:
        """Ends every process with its children, the last started first."""
        for _, process in reversed(self._running):
            _signal(process, signal.SIGTERM)
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                pass
            # Children that outlived their parent are in its session.
            _signal(process, signal.SIGKILL)
            process.wait()
        self._running.clear()


def _signal(process: subprocess.Popen, which: signal.Signals) -> None:
    try:
        os.killpg(process.pid, which)
    except ProcessLookupError:
        pass
