//! Customer links: which record in the company each of the merchant's customers is.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use bookkeeping::customer::{Cleaned, Fingerprints, FoundBy, Version};
use bookkeeping::ids::{CompanyCustomerId, CustomerId, MerchantId, OperatorId, RealmId, SyncToken};
use bookkeeping::later::Later;
use bookkeeping::money::Currency;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{LinkChange, StoreError};

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
    /// Whether a change may have been carried out whose answer was lost.
    pub is_unsure: bool,
    /// What is kept of both profiles, sealed in the context of [`link_context`]; none once the customer is erased.
    pub baseline: Option<Vec<u8>>,
    /// Raised by every write of the link; what was read at another one is not written over.
    pub revision: u64,
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
    /// When what we wrote over in the record was last put back, and by whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored: Option<Restored>,
    /// What a later version wrote of it.
    #[serde(flatten)]
    pub later: Later,
}

/// An operator's putting back of what we wrote over in a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: OperatorId,
}

/// How a customer stands in one company and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkStanding {
    /// Linked.
    Linked(Box<Link>),
    /// Somebody is looking for the record, or died at it.
    Sought,
    /// It was looked for, and nobody is at it: the operator has to choose, or it is looked for again with the next payment.
    Unlinked,
}

/// What became of a claim on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkClaimed {
    /// Ours to resolve.
    Ours {
        /// How often a creation was refused for certain, or its record found dead: the next asks under another id.
        revision: u32,
        /// What earlier claims asked for whose outcome nobody knows, sealed, in order: they may have created a record.
        asked: Vec<Vec<u8>>,
        /// The link that was given up, where its record was gone: should the record be found again, it goes on.
        given_up: Option<Box<Link>>,
    },
    /// Somebody linked it meanwhile.
    Linked(Box<Link>),
    /// Somebody is at it, or died at it not long ago.
    Busy,
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
    ) -> impl Future<Output = Result<Vec<(LinkKey, LinkStanding)>, StoreError>>;

    /// Claims a customer without a link, as a transaction is claimed: a claim that ended without a word is given to
    /// nobody before `lease + quiescence` have passed. With `dead`, also one that is linked to this record, which is gone;
    /// the revision is raised then.
    /// What is `asked` for, sealed, stays with the claim until the link is recorded or given back.
    fn claim_link(
        &self,
        claim: &LinkClaim<'_>,
        asked: &[u8],
        dead: Option<&CompanyCustomerId>,
    ) -> impl Future<Output = Result<LinkClaimed, StoreError>>;

    /// Records a link, by the owner of the claim while it is still theirs. Gives the link as it stands, which is another's
    /// where somebody was first; none where the claim was lost and nobody has linked the customer yet.
    fn link(
        &self,
        key: &LinkKey,
        owner: &str,
        link: &Link,
    ) -> impl Future<Output = Result<Option<Link>, StoreError>>;

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

    /// Erases what a customer's links, in every company the merchant ever had, hold of a person: profiles, before-images,
    /// hashes and what claims asked for, of links given up and of claims whose owner died too. Ids stay: the books are kept.
    /// Whoever is at a link still needs what it holds, and a claim ends no earlier than its request would show.
    fn erase_links(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
        now: Timestamp,
        quiescence: Duration,
    ) -> impl Future<Output = Result<Erased, StoreError>>;
}

/// What became of erasing a customer's links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// How many rows were erased.
    pub rows: usize,
    /// How many were not, because somebody is at them.
    pub busy: usize,
    /// How many were not, because they cannot be read: a later version wrote them.
    pub unreadable: usize,
}
