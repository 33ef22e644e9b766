"""Clicks: how many a person needs from consent to the first payment in QuickBooks, counted in a real browser.

Every sample merchant is connected afresh and nothing is chosen for it before: what its company lacks, or what only a
person can say, costs the clicks it costs.
"""

from playwright.sync_api import Locator, Page, expect

from . import traffic
from .connecting import launch
from .processes import StackError
from .purchases import Purchases
from .screen import DESK, screen
from .stack import Stack

# A person who has just consented has no patience for more.
CLICKS_MAX = 5

FIRST = "The one transaction received is in QuickBooks."


def count(stack: Stack, merchants: dict[str, str]) -> None:
    """Connects each merchant to its company, by the company's name, and takes one payment to QuickBooks.

    Raises `StackError` where a person needs more clicks than `CLICKS_MAX` after consent.
    """
    print("\nclicks from consent to the first payment in QuickBooks")
    counted = {}
    for merchant, company in merchants.items():
        with screen("en", DESK) as page:
            counted[merchant] = _Person(stack, page, merchant).connects(company)
            print(f"  {merchant:<14} {counted[merchant]}")
    slow = {merchant: clicks for merchant, clicks in counted.items() if clicks > CLICKS_MAX}
    if slow:
        raise StackError(f"More than {CLICKS_MAX} clicks from consent to the first payment: {slow}")


class _Person:
    """One who connects, and counts."""

    def __init__(self, stack: Stack, page: Page, merchant: str) -> None:
        self.stack = stack
        self.page = page
        self.merchant = merchant
        self.clicks = 0

    def connects(self, company: str) -> int:
        self.page.goto(launch(self.stack, self.merchant, "connect"))
        self.page.get_by_label(company).check()
        self.page.get_by_role("button", name="Connect", exact=True).click()
        expect(self.page.locator("main")).to_contain_text("Payments and refunds are sent to QuickBooks")
        payment = Purchases(self.merchant, "first").ordinary(1)
        traffic.send(self.stack, payment)
        outcomes = traffic.follow(self.stack, payment)
        self._looks()
        while FIRST not in self.page.locator("h1").inner_text():
            [outcome] = outcomes.values()
            if outcome["type"] != "transaction.needs_operator" or self.clicks > 2 * CLICKS_MAX:
                raise StackError(f"{self.merchant}: nothing a click could clear: {outcome}")
            self._does_what_it_says(outcome["reason"]["code"])
            outcomes = traffic.follow(self.stack, payment, ("transaction.waiting", "transaction.needs_operator"))
            self._looks()
        return self.clicks

    def _does_what_it_says(self, code: str) -> None:
        """The button beside the problem, and what is asked there."""
        self._clicks(self.page.locator("section.banner.bad a.button").first)
        if code.startswith("tax_"):
            form = self.page.locator("section.banner.bad form[action$='/taxes']").first
            self._clicks(form.locator("input[type=radio]").first)
            self._clicks(form.locator("button[type=submit]"))
        else:
            self._clicks(self.page.locator("form[action$='/create'] button").first)
        expect(self.page.locator("[role=status]")).to_contain_text("being sent now")

    def _looks(self) -> None:
        """Opens the overview again, by its tab."""
        self._clicks(self.page.locator("nav a").first)

    def _clicks(self, where: Locator) -> None:
        self.clicks += 1
        where.click()
