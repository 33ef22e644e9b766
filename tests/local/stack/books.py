"""The books, read back by a QuickBooks client that other people wrote, and held against what was expected."""

import json
import os
import urllib.request
from decimal import Decimal
from typing import Any

# The client insists on HTTPS otherwise.
os.environ.setdefault("OAUTHLIB_INSECURE_TRANSPORT", "1")

from intuitlib.client import AuthClient  # noqa: E402
from quickbooks import QuickBooks  # noqa: E402
from quickbooks.objects.customer import Customer  # noqa: E402
from quickbooks.objects.preferences import Preferences  # noqa: E402
from quickbooks.objects.refundreceipt import RefundReceipt  # noqa: E402
from quickbooks.objects.salesreceipt import SalesReceipt  # noqa: E402

from .processes import post  # noqa: E402


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def entries(simulator: str, realm: str, kind: str) -> list[dict[str, Any]]:
    """Every record of a kind in a company, as the simulator keeps it."""
    return _get(f"{simulator}/simulator/books/{realm}").get(kind, [])


def lift_limits(simulator: str) -> None:
    """Takes the limits of requests a second and a minute off."""
    post(f"{simulator}/simulator/switches", {"per_second": 0, "per_minute": 0})


def counters(simulator: str) -> dict[str, Any]:
    """What the simulator counted, by company."""
    return _get(f"{simulator}/simulator/counters")


def client(simulator: str, realm: str) -> QuickBooks:
    """A client of one company."""
    tokens = post(f"{simulator}/simulator/connect", {"realm": realm})
    QuickBooks.api_url_v3 = f"{simulator}/v3"
    QuickBooks.sandbox_api_url_v3 = f"{simulator}/v3"
    discovery = f"{simulator}/.well-known/openid_sandbox_configuration"
    auth = AuthClient("demo-client", "demo-secret", "http://localhost:8080/callback", discovery)
    auth.access_token = tokens["access_token"]
    return QuickBooks(auth_client=auth, refresh_token=tokens["refresh_token"], company_id=realm)


def receipts(simulator: str, realm: str) -> list[SalesReceipt]:
    """Every sales receipt of a company."""
    return SalesReceipt.all(order_by="Id", max_results=1000, qb=client(simulator, realm))


def refunds(simulator: str, realm: str) -> list[RefundReceipt]:
    """Every refund receipt of a company."""
    return RefundReceipt.all(order_by="Id", max_results=1000, qb=client(simulator, realm))


def emails(simulator: str, realm: str) -> dict[str, str]:
    """Each customer's e-mail field by id."""
    people = Customer.all(order_by="Id", max_results=1000, qb=client(simulator, realm))
    return {person.Id: (person.PrimaryEmailAddr.Address if person.PrimaryEmailAddr else "") for person in people}


def money(value: Any) -> Decimal:
    """An amount as the client gives it, exact to the cent."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def differences(
    simulator: str, realm: str, rows: list[Any], expected: dict[str, dict[str, Any]], tax_rates: dict[str, str]
) -> list[str]:
    """How a company's receipts, or its refund receipts, differ from what was expected of it; none where they agree.

    `expected` goes by our mark, `payment/…` or `refund/…`; `tax_rates` holds the company's rate for each of MioCommerce's
    taxes, and is empty where the company works its taxes out by itself.
    """
    found = {_mark(receipt): receipt for receipt in rows}
    people = emails(simulator, realm)
    ours_to_number = Preferences.get(qb=client(simulator, realm)).SalesFormsPrefs.CustomTxnNumbers
    wrong = []
    if len(found) != len(rows):
        wrong.append(f"{realm}: a transaction has two receipts")
    for mark, wanted in expected.items():
        receipt = found.pop(mark, None)
        if receipt is None:
            wrong.append(f"{mark}: no receipt")
            continue
        wrong += [f"{mark}: {text}" for text in _differences(receipt, wanted, people, tax_rates, ours_to_number)]
    wrong += [f"{realm}: a receipt nobody expected, {mark}" for mark in found]
    return wrong


def _differences(
    receipt: Any, wanted: dict[str, Any], people: dict[str, str], tax_rates: dict[str, str], ours_to_number: bool
) -> list[str]:
    wrong = []
    if money(receipt.TotalAmt) != money(wanted["total"]):
        wrong.append(f"total {receipt.TotalAmt} instead of {wanted['total']}")
    if receipt.TxnDate != wanted["date"]:
        wrong.append(f"dated {receipt.TxnDate} instead of {wanted['date']}")
    if ours_to_number and receipt.DocNumber != wanted["document_number"]:
        wrong.append(f"numbered {receipt.DocNumber} instead of {wanted['document_number']}")
    email = wanted["email"]
    if email and email.lower() not in people[receipt.CustomerRef.value].lower():
        wrong.append(f"booked to customer {receipt.CustomerRef.value}, who has not the payer's address")
    lines = receipt.TxnTaxDetail.TaxLine if receipt.TxnTaxDetail else []
    posted = {line.TaxLineDetail.TaxRateRef.value: money(line.Amount) for line in lines if money(line.Amount)}
    if tax_rates:
        charged = {tax_rates[tax]: money(amount) for tax, amount in wanted["tax"].items() if money(amount)}
    else:
        posted = {"all": sum(posted.values(), money(0))}
        charged = {"all": sum(map(money, wanted["tax"].values()), money(0))}
    if posted != charged:
        wrong.append(f"tax by rate {_figures(posted)} instead of {_figures(charged)}")
    return wrong


def _figures(by_rate: dict[str, Decimal]) -> str:
    return ", ".join(f"{rate}: {amount}" for rate, amount in sorted(by_rate.items())) or "none"


def _mark(receipt: Any) -> str:
    """Our mark, the last word of the private note."""
    return (receipt.PrivateNote or "").split("mio:")[-1]
