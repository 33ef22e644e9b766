//! Switches: how the simulator reads what Intuit's documentation leaves open.
//!
//! The default of each is the reading that hurts a client more, except where the comment says otherwise.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What becomes of a `requestid` that was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestIds {
    /// The first answer is given again, whatever the body says now. Documented for the same body only.
    Replay,
    /// The first answer for the same body, fault 600 for another one.
    Conflict600,
    /// It is ignored, and the operation is done again. Reported once against the documentation.
    Off,
}

/// What becomes of a refresh token whose successor has been issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldRefreshToken {
    /// `invalid_grant`, and nothing else happens. Intuit's FAQ and a report of December 2025.
    Refuse,
    /// It works for 24 hours more and gives the successor. The README of Intuit's JavaScript client.
    Grace,
    /// `invalid_grant`, and the successor dies too. Intuit's FAQ names this as possible.
    Revoke,
}

/// What becomes of a refresh while another with the same token is still being answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConcurrentRefresh {
    /// The second gets `invalid_grant`. Intuit's FAQ.
    Refuse,
    /// The second gets `invalid_grant`, and the first one's tokens die. Intuit's FAQ names this as possible.
    Revoke,
    /// Both get the same answer.
    Allow,
}

/// How tax is rounded where QuickBooks computes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// Each rate on the sum of its lines. The reading most evidence supports.
    PerRateTotal,
    /// Each rate on each line.
    PerLine,
}

/// What `Amount` means in a tax-inclusive request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InclusiveAmount {
    /// Without tax; `TaxInclusiveAmt` is with tax.
    Net,
    /// With tax.
    Gross,
}

/// What becomes of something sent for a feature the company has off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureOff {
    /// Fault 5030.
    Refuse,
    /// It is left out.
    Ignore,
}

/// How one company is played where the facts are open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// What becomes of a `requestid` seen before.
    pub request_ids: RequestIds,
    /// True if a fault is given again to the same `requestid`, as an answer is.
    pub replay_errors: bool,
    /// How long a `requestid` is remembered, in seconds; `None` for ever. Intuit documents no time.
    pub request_id_memory_seconds: Option<u64>,
    /// What becomes of an old refresh token. Default `refuse`.
    pub old_refresh_token: OldRefreshToken,
    /// What becomes of two refreshes at once. Default `refuse`.
    pub concurrent_refresh: ConcurrentRefresh,
    /// True if a refresh says when the grant's five years are over, as an exchange does. Default true: "token calls" are documented.
    pub refresh_tells_hard_expiry: bool,
    /// Age at which the next refresh issues a new refresh token, in hours.
    pub rotate_after_hours: u32,
    /// True if the second use of an authorization code kills what the first one gave.
    pub code_reuse_revokes: bool,
    /// Status of `invalid_client`: 401 and 400 are both reported.
    pub invalid_client_status: u16,
    /// Requests a second; 0 for no limit.
    pub per_second: usize,
    /// Requests a minute; 0 for no limit.
    pub per_minute: usize,
    /// Requests at once; 0 for no limit. Intuit, 2016; the newer pages speak of 10 a second.
    pub in_flight: usize,
    /// Batch requests a minute; 0 for no limit.
    pub batches_per_minute: usize,
    /// Seconds in a `retry-after` header of a 429; none is documented.
    pub retry_after_seconds: Option<u64>,
    /// True for a 429 with the application's capitals and not the gateway's lower case.
    pub throttle_in_capitals: bool,
    /// How long every answer of the company takes, in milliseconds.
    pub latency_milliseconds: u64,
    /// How long a new record is invisible to queries, in seconds.
    pub index_lag_seconds: u64,
    /// True if `LIKE` may be used on e-mail addresses. Default true: the operator is documented, the combination is not.
    pub like_on_email: bool,
    /// True if a document number may not be used twice in one kind of receipt (6140); the company's own warning setting.
    pub refuse_duplicate_numbers: bool,
    /// True if sales and refund receipts share one range of document numbers.
    pub numbers_shared_by_receipts: bool,
    /// True if the name of an inactive customer is free again, as its ` (deleted)` suffix suggests.
    pub inactive_names_are_free: bool,
    /// True if making a customer active again takes the suffix away.
    pub reactivating_restores_name: bool,
    /// True if an empty string in a sparse update clears the field. Default true.
    pub empty_text_clears: bool,
    /// Code for an inactive customer in a receipt: `610`, `2500` or `6250`.
    pub inactive_customer_code: String,
    /// Code for a wrong type of account in `DepositToAccountRef`: `6430` or `6000`.
    pub deposit_account_code: String,
    /// True if a sales receipt needs a customer: the field list says so, the smallest example leaves it out.
    pub customer_required: bool,
    /// True if a refund from a bank account needs a `PaymentRefNum`.
    pub refund_reference_required: bool,
    /// True if a refund receipt may be voided over the API; the list of operations does not have it.
    pub void_refund: bool,
    /// True if lines may be negative. Default true: sales lines with minus signs are widely used; false gives 2290.
    pub negative_lines: bool,
    /// What becomes of a class or location where the company does not track them.
    pub tracking_off: FeatureOff,
    /// True if characters outside Unicode's first plane make QuickBooks stumble (HTTP 500), as reported for emoji.
    pub emoji_fails: bool,
    /// How computed tax is rounded. Default `per_rate_total`.
    pub rounding: Rounding,
    /// What `Amount` means in a tax-inclusive request. Default `net`.
    pub inclusive_amount_is: InclusiveAmount,
    /// True if automated sales tax takes the tax amount it is given. Default true; the evidence is split.
    pub ast_honours_override: bool,
    /// True if a US company without automated tax computes tax from `TxnTaxCodeRef` alone; false stores 0, as one company did.
    pub us_code_alone_computes: bool,
    /// Ids of tax codes that refuse tax amounts with 6000.
    pub override_locked_codes: BTreeSet<String>,
    /// True if a supplied `TotalTax` that is not the sum of its lines is refused; false lets the sum win.
    pub total_tax_must_add_up: bool,
    /// True if a 0 % rate of a used code must be among the tax lines sent; false makes it optional. Default false.
    pub zero_rate_line_required: bool,
    /// True if a 0 tax line of a positive rate is refused unless its base is 0.
    pub zero_tax_needs_zero_base: bool,
    /// True if a line without a tax code takes its item's; false gives the 6000 about tax codes.
    pub line_takes_items_code: bool,
    /// True if a sparse update of lines without `TxnTaxDetail` is refused (6000 "Invalid Tax Rate id"); false keeps the old tax.
    pub sparse_lines_need_tax: bool,
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            request_ids: RequestIds::Replay,
            replay_errors: true,
            request_id_memory_seconds: None,
            old_refresh_token: OldRefreshToken::Refuse,
            concurrent_refresh: ConcurrentRefresh::Refuse,
            refresh_tells_hard_expiry: true,
            rotate_after_hours: 24,
            code_reuse_revokes: true,
            invalid_client_status: 401,
            per_second: 10,
            per_minute: 500,
            in_flight: 10,
            batches_per_minute: 40,
            retry_after_seconds: None,
            throttle_in_capitals: false,
            latency_milliseconds: 0,
            index_lag_seconds: 0,
            like_on_email: true,
            refuse_duplicate_numbers: true,
            numbers_shared_by_receipts: false,
            inactive_names_are_free: false,
            reactivating_restores_name: false,
            empty_text_clears: true,
            inactive_customer_code: "610".to_owned(),
            deposit_account_code: "6430".to_owned(),
            customer_required: true,
            refund_reference_required: true,
            void_refund: false,
            negative_lines: true,
            tracking_off: FeatureOff::Refuse,
            emoji_fails: true,
            rounding: Rounding::PerRateTotal,
            inclusive_amount_is: InclusiveAmount::Net,
            ast_honours_override: true,
            us_code_alone_computes: true,
            override_locked_codes: BTreeSet::new(),
            total_tax_must_add_up: true,
            zero_rate_line_required: false,
            zero_tax_needs_zero_base: true,
            line_takes_items_code: false,
            sparse_lines_need_tax: true,
        }
    }
}

impl Switches {
    /// The switches with those of `changes`, a JSON object of names and values, turned.
    ///
    /// # Errors
    /// A sentence naming the switch or value that does not exist.
    pub fn turned(&self, changes: &str) -> Result<Switches, String> {
        let wrong = |error: serde_json::Error| error.to_string();
        let mut all: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&serde_json::to_string(self).map_err(wrong)?).map_err(wrong)?;
        let changes: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(changes).map_err(wrong)?;
        all.extend(changes);
        serde_json::from_value(serde_json::Value::Object(all)).map_err(wrong)
    }
}
