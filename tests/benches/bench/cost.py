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
    "GB-month of its history": 0.20,
    "alarm a month": 0.10,
    "metric a month": 0.30,
    "dashboard a month": 3.00,
    "key a month": 1.00,
}

MEMORY_GB = 0.25

# QuickBooks answers in this time, and a company is asked this far apart.
ANSWER_SECONDS = 0.6
SPACING_SECONDS = 0.122

# A check of a connection, and a tick of a schedule, last about as long.
LOOK_SECONDS, TICK_SECONDS = 0.5, 0.1

# What stands whether anybody pays or not: template.yaml's alarms, dashboard, key and secrets, and the metrics its functions name.
ALARMS, METRICS, DASHBOARDS, KEYS, SECRETS = 28, 22, 1, 1, 3

# Lambda asks a queue with five long polls of 20 seconds at a time where nothing comes. Source: AWS, "Using Lambda with Amazon SQS".
POLLS_A_MONTH = 5 * 3 * 60 * 24 * 30
QUEUES = {"FIFO request": 1, "queue request": 3}

MONTH_MINUTES = 30 * 24 * 60


def of_a_transaction(way: dict[str, Any], batch: int, seconds: float | None = None) -> dict[str, float]:
    """Dollars of one transaction, by service, of an invocation that lasts so long. MioCommerce's own sending is not in it."""
    units = way["units"]
    writes = units.get("table writes", 0) + units.get("index writes", 0)
    sends = sum(count for call, count in way["calls"].items() if call.startswith("SQS"))
    secrets = sum(count for call, count in way["calls"].items() if call.startswith("Secrets"))
    asked = way["quickbooks"].get("requests", 0) * batch
    lasts = seconds or max(asked - 1, 0) * SPACING_SECONDS + ANSWER_SECONDS
    return {
        "DynamoDB": writes * PRICES["write unit"] + units.get("reads", 0) * PRICES["read unit"],
        # Received and deleted once a batch.
        "SQS": 2 / batch * PRICES["FIFO request"] + sends * PRICES["queue request"],
        "Lambda": PRICES["invocation"] / batch + lasts / batch * MEMORY_GB * PRICES["GB-second, arm64"],
        "logs": way["log_bytes"] / 1e9 * PRICES["GB of log"],
        "Secrets Manager": secrets * PRICES["secret call"],
    }


def of_a_million(counts: dict[str, Any]) -> dict[str, Any]:
    """Dollars per million transactions: full batches, and one at a time."""
    full = of_a_transaction(counts["clean"], 10)
    single = of_a_transaction(counts["clean, one in a batch"], 1)
    return {
        "full batches": {name: round(1e6 * dollars, 3) for name, dollars in full.items()},
        "full batches, sum": round(1e6 * sum(full.values()), 2),
        "one at a time": {name: round(1e6 * dollars, 3) for name, dollars in single.items()},
        "one at a time, sum": round(1e6 * sum(single.values()), 2),
    }


def of_a_month(counts: dict[str, Any], merchants: int, payments: int = 100) -> dict[str, float]:
    """Dollars of a merchant's month, for a fleet of so many, with refresh tokens in Secrets Manager. Mails to operators, and what AWS
    asks for data that leaves it, are not in it.
    """
    # Hours apart: each finds an access token that has ended, and a tenth are by customers who are new.
    known = sum(of_a_transaction(counts["token renewed"], 1).values())
    news = sum(of_a_transaction(counts["new customer"], 1).values()) - sum(of_a_transaction(counts["clean"], 1).values())
    # Once a day where nobody pays.
    look = sum(of_a_transaction(counts["look at a connection"], 1, LOOK_SECONDS).values())
    kept = 12 * payments * _ledger_row(counts) / 1e9 * (PRICES["GB-month of table"] + PRICES["GB-month of its history"])
    tick = sum(sum(of_a_transaction(counts[way], 1, TICK_SECONDS).values()) + PRICES["schedule tick"] for way in ("sweep", "dispatch"))
    stands = ALARMS * PRICES["alarm a month"] + METRICS * PRICES["metric a month"] + DASHBOARDS * PRICES["dashboard a month"]
    stands += KEYS * PRICES["key a month"] + SECRETS * PRICES["secret a month"]
    stands += sum(count * POLLS_A_MONTH * PRICES[request] for request, count in QUEUES.items())
    parts = {
        "payments": payments * (known + 0.1 * news),
        "checks": 30 * look,
        "rows kept for a year": kept,
        "schedules": MONTH_MINUTES * tick / merchants,
        "what stands anyway": stands / merchants,
        "secret": PRICES["secret a month"],
    }
    in_secrets = payments * _of_secrets(counts["token renewed"]) + 30 * _of_secrets(counts["look at a connection"])
    whole = sum(parts.values())
    return {name: round(dollars, 6) for name, dollars in parts.items()} | {
        "sum": round(whole, 4),
        "sum with tokens in DynamoDB": round(whole - PRICES["secret a month"] - in_secrets, 4),
    }


def _ledger_row(counts: dict[str, Any]) -> int:
    return next(size for table, size in counts["rows"].items() if "LedgerTable" in table)


def _of_secrets(way: dict[str, Any]) -> float:
    return sum(count for call, count in way["calls"].items() if call.startswith("Secrets")) * PRICES["secret call"]
