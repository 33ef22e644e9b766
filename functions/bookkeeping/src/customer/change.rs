//! What a newer profile writes to the record it is linked to, and how an overwrite is put back.

use std::collections::BTreeMap;

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{CustomerPolicies, Field, Profile, Value};
use crate::transaction::Customer;

/// Which state of a customer's profile: counted by MioCommerce, else told by when it changed, to the millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The count; 0 where the message does not tell.
    pub number: u64,
    /// When the profile changed.
    pub at: Option<Timestamp>,
}

impl Version {
    /// The version of a customer's profile.
    ///
    /// A message may tell its time more finely than it is stored: left so, an unchanged profile would be newer than
    /// itself for ever.
    #[must_use]
    pub fn of(customer: &Customer) -> Self {
        let milliseconds = |at: Timestamp| Timestamp::from_millisecond(at.as_millisecond()).ok();
        Self {
            number: customer.version,
            at: customer.updated_at.and_then(milliseconds),
        }
    }

    /// Whether this one is known to be newer than another. What cannot be told is not newer.
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> bool {
        match self.number.cmp(&other.number) {
            std::cmp::Ordering::Equal if self.number == 0 => self.at > other.at,
            ordering => ordering.is_gt(),
        }
    }
}

/// Hashes of the fields of a profile, by which a change is noticed without keeping the values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprints(BTreeMap<Field, String>);

impl Fingerprints {
    /// The fingerprints of a profile; `salt` keeps the same value of two customers apart.
    #[must_use]
    pub fn of(profile: &Profile, salt: &str) -> Self {
        let hash = |(field, value): (Field, &Value)| {
            let mut hash = Sha256::new();
            let value = serde_json::to_string(value).expect("plain data");
            for part in [salt, field.as_str(), &value] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
            (field, BASE32_NOPAD.encode(&hash.finalize()[..10]))
        };
        Self(profile.iter().map(hash).collect())
    }

    /// The fields that differ from another profile's, in the order of their list.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<Field> {
        let differs = |field: &Field| self.0.get(field) != other.0.get(field);
        Field::ALL.into_iter().filter(differs).collect()
    }
}

/// New values by field; `None` clears the field.
pub type Changes = BTreeMap<Field, Option<Value>>;

/// What is kept of both sides of a link, sealed: it is personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// MioCommerce's profile when the two were linked.
    pub ours: Profile,
    /// QuickBooks' profile when the two were linked.
    pub theirs: Profile,
    /// QuickBooks' profile as it was last seen.
    pub seen: Profile,
    /// What stood in each field before we first overwrote it; `None` where it was empty.
    pub before: Changes,
}

impl Baseline {
    /// The baseline of two profiles that are linked now.
    #[must_use]
    pub fn new(ours: Profile, theirs: Profile) -> Self {
        Self {
            ours,
            seen: theirs.clone(),
            theirs,
            before: Changes::new(),
        }
    }

    /// Remembers an overwrite that was carried out: what stood in the fields it changed, and what QuickBooks answered.
    ///
    /// `found` is the record as it was read right before, where it was. A field that already held our value then was
    /// written by an attempt of ours whose answer was lost, so that what was seen before that counts.
    pub fn overwritten(&mut self, changes: &Changes, found: Option<&Profile>, answered: Profile) {
        for (field, new) in changes {
            let found = found
                .map(|found| found.get(*field))
                .filter(|found| *found != new.as_ref());
            let before = found.unwrap_or_else(|| self.seen.get(*field)).cloned();
            self.before.entry(*field).or_insert(before);
        }
        self.seen = answered;
    }

    /// What puts the overwritten fields back as they were before us. A display name that was not known stays.
    #[must_use]
    pub fn put_back(&self) -> Changes {
        let differs = |(field, before): &(&Field, &Option<Value>)| {
            before.as_ref() != self.seen.get(**field) && can_be(**field, before.as_ref())
        };
        self.before
            .iter()
            .filter(differs)
            .map(|(field, before)| (*field, before.clone()))
            .collect()
    }
}

/// Whether a field can hold this: a display name cannot be emptied, so the record keeps the one it has.
fn can_be(field: Field, value: Option<&Value>) -> bool {
    value.is_some() || field != Field::DisplayName
}

/// What is known of a link when a newer profile arrives.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Whether we created the record.
    pub created: bool,
    /// Whether this customer is the one whose profile the record has: the first that was linked to it.
    pub owns: bool,
}

/// What becomes of a newer profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that we write differs.
    Nothing,
    /// It is noted and not written.
    Noted(Vec<Field>, Unwritten),
    /// These fields are written, and no others.
    Write(Changes),
}

/// Why a changed field is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwritten {
    /// The customer was in QuickBooks before us, and the setting leaves such customers alone.
    Existing,
    /// Another MioCommerce customer was linked to the record first.
    Shared,
    /// The name belongs to somebody else in the company.
    NameTaken,
    /// QuickBooks refused it, or answered without it.
    Refused,
}

impl Unwritten {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Existing, Self::Shared, Self::NameTaken, Self::Refused];

    /// Returns the word for it, as stored and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Existing => "existing",
            Self::Shared => "shared",
            Self::NameTaken => "name_taken",
            Self::Refused => "refused",
        }
    }
}

/// Decides what a newer profile writes. `before` are the fingerprints of the last one; where there are none, this one
/// becomes the baseline.
#[must_use]
pub fn plan(
    standing: Standing,
    policies: &CustomerPolicies,
    before: Option<&Fingerprints>,
    profile: &Profile,
    salt: &str,
) -> Change {
    let Some(before) = before else {
        return Change::Nothing;
    };
    let mut changed = before.changed(&Fingerprints::of(profile, salt));
    changed.retain(|field| can_be(*field, profile.get(*field)));
    if changed.is_empty() {
        return Change::Nothing;
    }
    if !standing.owns {
        return Change::Noted(changed, Unwritten::Shared);
    }
    if !standing.created && !policies.update_existing {
        return Change::Noted(changed, Unwritten::Existing);
    }
    let changes = changed
        .into_iter()
        .map(|field| (field, profile.get(field).cloned()));
    Change::Write(changes.collect())
}

/// What is left to write to a record as it was just read: not what it holds already.
#[must_use]
pub fn left_to_write(mut changes: Changes, found: &Profile) -> Changes {
    changes.retain(|field, new| new.as_ref() != found.get(*field));
    changes
}

/// What is left in a record, as it was just read, of earlier attempts whose answers were lost, and what belongs there.
///
/// Those are fields that hold what an attempt would have changed, and not what the profile says. What somebody typed in by
/// hand stays.
///
/// `before` are the fingerprints of the profile that was carried out last.
#[must_use]
pub fn left_behind(
    attempts: &[Profile],
    before: &Fingerprints,
    profile: &Profile,
    found: &Profile,
    salt: &str,
) -> Changes {
    let mut left = Changes::new();
    for attempt in attempts {
        for field in before.changed(&Fingerprints::of(attempt, salt)) {
            let there = found.get(field);
            let ours = profile.get(field);
            if there == attempt.get(field) && there != ours && can_be(field, ours) {
                left.insert(field, profile.get(field).cloned());
            }
        }
    }
    left
}

/// The fields of an overwrite that QuickBooks' answer does not show as sent.
#[must_use]
pub fn not_taken(changes: &Changes, answered: &Profile) -> Vec<Field> {
    let taken = |field: Field, new: &Option<Value>| match (new, answered.get(field)) {
        (Some(Value::Address(sent)), Some(Value::Address(answered))) => {
            // QuickBooks may lay an address out anew; one that is there at all was taken.
            answered.is_set() || !sent.is_set()
        }
        (new, answered) => new.as_ref() == answered,
    };
    changes
        .iter()
        .filter(|(field, new)| !taken(**field, new))
        .map(|(field, _)| *field)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_newer_by_its_count_or_else_by_its_time_to_the_millisecond() {
        let message = |number: u64, at: &str| {
            let message = format!(
                r#"{{"schema": 1, "type": "customer.updated", "merchant_id": "mer_1", "sent_at": "2026-11-22T14:03:12Z",
                "customer": {{"id": "cus_1", "version": {number}, "updated_at": "{at}"}}}}"#
            );
            match crate::message::parse(&message).map(|message| message.content) {
                Ok(crate::message::Content::CustomerUpdated { customer }) => Version::of(&customer),
                other => panic!("{other:?}"),
            }
        };
        let at = |fraction: &str| format!("2026-11-20T10:00:00.{fraction}Z");
        for ((number, time), (other, other_time), is_newer) in [
            ((0, "123456"), (0, "123"), false),
            ((0, "124001"), (0, "123999"), true),
            ((0, "123"), (0, "124"), false),
            ((2, "1"), (1, "9"), true),
            ((1, "9"), (1, "1"), false),
            ((1, "1"), (0, "9"), true),
        ] {
            let (one, other) = (message(number, &at(time)), message(other, &at(other_time)));
            assert_eq!(
                one.is_newer_than(&other),
                is_newer,
                "{time} after {other_time}"
            );
        }
    }
}
