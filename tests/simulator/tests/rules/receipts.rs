//! Receipts: what they need, and what they refuse.

use serde_json::{Value, json};

use crate::support::{
    BRITISH_COLUMBIA, Desk, ONTARIO, QUEBEC, US_MANUAL, line, receipt, receipt_with,
};

#[test]
fn a_sales_receipt_is_stored_with_names_ids_and_a_subtotal() {
    let mut desk = Desk::at(QUEBEC);
    let made = desk.post(
        "salesreceipt?minorversion=75",
        &receipt_with(json!({"DocNumber": "MC-1"})),
    );
    assert_eq!(made.status, 200, "{:?}", made.body);
    for (path, value) in [
        ("SalesReceipt.Id", "1001"),
        ("SalesReceipt.SyncToken", "0"),
        ("SalesReceipt.DocNumber", "MC-1"),
        ("SalesReceipt.TotalAmt", "114.98"),
        ("SalesReceipt.Balance", "0"),
        ("SalesReceipt.CustomerRef.name", "Anne Bélanger"),
        (
            "SalesReceipt.DepositToAccountRef.name",
            "Mio Payments Clearing",
        ),
        ("SalesReceipt.PaymentMethodRef.name", "Visa"),
        ("SalesReceipt.CurrencyRef.value", "CAD"),
        (
            "SalesReceipt.MetaData.CreateTime",
            "2026-03-14T12:20:31-07:00",
        ),
        ("time", "2026-03-14T12:20:31.402-07:00"),
    ] {
        assert_eq!(made.at(path), value, "{path}");
    }
    let lines = made.body.at("SalesReceipt.Line").unwrap().items();
    assert_eq!(lines[0].said("Id"), Some("1"));
    assert_eq!(lines[1].said("DetailType"), Some("SubTotalLineDetail"));
}

#[test]
fn what_is_wrong_is_refused_with_its_code() {
    let wrong = [
        ("nothing sold", json!({"Line": []}), "2020"),
        ("no lines at all", json!({"Line": null}), "2020"),
        ("a field nobody knows", json!({"Colour": "red"}), "2010"),
        (
            "a field nobody knows, deep inside",
            json!({"CustomerRef": {"value": "41", "colour": "red"}}),
            "2010",
        ),
        ("nobody", json!({"CustomerRef": null}), "2020"),
        (
            "a customer who is not there",
            json!({"CustomerRef": {"value": "583"}}),
            "2500",
        ),
        (
            "a vendor as the customer",
            json!({"CustomerRef": {"value": "61"}}),
            "2500",
        ),
        (
            "a hidden customer",
            json!({"CustomerRef": {"value": "46"}}),
            "610",
        ),
        (
            "an account that is not there",
            json!({"DepositToAccountRef": {"value": "5"}}),
            "2500",
        ),
        (
            "an inactive account",
            json!({"DepositToAccountRef": {"value": "89"}}),
            "2500",
        ),
        (
            "an income account",
            json!({"DepositToAccountRef": {"value": "79"}}),
            "6430",
        ),
        (
            "a method that is not there",
            json!({"PaymentMethodRef": {"value": "99"}}),
            "2500",
        ),
        (
            "a number of 22 characters",
            json!({"DocNumber": "1234567890123456789012"}),
            "2050",
        ),
        (
            "a reference of 22 characters",
            json!({"PaymentRefNum": "1234567890123456789012"}),
            "2050",
        ),
        (
            "a memo of 1001 characters",
            json!({"CustomerMemo": {"value": "m".repeat(1001)}}),
            "2050",
        ),
        (
            "a note of 4001 characters",
            json!({"PrivateNote": "n".repeat(4001)}),
            "2050",
        ),
        ("no date", json!({"TxnDate": "14/03/2026"}), "2060"),
        (
            "a date that is none",
            json!({"TxnDate": "2026-02-30"}),
            "2070",
        ),
        (
            "two addresses",
            json!({"BillEmail": {"Address": "a@x.com, b@x.com"}}),
            "2210",
        ),
        (
            "mail to nowhere",
            json!({"EmailStatus": "NeedToSend"}),
            "6420",
        ),
        ("an unknown status", json!({"PrintStatus": "Soon"}), "2170"),
        (
            "a foreign currency",
            json!({"CurrencyRef": {"value": "USD"}}),
            "6000",
        ),
        (
            "a class where lines have them",
            json!({"ClassRef": {"value": "201"}}),
            "5030",
        ),
        (
            "a location that is not there",
            json!({"DepartmentRef": {"value": "9"}}),
            "2500",
        ),
        ("an emoji", json!({"PrivateNote": "thanks 🎉"}), "10000"),
    ];
    let mut desk = Desk::at(QUEBEC);
    for (what, changes, code) in wrong {
        let refused = desk.post("salesreceipt", &receipt_with(changes));
        assert_eq!(refused.code(), code, "{what}: {:?}", refused.body);
        assert_eq!(
            refused.status,
            if code == "10000" { 500 } else { 400 },
            "{what}"
        );
    }
    assert_eq!(desk.rows("select * from SalesReceipt"), 0);
}

#[test]
fn what_is_right_at_the_edge_is_taken() {
    let right = [
        json!({"DocNumber": "123456789012345678901"}),
        json!({"CustomerMemo": {"value": "m".repeat(1000)}}),
        json!({"DepositToAccountRef": null}),
        json!({"DepartmentRef": {"value": "1"}, "BillEmail": {"Address": "ana@example.com"}, "EmailStatus": "NeedToSend"}),
        json!({"CurrencyRef": {"value": "CAD"}, "ExchangeRate": 1}),
        json!({"TotalAmt": 1, "Balance": 5, "MetaData": {}, "domain": "QBO", "sparse": false, "PrivateNote": "", "DeliveryInfo": null}),
    ];
    let mut desk = Desk::at(QUEBEC);
    for changes in right {
        let made = desk.post("salesreceipt", &receipt_with(changes.clone()));
        assert_eq!(
            made.at("SalesReceipt.TotalAmt"),
            "114.98",
            "{changes}: {:?}",
            made.body
        );
    }
}

#[test]
fn a_receipt_without_an_account_waits_in_undeposited_funds() {
    let mut desk = Desk::at(QUEBEC);
    let made = desk.post(
        "salesreceipt",
        &receipt_with(json!({"DepositToAccountRef": null})),
    );
    assert_eq!(made.at("SalesReceipt.DepositToAccountRef.value"), "90");
}

#[test]
fn lines_must_multiply_rounding_halves_up() {
    let priced = |quantity: &str, price: &str, amount: Option<&str>| {
        let number = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        let mut sold = line("1", "3");
        sold["SalesItemLineDetail"]["Qty"] = number(quantity);
        sold["SalesItemLineDetail"]["UnitPrice"] = number(price);
        match amount {
            Some(amount) => sold["Amount"] = number(amount),
            None => drop(sold.as_object_mut().unwrap().remove("Amount")),
        }
        sold
    };
    let mut desk = Desk::at(QUEBEC);
    for (quantity, price, amount, outcome) in [
        ("1.25", "1488.86", Some("1861.08"), Ok("1861.08")),
        ("1.25", "1488.86", Some("1861.07"), Err("6070")),
        ("3", "33.333", None, Ok("100")),
        ("1", "37.37499999", Some("37.38"), Ok("37.38")),
        ("1", "37.37499999", Some("37.37"), Err("6070")),
        ("2", "10", Some("1000"), Err("6070")),
        ("0", "10", Some("0"), Ok("0")),
    ] {
        let answer = desk.post("salesreceipt", &receipt(&[priced(quantity, price, amount)]));
        match outcome {
            Ok(total) => assert_eq!(
                answer.at("SalesReceipt.TotalAmt"),
                total,
                "{quantity} x {price}: {:?}",
                answer.body
            ),
            Err(code) => assert_eq!(answer.code(), code, "{quantity} x {price}"),
        }
    }
}

#[test]
fn lines_refuse_what_cannot_be_sold() {
    let mut desk = Desk::at(QUEBEC);
    let item = |id: &str| {
        let mut sold = line("5.00", "3");
        sold["SalesItemLineDetail"]["ItemRef"]["value"] = json!(id);
        sold
    };
    assert_eq!(
        desk.post("salesreceipt", &receipt(&[item("999")])).code(),
        "2500"
    );
    assert!(
        desk.post("salesreceipt", &receipt(&[item("30")]))
            .detail()
            .contains("made inactive")
    );
    assert!(
        desk.post("salesreceipt", &receipt(&[item("31")]))
            .detail()
            .contains("category")
    );
    let words =
        json!({"DetailType": "SalesItemLineDetail", "Amount": 9, "SalesItemLineDetail": {}});
    assert_eq!(
        desk.post("salesreceipt", &receipt(std::slice::from_ref(&words)))
            .code(),
        "2250"
    );
    let made = desk.post("salesreceipt", &receipt(&[item("21"), words]));
    assert_eq!(
        made.at("SalesReceipt.TotalAmt"),
        "5",
        "a line without an item is documentation"
    );
}

#[test]
fn a_negative_line_is_taken_and_a_negative_total_is_not() {
    let mut desk = Desk::at(ONTARIO);
    let body = |first: &str| receipt(&[line(first, "3"), line("-50.00", "3")]);
    assert_eq!(
        desk.post("salesreceipt", &body("120.00"))
            .at("SalesReceipt.TotalAmt"),
        "70"
    );
    assert_eq!(
        desk.post("salesreceipt", &body("50.00"))
            .at("SalesReceipt.TotalAmt"),
        "0"
    );
    assert!(
        desk.post("salesreceipt", &body("49.99"))
            .detail()
            .contains("0 or greater")
    );
    desk.switch(json!({"negative_lines": false}));
    assert_eq!(desk.post("salesreceipt", &body("120.00")).code(), "2290");
}

#[test]
fn classes_go_on_lines_only_where_the_company_has_them() {
    let mut sold = line("5.00", "5");
    sold["SalesItemLineDetail"]["ClassRef"] = json!({"value": "201"});
    assert_eq!(
        Desk::at(QUEBEC)
            .post("salesreceipt", &receipt(std::slice::from_ref(&sold)))
            .status,
        200
    );
    let mut desk = Desk::at(BRITISH_COLUMBIA);
    assert_eq!(
        desk.post("salesreceipt", &receipt(std::slice::from_ref(&sold)))
            .code(),
        "5030"
    );
    desk.switch(json!({"tracking_off": "ignore"}));
    assert_eq!(desk.post("salesreceipt", &receipt(&[sold])).status, 200);
}

#[test]
fn a_document_number_is_used_once_in_a_kind_of_receipt() {
    let mut desk = Desk::at(QUEBEC);
    let numbered = receipt_with(json!({"DocNumber": "MC-7"}));
    assert_eq!(desk.post("salesreceipt", &numbered).status, 200);
    assert_eq!(
        desk.post("salesreceipt", &receipt_with(json!({"DocNumber": "mc-7"})))
            .code(),
        "6140"
    );
    assert_eq!(
        desk.post("refundreceipt", &numbered).status,
        200,
        "the other kind has numbers of its own"
    );
    assert_eq!(
        desk.post("salesreceipt?include=allowduplicatedocnum", &numbered)
            .status,
        200
    );
    desk.switch(json!({"refuse_duplicate_numbers": false}));
    assert_eq!(desk.post("salesreceipt", &numbered).status, 200);
    desk.switch(json!({"refuse_duplicate_numbers": true, "numbers_shared_by_receipts": true}));
    assert_eq!(
        desk.post("refundreceipt", &receipt_with(json!({"DocNumber": "MC-8"})))
            .status,
        200
    );
    assert_eq!(
        desk.post("salesreceipt", &receipt_with(json!({"DocNumber": "MC-8"})))
            .code(),
        "6140"
    );
}

#[test]
fn a_company_that_numbers_by_itself_does_so() {
    let mut desk = Desk::at(US_MANUAL);
    for number in ["1001", "1002"] {
        let made = desk.post("salesreceipt", &receipt(&[line("5.00", "NON")]));
        assert_eq!(made.at("SalesReceipt.DocNumber"), number);
    }
    let mut mine = receipt(&[line("5.00", "NON")]);
    mine["DocNumber"] = json!("MC-9");
    assert_eq!(
        desk.post("salesreceipt", &mine)
            .at("SalesReceipt.DocNumber"),
        "1003"
    );
}

#[test]
fn a_refund_needs_an_account_and_from_a_bank_a_reference() {
    let mut desk = Desk::at(QUEBEC);
    assert_eq!(
        desk.post("refundreceipt", &receipt_with(json!({})))
            .at("RefundReceipt.TotalAmt"),
        "114.98"
    );
    assert_eq!(
        desk.post(
            "refundreceipt",
            &receipt_with(json!({"DepositToAccountRef": null}))
        )
        .code(),
        "2020"
    );
    assert_eq!(
        desk.post(
            "refundreceipt",
            &receipt_with(json!({"PaymentRefNum": null}))
        )
        .code(),
        "2020"
    );
    assert_eq!(
        desk.post(
            "refundreceipt",
            &receipt_with(json!({"PaymentRefNum": null, "DepositToAccountRef": {"value": "90"}}))
        )
        .status,
        200
    );
    let printed = desk.post(
        "refundreceipt",
        &receipt_with(json!({"PaymentRefNum": null, "PrintStatus": "NeedToPrint"})),
    );
    assert_eq!(printed.at("RefundReceipt.PaymentRefNum"), "To Print");
    assert_eq!(
        desk.post("refundreceipt", &receipt_with(json!({"CustomerRef": null})))
            .status,
        200
    );
    assert_eq!(
        desk.post(
            "refundreceipt",
            &receipt_with(json!({"EmailStatus": "NotSet"}))
        )
        .code(),
        "2010",
        "refunds have no such field"
    );
}

#[test]
fn a_receipt_is_in_its_customers_currency() {
    let mut desk = Desk::at(ONTARIO);
    let body = |customer: &str, currency: Value| {
        let mut body = receipt(&[line("100.00", "3")]);
        body["CustomerRef"] = json!({"value": customer});
        body["CurrencyRef"] = currency;
        body
    };
    assert_eq!(
        desk.post("salesreceipt", &body("41", Value::Null))
            .at("SalesReceipt.CurrencyRef.value"),
        "CAD"
    );
    assert!(
        desk.post("salesreceipt", &body("41", json!({"value": "USD"})))
            .detail()
            .contains("one foreign currency")
    );
    assert_eq!(
        desk.post("salesreceipt", &body("57", Value::Null)).code(),
        "6000",
        "without a currency it is the home currency"
    );
    let foreign = desk.post("salesreceipt", &body("57", json!({"value": "USD"})));
    assert_eq!(
        (
            foreign.at("SalesReceipt.ExchangeRate"),
            foreign.at("SalesReceipt.HomeTotalAmt")
        ),
        ("1.37".into(), "137".into())
    );
    let mut own = body("57", json!({"value": "USD"}));
    own["ExchangeRate"] = json!(1.4);
    assert_eq!(
        desk.post("salesreceipt", &own)
            .at("SalesReceipt.HomeTotalAmt"),
        "140"
    );
    let mut account = body("41", Value::Null);
    account["DepositToAccountRef"] = json!({"value": "99"});
    assert_eq!(
        desk.post("salesreceipt", &account).code(),
        "6000",
        "a foreign account takes its own currency only"
    );
}
