//! Customer links: which record in the company each of the merchant's customers is.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use bookkeeping::customer::change::Unwritten;
use bookkeeping::customer::{Cleaned, Field, Fingerprints, FoundBy, Version};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId, RealmId, SyncToken};
use bookkeeping::money::Currency;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;

/// The key of a customer link: one customer in one company, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkKey {
    /// Whose customer.
    pub merchant: MerchantId,
    /// Linked in which company.
    pub realm: RealmId,
    /// MioCommerce's customer.
    pub customer: CustomerId,
    /// The currency of the record, where it is not the company's own: QuickBooks fixes it at creation, so a customer who
    /// pays in two has two records.
    pub currency: Option<Currency>,
}

impl fmt::Display for LinkKey {
    /// The customer's part of the key: `cus_1`, `cus_1#USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.customer.as_str())?;
        match self.currency {
            None => Ok(()),
            Some(currency) => write!(f, "#{currency}"),
        }
    }
}

/// The context what is kept of a link's two profiles is sealed in.
#[must_use]
pub fn link_context(key: &LinkKey) -> String {
    format!("link/{}/{}/{key}", key.merchant, key.realm)
}

/// A customer's link to a record in the company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The record.
    pub record: CompanyCustomerId,
    /// How it was found.
    pub found_by: FoundBy,
    /// The newest version of the profile that was carried out.
    pub version: Version,
    /// The rest.
    pub facts: LinkFacts,
    /// What is kept of both profiles, sealed in the context of [`link_context`]; none once the customer is erased.
    pub baseline: Option<Vec<u8>>,
}

/// What a link remembers besides its record. Holds ids, hashes and words, no personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkFacts {
    /// Whether we created the record.
    pub created: bool,
    /// Whether this customer was the first to be linked to the record, and owns its profile.
    pub owns: bool,
    /// The record's SyncToken, as last seen.
    pub sync_token: Option<SyncToken>,
    /// Hashes of the profile that was carried out last; none where the next one becomes the baseline.
    pub fingerprints: Option<Fingerprints>,
    /// The message it was linked for: that message tells it again when it comes again.
    pub linked_for: String,
    /// What was cleaned when it was created.
    pub cleaned: Vec<Cleaned>,
    /// The last change, for the same purpose.
    pub change: Option<LinkChange>,
}

/// A change of the profile, as it was carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkChange {
    /// The message it was carried out for.
    pub by: String,
    /// The fields that were written.
    pub written: Vec<Field>,
    /// The fields that were not, and why.
    pub unwritten: Vec<(Field, Unwritten)>,
    /// What was cleaned.
    pub cleaned: Vec<Cleaned>,
}

/// A changed profile that waits for QuickBooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedChange {
    /// Whose profile.
    pub customer: CustomerId,
    /// Its version.
    pub version: Version,
    /// The message, sealed.
    pub payload: Vec<u8>,
}

/// What became of a claim on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkClaimed {
    /// Ours to resolve.
    Ours {
        /// How often QuickBooks is proven to have refused a creation.
        revision: u32,
        /// What earlier claims asked for whose outcome nobody knows, sealed, in order: they may have created a record.
        asked: Vec<Vec<u8>>,
    },
    /// Somebody linked it meanwhile.
    Linked(Box<Link>),
    /// Somebody is at it, or died at it not long ago.
    Busy,
}

/// What became of a claim on changing a link's profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeClaimed {
    /// Ours to carry out, from how the link stands.
    Ours(Box<Link>),
    /// This version, or a newer one, was carried out already.
    Done(Box<Link>),
    /// Somebody is at it, or died at it not long ago.
    Busy,
    /// It is not linked any more.
    NotLinked,
}

/// A claim on a link: for a while, by one worker.
#[derive(Clone, Copy, Debug)]
pub struct LinkClaim<'a> {
    /// The customer.
    pub key: &'a LinkKey,
    /// Fresh for each attempt.
    pub owner: &'a str,
    /// Now.
    pub now: Timestamp,
    /// How long the claim lasts.
    pub lease: Duration,
    /// How long after a dead claim's end its request may still be carried out.
    pub quiescence: Duration,
}

/// Customer links, as remembered.
pub trait Links {
    /// Reads customer links in one batched read; in the order asked.
    fn links(
        &self,
        keys: &[LinkKey],
    ) -> impl Future<Output = Result<Vec<Option<Link>>, StoreError>>;

    /// Reads all links of one customer in one company, whatever their currency; `None` where the customer paid and the
    /// record is still to be found or created.
    fn links_of(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        customer: &CustomerId,
    ) -> impl Future<Output = Result<Vec<(LinkKey, Option<Link>)>, StoreError>>;

    /// Claims a customer without a link, as a transaction is claimed: a claim that ended without a word is given to
    /// nobody before `lease + quiescence` have passed. With `dead`, also one that is linked to this record, which is gone.
    /// What is `asked` for, sealed, stays with the claim until the link is recorded or given back.
    fn claim_link(
        &self,
        claim: &LinkClaim<'_>,
        asked: &[u8],
        dead: Option<&CompanyCustomerId>,
    ) -> impl Future<Output = Result<LinkClaimed, StoreError>>;

    /// Records a link. The first one stands.
    fn link(&self, key: &LinkKey, link: &Link) -> impl Future<Output = Result<Link, StoreError>>;

    /// Gives a claimed link back. `refused` says that QuickBooks is proven to have refused what was asked, so that the next
    /// attempt asks under another request id; `asked` is what earlier claims asked for, and stays.
    fn release_link(
        &self,
        key: &LinkKey,
        owner: &str,
        refused: bool,
        asked: &[Vec<u8>],
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Takes a record's profile for this customer, unless another one has it; gives whether it is this one's.
    fn own_record(
        &self,
        key: &LinkKey,
        record: &CompanyCustomerId,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Claims a change of a linked customer's profile: to a newer version, or to none where an overwrite is put back. No
    /// quiescence: a late write carries an old SyncToken, which QuickBooks refuses.
    fn claim_change(
        &self,
        claim: &LinkClaim<'_>,
        version: Option<&Version>,
    ) -> impl Future<Output = Result<ChangeClaimed, StoreError>>;

    /// Records what became of a change: by its owner while the claim is still theirs, or without a claim where nobody has
    /// one and no newer version was recorded. Gives whether it was recorded.
    fn save_change(
        &self,
        key: &LinkKey,
        owner: Option<&str>,
        link: &Link,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>>;

    /// Parks a changed profile until QuickBooks takes it: of each customer the newest alone.
    fn park_change(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        change: &ParkedChange,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// The changed profiles that wait.
    fn parked_changes(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
    ) -> impl Future<Output = Result<Vec<ParkedChange>, StoreError>>;

    /// Forgets a parked change that was carried out, unless a newer one was parked since.
    fn unpark_change(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        change: &ParkedChange,
    ) -> impl Future<Output = Result<(), StoreError>>;

    /// Erases what a customer's links hold of a person: profiles, before-images, hashes and parked changes. Ids stay: the
    /// books are kept. Gives how many links were erased.
    fn erase_links(
        &self,
        merchant: &MerchantId,
        realm: &RealmId,
        customer: &CustomerId,
    ) -> impl Future<Output = Result<usize, StoreError>>;
}
