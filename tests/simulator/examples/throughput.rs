//! How many requests a second the simulator answers in one process, without a network.
//!
//! `cargo run --release -p simulator --example throughput [receipts]`

use std::io::Write as _;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use simulator::{Intuit, Request};

const REALM: &str = "9341450000000001";

fn main() {
    let receipts: u32 = std::env::args()
        .nth(1)
        .and_then(|count| count.parse().ok())
        .unwrap_or(50_000);
    let mut intuit = Intuit::new(1);
    let mut now: Timestamp = "2026-03-14T19:20:31Z".parse().expect("a moment");
    let mut token = String::new();
    let post = |intuit: &mut Intuit, now: Timestamp, token: &str, target: &str, body: String| {
        let request = Request::new("POST", &format!("/v3/company/{REALM}/{target}"))
            .header("authorization", &format!("Bearer {token}"))
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(body);
        let reply = intuit.handle(now, &request);
        assert_eq!(reply.status, 200, "{}", reply.text());
    };
    let report = |what: &str, count: u32, started: Instant| {
        let millis = started.elapsed().as_millis().max(1);
        let _closed = writeln!(
            std::io::stdout(),
            "{what}: {count} in {millis} ms, {} a second",
            u128::from(count) * 1000 / millis
        );
    };

    let started = Instant::now();
    for number in 0..receipts {
        if number % 20_000 == 0 {
            token = intuit
                .connect(now, REALM)
                .expect("the company is there")
                .access;
        }
        let body = format!(
            "{{\"TxnDate\":\"2026-03-14\",\"DocNumber\":\"MC-{number}\",\"CustomerRef\":{{\"value\":\"41\"}},\"CurrencyRef\":{{\"value\":\"CAD\"}},\
             \"GlobalTaxCalculation\":\"TaxExcluded\",\"DepositToAccountRef\":{{\"value\":\"91\"}},\"PaymentMethodRef\":{{\"value\":\"3\"}},\
             \"PaymentRefNum\":\"pay_{number}\",\"PrivateNote\":\"MioCommerce payment {number}\",\"Line\":[\
             {{\"DetailType\":\"SalesItemLineDetail\",\"Amount\":80.00,\"Description\":\"Window cleaning, 2 h\",\"SalesItemLineDetail\":{{\"ItemRef\":{{\"value\":\"21\"}},\"Qty\":1,\"UnitPrice\":80.00,\"TaxCodeRef\":{{\"value\":\"8\"}}}}}},\
             {{\"DetailType\":\"SalesItemLineDetail\",\"Amount\":10.55,\"Description\":\"Tip\",\"SalesItemLineDetail\":{{\"ItemRef\":{{\"value\":\"25\"}},\"Qty\":1,\"UnitPrice\":10.55,\"TaxCodeRef\":{{\"value\":\"3\"}}}}}}],\
             \"TxnTaxDetail\":{{\"TotalTax\":11.98,\"TaxLine\":[\
             {{\"Amount\":4.00,\"DetailType\":\"TaxLineDetail\",\"TaxLineDetail\":{{\"TaxRateRef\":{{\"value\":\"3\"}},\"PercentBased\":true,\"TaxPercent\":5,\"NetAmountTaxable\":80.00}}}},\
             {{\"Amount\":7.98,\"DetailType\":\"TaxLineDetail\",\"TaxLineDetail\":{{\"TaxRateRef\":{{\"value\":\"11\"}},\"PercentBased\":true,\"TaxPercent\":9.975,\"NetAmountTaxable\":80.00}}}}]}}}}"
        );
        post(
            &mut intuit,
            now,
            &token,
            &format!("salesreceipt?minorversion=75&requestid=r{number}"),
            body,
        );
        now += SignedDuration::from_millis(122);
    }
    report("receipts", receipts, started);

    let people = receipts / 10;
    let started = Instant::now();
    token = intuit
        .connect(now, REALM)
        .expect("the company is there")
        .access;
    for number in 0..people {
        let body = format!(
            "{{\"DisplayName\":\"Person {number}\",\"PrimaryEmailAddr\":{{\"Address\":\"p{number}@example.com\"}}}}"
        );
        post(
            &mut intuit,
            now,
            &token,
            &format!("customer?requestid=c{number}"),
            body,
        );
        now += SignedDuration::from_millis(122);
    }
    report("customers", people, started);

    let started = Instant::now();
    for number in 0..people {
        let statement = if number % 2 == 0 {
            format!("select * from Customer where PrimaryEmailAddr like '%p{number}@example.com%'")
        } else {
            format!("select * from SalesReceipt where DocNumber = 'MC-{number}'")
        };
        post(&mut intuit, now, &token, "query", statement);
        now += SignedDuration::from_millis(122);
    }
    report(
        &format!("queries over {people} customers and {receipts} receipts"),
        people,
        started,
    );
}
