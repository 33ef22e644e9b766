//! The envelope: content types, encodings, and the pages for people.

use serde_json::json;
use simulator::{Intuit, Request};

use crate::support::{Desk, QUEBEC, line, receipt};

#[test]
fn without_a_word_about_json_the_answer_is_xml() {
    let mut desk = Desk::at(QUEBEC);
    let bare = Request::new("GET", &format!("/v3/company/{QUEBEC}/customer/41"))
        .header("authorization", &format!("Bearer {}", desk.tokens.access));
    let xml = desk.intuit.handle(desk.now, &bare).text();
    assert!(
        xml.starts_with("<?xml") && xml.contains("<DisplayName>Anne Bélanger</DisplayName>"),
        "{xml}"
    );
    let format = Request {
        query: vec![("format".to_owned(), "json".to_owned())],
        ..bare
    };
    assert!(
        desk.intuit
            .handle(desk.now, &format)
            .text()
            .starts_with("{\"Customer\"")
    );
}

#[test]
fn a_body_must_be_json_in_utf_8() {
    let mut desk = Desk::at(QUEBEC);
    let token = format!("Bearer {}", desk.tokens.access);
    let ask = |desk: &mut Desk, content_type: &str, body: &[u8]| {
        let request = Request::new("POST", &format!("/v3/company/{QUEBEC}/customer"))
            .header("authorization", &token)
            .header("accept", "application/json")
            .header("content-type", content_type)
            .body(body);
        desk.intuit.handle(desk.now, &request).text()
    };
    assert!(ask(&mut desk, "text/plain", b"{}").contains("\"1050\""));
    assert!(ask(&mut desk, "application/json", b"{\"DisplayName\":").contains("\"2010\""));
    assert!(ask(&mut desk, "application/json", b"[]").contains("\"2010\""));
    assert!(
        ask(
            &mut desk,
            "application/json",
            b"{\"DisplayName\":\"Ren\xe9\"}"
        )
        .contains("Invalid UTF-8 middle byte 0xe9")
    );
    assert!(
        ask(
            &mut desk,
            "application/json; charset=utf-8",
            "{\"DisplayName\":\"René\"}".as_bytes()
        )
        .contains("\"DisplayName\":\"René\"")
    );
}

#[test]
fn every_answer_carries_a_trace_id() {
    let mut desk = Desk::at(QUEBEC);
    let trace = |desk: &mut Desk| {
        desk.send("GET", "preferences", "")
            .headers
            .into_iter()
            .find(|(name, _)| name == "intuit_tid")
            .unwrap()
            .1
    };
    let first = trace(&mut desk);
    assert!(
        first.starts_with("1-") && first != trace(&mut desk),
        "{first}"
    );
}

#[test]
fn amounts_go_through_to_the_digit() {
    let mut desk = Desk::at(QUEBEC);
    for amount in ["0.1", "0.07", "1861.08", "9999999.99", "1e2"] {
        let body = receipt(&[line("1", "3")])
            .to_string()
            .replace("\"Amount\":1", &format!("\"Amount\":{amount}"))
            .replace("\"UnitPrice\":1", &format!("\"UnitPrice\":{amount}"));
        let reply = desk.send("POST", "salesreceipt", body).text();
        let wanted = if amount == "1e2" { "100" } else { amount };
        assert!(
            reply.contains(&format!("\"TotalAmt\":{wanted},")),
            "{amount}: {reply}"
        );
    }
}

#[test]
fn people_can_look_at_the_books_and_follow_links() {
    let mut desk = Desk::at(QUEBEC);
    let mut body = receipt(&[line("100.00", "8")]);
    body["PrivateNote"] = json!("<script>alert(1)</script>");
    body["DocNumber"] = json!("MC-77");
    desk.post("salesreceipt", &body);
    let page =
        |desk: &mut Desk, target: &str| desk.intuit.handle(desk.now, &Request::new("GET", target));
    assert!(
        page(&mut desk, "/")
            .text()
            .contains("Nettoyage Laurier inc.")
    );
    let books = page(&mut desk, &format!("/books/{QUEBEC}")).text();
    for shown in [
        "id=\"salesreceipt-1001\"",
        "MC-77",
        "114.98",
        "GST/QST QC - 9.975",
        "QST 9.975 9.975 % on 100.00",
        "Anne Bélanger",
        "Undeposited Funds",
        "&lt;script&gt;",
    ] {
        assert!(books.contains(shown), "{shown}");
    }
    assert!(!books.contains("<script>"));
    let location = |desk: &mut Desk, target: &str| {
        page(desk, target)
            .headers
            .into_iter()
            .find(|(name, _)| name == "location")
            .map(|(_, value)| value)
    };
    let expected = Some(format!("/books/{QUEBEC}#salesreceipt-1001"));
    assert_eq!(
        location(
            &mut desk,
            &format!("/login?deeplinkcompanyid={QUEBEC}&pagereq=salesreceipt%3FtxnId%3D1001")
        ),
        expected
    );
    assert_eq!(
        location(
            &mut desk,
            &format!("/login?deeplinkcompanyid={QUEBEC}&pagereq=salesreceipt?txnId=1001")
        ),
        expected
    );
    assert_eq!(
        location(&mut desk, "/app/salesreceipt?txnId=1001"),
        expected
    );
    assert_eq!(page(&mut desk, "/books/1").status, 404);
    let all = desk.control(&format!("books/{QUEBEC}"), serde_json::Value::Null);
    assert_eq!(all.body.get("SalesReceipt").unwrap().items().len(), 1);
}

#[test]
fn a_company_can_be_added_and_copied() {
    let mut intuit = Intuit::new(1);
    let file = include_str!("../../companies/ontario.json")
        .replace("9341450000000002", "9341450000000099");
    assert_eq!(intuit.add_company(&file), Ok("9341450000000099".to_owned()));
    assert!(intuit.add_company("{}").is_err());
    assert!(intuit.copy_company("9341450000000099", "9341450000000100"));
    assert!(!intuit.copy_company("1", "2"));
    let now = "2026-03-14T19:20:31Z".parse().unwrap();
    assert_eq!(
        intuit
            .connect(now, "9341450000000100")
            .map(|tokens| tokens.realm)
            .as_deref(),
        Some("9341450000000100")
    );
    assert!(intuit.connect(now, "2").is_none());
}
