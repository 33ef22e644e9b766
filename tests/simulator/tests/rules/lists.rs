//! Lists, batches, and changes.

use serde_json::{Value, json};
use simulator::Json;

use crate::support::{Desk, ONTARIO, QUEBEC, line, receipt};

#[test]
fn an_account_needs_a_type_and_a_name_of_its_own() {
    let mut desk = Desk::at(QUEBEC);
    let made = desk.post(
        "account",
        &json!({"Name": "Card clearing", "AccountType": "Bank", "AccountSubType": "Checking"}),
    );
    for (path, value) in [
        ("Classification", "Asset"),
        ("FullyQualifiedName", "Card clearing"),
        ("CurrentBalance", "0"),
        ("CurrencyRef.value", "CAD"),
    ] {
        assert_eq!(made.at(&format!("Account.{path}")), value, "{path}");
    }
    assert_eq!(
        desk.post(
            "account",
            &json!({"Name": "Tips", "AccountSubType": "OtherCurrentLiabilities"})
        )
        .at("Account.AccountType"),
        "Other Current Liability"
    );
    for (body, code) in [
        (json!({"AccountType": "Bank"}), "2020"),
        (json!({"Name": "x"}), "6010"),
        (json!({"Name": "x", "AccountType": "bank"}), "2170"),
        (
            json!({"Name": "x", "AccountType": "Bank", "AccountSubType": "UndepositedFunds"}),
            "6430",
        ),
        (
            json!({"Name": "card CLEARING", "AccountType": "Bank"}),
            "6240",
        ),
        (json!({"Name": "a:b", "AccountType": "Bank"}), "2040"),
        (json!({"Name": "a\"b", "AccountType": "Bank"}), "2040"),
    ] {
        assert_eq!(desk.post("account", &body).code(), code, "{body}");
    }
    let hidden = desk.post(
        "account",
        &json!({"Id": "1001", "SyncToken": "0", "sparse": true, "Active": false}),
    );
    assert_eq!(hidden.at("Account.Name"), "Card clearing (deleted)");
}

#[test]
fn an_item_needs_a_type_and_an_income_account() {
    let mut desk = Desk::at(QUEBEC);
    let made = desk.post(
        "item",
        &json!({"Name": "MioCommerce", "Type": "Service", "IncomeAccountRef": {"value": "79"}}),
    );
    assert_eq!(made.at("Item.IncomeAccountRef.name"), "Services");
    for (body, code) in [
        (
            json!({"Name": "x", "IncomeAccountRef": {"value": "79"}}),
            "2020",
        ),
        (json!({"Name": "x", "Type": "Service"}), "2020"),
        (
            json!({"Name": "x", "Type": "Gift", "IncomeAccountRef": {"value": "79"}}),
            "2170",
        ),
        (
            json!({"Name": "x", "Type": "Service", "IncomeAccountRef": {"value": "7"}}),
            "2500",
        ),
        (
            json!({"Name": "MIOCOMMERCE", "Type": "Service", "IncomeAccountRef": {"value": "79"}}),
            "6240",
        ),
    ] {
        assert_eq!(desk.post("item", &body).code(), code, "{body}");
    }
}

#[test]
fn a_payment_method_has_a_short_name_of_its_own() {
    let mut desk = Desk::at(QUEBEC);
    assert_eq!(
        desk.post(
            "paymentmethod",
            &json!({"Name": "Mio card", "Type": "CREDIT_CARD"})
        )
        .at("PaymentMethod.Name"),
        "Mio card"
    );
    assert_eq!(
        desk.post("paymentmethod", &json!({"Name": "mio card"}))
            .code(),
        "6240"
    );
    assert_eq!(
        desk.post("paymentmethod", &json!({"Name": "more than fifteen"}))
            .code(),
        "2050"
    );
}

#[test]
fn what_an_app_cannot_make_is_refused() {
    let mut desk = Desk::at(QUEBEC);
    for entity in ["taxcode", "taxrate", "class", "companyinfo", "preferences"] {
        assert_eq!(desk.post(entity, &json!({})).code(), "500", "{entity}");
    }
    assert_eq!(desk.post("invoice", &json!({})).code(), "2000");
    assert_eq!(desk.get("nothing/1").code(), "2000");
    assert_eq!(desk.get("customer/999").code(), "610");
}

#[test]
fn us_pseudo_codes_have_no_version() {
    let mut desk = Desk::at(crate::support::US_AUTOMATED);
    let code = desk.get("taxcode/TAX");
    assert_eq!(
        (
            code.at("TaxCode.SyncToken"),
            code.at("TaxCode.domain"),
            code.at("TaxCode.Active")
        ),
        Default::default()
    );
    assert_eq!(desk.get("taxcode/2").at("TaxCode.SyncToken"), "0");
    assert_eq!(desk.rows("select * from TaxCode"), 5);
}

#[test]
fn an_exchange_rate_can_be_asked_for() {
    let mut desk = Desk::at(ONTARIO);
    assert_eq!(
        desk.get("exchangerate?sourcecurrencycode=USD&asofdate=2026-03-14")
            .at("ExchangeRate.Rate"),
        "1.37"
    );
    assert_eq!(
        desk.get("exchangerate?sourcecurrencycode=XXX").code(),
        "610"
    );
}

fn batch(items: &[Value]) -> Value {
    json!({"BatchItemRequest": items})
}

#[test]
fn batch_items_stand_alone() {
    let mut desk = Desk::at(QUEBEC);
    let sale = receipt(&[line("100.00", "8")]);
    let mut of_new = sale.clone();
    of_new["CustomerRef"] = json!({"value": "1001"});
    let answer = desk.post(
        "batch",
        &batch(&[
            json!({"bId": "c1", "operation": "create", "Customer": {"DisplayName": "Priya Nair"}}),
            json!({"bId": "c2", "operation": "create", "Customer": {"DisplayName": "Jean Tremblay"}}),
            json!({"bId": "s1", "operation": "create", "SalesReceipt": sale}),
            json!({"bId": "s2", "operation": "create", "SalesReceipt": of_new}),
            json!({"bId": "q1", "Query": "select * from Item maxresults 1"}),
            json!({"bId": "q2", "Query": "select"}),
            json!({"bId": "x1", "operation": "merge", "Customer": {"Id": "41"}}),
        ]),
    );
    assert_eq!(answer.status, 200);
    let items = answer.body.get("BatchItemResponse").unwrap().items();
    let code = |index: usize| {
        items[index]
            .at("Fault.Error")
            .map_or("", |errors| errors.items()[0].said("code").unwrap())
            .to_owned()
    };
    assert_eq!(
        (0..7).map(code).collect::<Vec<_>>(),
        ["", "6240", "", "2500", "", "4000", "500"],
        "an item cannot use what another makes"
    );
    let voided = desk.post("batch", &batch(&[json!({"bId": "v", "operation": "update", "optionsData": "void", "SalesReceipt": {"Id": "1002", "SyncToken": "0", "sparse": true}})]));
    assert_eq!(
        voided.body.get("BatchItemResponse").unwrap().items()[0]
            .at("SalesReceipt.TotalAmt")
            .map(Json::to_text),
        Some("0".to_owned())
    );
    let deleted = desk.post("batch", &batch(&[json!({"bId": "d", "operation": "delete", "SalesReceipt": {"Id": "1002", "SyncToken": "1"}})]));
    assert!(deleted.body.to_text().contains("\"status\":\"Deleted\""));
}

#[test]
fn a_malformed_batch_is_refused_as_a_whole() {
    let mut desk = Desk::at(QUEBEC);
    let item =
        |id: usize| json!({"bId": id.to_string(), "Query": "select * from Item maxresults 1"});
    let many: Vec<Value> = (0..31).map(item).collect();
    assert_eq!(desk.post("batch", &batch(&many)).code(), "1040");
    assert_eq!(desk.post("batch", &batch(&many[..30])).status, 200);
    assert_eq!(desk.post("batch", &batch(&[])).code(), "2020");
    assert_eq!(
        desk.post("batch", &batch(&[item(1), item(1)])).code(),
        "2600"
    );
    assert_eq!(
        desk.post("batch", &batch(&[json!({"Query": "select"})]))
            .code(),
        "2020"
    );
}

#[test]
fn changes_since_a_moment_come_with_stubs_and_placeholders() {
    let mut desk = Desk::at(QUEBEC);
    desk.post("salesreceipt", &receipt(&[line("1.00", "3")]));
    desk.pass(10);
    desk.post("salesreceipt", &receipt(&[line("2.00", "3")]));
    desk.post(
        "salesreceipt?operation=delete",
        &json!({"Id": "1001", "SyncToken": "0"}),
    );
    let changes =
        desk.get("cdc?entities=SalesReceipt,RefundReceipt&changedSince=2026-03-14T12:20:35-07:00");
    let responses = changes.body.get("CDCResponse").unwrap().items()[0]
        .get("QueryResponse")
        .unwrap()
        .items();
    let rows: Vec<_> = responses[0]
        .get("SalesReceipt")
        .unwrap()
        .items()
        .iter()
        .map(|row| (row.said("Id").unwrap(), row.said("status")))
        .collect();
    assert_eq!(rows, [("1002", None), ("1001", Some("Deleted"))]);
    assert_eq!(responses[1].to_text(), "{}");
    assert_eq!(
        desk.get("cdc?entities=TaxCode&changedSince=2026-03-14")
            .code(),
        "2000"
    );
    assert_eq!(
        desk.get("cdc?entities=Customer&changedSince=2026-01-14")
            .code(),
        "4001"
    );
    assert_eq!(desk.get("cdc?entities=Customer").code(), "2020");
}
