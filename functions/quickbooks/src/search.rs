//! Looking for receipts, page by page: one that was not read is not one that is absent.

use bookkeeping::outcome::document;
use bookkeeping::transaction::Kind;
use jiff::Timestamp;
use serde::Deserialize;

use crate::client::CompanyClient;
use crate::fault::Fault;
use crate::query::literal;
use crate::receipts::{FoundReceipt, FrozenReceipt, WireReceipt};
use crate::transport::{Silence, Transport};

/// Receipts on one page of a search: whole ones take a few kilobytes each.
const PAGE: usize = 200;

/// Most pages read for one receipt: more than a company's quota fills in an hour.
const PAGES_MAX: usize = 200;

/// From when until when something was created.
pub type Created = (Timestamp, Timestamp);

impl<T: Transport> CompanyClient<'_, T> {
    /// Looks for a receipt we may have created: by number where we number, else by customer and day, and when it can have been
    /// created where that is known; only a receipt that carries our marker counts. Metered; `turn` is awaited before each
    /// read, and where it gives `false` there is no time for it: nothing more is read, and nothing is known.
    ///
    /// One customer may have more receipts in a day than anybody reads, a fallback customer in a burst; the time they were
    /// created in keeps them few.
    ///
    /// The total would not narrow it: of a refund receipt it cannot be asked for.
    /// Source: Intuit API reference, filterable fields of `RefundReceipt`.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer the query.
    pub async fn find_receipts(
        &self,
        receipt: &FrozenReceipt,
        created: Option<Created>,
        turn: impl AsyncFn() -> bool,
    ) -> Result<Vec<FoundReceipt>, Fault> {
        let by = match receipt.number.as_deref().and_then(literal) {
            Some(number) => format!("DocNumber = {number}"),
            None => {
                let customer =
                    literal(receipt.customer.as_str()).unwrap_or_else(|| "''".to_owned());
                let by = format!("CustomerRef = {customer} and TxnDate = '{}'", receipt.date);
                match created {
                    Some(created) => format!("{by} and {}", created_in(created)),
                    None => by,
                }
            }
        };
        let found = self
            .receipts_by(receipt.kind, &by, PAGES_MAX, &turn)
            .await?;
        found.ok_or_else(|| Fault::silent(Silence::Unknown))
    }

    /// The receipts of a kind that were created between these times, ours and others; none where they take more pages, or
    /// more time. Metered, by the page; `turn` is awaited before each read, and gives whether there is time for it.
    ///
    /// When a receipt was created, nobody can change afterwards: number, day and customer, the merchant can.
    /// Source: Intuit API reference, filterable fields of both kinds: `MetaData.CreateTime`.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where QuickBooks did not answer a query.
    pub async fn receipts_created(
        &self,
        kind: Kind,
        created: Created,
        pages_max: usize,
        turn: impl AsyncFn() -> bool,
    ) -> Result<Option<Vec<FoundReceipt>>, Fault> {
        self.receipts_by(kind, &created_in(created), pages_max, &turn)
            .await
    }

    async fn receipts_by(
        &self,
        kind: Kind,
        by: &str,
        pages_max: usize,
        turn: &impl AsyncFn() -> bool,
    ) -> Result<Option<Vec<FoundReceipt>>, Fault> {
        let document = document(kind);
        let mut found: Vec<FoundReceipt> = Vec::new();
        for _ in 0..pages_max {
            // A page begins with the last of the one before.
            let start = found.len().max(1);
            let statement = format!(
                "select * from {document} where {by} orderby Id startposition {start} maxresults {PAGE}"
            );
            if !turn().await {
                return Ok(None);
            }
            let answer: Queried = self.query(&statement).await?;
            let receipts = answer.query_response.receipts;
            let is_last = receipts.len() < PAGE;
            let mut page = receipts.into_iter().map(FoundReceipt::try_from);
            if let Some(last) = found.last() {
                let again = page.next().transpose()?;
                if again.is_none_or(|again| again.id != last.id) {
                    // Something before it was deleted meanwhile, so that one may have moved past unread.
                    return Err(Fault::silent(Silence::Unknown));
                }
            }
            for receipt in page {
                found.push(receipt?);
            }
            if is_last {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

fn created_in((from, to): Created) -> String {
    format!("MetaData.CreateTime >= '{from:.0}' and MetaData.CreateTime <= '{to:.0}'")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queried {
    query_response: Receipts,
}

#[derive(Deserialize)]
struct Receipts {
    #[serde(default, rename = "SalesReceipt", alias = "RefundReceipt")]
    receipts: Vec<WireReceipt>,
}
