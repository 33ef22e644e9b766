"""An outage: QuickBooks goes away in mid-day, what is paid meanwhile waits and says why, and drains by itself afterwards."""

from typing import Any

from . import traffic
from .processes import post
from .stack import MERCHANTS, Stack

def act(stack: Stack, merchant: str, arrivals: list[dict[str, Any]]) -> bool:
    """Plays it through; whether everything was as it should be. `arrivals` are payments of customers linked by now."""
    print(f"\nQuickBooks goes away for {merchant}:")
    realm = MERCHANTS[merchant]
    post(f"{stack.simulator}/simulator/trouble", {"kind": "down", "realm": realm, "times": 0})
    traffic.send(stack, arrivals)
    waiting = traffic.follow(stack, arrivals, ())
    reasons = [(outcome["type"], (outcome.get("reason") or {}).get("code")) for outcome in waiting.values()]
    wrong = [reason for reason in reasons if reason[0] != "transaction.waiting"]
    told = sorted({outcome["reason"]["en"] for outcome in waiting.values() if outcome.get("reason")})
    print(f"  {len(arrivals) - len(wrong)} wait: {' / '.join(told)}")
    post(f"{stack.simulator}/simulator/trouble", {"kind": "none", "realm": realm})
    print("It is back, and nobody does anything:")
    outcomes = traffic.follow(stack, arrivals)
    synced = sum(outcome["type"] == "transaction.synced" for outcome in outcomes.values())
    print(f"  {synced} of {len(arrivals)} synced")
    return not wrong and synced == len(arrivals)
