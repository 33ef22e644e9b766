"""The same job as a plain Lambda in Python: what a team writes first.

boto3 for AWS, python-quickbooks for QuickBooks, one message after the other, a table of what was done. It is written as such
functions usually are: the customer is looked up by e-mail and created where missing, the receipt is posted, the row is written, the
outcome is sent. ORDER says whether the row is written after the receipt (`after`) or before it (`before`).
"""

import json
import os

import boto3
from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.objects.base import EmailAddress, Ref
from quickbooks.objects.customer import Customer
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.salesreceipt import SalesReceipt

dynamodb = boto3.client("dynamodb")
sqs = boto3.client("sqs")
secrets = boto3.client("secretsmanager")

TABLE = os.environ["TABLE"]
OUTCOMES = os.environ["OUTCOME_QUEUE_URL"]
ORDER = os.environ.get("ORDER", "after")
QuickBooks.api_url_v3 = os.environ["QUICKBOOKS_API_URL"] + "/v3"
QuickBooks.sandbox_api_url_v3 = QuickBooks.api_url_v3

_clients: dict[str, QuickBooks] = {}


def handler(event: dict, context: object) -> dict:
    """Works off a batch; what failed comes back."""
    failed = []
    for record in event["Records"]:
        try:
            _record(json.loads(record["body"]))
        except Exception as problem:  # noqa: BLE001
            print(f"failed: {problem!r}")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _record(message: dict) -> None:
    merchant, payment = message["merchant_id"], message["payment"]
    key = {"pk": {"S": merchant}, "sk": {"S": payment["id"]}}
    if "Item" in dynamodb.get_item(TableName=TABLE, Key=key):
        return
    client = _client(merchant)
    customer = _customer(client, message["customer"])
    if ORDER == "before":
        dynamodb.put_item(TableName=TABLE, Item=key)
    receipt = SalesReceipt()
    receipt.CustomerRef = Ref()
    receipt.CustomerRef.value = customer
    receipt.TxnDate = payment["captured_at"][:10]
    receipt.PrivateNote = payment["id"]
    receipt.GlobalTaxCalculation = "TaxExcluded"
    for line in payment["lines"]:
        receipt.Line.append(_line(line))
    receipt.save(qb=client)
    if ORDER == "after":
        dynamodb.put_item(TableName=TABLE, Item={**key, "receipt": {"S": str(receipt.Id)}})
    sqs.send_message(QueueUrl=OUTCOMES, MessageBody=json.dumps({"id": payment["id"], "receipt": receipt.Id}))


def _line(line: dict) -> SalesItemLine:
    item = SalesItemLine()
    item.Amount = float(line["amount"])
    item.Description = line["description"]
    item.SalesItemLineDetail = SalesItemLineDetail()
    item.SalesItemLineDetail.Qty, item.SalesItemLineDetail.UnitPrice = 1, item.Amount
    item.SalesItemLineDetail.ItemRef = Ref()
    item.SalesItemLineDetail.ItemRef.value = os.environ["ITEM"]
    item.SalesItemLineDetail.TaxCodeRef = Ref()
    item.SalesItemLineDetail.TaxCodeRef.value = os.environ["TAX_CODE"] if line.get("taxes") else os.environ["NO_TAX_CODE"]
    return item


def _customer(client: QuickBooks, told: dict) -> str:
    found = Customer.filter(PrimaryEmailAddr=told["email"], Active=True, qb=client)
    if found:
        return found[0].Id
    customer = Customer()
    customer.GivenName, customer.FamilyName = told["first_name"], told["last_name"]
    customer.DisplayName = f"{told['first_name']} {told['last_name']}"
    customer.PrimaryEmailAddr = EmailAddress()
    customer.PrimaryEmailAddr.Address = told["email"]
    customer.save(qb=client)
    return customer.Id


def _client(merchant: str) -> QuickBooks:
    if merchant not in _clients:
        secret = json.loads(secrets.get_secret_value(SecretId=os.environ["SECRET"])["SecretString"])
        auth = AuthClient("demo-client", "demo-secret", "http://localhost:8080/callback", os.environ["DISCOVERY_URL"])
        auth.access_token = secret["access_token"]
        _clients[merchant] = QuickBooks(auth_client=auth, refresh_token=secret["refresh_token"], company_id=secret["realm"])
    return _clients[merchant]
