//! QuickBooks' JSON: the only place an amount becomes a decimal number.
//!
//! Numbers are written from an amount's own text and read from theirs, so that no binary float ever stands between.
//! Field names and limits: Intuit API reference, `SalesReceipt`, `RefundReceipt` and
//! `Customer`.

use bookkeeping::ids::ItemId;
use bookkeeping::receipt::{DraftLine, DraftTax, LineTax, ReceiptDraft, TaxLine};
use bookkeeping::transaction::{Address, Kind};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

mod customer;

pub(crate) use customer::{WireCustomer, changes_body, customer_body};

/// A number exactly as its text reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(Box<RawValue>);

impl Number {
    /// The number with this exact value.
    #[must_use]
    pub fn from_decimal(value: Decimal) -> Self {
        let text = value.normalize().to_string();
        Self(RawValue::from_string(text).expect("a decimal is a JSON number"))
    }

    /// The exact value, or `None` where it is no number or has more digits than money can.
    #[must_use]
    pub fn to_decimal(&self) -> Option<Decimal> {
        let text = self.0.get();
        text.parse()
            .ok()
            .or_else(|| Decimal::from_scientific(text).ok())
    }
}

/// A reference to a record: `{"value": "27"}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reference {
    /// The record's id.
    pub value: String,
}

impl Reference {
    fn to(id: impl ToString) -> Self {
        Self {
            value: id.to_string(),
        }
    }
}

/// `{"Address": ...}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailAddress {
    /// The address, or what people typed.
    #[serde(rename = "Address", default)]
    pub address: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Receipt<'a> {
    txn_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_number: Option<&'a str>,
    customer_ref: Reference,
    currency_ref: Reference,
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange_rate: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_tax_calculation: Option<&'static str>,
    deposit_to_account_ref: Reference,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method_ref: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_ref_num: Option<&'a str>,
    private_note: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_memo: Option<Memo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_addr: Option<ShipAddr<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class_ref: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department_ref: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bill_email: Option<EmailAddress>,
    // QuickBooks never mails or prints anything by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    email_status: Option<&'static str>,
    print_status: &'static str,
    line: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    txn_tax_detail: Option<TxnTaxDetail>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ShipAddr<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line1: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line2: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country_sub_division_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'a str>,
}

/// `{"value": ...}`.
#[derive(Serialize)]
struct Memo<'a> {
    value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    detail_type: &'static str,
    amount: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    sales_item_line_detail: SalesItemLineDetail,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SalesItemLineDetail {
    item_ref: Reference,
    qty: Number,
    unit_price: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_code_ref: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class_ref: Option<Reference>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TxnTaxDetail {
    #[serde(skip_serializing_if = "Option::is_none")]
    txn_tax_code_ref: Option<Reference>,
    total_tax: Number,
    tax_line: Vec<WireTaxLine>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireTaxLine {
    amount: Number,
    detail_type: &'static str,
    tax_line_detail: TaxLineDetail,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TaxLineDetail {
    tax_rate_ref: Reference,
    percent_based: bool,
    tax_percent: Number,
    net_amount_taxable: Number,
}

/// The JSON of a draft, as it is sent and as it is sent again.
#[must_use]
pub fn receipt_body(kind: Kind, draft: &ReceiptDraft) -> String {
    let us = draft
        .lines
        .iter()
        .any(|line| !matches!(line.tax, LineTax::Code(_)));
    let receipt = Receipt {
        txn_date: draft.date.to_string(),
        doc_number: draft.number.as_deref(),
        customer_ref: Reference::to(&draft.customer),
        currency_ref: Reference::to(draft.currency),
        exchange_rate: draft.exchange_rate.map(Number::from_decimal),
        // Not for companies in the United States' line model. Always excluded elsewhere: what `Amount` means in an
        // inclusive request is disputed between sources.
        global_tax_calculation: (!us).then_some("TaxExcluded"),
        deposit_to_account_ref: Reference::to(&draft.deposit_account),
        payment_method_ref: draft.payment_method.as_ref().map(Reference::to),
        payment_ref_num: draft.payment_reference.as_deref(),
        private_note: &draft.private_note,
        customer_memo: draft.customer_memo.as_deref().map(|value| Memo { value }),
        ship_addr: draft.ship_to.as_ref().map(ship_addr),
        class_ref: draft.class.as_ref().map(Reference::to),
        department_ref: draft.location.as_ref().map(Reference::to),
        bill_email: draft.bill_email.clone().map(|address| EmailAddress {
            address: Some(address),
        }),
        // A refund receipt has no such field.
        email_status: (kind == Kind::Payment).then_some("NotSet"),
        print_status: "NotSet",
        line: draft.lines.iter().map(line).collect(),
        txn_tax_detail: tax_detail(draft),
    };
    serde_json::to_string(&receipt).expect("a draft is plain data")
}

fn ship_addr(address: &Address) -> ShipAddr<'_> {
    ShipAddr {
        line1: address.line1.as_deref(),
        line2: address.line2.as_deref(),
        city: address.city.as_deref(),
        country_sub_division_code: address.region.as_deref(),
        postal_code: address.postal_code.as_deref(),
        country: address.country.as_deref(),
    }
}

fn line(line: &DraftLine) -> Line<'_> {
    Line {
        detail_type: "SalesItemLineDetail",
        amount: Number::from_decimal(line.amount.to_decimal()),
        description: line.description.as_deref(),
        sales_item_line_detail: SalesItemLineDetail {
            item_ref: Reference::to(&line.item),
            qty: Number::from_decimal(line.quantity),
            unit_price: Number::from_decimal(line.unit_price),
            tax_code_ref: tax_code(&line.tax),
            service_date: line.service_date.map(|day| day.to_string()),
            class_ref: line.class.as_ref().map(Reference::to),
        },
    }
}

/// The line that takes QuickBooks' residue, by itself.
pub(crate) fn rounding_line(item: &ItemId, tax: &LineTax, amount: Decimal) -> Box<RawValue> {
    let line = Line {
        detail_type: "SalesItemLineDetail",
        amount: Number::from_decimal(amount),
        description: None,
        sales_item_line_detail: SalesItemLineDetail {
            item_ref: Reference::to(item),
            qty: Number::from_decimal(Decimal::ONE),
            unit_price: Number::from_decimal(amount),
            tax_code_ref: tax_code(tax),
            class_ref: None,
            service_date: None,
        },
    };
    serde_json::value::to_raw_value(&line).expect("a line is plain data")
}

fn tax_code(tax: &LineTax) -> Option<Reference> {
    match tax {
        LineTax::Code(code) => Some(Reference::to(code)),
        LineTax::Tax => Some(Reference::to("TAX")),
        LineTax::Non => Some(Reference::to("NON")),
        LineTax::Off => None,
    }
}

fn tax_detail(draft: &ReceiptDraft) -> Option<TxnTaxDetail> {
    let (code, lines) = match &draft.tax {
        DraftTax::None => return None,
        DraftTax::Global(lines) => (None, lines),
        DraftTax::UnitedStates { code, lines } => (Some(Reference::to(code)), lines),
    };
    let total = draft
        .tax
        .total(draft.currency)
        .expect("a draft's tax adds up");
    Some(TxnTaxDetail {
        txn_tax_code_ref: code,
        total_tax: Number::from_decimal(total.to_decimal()),
        tax_line: lines.iter().map(tax_line).collect(),
    })
}

fn tax_line(line: &TaxLine) -> WireTaxLine {
    WireTaxLine {
        amount: Number::from_decimal(line.amount.to_decimal()),
        detail_type: "TaxLineDetail",
        tax_line_detail: TaxLineDetail {
            tax_rate_ref: Reference::to(&line.rate),
            percent_based: true,
            tax_percent: Number::from_decimal(line.percent.decimal()),
            net_amount_taxable: Number::from_decimal(line.base.to_decimal()),
        },
    }
}
