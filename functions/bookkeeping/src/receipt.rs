//! Receipts: what a payment looks like as a Sales Receipt, drawn up before anyone is asked.
//!
//! The draft is complete: every reference resolved, every cent placed, the expected total known. Tax amounts are
//! MioCommerce's own, sent as they were charged; none is ever altered to hide a cent.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::company::{Company, TaxModel};
use crate::connection::Connection;
use crate::ids::{AccountId, ClassId, CompanyCustomerId, DepartmentId, ItemId, PaymentMethodId};
use crate::money::{Amount, Currency, ExchangeRate};
use crate::reason::{Reason, ReasonCode};
use crate::text;
use crate::transaction::{Address, Customer, Payment, TransactionKey};

mod asked;
mod lines;
mod method;
mod note;
mod parts;
mod tax;

pub(crate) use asked::treatment;
pub use method::NewMethod;
pub(crate) use method::{missing_method, payment_method};
pub(crate) use note::{bill_email, marked};
pub use tax::{DraftTax, LineTax, TaxLine};

/// A receipt ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiptDraft {
    /// The day it is dated, in the merchant's time zone.
    pub date: Date,
    /// Our document number, where the company lets us number.
    pub number: Option<String>,
    /// Who it is for.
    pub customer: CompanyCustomerId,
    /// Its currency.
    pub currency: Currency,
    /// Home units for one foreign unit, where the currency is foreign.
    pub exchange_rate: Option<Decimal>,
    /// Where the money goes.
    pub deposit_account: AccountId,
    /// How it was paid.
    pub payment_method: Option<PaymentMethodId>,
    /// The method's own reference (cheque or e-Transfer number).
    pub payment_reference: Option<String>,
    /// Booking, method and MioCommerce's ids, with our marker.
    pub private_note: String,
    /// What it says to the customer, by setting.
    pub customer_memo: Option<String>,
    /// The customer's billing e-mail; QuickBooks is told not to mail anything.
    pub bill_email: Option<String>,
    /// Where the work was done, in the United States: tax depends on it.
    pub ship_to: Option<Address>,
    /// Its class, where the company keeps one for the whole document.
    pub class: Option<ClassId>,
    /// Its location, where the company keeps them.
    pub location: Option<DepartmentId>,
    /// The lines, net of tax.
    pub lines: Vec<DraftLine>,
    /// The tax.
    pub tax: DraftTax,
    /// What QuickBooks' answer must come to: exactly what was captured.
    pub total: Amount,
}

/// One line of a draft.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftLine {
    /// What was sold.
    pub item: ItemId,
    /// Its price, net of tax.
    pub amount: Amount,
    /// Quantity; 1 where quantity and price do not multiply to the amount exactly.
    pub quantity: Decimal,
    /// Price of one.
    pub unit_price: Decimal,
    /// How it is taxed.
    pub tax: LineTax,
    /// What it says.
    pub description: Option<String>,
    /// The day the service was done.
    pub service_date: Option<Date>,
    /// Its class, where the company keeps one for each line.
    pub class: Option<ClassId>,
    /// Whether it is a tip nobody taxed: the last thing a refund takes back.
    pub tip: bool,
}

/// Longest description and note QuickBooks keeps, in characters.
///
/// Source: Intuit API reference, `SalesReceipt`, `Line.Description` and `PrivateNote`.
const TEXT_LENGTH_MAX: usize = 4000;

/// Longest payment reference on a sales receipt, in characters.
///
/// Source: Intuit API reference, `SalesReceipt`, `PaymentRefNum`.
const PAYMENT_REFERENCE_LENGTH_MAX: usize = 21;

/// Draws up the Sales Receipt of a captured payment.
///
/// # Errors
///
/// A [`Reason`] of the operator's (an item, account or tax is not chosen; the currency is not enabled) or of the
/// developers' (figures that do not add up or that QuickBooks cannot hold, an exchange rate that was not told).
pub fn draft(
    key: &TransactionKey,
    payment: &Payment,
    customer: Option<&Customer>,
    in_company: &CompanyCustomerId,
    connection: &Connection,
) -> Result<ReceiptDraft, Reason> {
    let company = &connection.company;
    if !company.takes(payment.currency) {
        return Err(Reason::new(ReasonCode::CurrencyNotEnabled).with("currency", payment.currency));
    }
    let exchange_rate = exchange_rate(payment.currency, payment.exchange_rate, company)?;
    let deposit_account = connection
        .settings
        .deposit_account(&payment.method, payment.currency, company)
        .ok_or_else(|| {
            Reason::new(ReasonCode::DepositAccountMissing)
                .with("method", payment.method.as_str())
                .with("currency", payment.currency)
        })?
        .clone();
    let day = payment.captured_on(&connection.time_zone());
    let (date, moved) = connection.dated(day);
    let parts = parts::cover(payment)?;
    let drawn = tax::draw(tax::Question {
        payment,
        parts: &parts,
        connection,
        day,
    })?;
    let mut lines = lines::draw(payment, &parts, &drawn, connection)?;
    lines.extend(drawn.extra);
    let mut remarks = drawn.remarks;
    remarks.extend(moved);

    let total = total(payment, &lines, &drawn.tax)?;
    if total != payment.amount {
        return Err(Reason::new(ReasonCode::FiguresDisagree)
            .with("captured", payment.amount)
            .with("lines", total));
    }
    let us = matches!(
        company.tax_model,
        TaxModel::UsManual | TaxModel::UsAutomated
    ) || company.country == "US";
    Ok(ReceiptDraft {
        date,
        number: connection.document_number(key, &payment.reference),
        customer: in_company.clone(),
        currency: payment.currency,
        exchange_rate,
        deposit_account,
        payment_method: payment_method(&payment.method, payment.card_brand.as_deref(), connection),
        payment_reference: payment
            .method_reference
            .as_deref()
            .and_then(|reference| text::free(reference, usize::MAX))
            .filter(|reference| reference.chars().count() <= PAYMENT_REFERENCE_LENGTH_MAX),
        private_note: note::private_note(key, payment, &remarks),
        customer_memo: note::customer_memo(customer, connection),
        bill_email: bill_email(customer),
        ship_to: payment
            .service_address
            .as_ref()
            .filter(|address| us && address.is_set())
            .map(note::address),
        class: lines::document_class(payment, connection),
        location: lines::location(payment, connection),
        lines,
        tax: drawn.tax,
        total,
    })
}

/// Home units for one foreign unit; none in the home currency.
///
/// A foreign document without a rate is taken at 1 by QuickBooks, which books a wrong value at home: it is refused.
pub(crate) fn exchange_rate(
    currency: Currency,
    told: Option<ExchangeRate>,
    company: &Company,
) -> Result<Option<Decimal>, Reason> {
    if currency == company.home_currency {
        return Ok(None);
    }
    match told {
        Some(rate) => Ok(Some(rate.decimal())),
        None => Err(Reason::new(ReasonCode::ExchangeRateMissing).with("currency", currency)),
    }
}

fn total(payment: &Payment, lines: &[DraftLine], tax: &DraftTax) -> Result<Amount, Reason> {
    let net = Amount::sum(payment.currency, lines.iter().map(|line| line.amount));
    net.and_then(|net| net.checked_add(tax.total(payment.currency)?))
        .map_err(|_| too_large(payment))
}

fn too_large(payment: &Payment) -> Reason {
    Reason::new(ReasonCode::FiguresDisagree)
        .with("captured", payment.amount)
        .with("lines", "too large")
}
