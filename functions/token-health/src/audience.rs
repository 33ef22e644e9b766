//! The audience: whom a merchant's mails go to.

use std::collections::BTreeSet;

use bookkeeping::connection::Connection;
use bookkeeping::health::Health;
use bookkeeping::incident::Reader;
use bookkeeping::merchant::{Addressee, MerchantProfile};
use common::store::{Onboarding, StoreError};
use common::world::World;

/// Who is told of trouble with a connection, and what is known of the merchant.
#[derive(Default)]
pub struct Audience {
    /// What is known of the merchant.
    pub profile: Option<MerchantProfile>,
    /// Every administrator we know, and the bookkeeper; each address once.
    pub recipients: Vec<Recipient>,
}

/// Somebody who is told.
pub struct Recipient {
    /// Under which it is remembered what they were told.
    pub reader: Reader,
    /// How to write to them.
    pub addressee: Addressee,
    /// Whether they are told as the bookkeeper, and not as an administrator.
    pub is_bookkeeper: bool,
}

impl Audience {
    /// The audience of a connection, as it is now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] where the merchant's profile cannot be read.
    pub async fn of<W: World>(world: &W, connection: &Connection) -> Result<Self, StoreError> {
        let profile = world.store().merchant(&connection.merchant).await?;
        Ok(Self {
            recipients: recipients(profile.as_ref(), connection),
            profile,
        })
    }

    /// The merchant's name; empty where it is not known.
    #[must_use]
    pub fn merchant(&self) -> &str {
        let profile = self.profile.as_ref();
        profile.map_or("", |profile| profile.name.as_str())
    }

    /// Those who can be reached, as far as we know.
    #[must_use]
    pub fn reached(&self, health: &Health) -> Vec<Reader> {
        let readers = self.recipients.iter().map(|recipient| &recipient.reader);
        let reached = readers.filter(|reader| health.reaches(reader));
        reached.cloned().collect()
    }
}

/// Who has several roles, or shares an address, is told once, as the first of them: administrators first.
fn recipients(profile: Option<&MerchantProfile>, connection: &Connection) -> Vec<Recipient> {
    let administrators = profile.iter().flat_map(|profile| &profile.administrators);
    let administrators = administrators.map(|(_, addressee)| (addressee, false));
    let bookkeeper = connection.settings.bookkeeper.iter();
    let bookkeeper = bookkeeper.map(|addressee| (addressee, true));
    let mut seen = BTreeSet::new();
    administrators
        .chain(bookkeeper)
        .map(|(addressee, is_bookkeeper)| Recipient {
            reader: Reader::at(&connection.merchant, &addressee.email),
            addressee: addressee.clone(),
            is_bookkeeper,
        })
        .filter(|recipient| seen.insert(recipient.reader.clone()))
        .collect()
}
