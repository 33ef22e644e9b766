"""An outage: QuickBooks goes away in mid-day, what is paid meanwhile waits and says why, and drains by itself afterwards."""

from typing import Any

from . import traffic
from .processes import post
from .stack import MERCHANTS, Stack

# Long enough for every payment to meet it.
SECONDS = 20


def act(stack: Stack, merchant: str, arrivals: list[dict[str, Any]]) -> bool:
    """Plays it through; whether everything was as it should be. `arrivals` are payments of customers linked by now."""
    print(f"\nQuickBooks goes away for {merchant}:")
    realm = MERCHANTS[merchant]
    post(f"{stack.simulator}/simulator/trouble", {"kind": "down", "realm": realm, "for_seconds": SECONDS})
    traffic.send(stack, arrivals)
    waiting = traffic.follow(stack, arrivals, ())
    reasons = [(outcome["type"], (outcome.get("reason") or {}).get("code")) for outcome in waiting.values()]
    wrong = [reason for reason in reasons if reason[0] != "transaction.waiting"]
    told = sorted({outcome["reason"]["en"] for outcome in waiting.values() if outcome.get("reason")})
    print(f"  {len(arrivals) - len(wrong)} wait: {' / '.join(told)}")
    print(f"It is back after {SECONDS} s, and nobody does anything:")
    outcomes = traffic.follow(stack, arrivals)
    synced = sum(outcome["type"] == "transaction.synced" for outcome in outcomes.values())
    print(f"  {synced} of {len(arrivals)} synced")
    return not wrong and synced == len(arrivals)
