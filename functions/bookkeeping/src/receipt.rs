//! Receipts: what a payment looks like as a Sales Receipt, drawn up before anyone is asked.
//!
//! The draft is complete: every reference resolved, every cent placed, the expected total known. Tax amounts are
//! MioCommerce's own, sent as they were charged; none is ever altered to hide a cent.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::company::{Company, TaxModel};
use crate::connection::Connection;
use crate::ids::{AccountId, CompanyCustomerId, ItemId, PaymentMethodId, TaxCodeId};
use crate::money::{Amount, Currency};
use crate::reason::{Reason, ReasonCode};
use crate::request_id::{document_number, marker};
use crate::text;
use crate::transaction::{Customer, Line, LineKind, Method, Payment, TransactionKey};

mod asked;
mod tax;

use asked::{treatment, unmapped};
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
    /// The customer's billing e-mail; QuickBooks is told not to mail anything.
    pub bill_email: Option<String>,
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

/// Most decimals of a unit price QuickBooks keeps.
///
/// Source: Intuit API reference, `SalesItemLineDetail.UnitPrice`.
const UNIT_PRICE_DECIMALS_MAX: u32 = 7;

/// Draws up the Sales Receipt of a captured payment.
///
/// # Errors
///
/// A [`Reason`] of the operator's (an item, account or tax is not chosen; the currency is not enabled) or of the
/// developers' (figures that do not add up, a kind of line not supported yet).
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
    refuse_unsupported(payment)?;
    let deposit_account = connection
        .settings
        .deposit_account(&payment.method, payment.currency)
        .ok_or_else(|| {
            Reason::new(ReasonCode::DepositAccountMissing)
                .with("method", payment.method.as_str())
                .with("currency", payment.currency)
        })?
        .clone();

    let mut nets = Vec::with_capacity(payment.lines.len() + 1);
    for line in &payment.lines {
        nets.push(net(payment, line)?);
    }
    let drawn = tax::draw(payment, &nets, connection)?;
    let mut lines = Vec::with_capacity(payment.lines.len() + 1);
    for ((line, net), line_tax) in payment.lines.iter().zip(&nets).zip(drawn.by_line) {
        lines.push(draft_line(payment, line, *net, line_tax, connection)?);
    }
    lines.extend(drawn.extra);

    let total = total(payment, &lines, &drawn.tax)?;
    if total != payment.amount {
        return Err(Reason::new(ReasonCode::FiguresDisagree)
            .with("captured", payment.amount)
            .with("lines", total));
    }
    Ok(ReceiptDraft {
        date: payment.captured_on(&connection.time_zone()),
        number: company
            .custom_numbers
            .then(|| document_number(key, &payment.reference)),
        customer: in_company.clone(),
        currency: payment.currency,
        exchange_rate: (payment.currency != company.home_currency)
            .then_some(payment.exchange_rate)
            .flatten(),
        deposit_account,
        payment_method: payment_method(&payment.method, payment.card_brand.as_deref(), company),
        payment_reference: payment
            .method_reference
            .as_deref()
            .and_then(|reference| text::free(reference, usize::MAX))
            .filter(|reference| reference.chars().count() <= PAYMENT_REFERENCE_LENGTH_MAX),
        private_note: private_note(key, payment),
        bill_email: bill_email(customer),
        lines,
        tax: drawn.tax,
        total,
    })
}

fn refuse_unsupported(payment: &Payment) -> Result<(), Reason> {
    let supported = [
        LineKind::Service,
        LineKind::Product,
        LineKind::Fee,
        LineKind::Tip,
    ];
    if let Some(line) = payment
        .lines
        .iter()
        .find(|line| !supported.contains(&line.kind))
    {
        return Err(Reason::new(ReasonCode::NotYetSupported).with("what", line.kind.as_str()));
    }
    match payment.paid_before {
        Some(_) => Err(Reason::new(ReasonCode::NotYetSupported).with("what", "paid_before")),
        None => Ok(()),
    }
}

/// What a line costs without its taxes.
fn net(payment: &Payment, line: &Line) -> Result<Amount, Reason> {
    if !payment.prices_include_tax {
        return Ok(line.amount);
    }
    let taxes = Amount::sum(payment.currency, line.taxes.iter().map(|tax| tax.amount));
    taxes
        .and_then(|taxes| line.amount.checked_sub(taxes))
        .map_err(|_| too_large(payment))
}

fn draft_line(
    payment: &Payment,
    line: &Line,
    net: Amount,
    line_tax: LineTax,
    connection: &Connection,
) -> Result<DraftLine, Reason> {
    let item = connection
        .settings
        .item(line.kind, line.service.as_ref())
        .ok_or_else(|| {
            let reason = Reason::new(ReasonCode::ItemMissing).with("kind", line.kind.as_str());
            match &line.service {
                Some(service) => reason.with("service", service),
                None => reason,
            }
        })?;
    let (quantity, unit_price) = match (line.quantity, line.unit_price) {
        (Some(quantity), Some(price))
            if !payment.prices_include_tax
                && quantity.decimal() * price.decimal() == net.to_decimal()
                && price.decimal().normalize().scale() <= UNIT_PRICE_DECIMALS_MAX =>
        {
            (quantity.decimal(), price.decimal())
        }
        _ => (Decimal::ONE, net.to_decimal()),
    };
    Ok(DraftLine {
        item: item.clone(),
        amount: net,
        quantity,
        unit_price,
        tax: line_tax,
        description: line
            .description
            .as_deref()
            .and_then(|description| text::free(description, TEXT_LENGTH_MAX)),
        service_date: line.service_date,
        // A taxed tip is one that had to be paid: part of the price.
        tip: line.kind == LineKind::Tip && line.taxes.is_empty(),
    })
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

/// Where QuickBooks is told the customer's mail goes; nothing is mailed.
pub(crate) fn bill_email(customer: Option<&Customer>) -> Option<String> {
    let customer = customer?;
    let written = customer.billing_email.as_ref().or(customer.email.as_ref());
    written
        .and_then(|written| text::email(written))
        .map(str::to_owned)
}

/// The method in the company's list, where it has one.
pub(crate) fn payment_method(
    method: &Method,
    card_brand: Option<&str>,
    company: &Company,
) -> Option<PaymentMethodId> {
    company
        .payment_method(method_names(method, card_brand))
        .cloned()
}

/// The names a method may have in a company's list, in English and French.
///
/// A card is looked for by its brand, so that the receipt says Visa where the company knows Visa.
fn method_names(method: &Method, card_brand: Option<&str>) -> &'static [&'static str] {
    match method {
        Method::Card => match card_brand.map(str::to_ascii_lowercase).as_deref() {
            Some("visa") => &["Visa"],
            Some("mastercard") => &["MasterCard"],
            Some("amex" | "american_express") => &["American Express", "Amex"],
            Some("discover") => &["Discover"],
            _ => &["Credit Card", "Carte de crédit"],
        },
        Method::Debit => &["Debit", "Débit", "Debit Card"],
        Method::Cash => &["Cash", "Comptant", "Espèces"],
        Method::Cheque => &["Cheque", "Check", "Chèque"],
        Method::Etransfer => &["e-Transfer", "Interac e-Transfer", "Virement Interac"],
        Method::Paypal => &["PayPal"],
        Method::Square => &["Square"],
        Method::Venmo => &["Venmo"],
        Method::Zelle => &["Zelle"],
        _ => &[],
    }
}

fn private_note(key: &TransactionKey, payment: &Payment) -> String {
    let bookings: BTreeSet<&str> = payment
        .lines
        .iter()
        .filter_map(|line| line.booking.as_deref())
        .collect();
    let mut note = format!("MioCommerce payment {}", payment.reference);
    if !bookings.is_empty() {
        note.push_str(", booking ");
        note.push_str(&bookings.into_iter().collect::<Vec<_>>().join(", "));
    }
    note.push_str(", ");
    note.push_str(payment.method.as_str());
    marked(key, &note)
}

/// A private note with our marker.
pub(crate) fn marked(key: &TransactionKey, note: &str) -> String {
    // The marker goes last and is never cut off: it is how we recognise our own receipt.
    let marker = marker(key);
    let room = TEXT_LENGTH_MAX - marker.chars().count() - 2;
    format!(
        "{}. {marker}",
        text::free(note, room - 1).unwrap_or_default()
    )
}

/// The code of an untaxed line.
fn untaxed_code(
    line: &Line,
    payment: &Payment,
    connection: &Connection,
) -> Result<TaxCodeId, Reason> {
    let code = connection.settings.tax_map.untaxed(treatment(line));
    code.cloned()
        .ok_or_else(|| unmapped(line, payment, connection))
}

/// Whether the company writes `TAX` and `NON` on lines.
fn is_united_states(model: TaxModel) -> bool {
    matches!(model, TaxModel::UsManual | TaxModel::UsAutomated)
}
