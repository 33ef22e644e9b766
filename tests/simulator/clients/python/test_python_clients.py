"""Other people's Python clients against the simulator: PyPI intuit-oauth and python-quickbooks.

Neither was written with the simulator in mind, so what they accept and refuse says whether it behaves like QuickBooks.
SIMULATOR_BIN names the program; each test class starts one of its own on a free port.
"""

import json
import os
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request
import warnings

os.environ.setdefault("OAUTHLIB_INSECURE_TRANSPORT", "1")
warnings.simplefilter("ignore")

from intuitlib.client import AuthClient  # noqa: E402
from intuitlib.enums import Scopes  # noqa: E402
from intuitlib.exceptions import AuthClientError  # noqa: E402
from quickbooks import QuickBooks  # noqa: E402
from quickbooks import exceptions  # noqa: E402
from quickbooks.batch import batch_create  # noqa: E402
from quickbooks.objects import (  # noqa: E402
    Account, Address, Customer, EmailAddress, Item, PaymentMethod, RefundReceipt, SalesReceipt, TaxCode, TaxRate,
)
from quickbooks.objects.base import Ref  # noqa: E402
from quickbooks.objects.company_info import CompanyInfo  # noqa: E402
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail  # noqa: E402
from quickbooks.objects.preferences import Preferences  # noqa: E402
from quickbooks.cdc import change_data_capture  # noqa: E402

REALM = "9341450000000001"  # Quebec: GST and QST
US_REALM = "9341450000000005"  # United States, manual tax
CALLBACK = "http://localhost:8080/callback"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


class Running:
    """A simulator of its own, with what only the simulator offers."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.environ["SIMULATOR_BIN"], "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + "/simulator/" + path, data=data)) as answer:
            return json.load(answer)

    def consent(self, authorize_url, realm, cancel=False):
        """Plays the merchant: opens the page, chooses the company, and gives where the browser is sent."""
        with urllib.request.urlopen(authorize_url) as page:
            assert b"Connect to QuickBooks" in page.read()
        form = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(authorize_url).query))
        form.update({"cancel": "1"} if cancel else {"realmId": realm})
        opener = urllib.request.build_opener(NoRedirect)
        try:
            opener.open(self.url + "/connect/oauth2/consent", data=urllib.parse.urlencode(form).encode())
        except urllib.error.HTTPError as redirect:
            with redirect:
                return redirect.headers["location"]
        raise AssertionError("the consent page did not send the browser back")


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.simulator = Running()
        cls.simulator.control("switches", {"per_second": 0, "per_minute": 0})

    @classmethod
    def tearDownClass(cls):
        cls.simulator.stop()

    def auth_client(self, **arguments):
        discovery = self.simulator.url + "/.well-known/openid_sandbox_configuration"
        client = AuthClient("demo-client", "demo-secret", CALLBACK, discovery, **arguments)
        self.addCleanup(client.close)
        return client

    def connected(self, realm=REALM):
        """A client connected the long way round: authorize, consent, exchange."""
        auth = self.auth_client()
        target = self.simulator.consent(auth.get_authorization_url([Scopes.ACCOUNTING]), realm)
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query))
        self.assertEqual(query["state"], auth.state_token)
        auth.get_bearer_token(query["code"], realm_id=query["realmId"])
        return auth

    def books(self, realm=REALM):
        auth = self.connected(realm)
        QuickBooks.api_url_v3 = QuickBooks.sandbox_api_url_v3 = self.simulator.url + "/v3"
        client = QuickBooks(auth_client=auth, refresh_token=auth.refresh_token, company_id=realm, minorversion=75)
        self.addCleanup(client.session.close)
        return client


def ref(value):
    reference = Ref()
    reference.value = value
    return reference


def line(amount, code="8", item="21"):
    detail = SalesItemLineDetail()
    detail.ItemRef = ref(item)
    detail.Qty = 1
    detail.UnitPrice = amount
    detail.TaxCodeRef = ref(code)
    detail.ServiceDate = "2026-03-14"
    sold = SalesItemLine()
    sold.Amount = amount
    sold.Description = "Window cleaning"
    sold.SalesItemLineDetail = detail
    return sold


def receipt(number, amount=100.00, code="8", customer="41", kind=SalesReceipt):
    made = kind()
    made.CustomerRef = ref(customer)
    made.DepositToAccountRef = ref("91")
    made.PaymentMethodRef = ref("3")
    made.PaymentRefNum = "ch_3Q9a"
    made.TxnDate = "2026-03-14"
    made.DocNumber = number
    made.Line = [line(amount, code)]
    if kind is RefundReceipt:
        made.PaymentType = "Other"
    return made


class Oauth(Case):
    def test_consent_gives_a_code_and_the_code_gives_tokens(self):
        auth = self.connected()
        self.assertTrue(auth.access_token and auth.refresh_token)
        self.assertEqual(auth.expires_in, 3600)
        self.assertGreaterEqual(auth.x_refresh_token_expires_in, 8640000)

    def test_cancelling_sends_access_denied(self):
        auth = self.auth_client()
        target = self.simulator.consent(auth.get_authorization_url([Scopes.ACCOUNTING]), REALM, cancel=True)
        self.assertIn("error=access_denied", target)
        self.assertNotIn("realmId", target)

    def test_a_code_works_once_and_its_second_use_kills_the_first_tokens(self):
        auth = self.auth_client()
        target = self.simulator.consent(auth.get_authorization_url([Scopes.ACCOUNTING]), REALM)
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query))["code"]
        auth.get_bearer_token(code)
        with self.assertRaises(AuthClientError) as second:
            auth.get_bearer_token(code)
        self.assertIn("invalid_grant", str(second.exception))
        with self.assertRaises(AuthClientError):
            auth.refresh()

    def test_within_a_day_a_refresh_gives_the_same_refresh_token(self):
        auth = self.connected()
        before, access = auth.refresh_token, auth.access_token
        auth.refresh()
        self.assertEqual(auth.refresh_token, before)
        self.assertNotEqual(auth.access_token, access)

    def test_after_a_day_the_refresh_token_changes_and_the_old_one_is_dead(self):
        auth = self.connected()
        before = auth.refresh_token
        self.simulator.control("clock", {"advance_seconds": 24 * 3600})
        auth.refresh()
        self.assertNotEqual(auth.refresh_token, before)
        with self.assertRaises(AuthClientError) as old:
            auth.refresh(refresh_token=before)
        self.assertIn("invalid_grant", str(old.exception))

    def test_a_revoked_connection_refreshes_no_more(self):
        auth = self.connected()
        self.assertTrue(auth.revoke())
        with self.assertRaises(AuthClientError):
            auth.refresh()
        with self.assertRaises(AuthClientError):
            auth.revoke()

    def test_a_wrong_secret_is_refused(self):
        auth = self.connected()
        auth.client_secret = "guessed"
        with self.assertRaises(AuthClientError) as refused:
            auth.refresh()
        self.assertIn("invalid_client", str(refused.exception))

    def test_openid_scopes_tell_who_connected(self):
        auth = self.auth_client()
        target = self.simulator.consent(auth.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL]), REALM)
        auth.get_bearer_token(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query))["code"])
        self.assertEqual(auth.get_user_info().json()["email"], "owner@example.com")


class Lists(Case):
    def test_lists_and_settings_can_be_read(self):
        books = self.books()
        self.assertEqual(CompanyInfo.all(qb=books)[0].CompanyName, "Nettoyage Laurier inc.")
        self.assertEqual(Preferences.get(qb=books).CurrencyPrefs.HomeCurrency.value, "CAD")
        self.assertIn("Undeposited Funds", [account.Name for account in Account.all(qb=books)])
        self.assertIn("Services", [item.Name for item in Item.all(qb=books)])
        self.assertIn("Visa", [method.Name for method in PaymentMethod.all(qb=books)])
        code = TaxCode.get("8", qb=books)
        self.assertEqual([detail.TaxRateRef.value for detail in code.SalesTaxRateList.TaxRateDetail], ["3", "11"])
        self.assertEqual(TaxRate.get("11", qb=books).RateValue, 9.975)

    def test_counting_paging_and_ordering(self):
        books = self.books()
        total = Customer.count(qb=books)
        pages = [Customer.all(order_by="Id", start_position=start, max_results=3, qb=books) for start in range(1, total + 1, 3)]
        ids = [int(customer.Id) for page in pages for customer in page]
        self.assertEqual(len(ids), total)
        self.assertEqual(ids, sorted(ids))

    def test_lists_leave_the_inactive_out_unless_asked(self):
        books = self.books()
        self.assertEqual(Customer.filter(DisplayName="Old Client (deleted)", qb=books), [])
        found = Customer.where("DisplayName = 'Old Client (deleted)' AND Active IN (true, false)", qb=books)
        self.assertFalse(found[0].Active)

    def test_an_account_and_an_item_can_be_made(self):
        books = self.books()
        account = Account()
        account.Name, account.AccountType, account.AccountSubType = "Card clearing", "Bank", "Checking"
        account = account.save(qb=books)
        self.assertEqual(account.Classification, "Asset")
        item = Item()
        item.Name, item.Type, item.IncomeAccountRef = "Gutter cleaning", "Service", ref("79")
        item.TrackQtyOnHand = False
        self.assertTrue(item.save(qb=books).Id)


class People(Case):
    def test_a_customer_is_made_found_changed_and_hidden(self):
        books = self.books()
        customer = Customer()
        customer.DisplayName, customer.GivenName, customer.FamilyName = "Zoë D'Août", "Zoë", "D'Août"
        customer.PrimaryEmailAddr = EmailAddress()
        customer.PrimaryEmailAddr.Address = "zoe@example.com"
        customer.BillAddr = Address()
        customer.BillAddr.Line1, customer.BillAddr.City, customer.BillAddr.Country = "4 rue Rachel", "Montréal", "CA"
        customer = customer.save(qb=books)
        self.assertEqual((customer.SyncToken, customer.FullyQualifiedName), ("0", "Zoë D'Août"))

        found = Customer.filter(DisplayName="ZOË d'août", qb=books)
        self.assertEqual([other.Id for other in found], [customer.Id])
        found = Customer.filter(PrimaryEmailAddr="ZOE@example.com", qb=books)
        self.assertEqual([other.Id for other in found], [customer.Id])

        customer.Notes = "gate code"
        changed = customer.save(qb=books)
        self.assertEqual((changed.SyncToken, changed.Notes), ("1", "gate code"))
        with self.assertRaises(exceptions.QuickbooksException) as stale:
            customer.save(qb=books)
        self.assertEqual(stale.exception.error_code, 5010)

        changed.Active = False
        hidden = changed.save(qb=books)
        self.assertEqual(hidden.DisplayName, "Zoë D'Août (deleted)")

    def test_a_name_is_shared_with_vendors_and_refused(self):
        customer = Customer()
        customer.DisplayName = "jean tremblay"
        with self.assertRaises(exceptions.QuickbooksException) as taken:
            customer.save(qb=self.books())
        self.assertEqual(taken.exception.error_code, 6240)

    def test_a_list_of_addresses_is_no_address_but_can_be_searched(self):
        books = self.books()
        customer = Customer()
        customer.DisplayName = "Two Addresses"
        customer.PrimaryEmailAddr = EmailAddress()
        customer.PrimaryEmailAddr.Address = "one@example.com, two@example.com"
        with self.assertRaises(exceptions.ValidationException) as refused:
            customer.save(qb=books)
        self.assertEqual(refused.exception.error_code, 2210)
        self.assertEqual(Customer.filter(PrimaryEmailAddr="b@x.com", qb=books), [])
        self.assertEqual([found.Id for found in Customer.where("PrimaryEmailAddr LIKE '%b@x.com%'", qb=books)], ["43"])


class Receipts(Case):
    def test_a_sales_receipt_is_made_read_found_voided_and_deleted(self):
        books = self.books()
        made = receipt("PY-1").save(qb=books)
        self.assertEqual((made.TotalAmt, made.TxnTaxDetail.TotalTax), (114.98, 14.98))
        self.assertEqual(SalesReceipt.get(made.Id, qb=books).DocNumber, "PY-1")
        self.assertEqual([found.Id for found in SalesReceipt.filter(DocNumber="py-1", qb=books)], [made.Id])
        voided = made.void(qb=books)["SalesReceipt"]
        self.assertEqual((voided["TotalAmt"], voided["PrivateNote"], voided["SyncToken"]), (0, "Voided", "1"))
        made.SyncToken = "1"
        gone = made.delete(qb=books)["SalesReceipt"]
        self.assertEqual(gone["status"], "Deleted")
        with self.assertRaises(exceptions.ObjectNotFoundException):
            SalesReceipt.get(made.Id, qb=books)

    def test_a_refund_receipt_is_made_and_deleted(self):
        books = self.books()
        refund = receipt("PY-R-1", 33.33, kind=RefundReceipt).save(qb=books)
        self.assertEqual(refund.TotalAmt, 38.32)
        self.assertEqual(refund.delete(qb=books)["RefundReceipt"]["status"], "Deleted")

    def test_the_same_request_id_makes_one_receipt(self):
        books = self.books()
        first = receipt("PY-2").save(qb=books, request_id="py-request-2")
        second = receipt("PY-2").save(qb=books, request_id="py-request-2")
        self.assertEqual(first.Id, second.Id)
        self.assertEqual(SalesReceipt.count("DocNumber = 'PY-2'", qb=books), 1)

    def test_refusals_carry_their_codes(self):
        books = self.books()
        receipt("PY-3").save(qb=books)
        no_lines = receipt("PY-4")
        no_lines.Line = []
        wrong_sum = receipt("PY-5")
        wrong_sum.Line[0].Amount = 99.99
        no_code = receipt("PY-6")
        no_code.Line[0].SalesItemLineDetail.TaxCodeRef = None
        long_number = receipt("PY-7" * 6)
        nobody = receipt("PY-8", customer="583")
        income = receipt("PY-9")
        income.DepositToAccountRef = ref("79")
        for wrong, code in [(receipt("PY-3"), 6140), (no_lines, 2020), (wrong_sum, 6070), (no_code, 6000),
                            (long_number, 2050), (nobody, 2500), (income, 6430)]:
            with self.assertRaises(exceptions.QuickbooksException) as refused:
                wrong.save(qb=books)
            self.assertEqual(refused.exception.error_code, code)

    def test_a_us_company_numbers_by_itself_and_takes_tax_and_non(self):
        books = self.books(US_REALM)
        made = receipt("IGNORED", code="NON").save(qb=books)
        self.assertNotEqual(made.DocNumber, "IGNORED")
        self.assertEqual(made.TotalAmt, 100)
        with self.assertRaises(exceptions.QuickbooksException) as refused:
            receipt("X", code="3").save(qb=books)
        self.assertEqual(refused.exception.error_code, 6100)

    def test_a_batch_succeeds_and_fails_item_by_item(self):
        books = self.books()
        customers = []
        for name in ["Batch One", "Jean Tremblay", "Batch Two"]:
            customer = Customer()
            customer.DisplayName = name
            customers.append(customer)
        answer = batch_create(customers, qb=books)
        self.assertEqual([made.DisplayName for made in answer.successes], ["Batch One", "Batch Two"])
        self.assertEqual([fault.Error[0].code for fault in answer.faults], ["6240"])

    def test_changes_are_captured_with_stubs_for_what_is_gone(self):
        books = self.books()
        kept = receipt("PY-10").save(qb=books)
        gone = receipt("PY-11").save(qb=books)
        gone.delete(qb=books)
        since = (SalesReceipt.get(kept.Id, qb=books).MetaData["CreateTime"])
        changes = change_data_capture([SalesReceipt], since, qb=books)
        statuses = {entity.Id: getattr(entity, "status", None) for entity in changes.SalesReceipt}
        self.assertEqual((statuses[kept.Id], statuses[gone.Id]), (None, "Deleted"))


class Trouble(Case):
    def test_an_expired_token_is_an_authorization_error(self):
        books = self.books()
        self.simulator.control("clock", {"advance_seconds": 3601})
        with self.assertRaises(exceptions.AuthorizationException) as refused:
            Customer.count(qb=books)
        self.assertIn("Token expired", refused.exception.detail)

    def test_a_lost_answer_leaves_the_receipt_and_the_request_id_finds_it(self):
        books = self.books()
        self.simulator.control("trouble", {"kind": "lose_answer", "realm": REALM, "operation": "salesreceipt.create"})
        with self.assertRaises(Exception):
            receipt("PY-20").save(qb=books, request_id="py-request-20")
        again = receipt("PY-20").save(qb=books, request_id="py-request-20")
        self.assertEqual([found.Id for found in SalesReceipt.filter(DocNumber="PY-20", qb=books)], [again.Id])

    def test_an_application_error_is_severe_and_throttling_is_an_error(self):
        books = self.books()
        self.simulator.control("trouble", {"kind": "fail_500", "realm": REALM})
        with self.assertRaises(exceptions.SevereException):
            receipt("PY-21").save(qb=books)
        self.simulator.control("trouble", {"kind": "throttle", "realm": REALM})
        with self.assertRaises(exceptions.QuickbooksException) as throttled:
            receipt("PY-21").save(qb=books)
        self.assertIn("003001", str(throttled.exception))

    def test_a_fault_with_status_200_is_still_a_fault(self):
        books = self.books()
        self.simulator.control("trouble", {"kind": "ok_with_fault", "realm": REALM})
        with self.assertRaises(exceptions.SevereException):
            receipt("PY-22").save(qb=books)

    def test_an_ended_subscription_reads_but_does_not_write(self):
        books = self.books(US_REALM)
        self.simulator.control("trouble", {"kind": "read_only", "realm": US_REALM})
        self.assertGreater(Customer.count(qb=books), 0)
        with self.assertRaises(exceptions.QuickbooksException) as refused:
            receipt("PY-23", code="NON").save(qb=books)
        self.assertEqual(refused.exception.error_code, 6190)


if __name__ == "__main__":
    unittest.main()
