"""Whether anything secret or personal stands in what the functions logged while a stack ran."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from .stack import ROOT, Stack

# What secrets and addresses look like, wherever they come from: the simulator's tokens and codes, launch tokens, e-mail, phones.
SECRET = re.compile(
    r"RT1-\d|eyJ[A-Za-z0-9_-]{8}|\bAB1[A-Za-z0-9]{40}|demo-secret|another-secret|[\w.+-]+@[\w-]+\.(?!amazonses)\w+|\+1 \d{3} \d{3} \d{4}"
)

# What the emulator says itself begins with the time.
EMULATOR = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")


def none_is_logged(stack: Stack) -> bool:
    """Says what was found; whether that is nothing."""
    people = set(_people())
    lines = [
        line
        for name in ("ministack", "lambda-host", "transaction-sync", "backlog-drain", "token-health")
        for line in _lines(stack.folder / f"{name}.log")
        if not EMULATOR.match(line)
    ]
    told = sum('"level"' in line for line in lines)
    found = [line for line in lines if SECRET.search(line) or any(person in line for person in people)]
    for line in found[:10]:
        print(f"  LOGGED  {line[:300]}")
    print(f"Nothing of {len(people)} people, and no secret, in {told} lines of the functions' logs" if not found else f"{len(found)} lines say too much")
    return not found and told > 0


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def _people() -> Iterator[str]:
    """Names and streets of everybody who pays in the sample day and in the stories."""
    yield from ("Aline Roy", "Roy, Aline", "L'Heureux", "rue Rachel")
    day = json.loads((ROOT / "tests" / "fixtures" / "day" / "day.json").read_text(encoding="utf-8"))
    for customer in (entry["message"].get("customer") or {} for entry in day):
        if customer.get("first_name") and customer.get("last_name"):
            yield f"{customer['first_name']} {customer['last_name']}"
        for place in ("billing_address", "personal_address"):
            if (customer.get(place) or {}).get("line1"):
                yield customer[place]["line1"]
