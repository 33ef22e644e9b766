//! What the simulator takes and refuses, each rule on yes and on no, in the process and without waiting.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: a test that cannot go on has failed"
)]

mod books_over_time;
mod customers;
mod envelope;
mod limits;
mod lists;
mod oauth;
mod over_http;
mod queries;
mod receipts;
mod receipts_later;
mod request_ids;
mod support;
mod tax;
mod trouble;
