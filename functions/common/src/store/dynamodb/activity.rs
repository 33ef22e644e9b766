//! Activity: the sparse index `activity` holds a position and a key of every transaction; the rows themselves are read
//! along, in batches, where they are shown. What is added up stands in the positions themselves.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use bookkeeping::ids::MerchantId;
use bookkeeping::transaction::TransactionKey;
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use super::DynamoDb;
use super::item::{Item, key, read_bytes, read_text, text, unavailable};
use super::ledger::{row, sort_key};
use super::lot::transaction_key;
use crate::store::StoreError;
use crate::store::activity::{Activity, Entry, Listed, Span, listed};

/// Most pages of the index that are read for one tally. A page is a megabyte: some six thousand positions.
const PAGES_MAX: usize = 32;

/// Into how many parts of equal time a span is cut that does not fit one page; they are read side by side.
const PARTS: i32 = 8;

impl Activity for DynamoDb {
    async fn activity(
        &self,
        merchant: &MerchantId,
        span: &Span<'_>,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        let mut after = span.after.map(str::to_owned);
        loop {
            let left = Span {
                after: after.as_deref(),
                limit: span.limit - entries.len(),
                ..*span
            };
            let places = self.positions(merchant, &left).await?;
            entries.extend(self.entries(merchant, &places).await?);
            // What cannot be read is gone past: fewer than were asked for are all there are.
            if places.len() < left.limit || entries.len() == span.limit {
                return Ok(entries);
            }
            after = places.into_iter().last().map(|(position, _)| position);
        }
    }

    async fn tally(
        &self,
        merchant: &MerchantId,
        from: Timestamp,
        until: Timestamp,
        each: impl FnMut(Listed),
    ) -> Result<bool, StoreError> {
        let reading = Reading {
            merchant,
            pages: Cell::new(1),
            each: RefCell::new(each),
            is_whole: Cell::new(true),
        };
        let span = (format!("{from:.3}"), format!("{until:.3}"));
        if let Some(last) = self.tally_page(&reading, &span, None).await? {
            stream::iter(rest_of(&last, until))
                .map(|part| self.tally_part(&reading, part))
                .buffer_unordered(PARTS.unsigned_abs() as usize)
                .try_collect::<()>()
                .await?;
        }
        Ok(reading.is_whole.get())
    }

    async fn message(&self, of: &TransactionKey) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self
            .ledger_item(key(of.merchant.as_str(), &sort_key(of)))
            .await?;
        Ok(found.and_then(|item| read_bytes(&item, "payload")))
    }
}

/// The reading of a span, part by part.
struct Reading<'a, F> {
    merchant: &'a MerchantId,
    /// How many pages were read, by all parts together.
    pages: Cell<usize>,
    each: RefCell<F>,
    is_whole: Cell<bool>,
}

impl DynamoDb {
    /// Positions and sort keys of a span, the newest first.
    async fn positions(
        &self,
        merchant: &MerchantId,
        span: &Span<'_>,
    ) -> Result<Vec<(String, String)>, StoreError> {
        // A position is an instant and, after it, what happened then: the bare instant comes before all of it.
        let from = format!("{:.3}", span.from);
        let until = span
            .after
            .map_or_else(|| format!("{:.3}", span.until), str::to_owned);
        if until <= from {
            return Ok(Vec::new());
        }
        let found = self
            .client
            .query()
            .table_name(&self.tables.ledger)
            .index_name("activity")
            .key_condition_expression("pk = :pk AND listed BETWEEN :from AND :until")
            .expression_attribute_values(":pk", text(merchant.as_str()))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":until", text(until))
            .scan_index_forward(false)
            // The end itself is not part of the span.
            .limit(i32::try_from(span.limit + 1).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(unavailable)?;
        let items = found.items.unwrap_or_default();
        Ok(items
            .iter()
            .filter_map(|item| read_text(item, "listed").zip(read_text(item, "sk")))
            .filter(|(position, _)| Some(position.as_str()) != span.after)
            .take(span.limit)
            .collect())
    }

    /// The rows at these positions, as far as this version can read them.
    async fn entries(
        &self,
        merchant: &MerchantId,
        places: &[(String, String)],
    ) -> Result<Vec<Entry>, StoreError> {
        let table = &self.tables.ledger;
        let wanted = places
            .iter()
            .map(|(_, sk)| (table.clone(), key(merchant.as_str(), sk)));
        let rows = self.batch_get(wanted.collect()).await?;
        let read = |sk: &str| -> Option<&Item> {
            let is_it = |item: &&Item| read_text(item, "sk").as_deref() == Some(sk);
            rows.iter().map(|(_, item)| item).find(is_it)
        };
        let entry = |(position, sk): &(String, String)| {
            // What a later version wrote is not shown by this one.
            let row = row(read(sk)?).ok()?;
            Some(Entry {
                position: position.clone(),
                key: transaction_key(merchant, sk),
                row,
            })
        };
        Ok(places.iter().filter_map(entry).collect())
    }

    /// Tells one part of a span, page by page, as long as there are pages left for all parts together.
    async fn tally_part<F: FnMut(Listed)>(
        &self,
        reading: &Reading<'_, F>,
        part: (String, String),
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            if reading.pages.get() == PAGES_MAX {
                reading.is_whole.set(false);
                return Ok(());
            }
            reading.pages.set(reading.pages.get() + 1);
            match self.tally_page(reading, &part, after).await? {
                None => return Ok(()),
                next => after = next,
            }
        }
    }

    /// Tells one page of positions; gives where the next begins, where there is one.
    async fn tally_page<F: FnMut(Listed)>(
        &self,
        reading: &Reading<'_, F>,
        (from, until): &(String, String),
        after: Option<HashMap<String, AttributeValue>>,
    ) -> Result<Option<HashMap<String, AttributeValue>>, StoreError> {
        if until <= from {
            return Ok(None);
        }
        let found = self
            .client
            .query()
            .table_name(&self.tables.ledger)
            .index_name("activity")
            .key_condition_expression("pk = :pk AND listed BETWEEN :from AND :until")
            .projection_expression("listed")
            .expression_attribute_values(":pk", text(reading.merchant.as_str()))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":until", text(until))
            .set_exclusive_start_key(after)
            .send()
            .await
            .map_err(unavailable)?;
        for item in found.items.unwrap_or_default() {
            match read_text(&item, "listed").as_deref().and_then(listed) {
                Some(told) => (reading.each.borrow_mut())(told),
                None => reading.is_whole.set(false),
            }
        }
        Ok(found.last_evaluated_key)
    }
}

/// What is left of a span after its first page, in parts of equal time: from and until each.
fn rest_of(last: &HashMap<String, AttributeValue>, until: Timestamp) -> Vec<(String, String)> {
    let last = read_text(last, "listed").unwrap_or_default();
    let at: Option<Timestamp> = last.split('#').next().and_then(|at| at.parse().ok());
    // The next position there can be.
    let begins = format!("{last}\u{1}");
    let Some(at) = at.filter(|at| *at < until) else {
        return vec![(begins, format!("{until:.3}"))];
    };
    let part = until.duration_since(at) / PARTS;
    let bounds: Vec<String> = (1..PARTS)
        .map(|number| format!("{:.3}", at + part * number))
        .collect();
    let from = std::iter::once(begins).chain(bounds.iter().cloned());
    let until = bounds.iter().cloned().chain([format!("{until:.3}")]);
    from.zip(until).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_span_is_cut_without_a_gap_and_nothing_is_counted_twice() {
        let last = "2026-11-03T10:00:00.000Z#payment#pay_9#synced#CAD100#card#";
        let key = HashMap::from([("listed".to_owned(), text(last))]);
        let until: Timestamp = "2026-12-01T05:00:00Z".parse().expect("an instant");
        let parts = rest_of(&key, until);
        assert_eq!(parts.len(), 8);
        assert_eq!(parts[7].1, "2026-12-01T05:00:00.000Z");
        for pair in parts.windows(2) {
            assert_eq!(pair[0].1, pair[1].0, "no gap");
        }
        let counted = |position: &str| {
            let within = |(from, until): &&(String, String)| {
                from.as_str() <= position && position <= until.as_str()
            };
            parts.iter().filter(within).count()
        };
        assert_eq!(counted(last), 0, "it was on the first page");
        let at_a_bound = format!("{}#payment#pay_1#synced#CAD5#card#", parts[3].1);
        for position in [
            "2026-11-03T10:00:00.000Z#refund#ref_1#synced#CAD100#card#",
            "2026-11-30T23:59:59.999Z#payment#pay_1#waiting#CAD1#card#",
            &at_a_bound,
        ] {
            assert_eq!(counted(position), 1, "{position}");
        }
        assert_eq!(
            counted("2026-12-01T05:00:00.000Z#payment#pay_2#synced#CAD1#card#"),
            0
        );
    }
}
