"""The walk: what an operator does with the page, from a fresh connection to another company refused.

Every page is asserted on, pictured, and checked for people who see, read or point with difficulty, in a real Chromium:
cookies, redirects and the pages' own policy are the browser's.
"""

import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from . import clicks, traffic
from .connecting import launch
from .processes import StackError, post
from .purchases import Purchases
from .screen import DESK, PHONE, Album, screen
from .stack import MERCHANTS, Stack

OTHER_COMPANY = "Entretien Saint-Denis inc."
# Who takes it in the end.
LEAVES = "mer_laurier"
# Connected by nobody before their clicks are counted.
FRESH = {
    "mer_harbour": "Harbour Yard Services Ltd.",
    "mer_sunline": "Sunline Home Pros LLC",
    "mer_thames": "Thames Home Services Ltd",
    "mer_tucson": "Desert Home Repair Inc.",
}
COMPANIES = {"mer_northgate": "Northgate Home Care Ltd.", "mer_laurier": "Nettoyage Laurier inc."}

# What is read on the way, by language.
WORDS = {
    "en": {
        "connected": "Payments and refunds are sent to QuickBooks within seconds.",
        "first": "The one transaction received is in QuickBooks.",
        "mapped": "Saved. What waited for it is being sent now.",
        "retried": "It is being sent to QuickBooks now.",
        "skipped": "It is left out, with your reason.",
        "restored": "The customer's record in QuickBooks is as it was before.",
        "saved": "Saved. It applies to what is sent from now on.",
        "recorded": "Recorded as",
        "viewer": "Changes belong to administrators.",
        "disconnected": "QuickBooks is disconnected and your permission was given back.",
        "arrived": "2 transactions arrived while QuickBooks was disconnected.",
        "sending": "They are being sent to QuickBooks now",
        "differs": "This is another company than before",
        "cancelled": "You did not connect QuickBooks",
        "over": "This connection attempt is over",
        "being sent": "being sent",
        "left out by": "Left out by you",
        "restored by": "put back by you",
        "unsaid": "Refunds: method not told",
    },
    "fr": {
        "connected": "Les paiements et les remboursements sont envoyés à QuickBooks en quelques secondes.",
        "first": "La transaction reçue est dans QuickBooks.",
        "mapped": "Enregistré. Ce qui l'attendait est envoyé maintenant.",
        "retried": "L'envoi à QuickBooks est en cours.",
        "skipped": "Laissé de côté, avec votre motif.",
        "restored": "La fiche du client dans QuickBooks est comme avant.",
        "saved": "Enregistré. Cela vaut pour ce qui est envoyé dès maintenant.",
        "recorded": "Inscrit sous le numéro",
        "viewer": "Les changements reviennent aux administrateurs.",
        "disconnected": "QuickBooks est déconnecté et votre autorisation a été rendue.",
        "arrived": "2 transactions sont arrivées pendant que QuickBooks était déconnecté.",
        "sending": "Ces transactions sont envoyées à QuickBooks maintenant",
        "differs": "Ce n'est pas la même entreprise qu'avant",
        "cancelled": "Vous n'avez pas connecté QuickBooks",
        "over": "Cette tentative de connexion est terminée",
        "being sent": "maintenant, dans l'ordre",
        "left out by": "Laissé de côté par vous",
        "restored by": "rétablie par vous",
        "unsaid": "Remboursements : mode non précisé",
    },
}


def walk(stack: Stack, pictures: Path) -> None:
    """Walks before a desk in English, then at a phone in French, then where no scripts run, and counts clicks in between.

    Raises `StackError` where a page is not for everybody.
    """
    violations = []
    for merchant, language, size, name in (
        ("mer_northgate", "en", DESK, "desk-en"),
        ("mer_laurier", "fr", PHONE, "phone-fr"),
    ):
        print(f"\n{name}")
        with screen(language, size) as page:
            album = Album(pictures, name)
            _Walk(stack, page, album, merchant, language).walk()
            violations += album.violations
    clicks.count(stack, FRESH)
    print("\nno scripts")
    with screen("en", DESK, scripts=False) as page:
        _Walk(stack, page, Album(pictures, "no-scripts", checks=False), "mer_northgate", "en").without_scripts()
    if violations:
        raise StackError("Not every page is for everybody:\n  " + "\n  ".join(violations))


class _Walk:
    """One operator, from the App Market and back."""

    def __init__(self, stack: Stack, page: Page, album: Album, merchant: str, language: str) -> None:
        self.stack = stack
        self.page = page
        self.album = album
        self.merchant = merchant
        self.language = language
        self.words = WORDS[language]
        self.company = COMPANIES[merchant]
        self.purchases = Purchases(merchant, f"w{language}")

    def walk(self) -> None:
        self._connects()
        first = self._first_payment()
        self._maps_a_tax()
        self._puts_back(self._chooses_a_customer())
        self._tries_again()
        self._decides_a_refund(first)
        self._names_a_tax()
        self._leaves_out()
        self._chooses_settings()
        self._looks_around()
        self._looks_as_a_viewer()
        self._disconnects_and_reconnects()
        self._takes_another_company()
        if self.merchant == LEAVES:
            self._begins_afresh(first)

    def without_scripts(self) -> None:
        """Every page, and a button of each."""
        self.page.goto(launch(self.stack, self.merchant, "open", self.language))
        self._sees("connected")
        self.album.take(self.page, "overview")
        self.page.locator("nav a[href$='/activity']").click()
        self.page.locator("select[name=state]").select_option("synced")
        self.page.locator("form.find button").click()
        self.album.take(self.page, "activity-found")
        self.page.locator("ul.entries a").first.click()
        self._sees("recorded")
        self.page.locator("nav a[href$='/taxes']").click()
        self.page.locator("form[action$='/refresh'] button").click()
        self.album.take(self.page, "taxes-refreshed")
        self.page.locator("nav a[href$='/settings']").click()
        self.page.locator("summary", has=self.page.locator("h2")).last.click()
        self.page.locator("input[name='bookkeeper.name']").fill("Luc Gagné")
        self.page.locator("form:has(input[value=people]) button[type=submit]").click()
        self._sees("saved")
        self.album.take(self.page, "settings-saved")

    # From the App Market to the first receipt.

    def _connects(self) -> None:
        self.page.goto(self.stack.market)
        self.album.take(self.page, "app-market", ours=False)
        self.page.goto(launch(self.stack, self.merchant, "open", self.language))
        self.album.take(self.page, "not-connected")
        self.page.locator("a.button[href$='/reconnect']").click()
        self.album.take(self.page, "consent", ours=False)
        self.page.get_by_label(self.company).check()
        self.page.get_by_role("button", name="Connect", exact=True).click()
        self._sees("connected")
        # Nothing waited.
        self._sees_not("being sent")
        self.album.take(self.page, "connected")
        self._tells(self.purchases.services(self.language))
        # The back button, into a callback that was used.
        self.page.go_back()
        self.page.go_forward()
        self._sees("connected")

    def _first_payment(self) -> dict[str, Any]:
        first = self.purchases.ordinary(1)
        self._send(first, "synced")
        self.page.goto(f"{self.stack.market}/quickbooks")
        self._sees("first")
        self.album.take(self.page, "first-payment")
        self._opens(first[0])
        self._sees("recorded")
        self.album.take(self.page, "entry-recorded")
        return first[0]

    # What needs the operator.

    def _maps_a_tax(self) -> None:
        waits = [self.purchases.untaxed()]
        self._send(waits, "needs_operator")
        self._opens(waits[0])
        self.album.take(self.page, "entry-waits-for-tax")
        self.page.locator("a.button[href$='/taxes']").click()
        self.album.take(self.page, "taxes-to-choose")
        row = self.page.locator("form:has(input[name=of][value=no_tax])")
        row.locator("input[type=radio]").first.check()
        row.locator("button").click()
        self._sees("mapped")
        self.album.take(self.page, "taxes-chosen")
        self._follow(waits, "synced")
        confirm = self.page.locator("button[name=confirm]")
        if confirm.count():
            confirm.click()
            self._sees("saved")
            self.album.take(self.page, "taxes-confirmed")

    def _chooses_a_customer(self) -> dict[str, Any]:
        waits = self.purchases.of_two_records(2)
        self._send(waits, "needs_operator")
        self.page.goto(f"{self.stack.market}/quickbooks")
        self.album.take(self.page, "needs-you")
        self.page.locator("main a.button[href='/quickbooks/activity']").click()
        self.album.take(self.page, "activity-needs-you")
        self._opens(waits[0])
        self.album.take(self.page, "entry-asks-for-customer")
        self.page.locator("a.button[href*='/customer']").click()
        expect(self.page.locator("button[value=record]")).to_have_count(2)
        self.album.take(self.page, "two-customers")
        self.page.locator("button[value=record]").last.click()
        self._sees("retried")
        self._follow(waits, "synced")
        return waits[0]

    def _puts_back(self, payment: dict[str, Any]) -> None:
        changed = self.purchases.changed(payment)
        self._tells(changed)
        self._opens(payment)
        self._looks_until("form[action$='/restore'] button")
        self.album.take(self.page, "entry-written-over")
        self.page.locator("form[action$='/restore'] button").click()
        self._sees("restored")
        expect(self.page.locator("form[action$='/restore']")).to_have_count(0)
        self._sees("restored by")
        self.album.take(self.page, "entry-put-back")

    def _tries_again(self) -> None:
        realm = {"realm": MERCHANTS[self.merchant]}
        post(f"{self.stack.simulator}/simulator/trouble", {"kind": "closed_books", "until": "2099-12-31", **realm})
        waits = self.purchases.ordinary(1)
        self._send(waits, "needs_operator")
        self._opens(waits[0])
        self.album.take(self.page, "entry-books-closed")
        post(f"{self.stack.simulator}/simulator/trouble", {"kind": "heal", **realm})
        self.page.locator("button[value=retry]").click()
        self._sees("retried")
        self._follow(waits, "synced")

    def _decides_a_refund(self, payment: dict[str, Any]) -> None:
        paid = payment["payment"]["amount"]
        self._send([self.purchases.refund(payment, "10.00")], "synced")
        exceeds = self.purchases.refund(payment, paid)
        self._send([exceeds], "needs_operator")
        self._opens(exceeds)
        self._sees_no_id()
        self.album.take(self.page, "entry-refund-exceeds")
        self.page.locator("button[value=allow]").click()
        self._sees("retried")
        self._follow([exceeds], "synced")
        self._opens(exceeds)
        self._sees("recorded")
        self._sees_lines(paid)
        self.album.take(self.page, "entry-refund-recorded")

    def _names_a_tax(self) -> None:
        unknown = self.purchases.of_nothing_known("12.00")
        self._send([unknown], "needs_operator")
        self._opens(unknown)
        self._sees_no_id()
        self.album.take(self.page, "entry-asks-for-tax")
        self.page.locator("select[name=code]").select_option(index=1)
        self.page.locator("button[value=name]").click()
        self._sees("retried")
        self._follow([unknown], "synced")
        self._opens(unknown)
        self._sees("recorded")
        self._sees_lines("12.00")
        self.album.take(self.page, "entry-tax-named")

    def _leaves_out(self) -> None:
        realm = {"realm": MERCHANTS[self.merchant]}
        post(f"{self.stack.simulator}/simulator/trouble", {"kind": "closed_books", "until": "2099-12-31", **realm})
        stays = self.purchases.ordinary(1)
        self._send(stays, "needs_operator")
        post(f"{self.stack.simulator}/simulator/trouble", {"kind": "heal", **realm})
        self._opens(stays[0])
        self.page.locator("details summary").click()
        self.page.locator("input[name=why]").fill({"en": "Recorded by hand", "fr": "Inscrit à la main"}[self.language])
        self.album.take(self.page, "entry-about-to-leave-out")
        self.page.locator("button[value=skip]").click()
        self._sees("skipped")
        self._follow(stays, "skipped")
        self._opens(stays[0])
        self._sees("left out by")
        self.album.take(self.page, "entry-left-out")

    # What is looked at and chosen at leisure.

    def _chooses_settings(self) -> None:
        self.page.goto(f"{self.stack.market}/quickbooks/settings")
        self.album.take(self.page, "settings")
        self._opens_every_part()
        self._sees_no_id()
        self.album.take(self.page, "settings-opened")
        self.page.locator("a.button[href*='/settings/customer']").first.click()
        self.album.take(self.page, "walk-in-customer")
        self.page.locator("input[name=q]").fill("nobody of this name")
        self.page.locator("button[value=find]").click()
        self.album.take(self.page, "walk-in-customer-not-found")
        self.page.locator("input[name=q]").fill({"en": "walk", "fr": "passage"}[self.language])
        self.page.locator("button[value=find]").click()
        expect(self.page.locator("button[value=record]")).to_have_count(1)
        self.album.take(self.page, "walk-in-customer-found")
        self.page.locator("button[value=record]").click()
        self._sees("saved")
        self._opens_every_part()
        self.page.locator("select[name=name_with_other_email]").select_option("ask")
        self.page.locator("input[name=update_existing]").uncheck()
        self.page.locator("form:has(input[value=customers]) button[type=submit]").click()
        self._sees("saved")
        self._opens_every_part()
        self.page.locator("input[name='method.paypal']").uncheck()
        self.page.locator("form:has(input[value=sync]) button[type=submit]").click()
        self._sees("saved")
        self._opens_every_part()
        self.page.locator("select[name='deposit.cheque']").select_option(index=1)
        self.page.locator("form:has(input[value=deposits]) button[type=submit]").click()
        self._sees("saved")
        self.album.take(self.page, "settings-history")

    def _opens_every_part(self) -> None:
        self.page.wait_for_load_state()
        closed = self.page.locator("details:is(.part, .fold):not([open]) > summary")
        while closed.count():
            closed.first.click()

    def _looks_around(self) -> None:
        self.page.goto(f"{self.stack.market}/quickbooks")
        self.album.take(self.page, "overview")
        self.page.locator("nav a[href$='/activity']").click()
        # Everybody who paid, but for whom no customer was named.
        expect(self.page.locator("ul.entries .who")).to_have_count(self.page.locator("ul.entries li").count())
        self.album.take(self.page, "activity")
        self.page.locator("select[name=kind]").select_option("refund")
        self.page.locator("form.find button").click()
        expect(self.page.locator("ul.entries li")).to_have_count(3)
        self.album.take(self.page, "activity-refunds")
        self.page.locator("input[name=q]").fill("nothing like it")
        self.page.locator("form.find button").click()
        expect(self.page.locator("ul.entries li")).to_have_count(0)
        self.album.take(self.page, "activity-nothing")
        self.page.goto(f"{self.stack.market}/quickbooks")
        self.page.locator("a[href*='/statement']").first.click()
        # Only the refund of a payment that nobody knows stands by itself.
        row = self.page.locator("tr", has_text=self.words["unsaid"])
        expect(row).to_have_count(1)
        expect(row).to_contain_text(_spelled("12.00", self.language))
        self.album.take(self.page, "statement")
        with self.page.expect_download() as sheet:
            self.page.locator("a[href*='activity.csv']").click()
        rows = sheet.value.path().read_text(encoding="utf-8-sig").splitlines()
        # The first row names the columns; the last is the sum of everything.
        between = {"en": ",", "fr": ";"}[self.language]
        assert len(rows) > 8 and rows[-1].count(between) == rows[0].count(between), rows

    def _looks_as_a_viewer(self) -> None:
        address = launch(self.stack, self.merchant, "open", self.language) + "&role=viewer"
        self.page.goto(address)
        self._sees("viewer")
        expect(self.page.locator("button")).to_have_count(0)
        self.album.take(self.page, "viewer")
        self.page.locator("nav a[href$='/settings']").click()
        self.album.take(self.page, "viewer-settings")
        self.page.goto(launch(self.stack, self.merchant, "open", self.language))

    # Leaving and coming back.

    def _disconnects_and_reconnects(self) -> None:
        self.page.goto(f"{self.stack.market}/quickbooks")
        self.page.locator("details summary").click()
        self.album.take(self.page, "about-to-disconnect")
        self.page.locator("form[action$='/disconnect'] button").click()
        self._sees("disconnected")
        self.album.take(self.page, "disconnected")
        arrivals = self.purchases.ordinary(2)
        traffic.wait_until_believed()
        self._send(arrivals, "needs_operator")
        self._consents_to(self.company)
        self._sees("arrived")
        self._sees_not("being sent")
        self.album.take(self.page, "arrived-meanwhile")
        self.page.locator("button[value=send]").click()
        self._sees("sending")
        for progress in self.page.locator("progress").all():
            # One may be recorded by now, and the drain writes down how many were when it hands over.
            assert int(progress.get_attribute("max") or "0") <= 2, "what never waited is counted"
        self.album.take(self.page, "being-sent")
        self._follow(arrivals, "synced")

    def _takes_another_company(self) -> None:
        self._consents_to(OTHER_COMPANY)
        self._sees("differs")
        expect(self.page.locator("main")).to_contain_text(self.company)
        self.album.take(self.page, "another-company")
        # Starting afresh leads to Intuit's own page; whoever thinks again there changes nothing.
        self.page.locator("form button").first.click()
        expect(self.page.locator("h1")).to_have_text("Connect to QuickBooks")
        self.page.get_by_role("button", name="No, thanks").click()
        self._sees("cancelled")
        self.album.take(self.page, "cancelled")
        self.page.goto(f"{self.stack.market}/quickbooks")
        self._sees("connected")
        expect(self.page.locator("main")).to_contain_text(self.company)
        forged = f"state=forged&code=forged&realmId={MERCHANTS[self.merchant]}"
        self.page.goto(f"{self.stack.market}/quickbooks/callback?{forged}")
        self._sees("over")
        self.album.take(self.page, "forged-callback")

    def _begins_afresh(self, payment: dict[str, Any]) -> None:
        """Leaves its company for another: what was recorded in the first says so, on a phone and at a desk."""
        self._consents_to(OTHER_COMPANY)
        self._sees("differs")
        self.page.locator("form button").first.click()
        self.page.get_by_label(OTHER_COMPANY).check()
        self.page.get_by_role("button", name="Connect", exact=True).click()
        expect(self.page.locator("main")).to_contain_text(OTHER_COMPANY)
        self.album.take(self.page, "another-company-connected")
        self._opens(payment)
        expect(self.page.locator("main")).to_contain_text(self.company)
        expect(self.page.locator("a[target=_blank].button")).to_have_count(0)
        self.album.take(self.page, "entry-elsewhere")
        self.page.goto(f"{self.stack.market}/quickbooks/statement")
        expect(self.page.locator("main")).to_contain_text(self.company)
        self.album.take(self.page, "statement-of-two-companies")
        self.page.set_viewport_size(DESK)
        self.album.take(self.page, "statement-of-two-companies-at-a-desk")
        self.page.goto(f"{self.stack.market}/quickbooks/settings")
        expect(self.page.locator("main")).to_contain_text(self.company)
        self.album.take(self.page, "settings-history-of-two-companies")

    def _consents_to(self, company: str) -> None:
        self.page.goto(launch(self.stack, self.merchant, "connect", self.language))
        self.page.get_by_label(company).check()
        self.page.get_by_role("button", name="Connect", exact=True).click()

    # On the way.

    def _sees(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(self.words[words])

    def _sees_not(self, words: str) -> None:
        expect(self.page.locator("main")).not_to_contain_text(self.words[words])

    def _sees_no_id(self) -> None:
        """Nothing is called by the id it has in messages."""
        expect(self.page.locator("main")).not_to_contain_text(re.compile(r"\b(pay|ref|cus|svc|tax)_\w"))

    def _sees_lines(self, amount: str) -> None:
        """The lines of a document, and what they come to."""
        expect(self.page.locator("table tbody tr").first).to_be_visible()
        expect(self.page.locator("table tfoot")).to_contain_text(_spelled(amount, self.language))

    def _tells(self, message: dict[str, Any]) -> None:
        traffic.put(self.stack.credentials, self.stack.endpoint, self.stack.outputs, [message])

    def _looks_until(self, selector: str) -> None:
        """Looks again and again at the page at hand, until something is there."""
        looked = time.monotonic()
        while not self.page.locator(selector).count():
            assert time.monotonic() - looked < traffic.PATIENCE_SECONDS, f"{selector} never came"
            self.page.reload()

    def _send(self, messages: list[dict[str, Any]], state: str) -> None:
        traffic.send(self.stack, messages)
        self._follow(messages, state)

    def _follow(self, messages: list[dict[str, Any]], state: str) -> None:
        """Waits until they are in this state, whatever else they were on the way."""
        last = f"transaction.{state}"
        on_the_way = {"transaction.waiting", "transaction.needs_operator"} - {last}
        outcomes = traffic.follow(self.stack, messages, tuple(on_the_way))
        assert all(outcome["type"] == last for outcome in outcomes.values()), outcomes

    def _opens(self, message: dict[str, Any]) -> None:
        """Opens a transaction from the list of all."""
        self.page.goto(f"{self.stack.market}/quickbooks/activity")
        self.page.locator(f"ul.entries a[href$='id={traffic.about(message)['id']}']").last.click()


def _spelled(amount: str, language: str) -> str:
    """An amount of less than a thousand, as a page writes it."""
    return {"en": amount, "fr": amount.replace(".", ",")}[language]
