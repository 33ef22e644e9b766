"""A connection revoked inside QuickBooks: found out, told by mail, reconnected, caught up, and told again."""

import re
from typing import Any

from . import traffic
from .browser import Browser
from .connecting import connect, launch
from .market import MERCHANTS, sent_mails
from .processes import StackError, post, wait_for
from .stack import Stack

# Longer than a refusal needs to be believed, a minute of the schedule and a lot's quiet minute take together.
PATIENCE_SECONDS = 420


def act(stack: Stack, merchant: str, arrivals: list[dict[str, Any]]) -> bool:
    """Plays it through; whether everything was as it should be. `arrivals` are payments of customers linked by now."""
    print(f"\n{merchant}'s connection is revoked inside QuickBooks:")
    before = len(sent_mails(stack.endpoint))
    revoke(stack.market, stack.simulator, MERCHANTS[merchant])
    traffic.wait_until_believed()
    traffic.send(stack, arrivals)
    traffic.follow(stack, arrivals, ())
    good = _step("found out, told by mail", _mail(stack, before, "QuickBooks is disconnected"))
    page = Browser().open(launch(stack, merchant, "open"))
    good &= _step("the page asks to reconnect", _said(page.body, "Reconnect needed"))
    good &= _step("and says what waits", _said(page.body, f"{len(arrivals)} transactions wait."))
    page = connect(stack, Browser(), merchant, MERCHANTS[merchant])
    good &= _step("reconnected", _said(page.body, "QuickBooks is connected"))
    outcomes = traffic.follow(stack, arrivals)
    synced = sum(outcome["type"] == "transaction.synced" for outcome in outcomes.values())
    good &= _step("what waited is sent", f"{synced} of {len(arrivals)} synced" if synced == len(arrivals) else None)
    good &= _step("told that it works again", _mail(stack, before, "QuickBooks works again"))
    kinds = [mail["Subject"] for mail in sent_mails(stack.endpoint)[before:]]
    return _step("no other mail", ", ".join(kinds) if len(kinds) == 2 else None) and good


def revoke(market: str, simulator: str, realm: str) -> None:
    """Disconnects the app inside QuickBooks, which then sends the operator's browser to our Disconnect URL."""
    post(f"{simulator}/simulator/trouble", {"kind": "revoke", "realm": realm})
    Browser().open(f"{market}/quickbooks/disconnected?realmId={realm}")


def _mail(stack: Stack, before: int, heading: str) -> str | None:
    def look() -> str | None:
        stack.processes.check()
        subjects = [mail["Subject"] for mail in sent_mails(stack.endpoint)[before:]]
        return next((subject for subject in subjects if heading in subject), None)

    try:
        return wait_for(f"a mail that says “{heading}”", look, PATIENCE_SECONDS)
    except StackError:
        return None


def _said(body: str, wanted: str) -> str | None:
    return wanted if wanted in re.sub(r"<[^>]+>", "", body) else None


def _step(step: str, seen: str | None) -> bool:
    print(f"  {step:<30} {seen or '  WRONG: not as it should be'}", flush=True)
    return seen is not None
