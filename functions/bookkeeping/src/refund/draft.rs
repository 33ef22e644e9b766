//! The Refund Receipt, drawn up whole before anyone is asked.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{NamedTax, Posted, allocate};
use crate::company::{Company, TaxCode};
use crate::connection::Connection;
use crate::ids::{AccountId, CompanyCustomerId, PaymentMethodId, TaxRateId};
use crate::money::{Amount, ExchangeRate};
use crate::reason::{Reason, ReasonCode};
use crate::receipt::{
    self, DraftLine, DraftTax, LineTax, ReceiptDraft, TaxLine, bill_email, marked, payment_method,
};
use crate::text;
use crate::transaction::{Customer, Line, Method, Payment, Refund, RefundKind, TransactionKey};

/// Longest payment reference on a refund receipt, in characters.
///
/// Source: Intuit API reference, `RefundReceipt`, `PaymentRefNum`.
const PAYMENT_REFERENCE_LENGTH_MAX: usize = 100;

/// A refund on its way to becoming a receipt.
pub struct Drawing<'a> {
    /// Its key.
    pub key: &'a TransactionKey,
    /// The refund.
    pub refund: &'a Refund,
    /// Whose money it was, where somebody is named.
    pub customer: Option<&'a Customer>,
    /// That customer in the company.
    pub in_company: &'a CompanyCustomerId,
    /// The connection.
    pub connection: &'a Connection,
    /// The payment's receipt, or what it would have been; `None` where nothing is known of it.
    pub posted: Option<&'a Posted>,
    /// Number or id of the payment's receipt, where it is in the company.
    pub receipt: Option<&'a str>,
    /// What the operator says of its tax, where nobody else can.
    pub named: Option<&'a NamedTax>,
}

impl Drawing<'_> {
    /// Draws up a refund that lists what it takes back.
    ///
    /// # Errors
    ///
    /// As [`receipt::draft`].
    pub fn listed(&self, lines: &[Line]) -> Result<ReceiptDraft, Reason> {
        let mut connection = self.connection.clone();
        if let Some(posted) = self.posted {
            // The rows of the day it was posted come first: the tax goes back where it was booked.
            let rows = &mut connection.settings.tax_map.rows;
            rows.splice(0..0, posted.rows.iter().cloned());
            as_charged(&mut connection.company, posted, lines);
        }
        let method = self.method();
        let deposits = &mut connection.settings.deposits.by_method;
        deposits.insert(method.as_str().to_owned(), self.account(&method)?);
        let as_payment = Payment {
            id: self.refund.payment_id.clone(),
            reference: self.refund.reference.clone(),
            captured_at: self.refund.refunded_at,
            received_on: None,
            currency: self.refund.currency,
            amount: self.refund.amount,
            exchange_rate: self.exchange_rate(),
            method: method.clone(),
            method_reference: None,
            card_brand: None,
            prices_include_tax: self.refund.prices_include_tax,
            paid_before: None,
            lines: lines.to_vec(),
            service_address: None,
        };
        let draft = receipt::draft(
            self.key,
            &as_payment,
            self.customer,
            self.in_company,
            &connection,
        )?;
        Ok(ReceiptDraft {
            payment_method: self.payment_method(&method),
            payment_reference: self.payment_reference(),
            private_note: self.private_note(),
            ..draft
        })
    }

    /// Draws up a refund of these shares of its payment's receipt, part for part; they add up to what was refunded.
    ///
    /// # Errors
    ///
    /// A [`Reason`] of the operator's: a tax code of the receipt is no longer to be had, or the currency is not enabled; of
    /// the developers': an exchange rate that was told neither with the refund nor with its payment.
    pub fn mirrored(&self, posted: &Posted, shares: &[i64]) -> Result<ReceiptDraft, Reason> {
        let company = &self.connection.company;
        let refund = self.refund;
        if !company.takes(refund.currency) {
            return Err(
                Reason::new(ReasonCode::CurrencyNotEnabled).with("currency", refund.currency)
            );
        }
        let method = self.method();
        let (lines, tax) = mirror(posted, shares, company)?;
        let (lines, tax) = self.on_something(lines, tax)?;
        Ok(ReceiptDraft {
            date: self.dated().0,
            number: self.connection.document_number(self.key, &refund.reference),
            customer: self.in_company.clone(),
            currency: refund.currency,
            exchange_rate: receipt::exchange_rate(refund.currency, self.exchange_rate(), company)?,
            deposit_account: self.account(&method)?,
            payment_method: self.payment_method(&method),
            payment_reference: self.payment_reference(),
            private_note: self.private_note(),
            customer_memo: None,
            bill_email: bill_email(self.customer),
            ship_to: None,
            class: posted
                .class
                .clone()
                .filter(|_| company.tracking.classes_on_documents),
            location: posted
                .location
                .clone()
                .filter(|_| company.tracking.locations),
            lines,
            tax,
            total: refund.amount,
        })
    }

    /// Puts tax that is left when all it was charged on has gone back on a line of its own: in the United States, QuickBooks
    /// makes no tax of nothing. As on a payment.
    fn on_something(
        &self,
        mut lines: Vec<DraftLine>,
        tax: DraftTax,
    ) -> Result<(Vec<DraftLine>, DraftTax), Reason> {
        let currency = self.refund.currency;
        let too_large = |_| Reason::new(ReasonCode::FiguresDisagree).with("captured", currency);
        let amount = tax.total(currency).map_err(too_large)?;
        let taxed = lines.iter().filter(|line| line.tax == LineTax::Tax);
        let base = Amount::sum(currency, taxed.map(|line| line.amount)).map_err(too_large)?;
        let DraftTax::UnitedStates { lines: rates, .. } = &tax else {
            return Ok((lines, tax));
        };
        if amount.is_zero() || !base.is_zero() {
            return Ok((lines, tax));
        }
        let description = Some(names(rates, &self.connection.company));
        lines.retain(|line| !line.amount.is_zero());
        for line in &mut lines {
            line.tax = LineTax::Non;
        }
        let item = self.connection.settings.items.tax.clone();
        lines.push(DraftLine {
            item: item.ok_or_else(|| Reason::new(ReasonCode::ItemMissing).with("kind", "tax"))?,
            amount,
            quantity: Decimal::ONE,
            unit_price: amount.to_decimal(),
            tax: LineTax::Non,
            description,
            service_date: None,
            class: None,
            tip: false,
        });
        Ok((lines, DraftTax::None))
    }

    /// How the money went back: as it came, unless the refund says otherwise. Where nothing is known of the payment and
    /// nothing is said, by a word no setting names.
    pub(super) fn method(&self) -> Method {
        let as_it_came = self.posted.map(|posted| &posted.method);
        let method = self.refund.method.as_ref().or(as_it_came).cloned();
        method.unwrap_or_else(|| Method::Other("unknown".to_owned()))
    }

    /// Where the money leaves from: the refund account of the method, else where the payment's money went.
    pub(super) fn account(&self, method: &Method) -> Result<AccountId, Reason> {
        let settings = &self.connection.settings;
        settings
            .deposits
            .refunds_by_method
            .get(method.as_str())
            .or(self.posted.map(|posted| &posted.deposit_account))
            .or_else(|| {
                settings.deposit_account(method, self.refund.currency, &self.connection.company)
            })
            .cloned()
            .ok_or_else(|| {
                Reason::new(ReasonCode::DepositAccountMissing)
                    .with("method", method.as_str())
                    .with("currency", self.refund.currency)
            })
    }

    /// The refund's own rate, else that of its payment, so that what was booked at home is taken back.
    fn exchange_rate(&self) -> Option<ExchangeRate> {
        let posted = || self.posted.and_then(|posted| posted.exchange_rate);
        self.refund.exchange_rate.or_else(posted)
    }

    fn payment_method(&self, method: &Method) -> Option<PaymentMethodId> {
        match self.posted {
            // The brand of the card is known by the payment alone.
            Some(posted) if posted.method == *method => posted.payment_method.clone(),
            _ => payment_method(method, None, self.connection),
        }
    }

    /// The method's own number, else our reference: money leaving a bank account needs one.
    ///
    /// Source: Intuit API reference, `RefundReceipt.PaymentRefNum`.
    fn payment_reference(&self) -> Option<String> {
        let given = self.refund.method_reference.as_deref();
        [given, Some(self.refund.reference.as_str())]
            .into_iter()
            .flatten()
            .find_map(|reference| text::free(reference, PAYMENT_REFERENCE_LENGTH_MAX))
    }

    fn dated(&self) -> (Date, Option<String>) {
        let day = self.refund.refunded_on(&self.connection.time_zone());
        self.connection.dated(day)
    }

    fn private_note(&self) -> String {
        let refund = self.refund;
        let what = match refund.kind {
            RefundKind::Refund => "refund",
            RefundKind::Returned => "payment returned by the bank",
            RefundKind::Dispute => "disputed payment",
            RefundKind::Void => "voided payment",
        };
        let mut note = format!(
            "MioCommerce {what} {}, of payment {}",
            refund.reference, refund.payment_id
        );
        match self.receipt {
            Some(receipt) => note.push_str(&format!(", receipt {receipt}")),
            None => note.push_str(", whose receipt is not from MioCommerce"),
        }
        note.push_str(&format!(", {}", self.method()));
        if let Some(reason) = &refund.reason {
            note.push_str(&format!(", {reason}"));
        }
        if let (_, Some(moved)) = self.dated() {
            note.push_str(&format!(", {moved}"));
        }
        marked(self.key, &note)
    }
}

/// Puts the rates of a posted receipt back to what they were, where these lines take back what was charged so: by the day
/// of the refund they may be others.
fn as_charged(company: &mut Company, posted: &Posted, lines: &[Line]) {
    let told = |percent| {
        let mut taxes = lines.iter().flat_map(|line| &line.taxes);
        taxes.any(|tax| tax.rate == Some(percent))
    };
    for tax in posted.taxes.iter().filter(|tax| told(tax.percent)) {
        let rates = company
            .tax_codes
            .iter_mut()
            .flat_map(|code| &mut code.rates);
        for rate in rates.filter(|rate| rate.id == tax.rate) {
            rate.percent = tax.percent;
            rate.periods.clear();
        }
    }
}

/// The names of the rates that have an amount, as the company writes them.
fn names(rates: &[TaxLine], company: &Company) -> String {
    let known = || company.tax_codes.iter().flat_map(|code| &code.rates);
    let name = |line: &TaxLine| {
        let rate = known().find(|rate| rate.id == line.rate);
        rate.map_or_else(|| line.rate.to_string(), |rate| rate.name.clone())
    };
    let charged = rates.iter().filter(|line| !line.amount.is_zero());
    charged.map(name).collect::<Vec<_>>().join(" + ")
}

/// The lines and the tax of these shares of a posted receipt.
fn mirror(
    posted: &Posted,
    shares: &[i64],
    company: &Company,
) -> Result<(Vec<DraftLine>, DraftTax), Reason> {
    let amount = |minor| Amount::from_minor(minor, posted.currency);
    let (nets, taxes) = shares.split_at(posted.lines.len());
    let codes = posted
        .lines
        .iter()
        .map(|line| match &line.tax {
            LineTax::Code(id) => company
                .tax_code(id)
                .map(Some)
                .ok_or_else(|| Reason::new(ReasonCode::TaxCodeInactive).with("code", id)),
            LineTax::Tax | LineTax::Non | LineTax::Off => Ok(None),
        })
        .collect::<Vec<Result<Option<&TaxCode>, Reason>>>();
    let bears = |at: usize, rate: &TaxRateId| match (&posted.lines[at].tax, &codes[at]) {
        (LineTax::Tax, _) => true,
        (_, Ok(Some(code))) => code.rates.iter().any(|of_code| of_code.id == *rate),
        _ => false,
    };
    let mut kept: Vec<bool> = nets.iter().map(|net| *net != 0).collect();
    // The last cent of a tax may be left when its lines are gone: one of them stands there at nothing, to carry it.
    for (tax, _) in posted
        .taxes
        .iter()
        .zip(taxes)
        .filter(|(_, share)| **share != 0)
    {
        let bearers: Vec<usize> = (0..kept.len()).filter(|at| bears(*at, &tax.rate)).collect();
        if let Some(first) = bearers
            .first()
            .filter(|_| !bearers.iter().any(|at| kept[*at]))
        {
            kept[*first] = true;
        }
    }
    let mut lines = Vec::new();
    for (at, line) in posted.lines.iter().enumerate().filter(|(at, _)| kept[*at]) {
        // A code that is gone from the company is asked for only where it is needed.
        codes[at].clone()?;
        lines.push(DraftLine {
            item: line.item.clone(),
            amount: amount(nets[at]),
            quantity: Decimal::ONE,
            unit_price: amount(nets[at]).to_decimal(),
            tax: line.tax.clone(),
            description: None,
            service_date: None,
            // What the company keeps no more would be refused.
            class: line
                .class
                .clone()
                .filter(|_| company.tracking.classes_on_lines),
            tip: line.tip,
        });
    }
    let tax_line = |(tax, share): (&super::PostedTax, &i64)| {
        let bearing = (0..kept.len()).filter(|at| kept[*at] && bears(*at, &tax.rate));
        let nets: Vec<i64> = bearing.map(|at| nets[at]).collect();
        if nets.is_empty() {
            return None;
        }
        // As on a payment: a taxed base without a tax amount is refused.
        let untaxed = *share == 0 && !tax.percent.decimal().is_zero();
        Some(TaxLine {
            rate: tax.rate.clone(),
            percent: tax.percent,
            base: amount(if untaxed { 0 } else { allocate::sum(&nets) }),
            amount: amount(*share),
        })
    };
    let tax_lines: Vec<TaxLine> = posted
        .taxes
        .iter()
        .zip(taxes)
        .filter_map(tax_line)
        .collect();
    let tax = match &posted.document_code {
        _ if tax_lines.is_empty() => DraftTax::None,
        None => DraftTax::Global(tax_lines),
        Some(code) => DraftTax::UnitedStates {
            code: code.clone(),
            lines: tax_lines,
        },
    };
    Ok((lines, tax))
}
