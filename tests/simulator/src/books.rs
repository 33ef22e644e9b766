//! A company's books: every record of every kind, the names that are taken, the document numbers that are used.
//!
//! A record keeps the text it is answered with, written once when it is stored, so that reading costs nothing. Lists keep
//! their values beside it, because receipts refer to them; receipts do not, because there are many.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::json::Json;
use crate::kind::Kind;
use crate::query::property::{self, Fact};
use crate::stamp;

/// One record.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub id: String,
    /// Raised by one with every change.
    pub sync_token: u64,
    pub active: bool,
    /// What a reference to it carries as its name; for a receipt its document number.
    pub name: String,
    /// What queries compare, in the order of the kind's properties.
    pub facts: Box<[Option<Fact>]>,
    /// The entity as it is answered.
    pub text: Arc<str>,
    /// The entity's values; `None` for receipts, which are read from `text` when they change.
    values: Option<Json>,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// True for a receipt that was grouped into a bank deposit and cannot change any more.
    pub deposited: bool,
}

impl Record {
    /// The entity's values.
    pub fn values(&self) -> Json {
        match &self.values {
            Some(values) => values.clone(),
            None => Json::read(&self.text).unwrap_or_else(|_| Json::empty()),
        }
    }

    /// A value by path, for the lists; nothing for receipts.
    pub fn at(&self, path: &str) -> Option<&Json> {
        self.values.as_ref()?.at(path)
    }

    /// A text by path, for the lists.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_text()
    }
}

/// A record that is gone, as change data capture tells it.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    pub kind: Kind,
    pub id: String,
    pub at: Timestamp,
}

/// All records of one kind, in the order they were made.
#[derive(Clone, Debug, Default)]
struct Shelf {
    records: Vec<Option<Record>>,
    places: HashMap<String, usize>,
}

/// A company's books.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    shelves: HashMap<Kind, Shelf>,
    /// Taken names in lower case. People share one space, each list has its own.
    names: HashMap<(Option<Kind>, String), String>,
    /// Document numbers in lower case, with the receipts that carry them.
    numbers: HashMap<(Kind, String), Vec<String>>,
    gone: Vec<Gone>,
    last_id: u64,
    last_number: u64,
}

/// A new state of a record, to be stored.
pub(crate) struct Entry {
    pub kind: Kind,
    /// The id it had, or `None` for a new record.
    pub id: Option<String>,
    /// The values without Id, SyncToken and MetaData, which the books add.
    pub values: Json,
}

impl Books {
    /// Books whose next ids come after `last_id` and whose automatic document numbers start at 1001.
    pub fn new(last_id: u64) -> Books {
        Books {
            last_id,
            last_number: 1000,
            ..Books::default()
        }
    }

    /// The newest id there is.
    pub fn last_id(&self) -> u64 {
        self.last_id
    }

    /// The record of that kind and id.
    pub fn find(&self, kind: Kind, id: &str) -> Option<&Record> {
        let shelf = self.shelves.get(&kind)?;
        shelf.records.get(*shelf.places.get(id)?)?.as_ref()
    }

    /// All records of a kind, oldest first.
    pub fn all(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Record> {
        self.shelves
            .get(&kind)
            .map(|shelf| shelf.records.as_slice())
            .unwrap_or_default()
            .iter()
            .flatten()
    }

    /// What was deleted or merged away, oldest first.
    pub fn gone(&self) -> &[Gone] {
        &self.gone
    }

    /// Who has that name in the kind's name space, by id.
    pub fn owner_of_name(&self, kind: Kind, name: &str) -> Option<&str> {
        self.names
            .get(&(space(kind), name.to_lowercase()))
            .map(String::as_str)
    }

    /// Takes a name for a record without storing anything else: for names an inactive record goes on blocking.
    pub fn reserve_name(&mut self, kind: Kind, name: &str, id: &str) {
        self.names
            .entry((space(kind), name.to_lowercase()))
            .or_insert_with(|| id.to_owned());
    }

    /// Frees every name a record has.
    pub fn free_names(&mut self, kind: Kind, id: &str) {
        let space = space(kind);
        self.names
            .retain(|(owner, _), holder| *owner != space || holder != id);
    }

    /// The receipts of a kind that carry a document number.
    pub fn with_number(&self, kind: Kind, number: &str) -> &[String] {
        self.numbers
            .get(&(kind, number.to_lowercase()))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The next number of a company that numbers its receipts itself.
    pub fn next_number(&mut self) -> String {
        self.last_number += 1;
        self.last_number.to_string()
    }

    /// Stores a record, new or changed, and gives it back.
    ///
    /// Id, SyncToken, `domain`, `sparse` and MetaData are added here; the SyncToken rises by one with every change.
    pub fn put(&mut self, entry: Entry, now: Timestamp) -> &Record {
        let Entry {
            kind,
            id,
            mut values,
        } = entry;
        let old = id.as_deref().and_then(|id| self.find(kind, id));
        let created = old.map_or(now, |record| record.created);
        let sync_token = old.map_or(0, |record| record.sync_token + 1);
        let deposited = old.is_some_and(|record| record.deposited);
        let old_number = old
            .filter(|_| kind.is_receipt())
            .map(|record| record.name.clone());
        let id = id.unwrap_or_else(|| {
            self.last_id += 1;
            self.last_id.to_string()
        });
        if is_plain(kind, &id) {
            values.set("domain", Json::text("QBO"));
            values.set("sparse", Json::Bool(false));
            values.set("SyncToken", Json::text(sync_token.to_string()));
        }
        values.set("Id", Json::text(&id));
        let mut meta = Json::empty();
        meta.set("CreateTime", Json::text(stamp::second(created)));
        meta.set("LastUpdatedTime", Json::text(stamp::second(now)));
        values.set("MetaData", meta);

        let name_field = if kind.is_person() || kind == Kind::TaxAgency {
            "DisplayName"
        } else if kind.is_receipt() {
            "DocNumber"
        } else {
            "Name"
        };
        let name = values.said(name_field).unwrap_or_default().to_owned();
        let record = Record {
            sync_token,
            active: values.get("Active").and_then(Json::as_bool).unwrap_or(true),
            facts: property::facts(kind, &values),
            text: values.to_text().into(),
            values: if kind.is_receipt() {
                None
            } else {
                Some(values)
            },
            created,
            updated: now,
            deposited,
            name,
            id: id.clone(),
        };
        self.index(kind, &record, old_number);
        let shelf = self.shelves.entry(kind).or_default();
        let place = *shelf.places.entry(id).or_insert(shelf.records.len());
        if place == shelf.records.len() {
            shelf.records.push(None);
        }
        shelf.records[place].insert(record)
    }

    fn index(&mut self, kind: Kind, record: &Record, old_number: Option<String>) {
        if kind.is_receipt() {
            if let Some(numbered) =
                old_number.and_then(|number| self.numbers.get_mut(&(kind, number.to_lowercase())))
            {
                numbered.retain(|other| *other != record.id);
            }
            if !record.name.is_empty() {
                self.numbers
                    .entry((kind, record.name.to_lowercase()))
                    .or_default()
                    .push(record.id.clone());
            }
        } else if !record.name.is_empty() {
            self.names
                .insert((space(kind), record.name.to_lowercase()), record.id.clone());
        }
    }

    /// Takes a record away for good and remembers that it was there.
    pub fn remove(&mut self, kind: Kind, id: &str, now: Timestamp) {
        let Some(shelf) = self.shelves.get_mut(&kind) else {
            return;
        };
        let Some(place) = shelf.places.remove(id) else {
            return;
        };
        let Some(record) = shelf.records[place].take() else {
            return;
        };
        if let Some(numbered) = self.numbers.get_mut(&(kind, record.name.to_lowercase())) {
            numbered.retain(|other| other != id);
        }
        if !kind.is_receipt() {
            self.free_names(kind, id);
        }
        self.gone.push(Gone {
            kind,
            id: id.to_owned(),
            at: now,
        });
    }

    /// Marks a receipt as grouped into a bank deposit; false if there is none of that id.
    pub fn deposit(&mut self, kind: Kind, id: &str) -> bool {
        let Some(shelf) = self.shelves.get_mut(&kind) else {
            return false;
        };
        let record = shelf
            .places
            .get(id)
            .and_then(|place| shelf.records.get_mut(*place))
            .and_then(Option::as_mut);
        record.map(|record| record.deposited = true).is_some()
    }
}

fn space(kind: Kind) -> Option<Kind> {
    if kind.is_person() { None } else { Some(kind) }
}

/// False for the pseudo tax codes of US companies, which have no SyncToken and no domain in recorded answers.
fn is_plain(kind: Kind, id: &str) -> bool {
    kind != Kind::TaxCode || id.bytes().all(|byte| byte.is_ascii_digit())
}
