"""Messages to play with: payments of a sample merchant's customers, and refunds of them."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MERCHANT = "mer_laurier"


def payment(number: int | str, customer: int | str, version: int = 1, phone: str = "+1 514 555 0100") -> dict[str, Any]:
    """A captured payment: two taxed lines and a tip."""
    windows, supplies, tip = Decimal("84.50"), Decimal("12.25"), Decimal("5.00")
    lines = [_line("1", "service", windows), _line("2", "product", supplies)]
    amount = windows + supplies + tip + sum(Decimal(tax["amount"]) for line in lines for tax in line["taxes"])
    lines.append({"id": "3", "kind": "tip", "description": "Tip", "amount": str(tip)})
    return {
        "schema": 1,
        "type": "payment.captured",
        "merchant_id": MERCHANT,
        "sent_at": "2026-11-22T14:03:12Z",
        "payment": {
            "id": f"pay_{number}",
            "reference": f"P{number}",
            "captured_at": "2026-11-22T09:03:11-05:00",
            "currency": "CAD",
            "amount": str(amount),
            "method": "card",
            "card_brand": "visa",
            "prices_include_tax": False,
            "lines": lines,
        },
        "customer": {
            "id": f"cus_{customer}",
            "number": f"C-{customer}",
            "version": version,
            "updated_at": "2026-11-20T10:00:00Z",
            "first_name": "Person",
            "last_name": f"Number {customer}",
            "email": f"person{customer}@example.com",
            "phone": phone,
        },
    }


def refund(of: int | str, customer: int | str) -> dict[str, Any]:
    """A whole refund of a payment, which lists nothing."""
    paid = payment(of, customer)
    return {
        "schema": 1,
        "type": "payment.refunded",
        "merchant_id": MERCHANT,
        "sent_at": "2026-11-24T14:03:12Z",
        "refund": {
            "id": f"ref_{of}",
            "reference": f"R{of}",
            "kind": "refund",
            "payment_id": f"pay_{of}",
            "refunded_at": "2026-11-24T09:03:11-05:00",
            "currency": "CAD",
            "amount": paid["payment"]["amount"],
            "lines": None,
        },
        "customer": paid["customer"],
    }


def _line(number: str, kind: str, net: Decimal) -> dict[str, Any]:
    cents = Decimal("0.01")

    def tax(code: str, name: str, rate: str) -> dict[str, Any]:
        amount = (net * Decimal(rate) / 100).quantize(cents, ROUND_HALF_UP)
        return {"id": code, "name": name, "rate": rate, "amount": str(amount)}

    taxes = [tax("tax_gst", "GST", "5"), tax("tax_qst", "QST", "9.975")]
    return {"id": number, "kind": kind, "description": f"A {kind}", "amount": str(net), "taxes": taxes}
