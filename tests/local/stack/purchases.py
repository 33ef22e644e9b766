"""What customers buy while an operator looks on: messages as MioCommerce would send them, made now."""

from datetime import UTC, datetime
from typing import Any

from . import demo

Message = dict[str, Any]

# What the sample merchants call their services.
SERVICES = {
    "en": {"svc_home": "Home cleaning", "svc_windows": "Window cleaning", "svc_carpet": "Carpet cleaning"},
    "fr": {"svc_home": "Ménage", "svc_windows": "Lavage de vitres", "svc_carpet": "Nettoyage de tapis"},
}


class Purchases:
    """Makes payments and refunds of one merchant; no two of a walk are the same."""

    def __init__(self, merchant: str, mark: str) -> None:
        """Purchases of `merchant`, whose ids end with `mark` and a number."""
        self._merchant = merchant
        self._mark = mark
        self._made = 0

    def services(self, language: str) -> Message:
        """What MioCommerce answers a first connection with: the names of the merchant's services."""
        services = [{"id": service, "name": name} for service, name in SERVICES[language].items()]
        merchant = {"version": 1, "services": services}
        return {"schema": 1, "type": "merchant.updated", "merchant_id": self._merchant, "sent_at": _clock(), "merchant": merchant}

    def ordinary(self, count: int) -> list[Message]:
        """Payments of services and products, by customers of the sample day."""
        return [self._now(payment) for payment in demo.more_of(self._merchant, count, self._next())]

    def untaxed(self) -> Message:
        """A payment on which no tax was charged, and nobody says why."""
        [payment] = self.ordinary(1)
        paid = payment["payment"]
        line = {name: paid["lines"][0][name] for name in ("id", "service", "description", "amount")}
        line |= {"kind": "service", "quantity": "1", "unit_price": line["amount"], "taxes": []}
        paid |= {"lines": [line], "amount": line["amount"]}
        return payment

    def of_two_records(self, count: int) -> list[Message]:
        """Payments of one customer whose e-mail address two records in QuickBooks have."""
        who = {"id": f"cus_robin{self._mark}", "first_name": "Robin", "last_name": "Marsh", "email": "sam.lee@example.com"}
        payments = self.ordinary(count)
        return [{**payment, "customer": {**payment["customer"], **who, "company_name": None}} for payment in payments]

    def refund(self, payment: Message, amount: str) -> Message:
        """Pays back some of a payment, or more than it was."""
        paid = payment["payment"]
        mark = self._next()
        refund = {
            "id": f"ref_{paid['id']}{mark}",
            "reference": f"R-{paid['reference']}{mark}",
            "kind": "refund",
            "payment_id": paid["id"],
            "refunded_at": _clock(),
            "currency": paid["currency"],
            "amount": amount,
            "lines": None,
            "reason": "one room less",
        }
        kept = {name: payment[name] for name in ("schema", "merchant_id", "customer")}
        return {**kept, "type": "payment.refunded", "sent_at": _clock(), "refund": refund}

    def of_nothing_known(self, amount: str) -> Message:
        """Pays back a payment that nobody has seen, and does not say of what."""
        [payment] = self.ordinary(1)
        return self.refund(payment, amount)

    def changed(self, payment: Message) -> Message:
        """The message that a payment's customer changed since: another telephone number and surname."""
        was = payment["customer"]
        changed = {**was, "version": was["version"] + 1, "updated_at": _clock(), "last_name": "Marsh-Roy", "phone": "+1 514 555 0188"}
        kept = {name: payment[name] for name in ("schema", "merchant_id")}
        return {**kept, "type": "customer.updated", "sent_at": _clock(), "customer": changed}

    def _now(self, message: Message) -> Message:
        paid = {**message["payment"], "captured_at": _clock(), "lines": [dict(line) for line in message["payment"]["lines"]]}
        return {**message, "sent_at": _clock(), "payment": paid}

    def _next(self) -> str:
        self._made += 1
        return f"{self._mark}{self._made}"


def _clock() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
