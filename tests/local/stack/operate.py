"""What the people who run the platform do to a deployment: update it, rotate every secret, put a table back, redrive dead
letters, forget a merchant, and take it all down. Each is done as the runbook (infra/README.md) says, with payments before and after.
"""

import base64
import json
import os
import subprocess
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from . import books, demo, traffic
from .browser import Browser, Page
from .connecting import connect, launch
from .deploy import STACK_NAME, session, tear_down, update
from .market import KEY_ID, MERCHANTS, launch_token, new_key
from .operations import command
from .processes import StackError, post, wait_for
from .stack import ROOT, Stack, choose_settings, operators_choice
from .template import safe_times

FIRST, SECOND = "mer_laurier", "mer_northgate"


def act(stack: Stack) -> bool:
    """Plays it all through; whether everything was as it should be."""
    print("\nA deployment in use:")
    good = _connects(stack, FIRST)
    good &= _pays(stack, "is recorded", FIRST, "o1")
    good &= _renews_at_the_page(stack)
    good &= _loses_the_plan(stack)
    good &= _rotates_sealing_keys(stack)
    good &= _rotates_client_secret(stack)
    good &= _rotates_launch_keys(stack)
    good &= _restores(stack)
    good &= _redrives(stack)
    good &= _erases(stack)
    good &= _forgets(stack)
    good &= _goes_into_production(stack)
    return _takes_down(stack) and good


def _connects(stack: Stack, merchant: str) -> bool:
    page = connect(stack, Browser(), merchant, MERCHANTS[merchant])
    choose_settings(stack, merchant, operators_choice(merchant))
    return _step(f"{merchant} connects", page.says("Payments and refunds are sent to QuickBooks"))


def _pays(stack: Stack, what: str, merchant: str, mark: str) -> bool:
    message = demo.more_of(merchant, 1, mark)
    traffic.send(stack, message)
    outcomes = traffic.follow(stack, message)
    return _step(f"a payment {what}", all(outcome["type"] == "transaction.synced" for outcome in outcomes.values()))


def _renews_at_the_page(stack: Stack) -> bool:
    """Whoever is at the page when the token has ended renews it; and makes the second copy anew, where somebody deleted it."""
    print("\nA day later, at the page:")
    secrets = session(stack.credentials).client("secretsmanager", endpoint_url=stack.endpoint)
    secrets.delete_secret(SecretId=f"{_copies(FIRST)}1", ForceDeleteWithoutRecovery=True)
    post(f"{stack.simulator}/simulator/clock", {"advance_seconds": 25 * 3600})
    page = _lists_read_again(stack, FIRST)
    good = _step("the company's lists are read again", page.says("read again"), page.address)
    return _step("the second copy is there again", _secrets(stack, FIRST) == [f"{_copies(FIRST)}1"], _secrets(stack, FIRST)) and good


def _lists_read_again(stack: Stack, merchant: str) -> Page:
    browser = Browser()
    page = browser.open(launch(stack, merchant, "open"))
    page = browser.open(urllib.parse.urljoin(page.address, "/quickbooks/settings"))
    return browser.press(page, "/quickbooks/settings/refresh")


def _copies(merchant: str) -> str:
    """What the names of the second copies of a merchant's refresh tokens begin with."""
    return f"{STACK_NAME}/refresh-token/{merchant}/"


def _secrets(stack: Stack, merchant: str) -> list[str]:
    secrets = session(stack.credentials).client("secretsmanager", endpoint_url=stack.endpoint)
    return [secret["Name"] for secret in secrets.list_secrets()["SecretList"] if secret["Name"].startswith(_copies(merchant))]


def _loses_the_plan(stack: Stack) -> bool:
    print("\nThe plan ends, and is taken again:")
    page = Browser().open(f"{launch(stack, FIRST, 'open')}&plan=free")
    good = _step("the page says that nothing is sent", page.says("Paused"), page.body)
    page = Browser().open(launch(stack, FIRST, "open"))
    good &= _step("and then that it is", page.says("sent to QuickBooks within seconds"), page.body)
    return _pays(stack, "is recorded", FIRST, "o0") and good


def _rotates_sealing_keys(stack: Stack) -> bool:
    """A key is added, then every function learns of it, then it is the one that seals. What older ones sealed opens with them."""
    print("\nThe sealing keys are rotated:")
    secrets = session(stack.credentials).client("secretsmanager", endpoint_url=stack.endpoint)
    # Something that the old key sealed waits meanwhile.
    post(f"{stack.simulator}/simulator/trouble", {"kind": "down", "realm": MERCHANTS[FIRST], "for_seconds": 20})
    waiting = demo.more_of(FIRST, 2, "o2")
    traffic.send(stack, waiting)
    good = all(outcome["type"] == "transaction.waiting" for outcome in traffic.follow(stack, waiting, ()).values())
    good = _step("two payments wait, sealed by the old key", good)
    for current, revision in (("k1", "2"), ("k2", "3")):
        for output in ("TokenKeys", "PayloadKeys"):
            ring = json.loads(secrets.get_secret_value(SecretId=stack.outputs[output])["SecretString"])
            ring["keys"].setdefault("k2", base64.b64encode(os.urandom(32)).decode())
            ring["current"] = current
            secrets.put_secret_value(SecretId=stack.outputs[output], SecretString=json.dumps(ring))
        update(stack, {"Revision": revision})
        good &= _step("the new key is known" if current == "k1" else "the new key seals", True)
    tables = ",".join(stack.outputs[name] for name in ("ConnectionsTable", "TokensTable", "LedgerTable", "LinksTable"))
    good &= _step("operations keys counts what each seals", command(stack, "keys", "--tables", tables) == 0)
    outcomes = traffic.follow(stack, waiting)
    good &= _step("what waited is opened and sent", all(outcome["type"] == "transaction.synced" for outcome in outcomes.values()))
    good &= _step("operations reseal", command(stack, "reseal", "--links", stack.outputs["LinksTable"], "--payload-keys", stack.outputs["PayloadKeys"]) == 0)
    dynamodb = session(stack.credentials).client("dynamodb", endpoint_url=stack.endpoint)
    links = [row["baseline"]["B"] for row in _rows(dynamodb, stack.outputs["LinksTable"]) if "baseline" in row]
    good &= _step("no link is left to the old key", bool(links) and all(sealed[2:4] == b"k2" for sealed in links), f"{len(links)} links")
    return _pays(stack, "under the new key is recorded", FIRST, "o3") and good


def _rotates_client_secret(stack: Stack) -> bool:
    print("\nThe client secret is rotated:")
    secrets = session(stack.credentials).client("secretsmanager", endpoint_url=stack.endpoint)
    app = json.loads(secrets.get_secret_value(SecretId=stack.outputs["AppSecret"])["SecretString"])
    app["client_secret"] = "another-secret"
    post(f"{stack.simulator}/simulator/app", {"client_secret": app["client_secret"]})
    secrets.put_secret_value(SecretId=stack.outputs["AppSecret"], SecretString=json.dumps(app))
    update(stack, {"Revision": "4"})
    # Its code is exchanged under the new secret.
    good = _connects(stack, SECOND)
    return _pays(stack, "is recorded meanwhile", FIRST, "o4") and good


def _rotates_launch_keys(stack: Stack) -> bool:
    """The new public key stands beside the old one before the App Market signs with it; nothing is deployed."""
    print("\nThe App Market's keys are rotated:")
    secrets = session(stack.credentials).client("secretsmanager", endpoint_url=stack.endpoint)
    path = stack.folder / "next.pem"
    app = json.loads(secrets.get_secret_value(SecretId=stack.outputs["AppSecret"])["SecretString"])
    app["launch_keys"]["keys"].append(new_key(path, "next"))
    secrets.put_secret_value(SecretId=stack.outputs["AppSecret"], SecretString=json.dumps(app))
    keys = {KEY_ID: stack.folder / "market.pem", "next": path}

    def opens(key_id: str) -> bool:
        token = launch_token(load_pem_private_key(keys[key_id].read_bytes(), None), FIRST, key_id=key_id)
        page = Browser().open(f"{stack.market}/quickbooks?" + urllib.parse.urlencode({"launch": token}))
        return page.status == 200 and page.says("transactions received")

    good = _step("the old key opens the app", opens(KEY_ID))
    try:
        good &= _step("the new key opens the app", wait_for("the new key to be known", lambda: opens("next"), 120))
    except StackError:
        return _step("the new key opens the app", False)
    return _step("and so does the old one still", opens(KEY_ID)) and good


def _restores(stack: Stack) -> bool:
    """The ledger is put back to before two payments. DynamoDB's own part, the copy of the past, is played by a copy made then."""
    print("\nThe ledger is put back to an earlier time:")
    dynamodb = session(stack.credentials).client("dynamodb", endpoint_url=stack.endpoint)
    ledger = stack.outputs["LedgerTable"]
    paid = demo.more_of(FIRST, 1, "o1")[0]
    refunds = [_refund_of(paid, mark) for mark in ("o4", "o5")]
    traffic.send(stack, refunds[:1])
    traffic.follow(stack, refunds[:1])
    past, since = _rows(dynamodb, ledger), _now()
    copy = _copy(dynamodb, "ledger", past)
    messages = demo.more_of(FIRST, 2, "o5")
    traffic.send(stack, messages)
    traffic.follow(stack, messages)
    # Younger than the copy, too: another refund of what was paid before, and a payment that waits in an armed lot.
    traffic.send(stack, refunds[1:])
    traffic.follow(stack, refunds[1:])
    post(f"{stack.simulator}/simulator/trouble", {"kind": "down", "realm": MERCHANTS[FIRST], "for_seconds": 20})
    waiting = demo.more_of(FIRST, 3, "o8")[2:]
    traffic.send(stack, waiting)
    outcomes = traffic.follow(stack, waiting, ())
    younger = _step("a payment waits", all(outcome["type"] == "transaction.waiting" for outcome in outcomes.values()))
    before = _receipts(stack)
    forgotten = {f"payment#{traffic.about(message)['id']}" for message in messages}
    lost = [row for row in _rows(dynamodb, ledger) if row["sk"]["S"] in forgotten]
    # The first of them was being sent at that time, straight from the queue: nothing but its claim is in the copy.
    claimed = {"state": {"S": "claimed"}, "owner": {"S": "of the past"}, "lease_until": {"N": "0"}}
    results = ("receipt", "receipt_version", "recorded", "document_number", "posted", "listed")
    dynamodb.put_item(TableName=copy, Item={name: value for name, value in lost[0].items() if name not in results} | claimed)
    # One that was held at that time, and came into the books since.
    booked = f"payment#{paid['payment']['id']}"
    held = next(dict(row) for row in past if row["sk"]["S"] == booked)
    del held["receipt"]
    dynamodb.put_item(TableName=copy, Item=held | {"state": {"S": "held"}})
    for row in lost:
        dynamodb.delete_item(TableName=ledger, Key={"pk": row["pk"], "sk": row["sk"]})
    good = _step("two payments are forgotten", len(lost) == 2) and younger
    update(stack, {"ProbeUntil": "2099-12-31"})
    _switch(stack, is_on=False)
    good &= _step("operations restore", _puts_back(stack, copy, "LedgerTable", since) == 0)
    good &= _step("the audit names the one that was being sent", command(stack, "audit", "--ledger", ledger) == 1)
    took = str([row for row in _rows(dynamodb, ledger) if row["sk"]["S"] == f"refunds#{paid['payment']['id']}"])
    good &= _step("what either refund took is remembered", all(refund["refund"]["id"] in took for refund in refunds), took)
    stands = next(row for row in _rows(dynamodb, ledger) if row["sk"]["S"] == booked)
    good &= _step("what came into the books since stays there", stands["state"]["S"] == "synced" and "receipt" in stands)
    # MioCommerce sends them once more, as new messages: within five minutes the queue would drop the same.
    traffic.send(stack, messages, again="r")
    good &= _step("what comes to a stopped function waits", _queued(stack) == len(messages), _queued(stack))
    _switch(stack, is_on=True)
    outcomes = traffic.follow(stack, waiting + messages)
    synced = {name: outcome["quickbooks"]["id"] for name, outcome in outcomes.items() if outcome["type"] == "transaction.synced"}
    waited = traffic.about(waiting[0])["id"]
    good &= _step("what waited is not forgotten", waited in synced)
    good &= _step("both are synced again", len(synced) == 3)
    before = sorted([*before, *([synced[waited]] if waited in synced else [])])
    good &= _step("and each has one receipt in the books", _receipts(stack) == before)
    good &= _step("the audit is content", command(stack, "audit", "--ledger", ledger) == 0)
    update(stack, {"ProbeUntil": "never"})
    return good


def _switch(stack: Stack, *, is_on: bool) -> None:
    """Starts or stops every function as the runbook does: first what its queue delivers to it."""
    lambdas = session(stack.credentials).client("lambda", endpoint_url=stack.endpoint)
    for name in ("transaction-sync", "backlog-drain", "token-health", "oauth-connect", "settings-page"):
        function = f"{STACK_NAME}-{name}"
        if is_on:
            lambdas.delete_function_concurrency(FunctionName=function)
        for mapping in lambdas.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]:
            lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=is_on)
        if not is_on:
            lambdas.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)


def _queued(stack: Stack) -> int:
    """How many messages wait in the transaction queue, delivered to nobody."""
    sqs = session(stack.credentials).client("sqs", endpoint_url=stack.endpoint)
    wanted = ["ApproximateNumberOfMessages"]
    answer = sqs.get_queue_attributes(QueueUrl=stack.outputs["TransactionQueueUrl"], AttributeNames=wanted)
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])


def _copy(dynamodb: Any, what: str, rows: list[dict[str, Any]]) -> str:
    """A table of the past, as DynamoDB would restore it; its name."""
    copy = f"quickbooks-{what}-of-the-past"
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    dynamodb.create_table(TableName=copy, KeySchema=keys, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST")
    for row in rows:
        dynamodb.put_item(TableName=copy, Item=row)
    return copy


def _puts_back(stack: Stack, copy: str, table: str, since: str) -> int:
    """`operations restore` over one of the living tables; its exit code."""
    living = ["--ledger", stack.outputs["LedgerTable"], "--links", stack.outputs["LinksTable"]]
    return command(stack, "restore", "--from", copy, "--to", stack.outputs[table], "--at", since, *living)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _refund_of(message: dict[str, Any], mark: str) -> dict[str, Any]:
    """A refund of one unit of a payment's money."""
    payment = message["payment"]
    refund = {
        "id": f"ref_{payment['id']}_{mark}", "reference": f"R-{payment['reference']}-{mark}", "kind": "refund", "payment_id": payment["id"],
        "refunded_at": payment["captured_at"], "currency": payment["currency"], "amount": "1.00",
    }
    return {**{name: message[name] for name in ("schema", "merchant_id", "sent_at", "customer")}, "type": "payment.refunded", "refund": refund}


def _redrives(stack: Stack) -> bool:
    print("\nDead letters are sent again:")
    sqs = session(stack.credentials).client("sqs", endpoint_url=stack.endpoint)
    [message] = demo.more_of(FIRST, 1, "o6")
    dead = stack.outputs["TransactionDeadLettersUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody=json.dumps(message), MessageGroupId=FIRST, MessageDeduplicationId="dead")
    tables = ["--ledger", stack.outputs["LedgerTable"], "--links", stack.outputs["LinksTable"]]
    redrive = command(stack, "redrive", "--from", dead, "--to", stack.outputs["TransactionQueueUrl"], *tables)
    good = _step("operations redrive", redrive == 0)
    [outcome] = traffic.follow(stack, [message]).values()
    return _step("the letter is recorded", outcome["type"] == "transaction.synced") and good


def _erases(stack: Stack) -> bool:
    """An end customer whose payment waits is erased, and the payment is recorded all the same."""
    print("\nAn end customer is forgotten:")
    dynamodb = session(stack.credentials).client("dynamodb", endpoint_url=stack.endpoint)
    waiting = demo.more_of(FIRST, 1, "o9")
    customer = waiting[0]["customer"]["id"]
    post(f"{stack.simulator}/simulator/trouble", {"kind": "down", "realm": MERCHANTS[FIRST], "for_seconds": 20})
    traffic.send(stack, waiting)
    good = all(outcome["type"] == "transaction.waiting" for outcome in traffic.follow(stack, waiting, ()).values())
    good = _step("a payment of theirs waits", good)
    past, since = _rows(dynamodb, stack.outputs["LinksTable"]), _now()
    places = [("--queue", "TransactionQueueUrl"), ("--ledger", "LedgerTable"), ("--links", "LinksTable"), ("--payload-keys", "PayloadKeys"), ("--dead-letters", "TransactionDeadLettersUrl")]
    words = [word for option, output in places for word in (option, stack.outputs[output])]
    good &= _step("operations erase", command(stack, "erase", "--merchant", FIRST, "--customer", customer, *words) == 0)
    outcomes = traffic.follow(stack, waiting)
    good &= _step("the payment is recorded", all(outcome["type"] == "transaction.synced" for outcome in outcomes.values()))
    return _stays_erased(stack, customer, past, since) and good


def _stays_erased(stack: Stack, customer: str, past: list[dict[str, Any]], since: str) -> bool:
    """The links are put back to before somebody was erased, who does not come back with them."""
    dynamodb = session(stack.credentials).client("dynamodb", endpoint_url=stack.endpoint)
    links = stack.outputs["LinksTable"]

    def is_known(rows: list[dict[str, Any]]) -> bool:
        return any(row["sk"]["S"].startswith(f"{customer}#") and "baseline" in row for row in rows)

    def erased() -> float:
        key = {"pk": {"S": f"{FIRST}#erased"}, "sk": {"S": customer}}
        return float(dynamodb.get_item(TableName=links, Key=key).get("Item", {}).get("erased_at", {"N": "0"})["N"])

    first = wait_for("the erasure to come to its end", erased, 600)
    good = _step("their profile is in the past, and not in the present", is_known(past) and not is_known(_rows(dynamodb, links)))
    good &= _step("operations restore", _puts_back(stack, _copy(dynamodb, "links", past), "LinksTable", since) == 0)
    wait_for("the erasure to be done again", lambda: erased() > first, 300)
    return _step("nor is it after that", not is_known(_rows(dynamodb, links))) and good


def _forgets(stack: Stack) -> bool:
    print(f"\n{SECOND} is forgotten:")
    tables = ",".join(stack.outputs[f"{name}Table"] for name in ("Connections", "Tokens", "Ledger", "Links"))
    dead = stack.outputs["TransactionDeadLettersUrl"]
    words = ["forget", "--merchant", SECOND, "--stack", STACK_NAME, "--tables", tables, "--dead-letters", dead]
    good = _step("not while its tokens are there", command(stack, *words) == 1)
    dynamodb = session(stack.credentials).client("dynamodb", endpoint_url=stack.endpoint)
    copy, since = _copy(dynamodb, "merchant", _rows(dynamodb, stack.outputs["LedgerTable"])), _now()
    good &= _disconnects_while_renewed(stack)
    good &= _step("operations forget", command(stack, *words) == 0)
    good &= _step("operations restore, to before", _puts_back(stack, copy, "LedgerTable", since) == 0)
    rows = [row for table in tables.split(",") for row in _rows(dynamodb, table)]
    naming = [(row["pk"], row["sk"]) for row in rows if SECOND in json.dumps(row, default=str)]
    good &= _step("no row names it", not naming, naming)
    good &= _step("another merchant's are there", any(FIRST in json.dumps(row, default=str) for row in rows))
    return good


def _disconnects_while_renewed(stack: Stack) -> bool:
    """Somebody has the lists read while somebody else disconnects: what Intuit answers then is kept nowhere."""
    realm = MERCHANTS[SECOND]
    post(f"{stack.simulator}/simulator/trouble", {"kind": "token_expired", "realm": realm, "times": 1})
    post(f"{stack.simulator}/simulator/trouble", {"kind": "delay", "realm": realm, "operation": "oauth.refresh", "times": 1, "seconds": 5})
    dynamodb = session(stack.credentials).client("dynamodb", endpoint_url=stack.endpoint)
    tokens = {"TableName": stack.outputs["TokensTable"], "Key": {"pk": {"S": SECOND}, "sk": {"S": "token"}}, "ConsistentRead": True}

    def is_renewed() -> bool:
        return any(name.startswith("lease_until_") for name in dynamodb.get_item(**tokens)["Item"])

    with ThreadPoolExecutor(1) as beside:
        reading = beside.submit(_lists_read_again, stack, SECOND)
        wait_for("the tokens to be renewed", is_renewed, 60)
        browser = Browser()
        page = browser.press(browser.open(launch(stack, SECOND, "open")), "/quickbooks/disconnect")
        good = _step("its operator disconnects", page.says("your permission was given back"), page.body)
        page = reading.result()
    good &= _step("whoever had its lists read is told", page.says("no connection to QuickBooks that could be used"), page.address)
    return _step("no refresh token is left", _secrets(stack, SECOND) == [], _secrets(stack, SECOND)) and good


def _goes_into_production(stack: Stack) -> bool:
    """With the waiting times that ship: production refuses shorter ones, and to start where its mails would reach nobody."""
    print("\nIt becomes production:")
    update(stack, {"Environment": "production", **safe_times(ROOT / "template.yaml")})
    lambdas = session(stack.credentials).client("lambda", endpoint_url=stack.endpoint)
    # The minute's own call: its first in production asks the mail service before anything else.
    looked = lambdas.invoke(FunctionName=f"{STACK_NAME}-token-health", Payload=b"{}")
    good = _step("token-health starts, for mails reach operators", "FunctionError" not in looked, looked)
    return _pays(stack, "is recorded", FIRST, "o7") and good


def _takes_down(stack: Stack) -> bool:
    print("\nThe stack is deleted:")
    left = tear_down(stack)
    wanted = {"AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::KMS::Key"}
    good = _step("only what holds data is left", {kind for kind, _ in left} == wanted, left)
    return _step("four tables, three secrets, one key", len(left) == 8, left) and good


def _rows(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [row for page in pages for row in page["Items"]]


def _receipts(stack: Stack) -> list[str]:
    return sorted(receipt["Id"] for receipt in books.entries(stack.simulator, MERCHANTS[FIRST], "SalesReceipt"))


def _step(step: str, good: Any, seen: Any = None) -> bool:
    print(f"  {step:<44} {'yes' if good else f'  WRONG: not as it should be {seen or str()}'}", flush=True)
    return bool(good)
