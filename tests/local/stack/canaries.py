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


# One line of each kind that must be found: a search that finds none of them proves nothing.
PLANTED = (
    "the token RT1-24-H0-1", "eyJhbGciOiJFUzI1NiIsImtpZCI6", "the code AB1" + "a" * 40, "demo-secret", "another-secret", "to aline@example.com", "+1 514 555 0142",
    "paid by Aline Roy",
)


def none_is_logged(stack: Stack) -> bool:
    """Says what was found; whether that is nothing, and whether each request to QuickBooks leads back to whom it was for."""
    people = set(_people())
    missed = [planted for planted in PLANTED if not _says_too_much(planted, people)]
    if missed:
        print(f"  the search itself finds nothing of {missed}")
        return False
    lines = _logged(stack)
    told = sum('"level"' in line for line in lines)
    found = [line for line in lines if _says_too_much(line, people)]
    for line in found[:10]:
        print(f"  LOGGED  {line[:300]}")
    print(f"Nothing of {len(people)} people, and no secret, in {told} lines of the functions' logs" if not found else f"{len(found)} lines say too much")
    # Who is killed over a payment says nothing of it, and it may be looked for together with others then.
    return not found and told > 0 and (_leads_back(lines) or stack.kills.exists())


def _says_too_much(line: str, people: set[str]) -> bool:
    return bool(SECRET.search(line)) or any(person in line for person in people)


def _leads_back(lines: list[str]) -> bool:
    """Whether one search for MioCommerce's id of each recorded payment or refund finds Intuit's id of a request that was made for it."""
    recorded, traced, unanswered = set(), set(), set()
    for line in lines:
        if not line.startswith('{"timestamp"'):
            continue
        told = json.loads(line)
        fields = told["fields"]
        if "receipt.id" in fields and "transaction.id" in fields:
            recorded.add(fields["transaction.id"])
        # Its answer was lost, and it was looked for together with others: no request was made for it alone.
        if fields.get("reason") == "answer_unknown":
            unanswered.add(fields["transaction.id"])
        if fields.get("quickbooks.intuit_tid"):
            traced |= {span["message.about"] for span in told.get("spans", []) if "message.about" in span}
    recorded -= unanswered
    lost = sorted(recorded - traced)
    print(f"Intuit's id of a request stands beside {len(recorded - set(lost))} of {len(recorded)} recorded transactions" + (f"; not {lost[:5]}" if lost else ""))
    return not lost


def _logged(stack: Stack) -> list[str]:
    """What the functions logged, wherever they ran."""
    return [
        line
        for name in ("ministack", "lambda-host", "transaction-sync", "backlog-drain", "token-health")
        for line in _lines(stack.folder / f"{name}.log")
        if not EMULATOR.match(line)
    ]


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
