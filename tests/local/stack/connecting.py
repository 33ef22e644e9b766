"""Connecting as an operator does it: App Market, consent, page; and what happens when somebody chooses wrongly."""

import urllib.parse
from typing import Any

from . import books, traffic
from .browser import Browser, Page
from .processes import StackError
from .stack import MERCHANTS, Stack, choose_settings, operators_choice


def launch(stack: Stack, merchant: str, to: str, language: str = "en") -> str:
    """The App Market's address that opens the app for a merchant: `connect` or `open`."""
    query = {"merchant": merchant, "to": to, "language": language}
    return f"{stack.market}/launch?" + urllib.parse.urlencode(query)


def connect_all(stack: Stack) -> None:
    """Connects the sample merchants: three clicks each, and the settings their operators would choose."""
    for merchant, realm in MERCHANTS.items():
        page = connect(stack, Browser(), merchant, realm)
        if not page.says("Payments and refunds are sent to QuickBooks"):
            raise StackError(f"{merchant} could not be connected: {page.status} {_heading(page)}")
        choose_settings(stack, merchant, operators_choice(merchant))
        print(f"  {merchant:<14} connected: Connect, company, consent")


def connect(stack: Stack, browser: Browser, merchant: str, realm: str | None) -> Page:
    """Presses Connect in the App Market and consents to a company, or cancels."""
    return browser.consent(browser.open(launch(stack, merchant, "connect")), realm)


def second_thoughts(stack: Stack, arrivals: list[dict[str, Any]]) -> bool:
    """Disconnects, is refused another company, cancels, reconnects, and decides what arrived meanwhile; whether each ended
    as it should. `arrivals` are payments of customers who are linked by now."""
    print("\nSecond thoughts of mer_laurier's operator:")
    browser, merchant = Browser(), "mer_laurier"
    page = browser.open(launch(stack, merchant, "open"))
    good = _step("the page opens", page, "Nettoyage Laurier inc.")
    page = browser.press(page, "/quickbooks/disconnect")
    good &= _step("Disconnect", page, "your permission was given back")
    traffic.wait_until_believed()
    traffic.send(stack, arrivals)
    traffic.follow(stack, arrivals)
    page = connect(stack, browser, merchant, None)
    good &= _step("cancels at Intuit", page, "You did not connect QuickBooks")
    page = connect(stack, browser, merchant, "9341450000000007")
    good &= _step("another company", page, "This is another company than before")
    page = connect(stack, browser, merchant, MERCHANTS["mer_northgate"])
    good &= _step("a company of another merchant", page, "another")
    page = connect(stack, browser, merchant, MERCHANTS[merchant])
    good &= _step("the same company", page, f"{len(arrivals)} transactions arrived while QuickBooks was disconnected")
    before = books.counters(stack.simulator)[MERCHANTS[merchant]]
    page = browser.press(page, "/quickbooks/activity/arrivals", "send")
    good &= _step("Send to QuickBooks", page, "They are being sent to QuickBooks now")
    # What they were held for may be told once more.
    outcomes = traffic.follow(stack, arrivals, ("transaction.waiting", "transaction.needs_operator"))
    after = books.counters(stack.simulator)[MERCHANTS[merchant]]
    writes, reads = (after[what] - before[what] for what in ("writes", "reads"))
    synced = sum(outcome["type"] == "transaction.synced" for outcome in outcomes.values())
    print(f"  {synced} of {len(arrivals)} synced, {writes} writes and {reads} reads: settings and customer links were kept")
    return good and (synced, writes, reads) == (len(arrivals), len(arrivals), 0)


def _step(step: str, seen: Page, wanted: str) -> bool:
    right = seen.says(wanted)
    print(f"  {step:<30} {seen.status}  {_heading(seen)}{'' if right else '   WRONG: not as it should be'}")
    return right


def _heading(page: Page) -> str:
    return page.body.partition("<h1>")[2].partition("</h1>")[0] or page.body[:80]
