//! Tax: what QuickBooks works out, what it takes, what it refuses.

use serde_json::{Value, json};

use crate::support::{
    Answer, BRITISH_COLUMBIA, Desk, ONTARIO, QUEBEC, QUEBEC_FRENCH, UNITED_KINGDOM, US_AUTOMATED,
    US_MANUAL, line, receipt, tax_line,
};

fn taxed(lines: &[Value], detail: Value) -> Value {
    let mut body = receipt(lines);
    if !detail.is_null() {
        body["TxnTaxDetail"] = detail;
    }
    body
}

/// Rates with their amounts, as text.
fn amounts(answer: &Answer) -> Vec<(String, String)> {
    let lines = answer
        .body
        .at("SalesReceipt.TxnTaxDetail.TaxLine")
        .map(simulator::Json::items)
        .unwrap_or_default();
    let text = |line: &simulator::Json, path: &str| {
        line.at(path)
            .map(simulator::Json::to_text)
            .unwrap_or_default()
            .replace('"', "")
    };
    lines
        .iter()
        .map(|line| {
            (
                text(line, "TaxLineDetail.TaxRateRef.value"),
                text(line, "Amount"),
            )
        })
        .collect()
}

#[test]
fn quickbooks_own_tax_is_each_rate_on_the_sum_of_its_lines() {
    for (realm, lines, rates, total) in [
        (
            ONTARIO,
            vec![line("89.99", "6")],
            vec![("13", "11.7")],
            "101.69",
        ),
        (
            QUEBEC,
            vec![line("19.99", "8"), line("34.95", "8"), line("12.50", "8")],
            vec![("3", "3.37"), ("11", "6.73")],
            "77.54",
        ),
        (
            BRITISH_COLUMBIA,
            vec![line("150.00", "5"), line("40.00", "10"), line("20.00", "3")],
            vec![("3", "9.5"), ("15", "2.8")],
            "222.3",
        ),
        (
            ONTARIO,
            vec![line("17.99", "6"), line("22.49", "6"), line("4.50", "6")],
            vec![("13", "5.85")],
            "50.83",
        ),
        (
            QUEBEC,
            vec![line("86.97", "8")],
            vec![("3", "4.35"), ("11", "8.68")],
            "100",
        ),
        (
            QUEBEC,
            vec![line("33.33", "8")],
            vec![("3", "1.67"), ("11", "3.32")],
            "38.32",
        ),
        (
            ONTARIO,
            vec![line("88.50", "6")],
            vec![("13", "11.51")],
            "100.01",
        ),
        (
            ONTARIO,
            vec![line("120.00", "6"), line("10.00", "3"), line("-50.00", "3")],
            vec![("13", "15.6")],
            "95.6",
        ),
        (
            UNITED_KINGDOM,
            vec![line("100.00", "2"), line("100.00", "3"), line("10.00", "4")],
            vec![("3", "20"), ("5", "5"), ("7", "0")],
            "235",
        ),
        (
            QUEBEC_FRENCH,
            vec![line("100.00", "8"), line("5.00", "2")],
            vec![("3", "5"), ("11", "9.98")],
            "119.98",
        ),
    ] {
        let made = Desk::at(realm).post("salesreceipt", &receipt(&lines));
        assert_eq!(
            made.at("SalesReceipt.TotalAmt"),
            total,
            "{lines:?}: {:?}",
            made.body
        );
        let rates: Vec<_> = rates
            .into_iter()
            .map(|(rate, amount)| (rate.to_owned(), amount.to_owned()))
            .collect();
        assert_eq!(amounts(&made), rates, "{lines:?}");
    }
}

#[test]
fn halves_are_rounded_up_and_per_line_rounding_is_a_switch() {
    let lines = [line("0.50", "5"), line("0.50", "5"), line("0.50", "5")];
    let mut desk = Desk::at(QUEBEC);
    assert_eq!(
        desk.post("salesreceipt", &receipt(&lines))
            .at("SalesReceipt.TxnTaxDetail.TotalTax"),
        "0.08"
    );
    desk.switch(json!({"rounding": "per_line"}));
    assert_eq!(
        desk.post("salesreceipt", &receipt(&lines))
            .at("SalesReceipt.TxnTaxDetail.TotalTax"),
        "0.09"
    );
}

#[test]
fn tax_that_is_supplied_for_every_rate_is_taken() {
    let mut desk = Desk::at(QUEBEC);
    let lines = [line("19.99", "8"), line("34.95", "8"), line("12.50", "8")];
    let detail = json!({"TotalTax": 10.11, "TaxLine": [tax_line("3", "3.38", "67.44"), tax_line("11", "6.73", "67.44")]});
    let made = desk.post("salesreceipt", &taxed(&lines, detail));
    assert_eq!(made.at("SalesReceipt.TotalAmt"), "77.55");
    assert_eq!(
        amounts(&made),
        [("3".into(), "3.38".into()), ("11".into(), "6.73".into())]
    );
}

#[test]
fn tax_that_does_not_fit_the_codes_is_refused() {
    let both = |first: Value, second: Value| json!({"TaxLine": [first, second]});
    let wrong = [
        (
            "a rate is missing",
            json!({"TaxLine": [tax_line("3", "5.00", "100")]}),
            "calculating tax",
        ),
        (
            "a rate comes twice",
            json!({"TaxLine": [tax_line("3", "2.50", "50"), tax_line("3", "2.50", "50"), tax_line("11", "9.98", "100")]}),
            "calculating tax",
        ),
        (
            "a purchase rate",
            both(tax_line("4", "5.00", "100"), tax_line("11", "9.98", "100")),
            "calculating tax",
        ),
        (
            "a rate nobody knows",
            both(tax_line("99", "5.00", "100"), tax_line("11", "9.98", "100")),
            "TaxRate",
        ),
        (
            "nothing on a base",
            both(tax_line("3", "0", "100"), tax_line("11", "9.98", "100")),
            "calculating tax",
        ),
        (
            "a total that is no sum",
            json!({"TotalTax": 15, "TaxLine": [tax_line("3", "5.00", "100"), tax_line("11", "9.98", "100")]}),
            "calculating tax",
        ),
        (
            "a code for the document",
            json!({"TxnTaxCodeRef": {"value": "8"}}),
            "US companies",
        ),
    ];
    let mut desk = Desk::at(QUEBEC);
    for (what, detail, says) in wrong {
        let refused = desk.post("salesreceipt", &taxed(&[line("100.00", "8")], detail));
        assert!(
            refused.detail().contains(says),
            "{what}: {:?}",
            refused.body
        );
    }
    let nothing =
        json!({"TotalTax": 5, "TaxLine": [tax_line("3", "5.00", "100"), tax_line("11", "0", "0")]});
    assert_eq!(
        desk.post("salesreceipt", &taxed(&[line("100.00", "8")], nothing))
            .at("SalesReceipt.TotalAmt"),
        "105"
    );
}

#[test]
fn a_locked_code_takes_no_supplied_tax_and_a_total_may_be_lenient() {
    let detail = json!({"TotalTax": 15, "TaxLine": [tax_line("3", "5.00", "100"), tax_line("11", "9.98", "100")]});
    let mut desk = Desk::at(QUEBEC);
    desk.switch(json!({"total_tax_must_add_up": false}));
    assert_eq!(
        desk.post(
            "salesreceipt",
            &taxed(&[line("100.00", "8")], detail.clone())
        )
        .at("SalesReceipt.TotalAmt"),
        "114.98"
    );
    desk.switch(json!({"override_locked_codes": ["8"]}));
    assert_eq!(
        desk.post("salesreceipt", &taxed(&[line("100.00", "8")], detail))
            .code(),
        "6000"
    );
    assert_eq!(
        desk.post("salesreceipt", &receipt(&[line("100.00", "8")]))
            .status,
        200
    );
}

#[test]
fn every_line_needs_a_code_that_works_here() {
    for (realm, code, says) in [
        (QUEBEC, None, "GST/HST rate"),
        (UNITED_KINGDOM, None, "VAT rate"),
        (QUEBEC, Some("TAX"), "TaxCode element id TAX not found"),
        (QUEBEC, Some("77"), "TaxCode element id 77 not found"),
    ] {
        let mut sold = line("100.00", "8");
        match code {
            Some(code) => sold["SalesItemLineDetail"]["TaxCodeRef"]["value"] = json!(code),
            None => drop(
                sold["SalesItemLineDetail"]
                    .as_object_mut()
                    .unwrap()
                    .remove("TaxCodeRef"),
            ),
        }
        let refused = Desk::at(realm).post("salesreceipt", &receipt(&[sold]));
        assert!(refused.detail().contains(says), "{:?}", refused.body);
    }
    let mut desk = Desk::at(QUEBEC);
    desk.control(
        "edit",
        json!({"realm": QUEBEC, "entity": "TaxCode", "id": "8", "set": {"Active": false}}),
    );
    assert!(
        desk.post("salesreceipt", &receipt(&[line("1.00", "8")]))
            .detail()
            .contains("made inactive")
    );
}

#[test]
fn faults_of_tax_speak_the_companys_language() {
    let detail = json!({"TaxLine": [tax_line("3", "5.00", "100")]});
    let refused =
        Desk::at(QUEBEC_FRENCH).post("salesreceipt", &taxed(&[line("100.00", "8")], detail));
    assert!(
        refused
            .detail()
            .contains("erreur lors du calcul de la taxe"),
        "{:?}",
        refused.body
    );
}

#[test]
fn a_tax_block_does_not_go_with_not_applicable() {
    let mut body = taxed(&[line("100.00", "8")], json!({"TotalTax": 0}));
    body["GlobalTaxCalculation"] = json!("NotApplicable");
    let mut desk = Desk::at(QUEBEC);
    assert_eq!(desk.post("salesreceipt", &body).code(), "6170");
    body.as_object_mut().unwrap().remove("TxnTaxDetail");
    assert_eq!(
        desk.post("salesreceipt", &body).at("SalesReceipt.TotalAmt"),
        "100"
    );
}

#[test]
fn with_tax_in_the_price_the_tax_is_what_the_rounded_nets_leave() {
    for (realm, gross, code, net, tax) in [
        (UNITED_KINGDOM, vec!["20.00"], "2", "16.67", "3.33"),
        (
            UNITED_KINGDOM,
            vec!["4.00", "4.00", "4.00", "4.00", "4.00"],
            "2",
            "16.65",
            "3.35",
        ),
        (QUEBEC, vec!["100.00"], "8", "86.98", "13.02"),
    ] {
        let mut desk = Desk::at(realm);
        desk.switch(json!({"inclusive_amount_is": "gross"}));
        let lines: Vec<Value> = gross.iter().map(|amount| line(amount, code)).collect();
        let mut body = receipt(&lines);
        body["GlobalTaxCalculation"] = json!("TaxInclusive");
        let made = desk.post("salesreceipt", &body);
        assert_eq!(
            made.at("SalesReceipt.TxnTaxDetail.TotalTax"),
            tax,
            "{gross:?}: {:?}",
            made.body
        );
        let subtotal = made
            .body
            .at("SalesReceipt.Line")
            .unwrap()
            .items()
            .last()
            .unwrap()
            .get("Amount")
            .unwrap()
            .to_text();
        assert_eq!(subtotal, net, "{gross:?}");
    }
}

#[test]
fn a_discount_comes_off_before_tax_outside_the_united_states() {
    let discount = json!({"DetailType": "DiscountLineDetail", "Amount": 5.00, "DiscountLineDetail": {"PercentBased": false}});
    let lines = [
        line("19.99", "6"),
        line("24.99", "6"),
        line("5.00", "6"),
        discount,
    ];
    let mut desk = Desk::at(ONTARIO);
    assert_eq!(
        desk.post("salesreceipt", &receipt(&lines))
            .at("SalesReceipt.TotalAmt"),
        "50.83"
    );
    let empty =
        json!({"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": true}});
    assert_eq!(
        desk.post("salesreceipt", &receipt(&[line("5.00", "6"), empty]))
            .code(),
        "6090"
    );
}

#[test]
fn a_sparse_update_of_lines_without_tax_is_refused_or_keeps_the_old_tax() {
    let detail = json!({"TaxLine": [tax_line("13", "13.01", "100")]});
    let mut desk = Desk::at(ONTARIO);
    desk.post("salesreceipt", &taxed(&[line("100.00", "6")], detail));
    let change =
        json!({"Id": "1001", "SyncToken": "0", "sparse": true, "Line": [line("200.00", "6")]});
    assert!(
        desk.post("salesreceipt", &change)
            .detail()
            .contains("Invalid Tax Rate id - 13")
    );
    desk.switch(json!({"sparse_lines_need_tax": false}));
    assert_eq!(
        desk.post("salesreceipt", &change)
            .at("SalesReceipt.TotalAmt"),
        "213.01"
    );
}

#[test]
fn a_us_line_says_tax_or_non() {
    for realm in [US_AUTOMATED, US_MANUAL] {
        let mut desk = Desk::at(realm);
        assert_eq!(
            desk.post("salesreceipt", &receipt(&[line("1.00", "NON")]))
                .at("SalesReceipt.TotalAmt"),
            "1"
        );
        assert_eq!(
            desk.post("salesreceipt", &receipt(&[line("1.00", "2")]))
                .code(),
            "6100"
        );
        let mut inclusive = receipt(&[line("1.00", "NON")]);
        inclusive["GlobalTaxCalculation"] = json!("TaxInclusive");
        assert_eq!(desk.post("salesreceipt", &inclusive).code(), "6000");
        let old = taxed(
            &[line("1.00", "TAX")],
            json!({"TxnTaxCodeRef": {"value": "CustomSalesTax"}}),
        );
        assert_eq!(desk.post("salesreceipt", &old).code(), "6160");
        let unknown = taxed(
            &[line("1.00", "TAX")],
            json!({"TxnTaxCodeRef": {"value": "88"}}),
        );
        assert_eq!(desk.post("salesreceipt", &unknown).code(), "2500");
    }
}

#[test]
fn automated_tax_takes_an_override_or_does_not() {
    let lines = [
        line("200.00", "TAX"),
        line("25.00", "NON"),
        line("15.00", "NON"),
    ];
    let detail = json!({"TxnTaxCodeRef": {"value": "2"}, "TotalTax": 18.50});
    let mut desk = Desk::at(US_AUTOMATED);
    let honoured = desk.post("salesreceipt", &taxed(&lines, detail.clone()));
    assert_eq!(honoured.at("SalesReceipt.TotalAmt"), "258.5");
    assert_eq!(
        amounts(&honoured),
        [
            ("2".into(), "11.68".into()),
            ("3".into(), "0.49".into()),
            ("4".into(), "6.33".into())
        ]
    );
    let plain = desk.post("salesreceipt", &receipt(&lines));
    assert_eq!(plain.at("SalesReceipt.TxnTaxDetail.TotalTax"), "19");
    desk.switch(json!({"ast_honours_override": false}));
    assert_eq!(
        desk.post("salesreceipt", &taxed(&lines, detail.clone()))
            .at("SalesReceipt.TotalAmt"),
        "259"
    );
    assert_eq!(
        desk.post("salesreceipt", &taxed(&[line("25.00", "NON")], detail))
            .at("SalesReceipt.TotalAmt"),
        "25"
    );
}

#[test]
fn manual_tax_is_stored_as_given_with_the_codes_own_rates() {
    let lines = [line("137.49", "TAX")];
    let mut desk = Desk::at(US_MANUAL);
    let given = json!({"TxnTaxCodeRef": {"value": "3"}, "TotalTax": 12.51, "TaxLine": [tax_line("1", "9.76", "137.49"), tax_line("5", "2.75", "137.49")]});
    let made = desk.post("salesreceipt", &taxed(&lines, given));
    assert_eq!(made.at("SalesReceipt.TotalAmt"), "150");
    assert_eq!(
        amounts(&made),
        [("1".into(), "9.76".into()), ("2".into(), "2.75".into())],
        "the wrong rate is replaced"
    );
    let total = desk.post(
        "salesreceipt",
        &taxed(
            &lines,
            json!({"TxnTaxCodeRef": {"value": "3"}, "TotalTax": 12.51}),
        ),
    );
    assert_eq!(
        amounts(&total),
        [("1".into(), "9.76".into()), ("2".into(), "2.75".into())]
    );
    let code = json!({"TxnTaxCodeRef": {"value": "3"}});
    assert_eq!(
        desk.post("salesreceipt", &taxed(&lines, code.clone()))
            .at("SalesReceipt.TotalAmt"),
        "150"
    );
    desk.switch(json!({"us_code_alone_computes": false}));
    assert_eq!(
        desk.post("salesreceipt", &taxed(&lines, code))
            .at("SalesReceipt.TotalAmt"),
        "137.49"
    );
}

#[test]
fn us_discounts_come_off_after_tax_unless_asked() {
    let discount = json!({"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": true, "DiscountPercent": 10}});
    let mut body = taxed(
        &[line("345.00", "TAX"), discount],
        json!({"TxnTaxCodeRef": {"value": "3"}}),
    );
    let mut desk = Desk::at(US_MANUAL);
    assert_eq!(
        desk.post("salesreceipt", &body)
            .at("SalesReceipt.TxnTaxDetail.TotalTax"),
        "31.4"
    );
    body["ApplyTaxAfterDiscount"] = json!(true);
    assert_eq!(
        desk.post("salesreceipt", &body)
            .at("SalesReceipt.TxnTaxDetail.TotalTax"),
        "28.26"
    );
}

#[test]
fn where_sales_tax_is_off_tax_is_neither_stored_nor_returned() {
    for (realm, code) in [(US_MANUAL, "TAX"), (QUEBEC, "8")] {
        let mut desk = Desk::at(realm);
        desk.control("edit", json!({"realm": realm, "entity": "Preferences", "set": {"TaxPrefs": {"UsingSalesTax": false}}}));
        let made = desk.post("salesreceipt", &receipt(&[line("100.00", code)]));
        assert_eq!(
            (
                made.at("SalesReceipt.TotalAmt"),
                made.at("SalesReceipt.TxnTaxDetail.TotalTax")
            ),
            ("100".into(), "0".into())
        );
    }
}

#[test]
fn a_rate_is_the_one_of_the_receipts_day() {
    let mut desk = Desk::at(QUEBEC);
    for (day, tax) in [
        ("2005-06-01", "7"),
        ("2007-01-01", "6"),
        ("2008-01-01", "5"),
    ] {
        let mut body = receipt(&[line("100.00", "5")]);
        body["TxnDate"] = json!(day);
        assert_eq!(
            desk.post("salesreceipt", &body)
                .at("SalesReceipt.TxnTaxDetail.TotalTax"),
            tax,
            "{day}"
        );
    }
}
