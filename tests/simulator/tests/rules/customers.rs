//! Customers: names, addresses, versions.

use serde_json::{Value, json};

use crate::support::{Desk, ONTARIO, QUEBEC, line, receipt};

#[test]
fn a_customer_is_answered_with_what_quickbooks_adds() {
    let mut desk = Desk::at(QUEBEC);
    let made = desk.post("customer", &json!({"GivenName": "Ana", "FamilyName": "Li", "PrimaryEmailAddr": {"Address": "ana.li@example.com"}, "Notes": ""}));
    for (path, value) in [
        ("Id", "1001"),
        ("SyncToken", "0"),
        ("DisplayName", "Ana Li"),
        ("FullyQualifiedName", "Ana Li"),
        ("PrintOnCheckName", "Ana Li"),
        ("CurrencyRef.value", "CAD"),
        ("Active", "true"),
        ("Balance", "0"),
        ("PreferredDeliveryMethod", "None"),
        ("Notes", ""),
    ] {
        assert_eq!(made.at(&format!("Customer.{path}")), value, "{path}");
    }
}

#[test]
fn what_is_wrong_is_refused_with_its_code() {
    let wrong = [
        (json!({"Notes": "no name"}), "6080"),
        (json!({"DisplayName": "Anne Bélanger"}), "6240"),
        (json!({"DisplayName": "ANNE BÉLANGER"}), "6240"),
        (
            json!({"GivenName": "Anne", "FamilyName": "Bélanger"}),
            "6240",
        ),
        (json!({"DisplayName": "Jean Tremblay"}), "6240"),
        (json!({"DisplayName": "Marie-Ève Côté"}), "6240"),
        (json!({"DisplayName": "a:b"}), "2040"),
        (json!({"DisplayName": "n".repeat(101)}), "2050"),
        (
            json!({"DisplayName": "x", "PrimaryPhone": {"FreeFormNumber": "1".repeat(31)}}),
            "2050",
        ),
        (
            json!({"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nobody"}}),
            "2210",
        ),
        (
            json!({"DisplayName": "x", "PrimaryEmailAddr": {"Address": "a@x.com,b@x.com"}}),
            "2210",
        ),
        (
            json!({"DisplayName": "x", "WebAddr": {"URI": "nowhere"}}),
            "2200",
        ),
        (json!({"DisplayName": "x", "Email": "a@x.com"}), "2010"),
        (json!({"DisplayName": "x", "Active": "yes"}), "2230"),
        (json!({"DisplayName": "x", "Job": true}), "6150"),
        (
            json!({"DisplayName": "x", "ParentRef": {"value": "999"}}),
            "2500",
        ),
        (
            json!({"DisplayName": "x", "CurrencyRef": {"value": "USD"}}),
            "6000",
        ),
        (
            json!({"DisplayName": "x", "CurrencyRef": {"value": "dollars"}}),
            "2220",
        ),
        (json!({"DisplayName": 5}), "2010"),
        (json!({"DisplayName": "x", "Notes": "hi 👋"}), "10000"),
    ];
    let mut desk = Desk::at(QUEBEC);
    for (body, code) in wrong {
        let refused = desk.post("customer", &body);
        assert_eq!(refused.code(), code, "{body}: {:?}", refused.body);
    }
    let fine = json!({"DisplayName": "n".repeat(100), "WebAddr": {"URI": "https://example.com"}, "PrimaryPhone": {"FreeFormNumber": "1".repeat(30)}});
    assert_eq!(desk.post("customer", &fine).status, 200);
}

#[test]
fn a_sparse_update_keeps_and_a_full_one_clears_what_is_left_out() {
    let mut desk = Desk::at(QUEBEC);
    let sparse = desk.post(
        "customer",
        &json!({"Id": "49", "SyncToken": "0", "sparse": true, "GivenName": "Diana"}),
    );
    assert_eq!(
        (
            sparse.at("Customer.GivenName"),
            sparse.at("Customer.Notes"),
            sparse.at("Customer.SyncToken")
        ),
        ("Diana".into(), "Gate code 4411".into(), "1".into())
    );
    assert_eq!(
        desk.post(
            "customer",
            &json!({"Id": "49", "SyncToken": "0", "sparse": true})
        )
        .code(),
        "5010"
    );
    let cleared = desk.post(
        "customer",
        &json!({"Id": "49", "SyncToken": "1", "sparse": true, "Notes": ""}),
    );
    assert_eq!(cleared.at("Customer.Notes"), "");
    let blank = desk.post(
        "customer",
        &json!({"Id": "49", "SyncToken": "2", "sparse": true, "DisplayName": ""}),
    );
    assert_eq!(
        blank.at("Customer.DisplayName"),
        "Diana Okafor",
        "a display name cannot be blanked"
    );
    let full = desk.post(
        "customer",
        &json!({"Id": "49", "SyncToken": "3", "DisplayName": "Dana"}),
    );
    assert_eq!(
        (
            full.at("Customer.GivenName"),
            full.at("Customer.PrimaryEmailAddr.Address")
        ),
        (String::new(), String::new())
    );
}

#[test]
fn a_renamed_customer_frees_its_name() {
    let mut desk = Desk::at(QUEBEC);
    assert_eq!(
        desk.post(
            "customer",
            &json!({"Id": "44", "SyncToken": "0", "sparse": true, "DisplayName": "Samuel Lee"})
        )
        .status,
        200
    );
    assert_eq!(
        desk.post("customer", &json!({"DisplayName": "Sam Lee"}))
            .status,
        200
    );
    assert_eq!(
        desk.post("customer", &json!({"DisplayName": "Samuel Lee"}))
            .code(),
        "6240"
    );
    assert_eq!(
        desk.post(
            "customer",
            &json!({"Id": "44", "SyncToken": "1", "sparse": true, "DisplayName": "Jean Tremblay"})
        )
        .code(),
        "6240"
    );
}

#[test]
fn a_hidden_customer_gets_a_suffix_and_may_block_its_name() {
    let hide = |desk: &mut Desk| {
        desk.post(
            "customer",
            &json!({"Id": "44", "SyncToken": "0", "sparse": true, "Active": false}),
        )
    };
    let mut desk = Desk::at(QUEBEC);
    let hidden = hide(&mut desk);
    assert_eq!(
        (
            hidden.at("Customer.DisplayName"),
            hidden.at("Customer.Active")
        ),
        ("Sam Lee (deleted)".into(), "false".into())
    );
    assert_eq!(
        desk.post("customer", &json!({"DisplayName": "Sam Lee"}))
            .code(),
        "6240"
    );
    assert_eq!(
        desk.get("customer/44").status,
        200,
        "reading by id still works"
    );
    let back = desk.post(
        "customer",
        &json!({"Id": "44", "SyncToken": "1", "sparse": true, "Active": true}),
    );
    assert_eq!(
        back.at("Customer.DisplayName"),
        "Sam Lee (deleted)",
        "nothing says that the suffix goes by itself"
    );

    let mut desk = Desk::at(QUEBEC);
    desk.switch(json!({"inactive_names_are_free": true, "reactivating_restores_name": true}));
    hide(&mut desk);
    assert_eq!(
        desk.post("customer", &json!({"DisplayName": "Sam Lee"}))
            .status,
        200
    );
    assert_eq!(
        desk.post(
            "customer",
            &json!({"Id": "44", "SyncToken": "1", "sparse": true, "Active": true})
        )
        .code(),
        "6240"
    );
}

#[test]
fn a_sub_customer_has_a_full_name_and_five_levels_are_enough() {
    let mut desk = Desk::at(QUEBEC);
    let mut parent = "41".to_owned();
    for (level, name) in ["Cottage", "Garage", "Shed", "Loft"].iter().enumerate() {
        let made = desk.post(
            "customer",
            &json!({"DisplayName": name, "Job": true, "ParentRef": {"value": parent}}),
        );
        assert_eq!(made.at("Customer.Level"), (level + 1).to_string());
        parent = made.at("Customer.Id");
    }
    assert_eq!(
        desk.get(&format!("customer/{parent}"))
            .at("Customer.FullyQualifiedName"),
        "Anne Bélanger:Cottage:Garage:Shed:Loft"
    );
    assert_eq!(
        desk.post(
            "customer",
            &json!({"DisplayName": "Nook", "Job": true, "ParentRef": {"value": parent}})
        )
        .code(),
        "6180"
    );
}

#[test]
fn a_customers_currency_is_set_once() {
    let mut desk = Desk::at(ONTARIO);
    let made = desk.post(
        "customer",
        &json!({"DisplayName": "Euro Person", "CurrencyRef": {"value": "EUR"}}),
    );
    assert_eq!(made.at("Customer.CurrencyRef.name"), "Euro");
    let change =
        json!({"Id": "1001", "SyncToken": "0", "sparse": true, "CurrencyRef": {"value": "CAD"}});
    assert_eq!(desk.post("customer", &change).code(), "6000");
}

#[test]
fn a_merged_customer_is_gone_and_its_receipts_are_the_winners() {
    let mut desk = Desk::at(QUEBEC);
    let mut body = receipt(&[line("10.00", "3")]);
    body["CustomerRef"] = json!({"value": "45"});
    desk.post("salesreceipt", &body);
    desk.control(
        "merge",
        json!({"realm": QUEBEC, "winner": "44", "loser": "45"}),
    );
    assert_eq!(
        desk.get("salesreceipt/1001")
            .at("SalesReceipt.CustomerRef.value"),
        "44"
    );
    assert_eq!(desk.get("customer/45").code(), "610");
    assert_eq!(desk.post("salesreceipt", &body).code(), "2500");
    let changes = desk.get("cdc?entities=Customer&changedSince=2026-03-14T00:00:00-07:00");
    let response = changes.body.get("CDCResponse").unwrap().items()[0]
        .get("QueryResponse")
        .unwrap()
        .items()[0]
        .clone();
    let gone: Vec<_> = response
        .get("Customer")
        .unwrap()
        .items()
        .iter()
        .filter(|row| row.said("status") == Some("Deleted"))
        .map(simulator::Json::to_text)
        .collect();
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert_eq!(
        response.get("maxResults").map(simulator::Json::to_text),
        Some("1".to_owned())
    );
}

#[test]
fn an_edit_on_the_screens_raises_the_version() {
    let mut desk = Desk::at(QUEBEC);
    desk.control("edit", json!({"realm": QUEBEC, "entity": "Customer", "id": "44", "set": {"Notes": "by hand", "PrimaryEmailAddr": {"Address": "a@x.com, b@x.com"}}}));
    assert_eq!(desk.get("customer/44").at("Customer.SyncToken"), "1");
    assert_eq!(
        desk.query("select * from Customer where PrimaryEmailAddr like '%b@x.com%'")
            .at("QueryResponse.maxResults"),
        "2"
    );
    desk.control("edit", json!({"realm": QUEBEC, "entity": "Customer", "id": "44", "set": Value::Null, "remove": true}));
    assert_eq!(desk.get("customer/44").code(), "610");
}
