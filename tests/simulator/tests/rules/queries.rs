//! Queries: the grammar, what may be filtered, what comes back.

use serde_json::json;

use crate::support::{Desk, QUEBEC, line, receipt};

#[test]
fn statements_that_hold_give_their_rows() {
    let mut desk = Desk::at(QUEBEC);
    for (statement, rows) in [
        ("select * from Customer", 9),
        ("SELECT * FROM customer WHERE Active IN (true, false)", 10),
        ("select * from Customer where Active = false", 1),
        (
            "select * from Customer where PrimaryEmailAddr = 'SAM.LEE@example.com'",
            2,
        ),
        (
            "select * from Customer where PrimaryEmailAddr = 'a@x.com'",
            0,
        ),
        (
            "select * from Customer where PrimaryEmailAddr LIKE '%a@x.com%'",
            1,
        ),
        (
            "select * from Customer where DisplayName = 'Siobhán O\\'Neil'",
            1,
        ),
        (
            "select * from Customer where GivenName = 'Sam' and FamilyName = 'Lee' orderby Id maxresults 1",
            1,
        ),
        (
            "select * from Customer where DisplayName = 'Old Client (deleted)'",
            0,
        ),
        (
            "select * from Customer where DisplayName = 'back\\\\slash'",
            0,
        ),
        ("select * from Customer where Id in ('41', '42', '999')", 2),
        (
            "select * from Customer where MetaData.CreateTime > '2026-01-01T00:00:00-08:00'",
            9,
        ),
        (
            "select * from Customer where MetaData.CreateTime > '2026-02-01'",
            0,
        ),
        (
            "select * from Account where AccountType in ('Bank','Other Current Asset') orderby Name maxresults 1000",
            4,
        ),
        ("select * from Item where Type = 'Service'", 7),
        ("select * from TaxCode", 6),
        ("select * from TaxRate maxresults 1000", 8),
        ("select * from TaxAgency", 2),
        ("select * from PaymentMethod where Name = 'visa'", 1),
        ("select * from Class", 2),
        ("select * from Department order by Name desc", 2),
        ("select * from CompanyInfo", 1),
        ("select * from Preferences", 1),
        ("select * from Customer startposition 8 maxresults 5", 2),
        ("select *, Sku from Item", 9),
        ("select Id, DisplayName from Customer where Id = '41'", 1),
    ] {
        assert_eq!(desk.rows(statement), rows, "{statement}");
    }
}

#[test]
fn statements_that_do_not_hold_are_refused_with_4000_or_4001() {
    let mut desk = Desk::at(QUEBEC);
    for (statement, code, says) in [
        ("", "4000", "Encountered"),
        ("select from Customer", "4000", "Encountered"),
        ("select * from Customer where", "4000", "<EOF>"),
        (
            "select * from Customer whereDisplayName = 'x'",
            "4000",
            "Encountered",
        ),
        (
            "select * from Customer where DisplayName = 'O'Neil'",
            "4000",
            "Encountered",
        ),
        (
            "select * from Customer where DisplayName = 'open",
            "4000",
            "Lexical error",
        ),
        (
            "select * from Customer where DisplayName = 'a' or DisplayName = 'b'",
            "4000",
            "Encountered",
        ),
        (
            "select * from Customer where not Active = true",
            "4000",
            "Encountered",
        ),
        (
            "select * from Customer where Balance > 3.5",
            "4000",
            "Lexical error",
        ),
        ("select * from Customer; drop", "4000", "Lexical error"),
        (
            "select * from Customer maxresults 10 startposition 1",
            "4000",
            "Encountered",
        ),
        ("select * from Nothing", "4001", "Metadata not found"),
        (
            "select * from Customer where NoSuchField = 'x'",
            "4001",
            "Property NoSuchField not found for Entity Customer",
        ),
        (
            "select * from Customer where Notes = 'x'",
            "4001",
            "property 'Notes' is not queryable",
        ),
        (
            "select * from Customer where PrimaryEmailAddr.Address = 'x'",
            "4001",
            "not found",
        ),
        (
            "select * from Vendor where PrimaryEmailAddr = 'x'",
            "4001",
            "property 'PrimaryEmailAddr' is not queryable",
        ),
        (
            "select * from SalesReceipt where PrivateNote = 'x'",
            "4001",
            "not queryable",
        ),
        (
            "select * from SalesReceipt where PaymentRefNum = 'x'",
            "4001",
            "not queryable",
        ),
        (
            "select * from RefundReceipt where TotalAmt = '5'",
            "4001",
            "not queryable",
        ),
        ("select * from Customer where Id > '5'", "4001", "Operator"),
        (
            "select * from Customer where Active = 'perhaps'",
            "4001",
            "Invalid value",
        ),
        (
            "select * from Customer startposition 0",
            "4001",
            "too small",
        ),
        (
            "select * from Customer maxresults 1001",
            "4001",
            "too large",
        ),
        (
            "select * from Customer orderby Notes",
            "4001",
            "not queryable",
        ),
    ] {
        let refused = desk.query(statement);
        assert_eq!(refused.code(), code, "{statement}: {:?}", refused.body);
        assert!(
            refused.detail().contains(says),
            "{statement}: {}",
            refused.detail()
        );
    }
    desk.switch(json!({"like_on_email": false}));
    assert_eq!(
        desk.query("select * from Customer where PrimaryEmailAddr like '%x%'")
            .code(),
        "4001"
    );
    assert_eq!(
        desk.rows("select * from Customer where DisplayName like 'Sam%'"),
        2
    );
}

#[test]
fn a_query_may_come_by_get_and_an_unencoded_plus_is_a_space() {
    let mut desk = Desk::at(QUEBEC);
    desk.post(
        "customer",
        &json!({"DisplayName": "Plus", "PrimaryEmailAddr": {"Address": "a+b@example.com"}}),
    );
    let target = |value: &str| {
        format!(
            "query?query=select%20*%20from%20Customer%20where%20PrimaryEmailAddr%20%3D%20%27{value}%27&minorversion=75"
        )
    };
    assert_eq!(
        desk.get(&target("a%2Bb@example.com"))
            .at("QueryResponse.maxResults"),
        "1"
    );
    assert_eq!(
        desk.get(&target("a+b@example.com")).at("QueryResponse"),
        "{}"
    );
}

#[test]
fn nothing_found_is_an_empty_answer_and_a_count_is_a_number() {
    let mut desk = Desk::at(QUEBEC);
    assert_eq!(
        desk.query("select * from SalesReceipt").at("QueryResponse"),
        "{}"
    );
    assert_eq!(
        desk.query("select count(*) from Customer")
            .at("QueryResponse"),
        "{\"totalCount\":9}"
    );
    assert_eq!(
        desk.query("select * from Preferences")
            .at("QueryResponse.startPosition"),
        ""
    );
}

#[test]
fn without_an_order_the_newest_come_first() {
    let mut desk = Desk::at(QUEBEC);
    for _ in 0..3 {
        desk.post("salesreceipt", &receipt(&[line("1.00", "3")]));
    }
    let ids = |desk: &mut Desk, statement: &str| -> Vec<String> {
        let answer = desk.query(statement);
        answer
            .body
            .at("QueryResponse.SalesReceipt")
            .unwrap()
            .items()
            .iter()
            .filter_map(|row| row.said("Id").map(str::to_owned))
            .collect()
    };
    assert_eq!(
        ids(&mut desk, "select * from SalesReceipt"),
        ["1003", "1002", "1001"]
    );
    assert_eq!(
        ids(&mut desk, "select * from SalesReceipt orderby Id"),
        ["1001", "1002", "1003"]
    );
    assert_eq!(
        ids(
            &mut desk,
            "select * from SalesReceipt orderby Id desc startposition 2"
        ),
        ["1002", "1001"]
    );
}

#[test]
fn receipts_are_found_by_number_customer_day_and_total() {
    let mut desk = Desk::at(QUEBEC);
    let mut body = receipt(&[line("100.00", "8")]);
    body["DocNumber"] = json!("MC-5");
    desk.post("salesreceipt", &body);
    for (condition, rows) in [
        ("DocNumber = 'mc-5'", 1),
        ("DocNumber in ('MC-4', 'MC-5')", 1),
        ("DocNumber = 'MC-4'", 0),
        (
            "CustomerRef = '41' and TxnDate = '2026-03-14' and TotalAmt = '114.98'",
            1,
        ),
        ("TxnDate >= '2026-03-15'", 0),
        ("TotalAmt > '100.00'", 1),
        ("TotalAmt < '100.00'", 0),
    ] {
        assert_eq!(
            desk.rows(&format!("select * from SalesReceipt where {condition}")),
            rows,
            "{condition}"
        );
    }
}

#[test]
fn a_lagging_index_shows_new_records_later() {
    let mut desk = Desk::at(QUEBEC);
    desk.switch(json!({"index_lag_seconds": 120}));
    desk.post("salesreceipt", &receipt(&[line("1.00", "3")]));
    assert_eq!(desk.rows("select * from SalesReceipt"), 0);
    assert_eq!(desk.get("salesreceipt/1001").status, 200);
    desk.pass(120);
    assert_eq!(desk.rows("select * from SalesReceipt"), 1);
}
