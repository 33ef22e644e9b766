//! The walk over everything.

use common::store::StoreError;
use common::store::walk::{Walk, Walked};

use super::{Memory, Partition, Tables};

impl Walk for Memory {
    async fn walk(&self, _: Option<String>) -> Result<(Vec<Walked>, Option<String>), StoreError> {
        let walk = |tables: &mut Tables| {
            let transactions = tables.ledger.iter().map(|(key, stands)| {
                if tables.later.rows.contains(key) {
                    return Walked::Unreadable(key.merchant.clone(), key.to_string());
                }
                Walked::Transaction {
                    key: key.clone(),
                    row: Box::new(stands.row.clone()),
                    place: stands.place.as_ref().map(|(partition, _)| match partition {
                        Partition::Lot => key.merchant.to_string(),
                        Partition::Held => format!("{}#held", key.merchant),
                        Partition::Failed => format!("{}#failed", key.merchant),
                    }),
                    is_kept: stands.payload.is_some(),
                }
            });
            let lots = tables.lots.iter();
            let lots = lots.map(|(merchant, lot)| Walked::Lot(merchant.clone(), Some(lot.clone())));
            let later = tables.later.places.iter();
            let later =
                later.map(|(whose, order)| Walked::Unreadable(whose.clone(), order.clone()));
            let messages = tables.kept.iter().map(|(group, _)| Walked::Message {
                group: group.clone(),
            });
            transactions
                .chain(lots)
                .chain(later)
                .chain(messages)
                .collect()
        };
        Ok((self.call("walk the ledger", walk).await?, None))
    }
}
