//! What the refunds of a payment took: read whole, and written whole as it was read.

use bookkeeping::ids::{MerchantId, PaymentId, RefundId};
use bookkeeping::transaction::TransactionKey;
use common::store::{Refunded, Store};

/// Of two refunds of one payment at once, one reads again (R4).
///
/// # Panics
///
/// Where a promise is broken.
pub async fn about_refunds(store: &impl Store, merchant: &MerchantId) {
    let id = PaymentId::parse("pay_1").expect("an id");
    let payment = TransactionKey::payment(merchant.clone(), &id);
    let stands = async || store.refunded(&payment).await.expect("a store");
    let keep = async |refunded: &Refunded| {
        let kept = store.keep_refunded(&payment, refunded).await;
        kept.expect("a store")
    };
    let read = stands().await;
    assert_eq!(read, Refunded::default());
    let allowed = |names: &[&str], of: &Refunded| Refunded {
        allowed: names
            .iter()
            .map(|name| RefundId::parse(name).expect("an id"))
            .collect(),
        ..of.clone()
    };
    assert!(keep(&allowed(&["ref_1"], &read)).await);
    assert!(!keep(&allowed(&["ref_2"], &read)).await, "read too early");
    let read = stands().await;
    assert_eq!(read.allowed.len(), 1);
    assert!(keep(&allowed(&["ref_1", "ref_2"], &read)).await);
    assert_eq!(stands().await.allowed.len(), 2);
}
