"""Connecting as an operator does it: App Market, consent, page; and what happens when somebody chooses wrongly."""

import urllib.parse

from .browser import Browser, Page
from .processes import StackError
from .stack import MERCHANTS, Stack, choose_settings


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
        choose_settings(stack, merchant)
        print(f"  {merchant:<14} connected: Connect, company, consent")


def connect(stack: Stack, browser: Browser, merchant: str, realm: str | None) -> Page:
    """Presses Connect in the App Market and consents to a company, or cancels."""
    return browser.consent(browser.open(launch(stack, merchant, "connect")), realm)


def second_thoughts(stack: Stack) -> bool:
    """Disconnects, is refused another company, cancels, and reconnects; whether each ended as it should."""
    print("\nSecond thoughts of mer_laurier's operator:")
    browser, merchant = Browser(), "mer_laurier"
    page = browser.open(launch(stack, merchant, "open"))
    steps = [
        ("the page opens", page, "Nettoyage Laurier inc."),
        ("Disconnect", page := browser.press(page, "/quickbooks/disconnect"), "your permission was given back"),
        ("cancels at Intuit", connect(stack, browser, merchant, None), "You did not connect QuickBooks"),
        (
            "another company",
            connect(stack, browser, merchant, "9341450000000007"),
            "This is another company than before",
        ),
        ("a company of another merchant", connect(stack, browser, merchant, MERCHANTS["mer_northgate"]), "another"),
        ("the same company", connect(stack, browser, merchant, MERCHANTS[merchant]), "QuickBooks is connected"),
    ]
    good = True
    for step, seen, wanted in steps:
        right = seen.says(wanted)
        good = good and right
        print(f"  {step:<30} {seen.status}  {_heading(seen)}{'' if right else '   WRONG: not as it should be'}")
    return good


def _heading(page: Page) -> str:
    return page.body.partition("<h1>")[2].partition("</h1>")[0] or page.body[:80]
