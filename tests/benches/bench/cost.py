"""What the counts cost at AWS.

List prices of us-east-1, in dollars, from AWS's price pages as they were known on 2026-11-22; not verified against a bill. Change
them here and run again.
"""

from typing import Any

PRICES = {
    "write unit": 0.625e-6,
    "read unit": 0.125e-6,
    "FIFO request": 0.50e-6,
    "queue request": 0.40e-6,
    "invocation": 0.20e-6,
    "GB-second, arm64": 13.3334e-6,
    "GB of log": 0.50,
    "secret a month": 0.40,
    "secret call": 5e-6,
    "schedule tick": 1e-6,
    "GB-month of table": 0.25,
}

MEMORY_GB = 0.25
# A batch of ten: nine starts 122 ms apart, then the last answer.
BATCH_SECONDS = 9 * 0.122 + 0.6
SINGLE_SECONDS = 0.62


def of_a_transaction(way: dict[str, Any], batch: int, seconds: float) -> dict[str, float]:
    """Dollars of one transaction, by service. MioCommerce's own sending is not in it."""
    units = way["units"]
    writes = units.get("table writes", 0) + units.get("index writes", 0)
    sends = sum(count for call, count in way["calls"].items() if call.startswith("SQS"))
    secrets = sum(count for call, count in way["calls"].items() if call.startswith("Secrets"))
    return {
        "DynamoDB": writes * PRICES["write unit"] + units.get("reads", 0) * PRICES["read unit"],
        # Received and deleted once a batch.
        "SQS": 2 / batch * PRICES["FIFO request"] + sends * PRICES["queue request"],
        "Lambda": PRICES["invocation"] / batch + seconds / batch * MEMORY_GB * PRICES["GB-second, arm64"],
        "logs": way["log_bytes"] / 1e9 * PRICES["GB of log"],
        "Secrets Manager": secrets * PRICES["secret call"],
    }


def of_a_million(counts: dict[str, Any]) -> dict[str, Any]:
    """Dollars per million transactions: full batches, and one at a time."""
    full = of_a_transaction(counts["clean"], 10, BATCH_SECONDS)
    single = of_a_transaction(counts["clean, one in a batch"], 1, SINGLE_SECONDS)
    return {
        "full batches": {name: round(1e6 * dollars, 3) for name, dollars in full.items()},
        "full batches, sum": round(1e6 * sum(full.values()), 2),
        "one at a time": {name: round(1e6 * dollars, 3) for name, dollars in single.items()},
        "one at a time, sum": round(1e6 * sum(single.values()), 2),
    }


def of_a_month(counts: dict[str, Any], merchants: int, payments: int = 100) -> dict[str, float]:
    """Dollars of a merchant's month, all in, for a fleet of so many, with refresh tokens in Secrets Manager."""
    # One at a time, a tenth of them by customers who are new; a check a day keeps the connection alive.
    single = sum(of_a_transaction(counts["clean, one in a batch"], 1, SINGLE_SECONDS).values())
    new = sum(of_a_transaction(counts["new customer"], 10, BATCH_SECONDS).values())
    looks = 30 * (6 * PRICES["write unit"] + 6 * PRICES["read unit"] + 3 * PRICES["queue request"] + PRICES["invocation"] + 0.5 * MEMORY_GB * PRICES["GB-second, arm64"])
    # A row of about 1.5 KB for each payment, kept for a year.
    kept = 12 * payments * 1.5e-6 * PRICES["GB-month of table"]
    ticks = 2 * 30 * 24 * 60
    fixed = ticks * (PRICES["schedule tick"] + PRICES["invocation"] + 0.1 * MEMORY_GB * PRICES["GB-second, arm64"] + 16 * PRICES["read unit"])
    parts = {
        "payments": payments * (0.9 * single + 0.1 * max(new, single)),
        "checks": looks,
        "rows kept": kept,
        "schedules": fixed / merchants,
        "secret": PRICES["secret a month"],
    }
    return {name: round(dollars, 6) for name, dollars in parts.items()} | {
        "sum": round(sum(parts.values()), 4),
        "sum with tokens in DynamoDB": round(sum(parts.values()) - PRICES["secret a month"], 4),
    }
