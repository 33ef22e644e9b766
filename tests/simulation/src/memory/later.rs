//! What a later version wrote, before this one was rolled back to: it is there, and cannot be read.

use std::collections::BTreeSet;

use bookkeeping::ids::{CustomerId, MerchantId};
use bookkeeping::transaction::TransactionKey;
use common::store::{LinkKey, Place};

/// Rows of a later version.
#[derive(Default)]
pub struct Later {
    /// Transactions.
    pub rows: BTreeSet<TransactionKey>,
    /// Positions in lots of what this version has no name for.
    pub places: BTreeSet<(MerchantId, String)>,
    /// Customers whose erasure it noted.
    pub erasures: BTreeSet<(MerchantId, CustomerId)>,
    /// Links.
    pub links: BTreeSet<LinkKey>,
}

impl Later {
    /// A page of a lot with what this version has no name for in its places.
    pub(super) fn among(
        &self,
        known: Vec<Place>,
        merchant: &MerchantId,
        after: &str,
        limit: usize,
    ) -> Vec<Result<Place, String>> {
        let theirs = self.places.iter();
        let unknown = theirs.filter(|(whose, order)| whose == merchant && order.as_str() > after);
        let unknown = unknown.map(|(_, order)| Err(order.clone()));
        let mut page: Vec<Result<Place, String>> =
            known.into_iter().map(Ok).chain(unknown).collect();
        page.sort_by(|one, other| {
            let order = common::store::lot::order;
            order(one).cmp(order(other))
        });
        page.truncate(limit);
        page
    }
}
