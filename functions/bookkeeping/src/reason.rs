//! Reasons: why a transaction is not (yet) in QuickBooks.
//!
//! One closed list. It is the same in code, in the outcome schema, on the page, in mails and in tests;
//! a reason's sentence in English and French stands in the locale files under its code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::CompanyCustomerId;

/// The five states an operator can read, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In QuickBooks: it answered with an id, and that answer was compared with ours.
    Synced,
    /// Never going to QuickBooks, by a rule or a choice.
    Skipped,
    /// Time, QuickBooks or a reconnection clears it; nobody has to click.
    Waiting,
    /// A click of the operator clears it.
    NeedsOperator,
    /// Only a developer can clear it.
    Failed,
}

impl State {
    /// The name used in outcome types (`transaction.synced`) and in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::Skipped => "skipped",
            Self::Waiting => "waiting",
            Self::NeedsOperator => "needs_operator",
            Self::Failed => "failed",
        }
    }
}

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal => $state:ident,)*) => {
        /// Every reason there is, each belonging to exactly one [`State`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ReasonCode { $($(#[$doc])* $variant,)* }

        impl ReasonCode {
            /// All of them, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code, as stored, sent and used to look up the sentences.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The state a transaction with this reason is in.
            #[must_use]
            pub fn state(self) -> State {
                match self { $(Self::$variant => State::$state,)* }
            }
        }
    };
}

reason_codes! {
    /// The merchant's plan does not include the QuickBooks app.
    Plan = "plan" => Skipped,
    /// The merchant has never connected a company.
    NotConnected = "not_connected" => Skipped,
    /// The operator switched this payment method off.
    MethodOff = "method_off" => Skipped,
    /// Captured before the start date of the sync.
    BeforeStartDate = "before_start_date" => Skipped,
    /// Nothing was captured and nothing was sold.
    Zero = "zero" => Skipped,
    /// It arrived while the operator had disconnected, and they chose to leave it out.
    LeftOut = "left_out" => Skipped,
    /// The operator chose not to have it in QuickBooks, or put it there by hand.
    Dismissed = "dismissed" => Skipped,

    /// QuickBooks denies access until the operator reconnects.
    Reconnect = "reconnect" => Waiting,
    /// The connection was not used for 100 days and lapsed.
    IdleTooLong = "idle_too_long" => Waiting,
    /// The five years that a connection lasts at most are over.
    FiveYearsOver = "five_years_over" => Waiting,
    /// Who connected is no administrator of the company any more.
    AdministratorLost = "administrator_lost" => Waiting,
    /// QuickBooks takes our tokens and refuses us the company.
    AccessRefused = "access_refused" => Waiting,
    /// QuickBooks does not permit what we do in the company.
    PermissionMissing = "permission_missing" => Waiting,
    /// Our access is being renewed, or Intuit refused to renew it and is asked again before that is believed.
    TokenRefreshing = "token_refreshing" => Waiting,
    /// The company was changed a moment ago; nothing is sent until nothing of the old one can be on its way.
    CompanySwitched = "company_switched" => Waiting,
    /// The company's subscription does not allow writing.
    CompanyReadOnly = "company_read_only" => Waiting,
    /// The plan no longer includes the app; an upgrade resumes.
    Paused = "paused" => Waiting,
    /// The plan was without the app for so long that the connection was given back.
    PlanOver = "plan_over" => Waiting,
    /// QuickBooks cannot be reached or is out of order.
    QuickBooksDown = "quickbooks_down" => Waiting,
    /// QuickBooks asked us to slow down.
    Throttled = "throttled" => Waiting,
    /// We sent it and the answer was lost; we look before we send again.
    AnswerUnknown = "answer_unknown" => Waiting,
    /// Another payment of the same new customer is creating that customer right now.
    CustomerBusy = "customer_busy" => Waiting,
    /// The customer's record in QuickBooks was deleted, merged or made inactive; the customer is looked for again.
    CustomerGone = "customer_gone" => Waiting,
    /// The payment that a refund takes back has not reached us.
    PaymentUnknown = "payment_unknown" => Waiting,
    /// The payment that a refund takes back is not in QuickBooks yet.
    PaymentWaiting = "payment_waiting" => Waiting,
    /// Earlier transactions of the merchant are being sent; this one is in line behind them.
    InLine = "in_line" => Waiting,
    /// A kind of message this version keeps but does not yet carry out.
    Kept = "kept" => Waiting,

    /// The operator disconnected on our page; on reconnecting it is theirs to send or to skip.
    Disconnected = "disconnected" => NeedsOperator,
    /// It belongs to a company that was connected before; it is sent when that company is connected again.
    OtherCompany = "other_company" => NeedsOperator,
    /// The company is in another country, keeps another currency, or keeps no books.
    SyncOff = "sync_off" => NeedsOperator,
    /// A tax of this payment is not mapped to a QuickBooks tax code.
    TaxUnmapped = "tax_unmapped" => NeedsOperator,
    /// The code chosen for the taxes of this payment is not what it was any more.
    TaxMapStale = "tax_map_stale" => NeedsOperator,
    /// A tax was charged at another rate than the one it is mapped to.
    TaxRateDiffers = "tax_rate_differs" => NeedsOperator,
    /// No item, or no account, is chosen for something on this payment.
    ItemMissing = "item_missing" => NeedsOperator,
    /// No account is chosen for money received by this method.
    DepositAccountMissing = "deposit_account_missing" => NeedsOperator,
    /// The payment has no customer and no fallback customer is chosen.
    FallbackCustomerMissing = "fallback_customer_missing" => NeedsOperator,
    /// Several customers in QuickBooks could be this one.
    CustomerAmbiguous = "customer_ambiguous" => NeedsOperator,
    /// The customer's record in QuickBooks was made inactive.
    CustomerInactive = "customer_inactive" => NeedsOperator,
    /// A customer in QuickBooks has the name and another e-mail address, and the operator wants to be asked.
    CustomerEmailDiffers = "customer_email_differs" => NeedsOperator,
    /// Every name a new record could have belongs to somebody in QuickBooks.
    CustomerNameTaken = "customer_name_taken" => NeedsOperator,
    /// Something the receipt refers to was made inactive or deleted in QuickBooks.
    ReferenceInactive = "reference_inactive" => NeedsOperator,
    /// A tax code of the payment's receipt, which its refund has to carry, was made inactive in QuickBooks.
    TaxCodeInactive = "tax_code_inactive" => NeedsOperator,
    /// More was refunded than is left of the payment.
    RefundExceeds = "refund_exceeds" => NeedsOperator,
    /// Neither the message nor QuickBooks says what a refund takes back, and so not which tax.
    RefundTaxUnknown = "refund_tax_unknown" => NeedsOperator,
    /// The books are closed for that day.
    PeriodClosed = "period_closed" => NeedsOperator,
    /// The currency is not enabled in the company.
    CurrencyNotEnabled = "currency_not_enabled" => NeedsOperator,
    /// Another document in the company already carries our number.
    NumberTaken = "number_taken" => NeedsOperator,
    /// QuickBooks refused the receipt for a rule of its own.
    QuickBooksRefused = "quickbooks_refused" => NeedsOperator,
    /// QuickBooks recorded other figures than we sent.
    AnswerDiffers = "answer_differs" => NeedsOperator,

    /// The message could not be read.
    Unreadable = "unreadable" => Failed,
    /// MioCommerce's own figures do not add up, or cannot be posted as they stand.
    FiguresDisagree = "figures_disagree" => Failed,
    /// The same transaction arrived again with other figures.
    Conflict = "conflict" => Failed,
    /// An amount has more decimals than QuickBooks keeps.
    NotRepresentable = "not_representable" => Failed,
    /// The payment is in a foreign currency and its exchange rate was not told.
    ExchangeRateMissing = "exchange_rate_missing" => Failed,
    /// QuickBooks says our request itself is wrong.
    RequestRefused = "request_refused" => Failed,
    /// Two receipts were found for one transaction.
    TwoReceipts = "two_receipts" => Failed,
}

impl Serialize for ReasonCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ReasonCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.as_str() == code)
            .ok_or_else(|| serde::de::Error::custom(format!("unknown reason code {code}")))
    }
}

/// A reason with the figures and names its sentence needs. Holds no personal data: an operator's own words are asked to name
/// nobody, and are not taken where they name the transaction's customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which reason.
    pub code: ReasonCode,
    /// What the sentence fills in, by placeholder: `{"tax": "tax_pst", "total": "10.00"}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub figures: BTreeMap<String, String>,
}

impl Reason {
    /// A reason whose sentence needs nothing filled in yet.
    #[must_use]
    pub fn new(code: ReasonCode) -> Self {
        Self {
            code,
            figures: BTreeMap::new(),
        }
    }

    /// Adds one value for the sentence.
    #[must_use]
    pub fn with(mut self, placeholder: &str, value: impl ToString) -> Self {
        self.figures
            .insert(placeholder.to_owned(), value.to_string());
        self
    }

    /// Names the records of customers that the operator chooses from, where there are any.
    #[must_use]
    pub fn with_candidates<'a>(
        self,
        records: impl IntoIterator<Item = &'a CompanyCustomerId>,
    ) -> Self {
        let ids: Vec<&str> = records.into_iter().map(AsRef::as_ref).collect();
        match ids.is_empty() {
            true => self,
            false => self.with("candidates", ids.join(", ")),
        }
    }

    /// The state a transaction with this reason is in.
    #[must_use]
    pub fn state(&self) -> State {
        self.code.state()
    }

    /// Whether it asks the operator which record a customer is: choosing clears it for all that customer's transactions.
    #[must_use]
    pub fn asks_for_customer(&self) -> bool {
        matches!(
            self.code,
            ReasonCode::CustomerAmbiguous
                | ReasonCode::CustomerInactive
                | ReasonCode::CustomerEmailDiffers
                | ReasonCode::CustomerNameTaken
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_written_once_and_reads_back() {
        for (at, code) in ReasonCode::ALL.iter().enumerate() {
            assert!(
                ReasonCode::ALL[at + 1..]
                    .iter()
                    .all(|other| other.as_str() != code.as_str())
            );
            let text = serde_json::to_string(code).unwrap();
            assert_eq!(serde_json::from_str::<ReasonCode>(&text).unwrap(), *code);
        }
    }

    #[test]
    fn no_reason_belongs_to_synced() {
        assert!(
            ReasonCode::ALL
                .iter()
                .all(|code| code.state() != State::Synced)
        );
    }
}
