//! What planted bugs make of requests and answers.

use quickbooks::{Answer, Request};
use serde_json::Value;

use crate::planted::Bug;
use crate::world::Outside;

/// What a planted bug sends instead.
pub(super) fn sending(outside: &Outside, mut sent: simulator::Request) -> simulator::Request {
    let is_id = |(name, _): &(String, String)| name == "requestid";
    if outside.planted.has(Bug::NoRequestId) {
        sent.query.retain(|parameter| !is_id(parameter));
    }
    if outside.planted.has(Bug::NewRequestId) {
        let id = sent.query.iter_mut().find(|parameter| is_id(parameter));
        if let Some((_, id)) = id {
            *id = format!("{:032x}", outside.waits.fate.random());
        }
    }
    sent
}

/// What a planted bug hears instead.
pub(super) fn hearing(outside: &Outside, request: &Request<'_>, answer: Answer) -> Answer {
    if outside.planted.has(Bug::ErrorIsRefusal) && answer.status >= 500 {
        let fault = r#"{"Fault":{"Error":[{"Message":"Refused","Detail":"Refused","code":"2020"}],"type":"ValidationFault"}}"#;
        return Answer {
            status: 400,
            body: fault.into(),
            ..answer
        };
    }
    if outside.planted.has(Bug::TotalNotCompared) {
        return as_asked(request, &answer).unwrap_or(answer);
    }
    answer
}

/// The answer with the total that was asked for.
fn as_asked(request: &Request<'_>, answer: &Answer) -> Option<Answer> {
    let asked: Value = serde_json::from_str(request.body.as_ref()?.text()).ok()?;
    let mut told: Value = serde_json::from_slice(&answer.body).ok()?;
    let cents = |number: &Value| {
        let (whole, part) = number.to_string().split_once('.').map_or_else(
            || (number.to_string(), String::new()),
            |(whole, part)| (whole.to_owned(), part.to_owned()),
        );
        format!("{whole}{part:0<2}").parse::<i64>().unwrap_or(0)
    };
    let lines = asked["Line"].as_array()?;
    let net: i64 = lines.iter().map(|line| cents(&line["Amount"])).sum();
    let total = net + cents(&asked["TxnTaxDetail"]["TotalTax"]);
    let total = format!("{}.{:02}", total / 100, total % 100);
    let mut receipt = ["SalesReceipt", "RefundReceipt"].into_iter();
    let receipt = receipt.rfind(|kind| told[*kind].is_object())?;
    told[receipt]["TotalAmt"] = serde_json::from_str(&total).ok()?;
    Some(Answer {
        status: answer.status,
        intuit_tid: None,
        retry_after: None,
        body: told.to_string().into_bytes(),
    })
}

/// Whether it looks for a receipt.
pub(super) fn is_probe(request: &Request<'_>) -> bool {
    let query = request.body.as_ref().map(|body| body.text());
    let texts = [Some(request.url.as_str()), query];
    let names = |text: &str| text.contains("SalesReceipt") || text.contains("RefundReceipt");
    request.url.contains("/query") && texts.into_iter().flatten().any(names)
}

/// The answer to a query that finds nothing.
pub(super) fn nothing_found() -> Answer {
    Answer {
        status: 200,
        intuit_tid: None,
        retry_after: None,
        body: br#"{"QueryResponse":{},"time":"2026-11-22T14:03:12.000Z"}"#.to_vec(),
    }
}
