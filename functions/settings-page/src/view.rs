//! View: through which company, time zone and language a page is read.

use bookkeeping::company::Company;
use bookkeeping::connection::Connection;
use bookkeeping::ids::RealmId;
use bookkeeping::transaction::Language;
use common::locales::say;
use common::store::Row;
use jiff::tz::TimeZone;

/// How a reader sees what happened.
pub(crate) struct View<'a> {
    /// The connection as it stands; none where there never was one.
    pub connection: Option<&'a Connection>,
    /// The merchant's time zone.
    pub zone: TimeZone,
    /// The reader's language.
    pub language: Language,
}

impl<'a> View<'a> {
    pub(crate) fn of(connection: Option<&'a Connection>, language: Language) -> Self {
        Self {
            connection,
            zone: connection.map_or(TimeZone::UTC, Connection::time_zone),
            language,
        }
    }

    /// The company, where it is the one connected now: ids of another's lists mean something else in its own.
    pub(crate) fn present(&self, realm: &RealmId) -> Option<&'a Company> {
        let company = &self.connection?.company;
        (company.realm == *realm).then_some(company)
    }

    /// The company that something belongs to which does not say: the one connected now, where there never was another.
    pub(crate) fn only(&self) -> Option<&'a Company> {
        let connection = self.connection?;
        connection.former.is_empty().then_some(&connection.company)
    }

    /// What a company that is not the one connected now is called; none of the present one.
    pub(crate) fn elsewhere(&self, realm: &RealmId) -> Option<String> {
        if self.present(realm).is_some() {
            return None;
        }
        let former = self.connection.and_then(|known| known.former.get(realm));
        Some(match former {
            Some(name) => name.clone(),
            None => say(self.language, "earlier-company", None, &[]),
        })
    }

    /// Whether a transaction belongs to the company connected now, or to none yet.
    pub(crate) fn is_of_present(&self, row: &Row) -> bool {
        is_of(self.connection, row)
    }
}

/// Whether a transaction belongs to the company of this connection, or to none yet.
pub(crate) fn is_of(connection: Option<&Connection>, row: &Row) -> bool {
    let company = connection.map(|connection| &connection.company.realm);
    let realm = row.realm.as_ref();
    realm.is_none_or(|realm| company == Some(realm))
}
