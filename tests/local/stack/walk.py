"""The walk: an operator connects, disconnects, decides what arrived meanwhile, reconnects, and is refused another company.

Every page is asserted on and pictured, in a real Chromium: cookies, redirects and the pages' own policy are the browser's.
"""

from pathlib import Path

from playwright.sync_api import Page, expect

from . import demo, traffic
from .connecting import launch
from .screen import DESK, PHONE, Album, screen
from .stack import MERCHANTS, Stack, choose_settings, operators_choice

MERCHANT = "mer_laurier"
OTHER_COMPANY = "Entretien Saint-Denis inc."
COMPANY = "Nettoyage Laurier inc."

# What is read on the way, by language.
WORDS = {
    "en": {
        "connect": "Connect QuickBooks",
        "connected": "Payments and refunds are sent to QuickBooks within seconds.",
        "disconnect": "Disconnect",
        "disconnect-yes": "Disconnect from QuickBooks",
        "disconnected": "QuickBooks is disconnected and your permission was given back.",
        "arrived": "2 transactions arrived while QuickBooks was disconnected.",
        "send": "Send to QuickBooks",
        "sending": "They are being sent to QuickBooks now",
        "differs": "This is another company than before",
        "cancelled": "You did not connect QuickBooks",
        "over": "This connection attempt is over",
    },
    "fr": {
        "connected": "Les paiements et les remboursements sont envoyés à QuickBooks en quelques secondes.",
        "disconnect": "Déconnecter",
        "disconnect-yes": "Déconnecter QuickBooks",
        "disconnected": "QuickBooks est déconnecté et votre autorisation a été rendue.",
        "arrived": "2 transactions sont arrivées pendant que QuickBooks était déconnecté.",
        "send": "Envoyer à QuickBooks",
        "sending": "Ces transactions sont envoyées à QuickBooks maintenant",
        "differs": "Ce n'est pas la même entreprise qu'avant",
        "cancelled": "Vous n'avez pas connecté QuickBooks",
        "over": "Cette tentative de connexion est terminée",
    },
}


def walk(stack: Stack, pictures: Path) -> None:
    """Walks before a desk in English, then at a phone in French."""
    for language, size, name in (("en", DESK, "desk-en"), ("fr", PHONE, "phone-fr")):
        print(f"\n{name}")
        with screen(language, size) as page:
            _walk(stack, page, WORDS[language], Album(pictures, name), language)


def _walk(stack: Stack, page: Page, words: dict[str, str], album: Album, language: str) -> None:
    def sees(text: str) -> None:
        expect(page.locator("main")).to_contain_text(text)

    # Three clicks: Connect, the company, consent.
    clicks = 0
    page.goto(stack.market)
    album.take(page, "app-market")
    if language == "en":
        page.locator("section", has_text="Nettoyage Laurier").get_by_text(words["connect"]).click()
    else:
        page.goto(launch(stack, MERCHANT, "connect", language))
    clicks += 1
    album.take(page, "consent")
    page.get_by_label(COMPANY).check()
    page.get_by_role("button", name="Connect", exact=True).click()
    clicks += 2
    sees(words["connected"])
    album.take(page, "connected")
    print(f"  {clicks} clicks to a connection")
    choose_settings(stack, MERCHANT, operators_choice(MERCHANT))

    # The back button, into a callback that was used.
    page.go_back()
    page.go_forward()
    sees(words["connected"])

    page.get_by_text(words["disconnect"], exact=True).click()
    album.take(page, "about-to-disconnect")
    page.get_by_role("button", name=words["disconnect-yes"]).click()
    sees(words["disconnected"])
    album.take(page, "disconnected")

    arrivals = demo.more_of(MERCHANT, 2, language)
    traffic.wait_until_believed()
    traffic.send(stack, arrivals)
    traffic.follow(stack, arrivals)
    _consent(stack, page, COMPANY, language)
    sees(words["arrived"])
    album.take(page, "arrived-meanwhile")
    page.get_by_role("button", name=words["send"]).click()
    sees(words["sending"])
    album.take(page, "being-sent")
    outcomes = traffic.follow(stack, arrivals)
    assert all(outcome["type"] == "transaction.synced" for outcome in outcomes.values()), outcomes

    _consent(stack, page, OTHER_COMPANY, language)
    sees(words["differs"])
    sees(COMPANY)
    album.take(page, "another-company")
    # Starting afresh leads to Intuit's own page; whoever thinks again there changes nothing.
    page.locator("form button").first.click()
    expect(page.locator("h1")).to_have_text("Connect to QuickBooks")
    page.get_by_role("button", name="No, thanks").click()
    sees(words["cancelled"])
    album.take(page, "cancelled")
    page.goto(f"{stack.market}/quickbooks")
    sees(words["connected"])
    sees(COMPANY)
    page.goto(f"{stack.market}/quickbooks/callback?state=forged&code=forged&realmId={MERCHANTS[MERCHANT]}")
    sees(words["over"])
    album.take(page, "forged-callback")


def _consent(stack: Stack, page: Page, company: str, language: str) -> None:
    page.goto(launch(stack, MERCHANT, "connect", language))
    page.get_by_label(company).check()
    page.get_by_role("button", name="Connect", exact=True).click()
