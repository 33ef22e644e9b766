//! Corrections: what is written over a receipt that QuickBooks recorded with another total than it was sent.
//!
//! A ladder of two rungs. First the receipt is written again as it was sent; then with the cents by which QuickBooks still
//! differs on a rounding line. A mark in the private note says which rung a receipt stands on, so that a process that
//! stopped between two rungs is followed by one that goes on, and none climbs for ever.

use std::collections::BTreeMap;

use bookkeeping::ids::ItemId;
use bookkeeping::receipt::LineTax;
use bookkeeping::request_id::{RequestId, correction_mark};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::client::CompanyClient;
use crate::fault::Fault;
use crate::receipts::{Answered, FoundReceipt, FrozenReceipt};
use crate::transport::Transport;
use crate::wire::rounding_line;

/// The most a rounding line may carry, in the smallest amounts QuickBooks holds: what rounding by line or by rate can make of a receipt.
const RESIDUE_MAX: i64 = 5;

/// Longest private note, in characters.
///
/// Source: Intuit API reference, `SalesReceipt`, `PrivateNote`.
const NOTE_LENGTH_MAX: usize = 4000;

/// The line that takes QuickBooks' residue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// Its item.
    pub item: ItemId,
    /// How it is not taxed.
    pub tax: LineTax,
    /// Whether QuickBooks' own tax stands, whatever it comes to, and the line carries all the difference.
    pub own_tax: bool,
}

/// What is written over a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The JSON body: the whole receipt, which replaces the one there.
    pub body: String,
    mark: String,
}

impl FrozenReceipt {
    /// The next rung for a receipt found with another total; `None` where it has to be looked at by somebody.
    ///
    /// Tax is never altered to hide a cent: where QuickBooks holds another tax than was charged, no line makes up for it,
    /// unless the operator chose QuickBooks' own.
    #[must_use]
    pub fn correction(
        &self,
        found: &FoundReceipt,
        rounding: Option<&Rounding>,
    ) -> Option<Correction> {
        let marks = [1, 2].map(|rung| correction_mark(&self.body, rung));
        let stands_on = |mark: &String| {
            found
                .private_note
                .split_whitespace()
                .any(|word| word == mark)
        };
        let own_tax = rounding.is_some_and(|rounding| rounding.own_tax);
        if stands_on(&marks[1]) {
            return None;
        }
        let [first, second] = marks;
        if !stands_on(&first) && !own_tax {
            return self.written_over(found, first, None);
        }
        let residue = self.total.to_decimal() - found.total;
        let currency = self.total.currency();
        let most = Decimal::new(RESIDUE_MAX * currency.grain(), currency.exponent());
        let small = residue.abs() <= most;
        let same_tax = found.tax.unwrap_or_default() == self.tax.to_decimal();
        let rounding = rounding.filter(|rounding| rounding.own_tax || (small && same_tax))?;
        let line = rounding_line(&rounding.item, &rounding.tax, residue);
        self.written_over(found, second, Some(line))
    }

    /// Whether a receipt in QuickBooks was written over with this one.
    #[must_use]
    pub fn was_written_over(&self, found: &FoundReceipt) -> bool {
        let marks = [1, 2].map(|rung| correction_mark(&self.body, rung));
        let mut words = found.private_note.split_whitespace();
        words.any(|word| marks.iter().any(|mark| mark == word))
    }

    /// Whether it is of the same day, customer and total as another, so that it may be written over what the other left in
    /// QuickBooks.
    #[must_use]
    pub fn may_replace(&self, other: &Self) -> bool {
        self.date == other.date && self.customer == other.customer && self.total == other.total
    }

    /// This receipt with the id and version of the one it replaces, a mark, and perhaps a line more.
    ///
    /// An update replaces all lines. Source: Intuit API reference, full update.
    fn written_over(
        &self,
        found: &FoundReceipt,
        mark: String,
        line: Option<Box<RawValue>>,
    ) -> Option<Correction> {
        let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&self.body).ok()?;
        if let Some(line) = line {
            let mut lines: Vec<Box<RawValue>> =
                serde_json::from_str(fields.get("Line")?.get()).ok()?;
            lines.push(line);
            fields.insert("Line".to_owned(), raw(&lines)?);
        }
        let note: String = serde_json::from_str(fields.get("PrivateNote")?.get()).ok()?;
        // The marks stand at the end; what is too long loses its beginning.
        let note = format!("{note} {mark}");
        let cut = note.chars().count().saturating_sub(NOTE_LENGTH_MAX);
        let note: String = note.chars().skip(cut).collect();
        fields.insert("PrivateNote".to_owned(), raw(&note)?);
        fields.insert("Id".to_owned(), raw(&found.id)?);
        fields.insert("SyncToken".to_owned(), raw(&found.sync_token)?);
        let body = serde_json::to_string(&fields).ok()?;
        Some(Correction { body, mark })
    }
}

impl<T: Transport> CompanyClient<'_, T> {
    /// Writes a correction over a receipt.
    ///
    /// # Errors
    ///
    /// A [`Fault`]; where it does not prove that nothing was written, the receipt is looked for again, and its mark says
    /// how far it came.
    pub async fn correct_receipt(
        &self,
        receipt: &FrozenReceipt,
        found: &FoundReceipt,
        correction: &Correction,
    ) -> Result<FoundReceipt, Fault> {
        let version = found.sync_token.as_str();
        let request_id =
            RequestId::for_correction(self.realm, found.id.as_str(), version, &correction.mark);
        let answer: Answered = self
            .create(receipt.path(), &request_id, correction.body.clone())
            .await?;
        answer.receipt.try_into()
    }
}

fn raw(value: &impl serde::Serialize) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(value).ok()
}

#[cfg(test)]
mod tests {
    use bookkeeping::ids::{CompanyCustomerId, ReceiptId, SyncToken};
    use bookkeeping::money::{Amount, Currency};
    use bookkeeping::transaction::Kind;

    use super::*;

    #[test]
    fn a_cent_of_a_currency_of_three_decimals_goes_on_a_rounding_line_as_any_other() {
        let rounding = Rounding {
            item: ItemId::parse("26").unwrap(),
            tax: LineTax::Off,
            own_tax: false,
        };
        for (code, total, theirs, mended) in [
            ("CAD", 1_000, "9.99", true),
            ("CAD", 1_000, "9.94", false),
            ("KWD", 10_000, "9.99", true),
            ("KWD", 10_000, "9.94", false),
            ("JPY", 1_000, "999.10", true),
        ] {
            let currency = Currency::parse(code).unwrap();
            let receipt = FrozenReceipt {
                kind: Kind::Payment,
                body: r#"{"Line":[],"PrivateNote":"MioCommerce payment 1."}"#.to_owned(),
                total: Amount::from_minor(total, currency),
                tax: Amount::zero(currency),
                customer: CompanyCustomerId::parse("58").unwrap(),
                date: "2026-11-22".to_owned(),
                number: None,
                marker: "mio".to_owned(),
                posted: None,
            };
            let found = FoundReceipt {
                id: ReceiptId::parse("412").unwrap(),
                sync_token: SyncToken::parse("1").unwrap(),
                number: None,
                total: theirs.parse().unwrap(),
                tax: None,
                currency: None,
                customer: None,
                private_note: correction_mark(&receipt.body, 1),
            };
            let correction = receipt.correction(&found, Some(&rounding));
            assert_eq!(correction.is_some(), mended, "{theirs} {code}");
        }
    }
}
